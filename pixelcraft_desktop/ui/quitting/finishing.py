"""What stands in the window while the last pictures are finished, and how to think again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from pixelcraft_desktop.ui.choice_button import ChoiceButton
from pixelcraft_desktop.ui.progress_bar import ThinBar
from pixelcraft_desktop.ui.quitting.interlude import Interlude


class Finishing(Interlude):
    """Shows how far the pictures in hand are; both ways out of the wait are a key away."""

    stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._bar = ThinBar()
        self._bar.setAccessibleName("Progress of the pictures in hand")
        self._stop = ChoiceButton("Stop now")
        self._stop.setToolTip("Breaks off the pictures in hand. At the next start they begin anew.")
        self._stop.clicked.connect(self.stop_wanted)
        self._lay_out()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    @property
    def per_mille(self) -> int:
        """How far the bar is."""
        return self._bar.value()

    @property
    def stop_now(self) -> QPushButton:
        """The button for those who can't wait."""
        return self._stop

    def begin(self, text: str) -> None:
        """Appear, with the keyboard on the way back."""
        self._remember_focus()
        self._bar.restart()
        self.tell(text, 0)
        self._appear(self._keep, text)

    def tell(self, text: str, per_mille: int) -> None:
        """Say how far it is, in words and in thousandths."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self._bar.advance(per_mille)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._text, 1)
        for button in (self._stop, self._keep):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        column.addLayout(row)
        column.addWidget(self._bar)
