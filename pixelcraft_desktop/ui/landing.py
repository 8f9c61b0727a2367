"""The landing: what is dragged over the window is welcomed, and taken where it is dropped."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from pixelcraft_desktop.ui import drop
from pixelcraft_desktop.ui.empty_field import DropOverlay
from pixelcraft_desktop.ui.theme import Theme


class Landing(QObject):
    """Lies over the whole of a window while something is dragged there."""

    def __init__(self, window: QWidget, theme: Theme, take: Callable[[QMimeData], None]) -> None:
        super().__init__(window)
        self._window = window
        self._take = take
        self.overlay = DropOverlay(theme, window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is not self._window:
            return False
        if kind == QEvent.Type.Resize:
            self.overlay.setGeometry(self._window.rect())
            return False
        if kind == QEvent.Type.DragLeave:
            self.overlay.hide()
            return False
        if not isinstance(event, QDropEvent):
            return False
        if isinstance(event, QDragEnterEvent):
            if event.source() is not None:  # our own pictures, on their way out
                return True
            self.overlay.welcome(drop.count_files(event.mimeData()))
        # Not as proposed: after a move, whoever offered the files may delete them.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if kind == QEvent.Type.Drop:
            self.overlay.hide()
            self._take(event.mimeData())
        return True
