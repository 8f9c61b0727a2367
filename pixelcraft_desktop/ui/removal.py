"""Removal with undo: one toast, and what becomes of the removed pictures when it is gone."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.toast import Toast

_OFFER = "removal"


class Removal(QObject):
    """Asks to remove at once, and a little later to forget for good, or to bring back."""

    removal_requested = Signal(list)  # ids of images
    restoration_requested = Signal(list)
    purge_requested = Signal(list)

    def __init__(self, library: Library, toast: Toast) -> None:
        super().__init__(toast)
        self._toast = toast
        self._removed: Sequence[int] = ()
        self._awaited: frozenset[int] = frozenset()
        self._toast.undone.connect(self._restore)
        self._toast.expired.connect(self._purge)
        library.pictures_removed.connect(self._offer)

    def remove(self, image_ids: Sequence[int]) -> None:
        """Have these images removed, and offer to undo that once they are."""
        if not image_ids:
            return
        if self._toast.is_offered:
            self._toast.expire()  # what was removed before is settled first
        # What was asked for a moment ago and is not gone yet is undone together with this.
        self._removed = [*self._removed, *image_ids]
        self._awaited = frozenset(self._removed)
        self.removal_requested.emit(self._removed)

    def settle(self) -> None:
        """End the offer now: the window closes."""
        self._toast.expire()

    def _offer(self, gone: Sequence[Picture]) -> None:
        if not any(picture.id in self._awaited for picture in gone):
            return
        self._awaited = frozenset()
        count = words.counted(len(self._removed), "picture")
        verb = "was" if len(self._removed) == 1 else "were"
        text = f"{count} {verb} removed from the library. Originals are not touched."
        self._toast.offer(text, _OFFER)

    def _restore(self, what: str) -> None:
        if what != _OFFER:
            return
        removed, self._removed = self._removed, ()
        self.restoration_requested.emit(removed)

    def _purge(self, what: str) -> None:
        if what != _OFFER:
            return
        removed, self._removed = self._removed, ()
        self.purge_requested.emit(removed)
