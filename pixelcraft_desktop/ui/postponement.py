"""Starting later, with undo: puts pictures off at once, and offers to take that back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.catalog.store import timestamp
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.library import Change, Library
from pixelcraft_desktop.ui.toast import Toast

_OFFER = "postponement"
# News of thousands of pictures comes in parts, a frame apart.
_SETTLED_MS = 150
PUT_OFF = frozenset({State.WAITING, State.DELAYED})  # what can be


class Postponement(QObject):
    """What waited waits again after an undo, and what had a time has that again."""

    delay_requested = Signal(list, str)  # ids of jobs, time of the catalog
    promotion_requested = Signal(list)  # ids of jobs

    def __init__(self, library: Library, toast: Toast) -> None:
        super().__init__(toast)
        self._toast = toast
        self._run_at = ""
        self._awaited: dict[int, str | None] = {}  # when each was to start before
        self._done: dict[int, str | None] = {}
        self._offered: dict[int, str | None] = {}
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._settled.timeout.connect(self._offer)
        library.pictures_changed.connect(self._follow)
        toast.undone.connect(self._undo)

    def put_off(self, pictures: Sequence[Picture], moment: datetime) -> None:
        """Have these not start before that moment, which has its time zone."""
        # Who waits for its next attempt had no time of the user's, and is tried again by an undo.
        chosen = {p.job_id: p.run_at if p.is_put_off else None for p in pictures if _may_be(p)}
        if not chosen:
            return
        if self._settled.isActive():  # what was put off before has an undo of its own
            self._settled.stop()
            self._offer()
        self._run_at = timestamp(moment)
        self._awaited = chosen
        self._done = {}
        self.delay_requested.emit(list(chosen), self._run_at)

    def _follow(self, changes: Sequence[Change]) -> None:
        for _, picture in changes if self._awaited else ():
            if picture.job_id in self._awaited and picture.run_at == self._run_at:
                self._done[picture.job_id] = self._awaited.pop(picture.job_id)
                self._settled.start()

    def _offer(self) -> None:
        self._offered, self._done = self._done, {}
        verb = "starts" if len(self._offered) == 1 else "start"
        count = words.counted(len(self._offered), "picture")
        self._toast.offer(f"{count} {verb} {words.start_time(self._run_at)}.", _OFFER)

    def _undo(self, what: str) -> None:
        if what != _OFFER:
            return
        waited = [job_id for job_id, run_at in self._offered.items() if run_at is None]
        if waited:
            self.promotion_requested.emit(waited)
        for moment in {run_at for run_at in self._offered.values() if run_at is not None}:
            ids = [job_id for job_id, run_at in self._offered.items() if run_at == moment]
            self.delay_requested.emit(ids, moment)


def _may_be(picture: Picture) -> bool:
    return picture.state in PUT_OFF
