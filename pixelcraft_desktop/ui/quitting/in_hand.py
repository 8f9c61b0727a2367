"""The pictures in hand: how many there were when the wait began, and how far the rest are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui.library import Change, Library


class InHand(QObject):
    """Follows a library from when it was made."""

    def __init__(self, library: Library, parent: QObject) -> None:
        super().__init__(parent)
        # Looked for once, and then followed: a library of 100,000 is not searched at every frame.
        active = library.pictures(frozenset({State.ACTIVE}))
        self._progress = {picture.id: picture.progress for picture in active}
        self._ended = 0
        library.pictures_changed.connect(self._follow)
        library.pictures_removed.connect(self._forget)

    @property
    def count(self) -> int:
        """How many are left."""
        return len(self._progress)

    @property
    def per_mille(self) -> int:
        """How far all of them are together, 0–1000."""
        total = self._ended + len(self._progress)
        percents = 100 * self._ended + sum(self._progress.values())
        return 10 * percents // total if total else 1000

    def _follow(self, changes: Sequence[Change]) -> None:
        for _, after in changes:
            if after.state is State.ACTIVE:
                self._progress[after.id] = after.progress
            elif self._progress.pop(after.id, None) is not None:
                self._ended += 1

    def _forget(self, pictures: Sequence[Picture]) -> None:
        for picture in pictures:
            self._progress.pop(picture.id, None)
