"""A window to drag from: `drag_source.py LEFT TOP PATH…` offers these files as a file manager does.

Press the mouse in it and move; it says "ready" when it is on the screen.
"""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDrag, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from pixelcraft_desktop.ui.results import file_url

EDGE_PX = 200


class DragSource(QWidget):
    """Starts to drag as soon as the pressed mouse moves."""

    def __init__(self, paths: list[bytes]) -> None:
        super().__init__()
        self._paths = paths
        self._pressed: QPoint | None = None
        self._is_ready = False

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_ready:
            self._is_ready = True
            print("ready", flush=True)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        self._pressed = None
        mime = QMimeData()
        mime.setUrls([file_url(path) for path in self._paths])
        drag = QDrag(self)
        drag.setMimeData(mime)
        action = drag.exec(Qt.DropAction.CopyAction | Qt.DropAction.MoveAction)
        print(action.name, flush=True)


def main() -> None:
    """Show the window and wait."""
    left, top, *paths = sys.argv[1:]
    application = QApplication(["drag_source"])
    source = DragSource([os.fsencode(path) for path in paths])
    source.setGeometry(int(left), int(top), EDGE_PX, EDGE_PX)
    source.show()
    sys.exit(application.exec())


if __name__ == "__main__":
    main()
