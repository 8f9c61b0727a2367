"""The clip: the details of failed pictures on their way from the catalog to the clipboard."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.catalog.store import Row
from pixelcraft_desktop.ui.failures.details import details
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.results import copy_text

_MOST_DETAILS = 200  # pictures whose details fit on a clipboard


class DetailsClip(QObject):
    """Asks for the attempts at some pictures."""

    attempts_requested = Signal(list, object)  # ids of jobs, and whom to tell on any thread
    _attempts_read = Signal(list, list)  # list[Picture], list[list[Row]]

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        self._library = library
        self._attempts_read.connect(self._copy)

    def collect(self, image_ids: Sequence[int]) -> None:
        """Copy the details of these pictures as soon as they are read."""
        found = map(self._library.picture, image_ids[:_MOST_DETAILS])
        pictures = [picture for picture in found if picture is not None]
        ready = partial(self._attempts_read.emit, pictures)
        self.attempts_requested.emit([picture.job_id for picture in pictures], ready)

    def _copy(self, pictures: list[Picture], attempts: list[list[Row]]) -> None:
        copy_text("\n\n".join(details(*each) for each in zip(pictures, attempts, strict=True)))
