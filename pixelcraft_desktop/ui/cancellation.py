"""Cancelling with undo: asks at once, and offers to take it back once it is done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
    """Nobody is asked whether they are sure: to undo is to retry what was cancelled.

    What was to start at a time has that time again. All that goes by one click, also what a search
    still found while it was being stopped, is one offer.
    """

    cancel_requested = Signal(object)  # ids of jobs; None: all that are not done yet
    retry_requested = Signal(list)  # ids of jobs
    return_requested = Signal(list, str)  # ids of jobs, and when they shall start
    scan_stop_wanted = Signal(int)  # batch id

    def __init__(self, library: Library, toast: Toast) -> None:
        super().__init__(toast)
        self._library = library
        self._toast = toast
        # Ids of jobs, and for when each was put off.
        self._awaited: dict[int, str | None] = {}
        self._cancelled: dict[int, str | None] = {}
        self._offered: dict[int, str | None] = {}
        self._searched: set[int] = set()  # batches that were cancelled while they were looked for
        self._has_stopped_search = False
        self._is_new = True  # nothing of what was asked for last has been offered
        self._is_standing = False  # the offer can still be taken
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._settled.timeout.connect(self._offer)
        library.pictures_added.connect(self._follow_found)
        library.pictures_changed.connect(self._follow)
        library.scan_ended.connect(self._cancel_rest)
        toast.undone.connect(self._undo)
        toast.expired.connect(self._forget)

    def cancel(self, pictures: Sequence[Picture]) -> None:
        """Have those of the pictures cancelled that are not done yet."""
        self._begin()
        self._ask_for(pictures)

    def cancel_all(self) -> None:
        """Have every picture cancelled that is not done yet, and look for no more."""
        self._begin()
        self._stop_search(scan.batch_id for scan in self._library.queue.scans)
        undone = self._library.pictures(UNDONE)
        if undone or self._searched:
            self._await(undone)
            self.cancel_requested.emit(None)

    def cancel_batch(self, batch_id: int) -> None:
        """Have all pictures of a batch cancelled that are not done yet, and look for no more."""
        self._begin()
        scans = self._library.queue.scans
        self._stop_search(scan.batch_id for scan in scans if scan.batch_id == batch_id)
        self._ask_for(self._pictures_of(batch_id))

    def _begin(self) -> None:
        if self._settled.isActive():  # what was cancelled before has an undo of its own
            self._settled.stop()
            self._offer()
        self._is_new, self._has_stopped_search = True, False

    def _stop_search(self, batch_ids: Iterable[int]) -> None:
        """Let no more be found; what is found until it has stopped goes as well."""
        for batch_id in batch_ids:
            self._has_stopped_search = True
            self._searched.add(batch_id)
            self.scan_stop_wanted.emit(batch_id)

    def _cancel_rest(self, scan: Scan) -> None:
        if scan.batch_id in self._searched:
            self._searched.discard(scan.batch_id)
            self._ask_for(self._pictures_of(scan.batch_id))

    def _pictures_of(self, batch_id: int) -> list[Picture]:
        return [p for p in self._library.pictures(UNDONE) if p.batch_id == batch_id]

    def _ask_for(self, pictures: Sequence[Picture]) -> None:
        undone = [p for p in pictures if p.state in UNDONE and p.job_id not in self._awaited]
        if undone:
            self._await(undone)
            self.cancel_requested.emit([picture.job_id for picture in undone])

    def _await(self, pictures: Sequence[Picture]) -> None:
        self._awaited.update((picture.job_id, _start_of(picture)) for picture in pictures)

    def _follow(self, changes: Sequence[Change]) -> None:
        if not self._awaited and not self._searched:
            return
        for before, after in changes:
            if after.state in UNDONE:
                continue
            is_ours = after.job_id in self._awaited
            start = self._awaited.pop(after.job_id, _start_of(before))
            is_ours |= before.state in UNDONE and after.batch_id in self._searched
            if is_ours and after.state is State.CANCELLED:
                self._note(after, start)

    def _follow_found(self, pictures: Sequence[Picture]) -> None:
        """Learn of those that were cancelled before anybody saw them."""
        if self._searched:
            for picture in pictures:
                if picture.state is State.CANCELLED and picture.batch_id in self._searched:
                    self._note(picture, None)

    def _note(self, picture: Picture, start: str | None) -> None:
        self._cancelled[picture.job_id] = start
        self._settled.start()

    def _offer(self) -> None:
        before = {} if self._is_new or not self._is_standing else self._offered
        offered, self._cancelled = {**before, **self._cancelled}, {}
        verb = "was" if len(offered) == 1 else "were"
        text = f"{words.counted(len(offered), 'picture')} {verb} cancelled"
        end = ", and no more are looked for." if self._has_stopped_search else "."
        self._toast.offer(f"{text}{end}", _OFFER)
        self._offered, self._is_new, self._is_standing = offered, False, True

    def _forget(self, what: str) -> None:
        if what == _OFFER:
            self._is_standing = False

    def _undo(self, what: str) -> None:
        if what != _OFFER:
            return
        self._is_standing = False
        self._searched.clear()
        by_start: dict[str | None, list[int]] = {}
        for job_id, start in self._offered.items():
            by_start.setdefault(start if words.seconds_until(start) else None, []).append(job_id)
        for start, job_ids in by_start.items():
            if start is None:
                self.retry_requested.emit(job_ids)
            else:
                self.return_requested.emit(job_ids, start)


def _start_of(picture: Picture) -> str | None:
    """Return when the user wants it to start; None where that is as soon as can be."""
    return picture.run_at if picture.is_put_off else None
