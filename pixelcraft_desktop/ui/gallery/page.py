"""The page of the gallery: the grid, and below it what there is to say of the current picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.gallery.caption import Caption
from pixelcraft_desktop.ui.gallery.model import GalleryModel
from pixelcraft_desktop.ui.gallery.thumbnails import Thumbnails
from pixelcraft_desktop.ui.gallery.view import GalleryView
from pixelcraft_desktop.ui.theme import Theme

_DESCRIBE_MS = 100
_MOST_SUMMED = 5_000  # pictures whose notes are counted at every change of the selection: 3 ms


class GalleryPage(QWidget):
    """Tells in its caption what a tool tip would, for those who don't point with a mouse."""

    def __init__(
        self,
        model: GalleryModel,
        thumbnails: Thumbnails,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self.view = GalleryView(model, thumbnails, theme)
        self.caption = Caption(theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        column.addWidget(self.caption)
        self.setFocusProxy(self.view)
        self.view.current_changed.connect(self._describe)
        self.view.selection_changed.connect(self._describe)
        self._wait = QTimer(self, singleShot=True, interval=_DESCRIBE_MS)
        self._wait.timeout.connect(self._describe)
        model.dataChanged.connect(self._describe_soon)
        self.view.counted_down.connect(self._describe)

    def set_theme(self, theme: Theme) -> None:
        """Wear these colours."""
        self.view.set_theme(theme)
        self.caption.set_theme(theme)

    def _describe_soon(self) -> None:
        # Not started over: while pictures change at every frame it would never come to it.
        if not self._wait.isActive():
            self._wait.start()

    def _describe(self) -> None:
        count = self.view.count_selected()
        current = self.view.currentIndex()
        if count > 1:
            pictures = self.view.selected_pictures() if count <= _MOST_SUMMED else []
            self.caption.say("", words.facts_of_many(count, pictures), _sign(pictures))
        elif current.isValid():
            picture = self._model.picture_at(current.row())
            self.caption.say(words.picture_name(picture), words.facts(picture), _sign([picture]))
        else:
            self.caption.say("", [])


def _sign(pictures: Sequence[Picture]) -> tuple[str, str] | None:
    """Return the gravest sign that the cells of the pictures bear, and its colour."""
    noted = {picture.notes: picture for picture in pictures if words.has_notes(picture)}
    if any(map(words.is_partial, noted.values())):
        return "warning", "care"
    return ("information", "muted") if noted else None
