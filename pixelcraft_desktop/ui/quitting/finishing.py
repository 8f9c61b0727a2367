"""What stands in the window while the last pictures are finished, and how to think again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from pixelcraft_desktop.ui.choice_button import ChoiceButton
from pixelcraft_desktop.ui.progress_bar import ThinBar


class Finishing(QFrame):
    """Shows how far the pictures in hand are; both ways out of the wait are a key away."""

    stop_wanted = Signal()
    withdrawn = Signal()  # by Escape, or the button: nobody quits

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._focused_before: QWidget | None = None
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._bar = ThinBar()
        self._bar.setAccessibleName("Progress of the pictures in hand")
        self._stop = ChoiceButton("Stop now")
        self._stop.setToolTip("Breaks off the pictures in hand. At the next start they begin anew.")
        self._stop.clicked.connect(self.stop_wanted)
        self._keep = ChoiceButton("Keep working")
        self._keep.setToolTip("Esc")
        self._keep.clicked.connect(self._go_back)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.setContext(Qt.ShortcutContext.WindowShortcut)
        self._escape.activated.connect(self._go_back)
        self._lay_out()
        self.withdraw()

    @property
    def is_open(self) -> bool:
        """Tell whether it stands in the window, be that itself seen or not."""
        return not self.isHidden()

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

    @property
    def keep_working(self) -> QPushButton:
        """The button that goes back."""
        return self._keep

    def begin(self, text: str) -> None:
        """Appear, with the keyboard on the way back."""
        self._focused_before = self.window().focusWidget()
        self._bar.restart()
        self.tell(text, 0)
        self.show()
        self._escape.setEnabled(True)
        self._keep.setFocus(Qt.FocusReason.OtherFocusReason)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def tell(self, text: str, per_mille: int) -> None:
        """Say how far it is, in words and in thousandths."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self._bar.advance(per_mille)

    def withdraw(self) -> None:
        """Go away, and give the keyboard back: Qt's next in line is a number that keys change."""
        had_focus = self.isAncestorOf(self.window().focusWidget() or self.window())
        self._escape.setEnabled(False)
        self.hide()
        if had_focus and self._focused_before is not None:
            self._focused_before.setFocus()
        self._focused_before = None

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

    def _go_back(self) -> None:
        self.withdraw()
        self.withdrawn.emit()
