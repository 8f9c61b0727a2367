"""The refusal: where the window can't be opened, a small one says why in its place."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from pixelcraft_desktop.ui.theme import title_font

_WIDTH_PX, _ICON_PX = 460, 32


class Refusal(QWidget):
    """Says what is the matter, in words that can be copied, and goes when it was read."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.setWindowTitle("PixelCraft")
        self.setAccessibleName(f"PixelCraft can't be opened. {reason}")
        self._reason = _plain(reason)
        self._reason.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._reason.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.close_button = QPushButton("Close")
        self.close_button.setProperty("look", "main")
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.close)
        self._lay_out()
        self.close_button.setFocus()

    @property
    def reason(self) -> str:
        """What it says."""
        return self._reason.text()

    def _lay_out(self) -> None:
        mark = QLabel()
        warning = self.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
        mark.setPixmap(warning.pixmap(QSize(_ICON_PX, _ICON_PX)))
        title = _plain("PixelCraft can't be opened")
        title.setFont(title_font(self.font()))
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(self._reason, 1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        foot = QHBoxLayout()
        foot.addStretch()
        foot.addWidget(self.close_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 24, 24, 16)
        whole.setSpacing(16)
        whole.addLayout(row, 1)
        whole.addLayout(foot)
        self.setFixedWidth(_WIDTH_PX)
        self.adjustSize()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.close()
        else:
            super().keyPressEvent(event)


def _plain(text: str) -> QLabel:
    """Return a label that takes nothing in the text for a mark-up: there are paths in it."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)
    return label
