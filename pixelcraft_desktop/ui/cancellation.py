"""Cancelling with undo: asks at once, and offers to take it back once it is done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from pixelcraft_desktop.catalog.news import Scan
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.library import UNDONE, Change, Library
from pixelcraft_desktop.ui.toast import Toast

_OFFER = "cancellation"
# News of thousands of pictures comes in parts, a frame apart.
_SETTLED_MS = 150


class Cancellation(QObject):
    """Nobody is asked whether they are sure: to undo is to retry what was cancelled."""

    cancel_requested = Signal(object)  # ids of jobs; None: all that are not done yet
    retry_requested = Signal(list)  # ids of jobs
    scan_stop_wanted = Signal(int)  # batch id

    def __init__(self, library: Library, toast: Toast) -> None:
        super().__init__(toast)
        self._library = library
        self._toast = toast
        self._awaited: set[int] = set()
        self._scanned: set[int] = set()  # batches that were cancelled while they were looked for
        self._cancelled: list[int] = []
        self._offered: list[int] = []
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._settled.timeout.connect(self._offer)
        library.pictures_changed.connect(self._follow)
        library.scan_ended.connect(self._cancel_rest)
        toast.undone.connect(self._undo)

    def cancel(self, pictures: Sequence[Picture]) -> None:
        """Have those of the pictures cancelled that are not done yet."""
        job_ids = [picture.job_id for picture in pictures if picture.state in UNDONE]
        if job_ids:
            self._await(job_ids)
            self.cancel_requested.emit(job_ids)

    def cancel_all(self) -> None:
        """Have every picture cancelled that is not done yet."""
        job_ids = [picture.job_id for picture in self._library.pictures(UNDONE)]
        if job_ids:
            self._await(job_ids)
            self.cancel_requested.emit(None)

    def cancel_batch(self, batch_id: int) -> None:
        """Have all pictures of a batch cancelled that are not done yet, and look for no more."""
        if any(scan.batch_id == batch_id for scan in self._library.queue.scans):
            self._scanned.add(batch_id)  # what is found until the search has stopped goes as well
            self.scan_stop_wanted.emit(batch_id)
        self.cancel([p for p in self._library.pictures(UNDONE) if p.batch_id == batch_id])

    def _cancel_rest(self, scan: Scan) -> None:
        if scan.batch_id in self._scanned:
            self._scanned.discard(scan.batch_id)
            self.cancel_batch(scan.batch_id)

    def _await(self, job_ids: Sequence[int]) -> None:
        if self._settled.isActive():  # what was cancelled before has an undo of its own
            self._settled.stop()
            self._offer()
        self._awaited.update(job_ids)

    def _follow(self, changes: Sequence[Change]) -> None:
        if not self._awaited:
            return
        ended = [p for _, p in changes if p.state not in UNDONE and p.job_id in self._awaited]
        self._awaited.difference_update(picture.job_id for picture in ended)
        cancelled = [picture.job_id for picture in ended if picture.state is State.CANCELLED]
        if cancelled:
            self._cancelled += cancelled
            self._settled.start()

    def _offer(self) -> None:
        self._offered, self._cancelled = self._cancelled, []
        verb = "was" if len(self._offered) == 1 else "were"
        text = f"{words.counted(len(self._offered), 'picture')} {verb} cancelled."
        self._toast.offer(text, _OFFER)

    def _undo(self, what: str) -> None:
        if what == _OFFER:
            self.retry_requested.emit(self._offered)
