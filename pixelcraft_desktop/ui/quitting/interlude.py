"""An interlude: what stands at the window's foot for a while, takes the keyboard and returns it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from pixelcraft_desktop.ui.choice_button import ChoiceButton


class Interlude(QFrame):
    """Can always be taken back, by Escape or a button, and holds nothing else up meanwhile."""

    withdrawn = Signal()  # nobody quits

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._focused_before: QWidget | None = None
        self._keep = ChoiceButton("Keep working")
        self._keep.setToolTip("Esc")
        self._keep.clicked.connect(self._go_back)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.setContext(Qt.ShortcutContext.WindowShortcut)
        self._escape.activated.connect(self._go_back)
        self._escape.setEnabled(False)
        self.hide()

    @property
    def is_open(self) -> bool:
        """Tell whether it stands in the window, be that itself seen or not."""
        return not self.isHidden()

    @property
    def keep_working(self) -> QPushButton:
        """The button that goes back."""
        return self._keep

    def withdraw(self) -> None:
        """Go away, and give the keyboard back: Qt's next in line is a number that keys change."""
        had_focus = self.isAncestorOf(self.window().focusWidget() or self.window())
        self._escape.setEnabled(False)
        self.hide()
        if had_focus and self._focused_before is not None:
            self._focused_before.setFocus()
        self._focused_before = None

    def _remember_focus(self) -> None:
        """Note where the keyboard is, before anything moves it."""
        self._focused_before = self.window().focusWidget()

    def _appear(self, first: QWidget, spoken: str) -> None:
        """Be seen and heard, with the keyboard on `first`."""
        self.show()
        self._escape.setEnabled(True)
        first.setFocus(Qt.FocusReason.OtherFocusReason)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, spoken))

    def _go_back(self) -> None:
        self.withdraw()
        self.withdrawn.emit()
