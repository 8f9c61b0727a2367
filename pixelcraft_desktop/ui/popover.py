"""A popover: a small question that lies over the window beside what it is about."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from pixelcraft_desktop.ui.choice_button import ENTER_KEYS

_GAP_PX, _MARGIN_PX = 4, 8


class Popover(QFrame):
    """Goes by itself: by Escape, an answer, or as soon as the keyboard is elsewhere."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._focused_before: QWidget | None = None
        self._main: QPushButton | None = None
        self._anchor = QRect()
        window.installEventFilter(self)
        self.hide()

    @property
    def is_open(self) -> bool:
        """Tell whether it stands in the window."""
        return not self.isHidden()

    def watch(self, main: QPushButton) -> None:
        """Follow the keyboard through all that is inside; Enter in a field presses `main`."""
        self._main = main
        for part in self.findChildren(QWidget):
            part.installEventFilter(self)

    def open_at(self, anchor: QRect, first: QWidget) -> None:
        """Open below the anchor, or above it, in the window's coordinates; `first` gets the keys.

        Where there is no room beside the anchor, it lies over it.
        """
        if not self.is_open:
            self._focused_before = self._window.focusWidget()
        self._anchor = anchor
        self.adjustSize()
        self.move(self._place(anchor))
        self.show()
        self.raise_()
        first.setFocus(Qt.FocusReason.PopupFocusReason)
        # A screen reader would say "In an hour, at 10:15", and not what it is about.
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.accessibleName()))

    def close_up(self) -> None:
        """Close, and give the keyboard back to whoever had it."""
        if not self.is_open:
            return
        had_focus = self.isAncestorOf(self._window.focusWidget() or self._window)
        self.hide()
        if had_focus and self._focused_before is not None:
            self._focused_before.setFocus()

    def _follow(self) -> None:
        # A list that drops from a box of ours leaves the window its focus, as another program does.
        now = self._window.focusWidget()
        if now is not None and not self.isAncestorOf(now):
            self.hide()

    def _place(self, anchor: QRect) -> QPoint:
        room = self._window.rect().adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
        left = max(room.left(), min(anchor.left(), room.right() - self.width()))
        below, above = anchor.bottom() + _GAP_PX, anchor.top() - _GAP_PX - self.height()
        top = below if below + self.height() <= room.bottom() else above
        return QPoint(left, max(room.top(), min(top, room.bottom() - self.height())))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window:
            if event.type() == QEvent.Type.Resize and self.is_open:
                self.move(self._place(self._anchor))
            return False
        if event.type() == QEvent.Type.FocusOut:
            QTimer.singleShot(0, self, self._follow)  # the focus has moved by then
        if self._refuses_enter(watched, event):
            return True
        return _claims_escape(event)

    def _refuses_enter(self, watched: QObject, event: QEvent) -> bool:
        """Tell whether a field must not hear of Enter: it would mend what can't be taken."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        is_refused = self._main is not None and not self._main.isEnabled()
        return is_refused and event.key() in ENTER_KEYS and not isinstance(watched, QPushButton)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_up()
        elif event.key() in ENTER_KEYS and self._main is not None:
            self._main.click()
        else:
            super().keyPressEvent(event)


def _claims_escape(event: QEvent) -> bool:
    """Take the key for ourselves before whatever else in the window waits for it."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    is_escape = event.key() == Qt.Key.Key_Escape
    if is_escape:
        event.accept()
    return is_escape
