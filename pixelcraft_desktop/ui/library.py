"""The library as a window knows it: every picture by id, and how many are in each state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from pixelcraft_desktop.catalog.batches import Batch
from pixelcraft_desktop.catalog.news import News, QueueFacts
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import State

Change = tuple[Picture, Picture]  # before, after
UNDONE = frozenset({State.WAITING, State.DELAYED, State.ACTIVE})


class Library(QObject):
    """Takes in the news and tells who shows it. Lives in the GUI thread, and only there."""

    pictures_added = Signal(list)  # list[Picture], in the order of their ids
    pictures_changed = Signal(list)  # list[Change]
    pictures_removed = Signal(list)  # list[Picture]
    counts_changed = Signal()
    queue_changed = Signal(object)  # QueueFacts
    scan_ended = Signal(object)  # Scan
    measured = Signal(list)  # list[Measurement]

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: dict[int, Picture] = {}
        self.counts: dict[State, int] = dict.fromkeys(State, 0)
        self.put_off = 0  # of the delayed ones, those that the user wants done later
        self.queue = QueueFacts()
        self.batches: dict[int, Batch] = {}

    def __len__(self) -> int:
        return len(self._pictures)

    def picture(self, image_id: int) -> Picture | None:
        """Return the picture with that id, if it is in the library."""
        return self._pictures.get(image_id)

    def pictures(self, states: frozenset[State] | None = None) -> list[Picture]:
        """Return the pictures in these states (None: all), in the order of their ids."""
        found = self._pictures.values()
        chosen = found if states is None else [p for p in found if p.state in states]
        return sorted(chosen, key=_image_id)

    def take_in(self, news: News) -> None:
        """Learn what changed, and tell each kind of change once."""
        self.batches.update((batch.id, batch) for batch in news.batches)
        removed = [self._pictures.pop(i) for i in news.gone if i in self._pictures]
        added: list[Picture] = []
        changed: list[Change] = []
        for told in news.pictures:
            before = self._pictures.get(told.id)
            picture = told if before is None else _with_batch(before, told)
            self._pictures[picture.id] = picture
            if before is None:
                added.append(picture)
            elif before != picture:
                changed.append((before, picture))
        self._recount(added, changed, removed)
        if removed:
            self.pictures_removed.emit(removed)
        if added:
            self.pictures_added.emit(added)
        if changed:
            self.pictures_changed.emit(changed)
        if added or changed or removed:
            self.counts_changed.emit()
        if news.measurements:
            self.measured.emit(list(news.measurements))
        if news.queue != self.queue:
            self.queue = news.queue
            self.queue_changed.emit(news.queue)
        for scan in news.ended_scans:
            self.scan_ended.emit(scan)

    def _recount(
        self, added: Sequence[Picture], changed: Sequence[Change], removed: Sequence[Picture]
    ) -> None:
        for picture in added:
            self.counts[picture.state] += 1
        for before, after in changed:
            self.counts[before.state] -= 1
            self.counts[after.state] += 1
        for picture in removed:
            self.counts[picture.state] -= 1
        came = [*added, *(after for _, after in changed)]
        went = [*removed, *(before for before, _ in changed)]
        self.put_off += sum(p.is_put_off for p in came) - sum(p.is_put_off for p in went)


def _with_batch(before: Picture, after: Picture) -> Picture:
    """Return the picture in its batch: work that goes on stays with whom it began for.

    Or a folder that is dropped again would take everything from its first import.
    """
    if before.batch_id == after.batch_id or before.state not in UNDONE:
        return after
    return replace(after, batch_id=before.batch_id)


def is_work(picture: Picture) -> bool:
    """Tell whether the picture is to be made as soon as it can be, and not when the user says."""
    return picture.state in UNDONE and not picture.is_put_off


def _image_id(picture: Picture) -> int:
    return picture.id
