"""The toast: says what was just done, and takes it back."""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QEnterEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from pixelcraft_desktop.ui.words import plain

TIMEOUT_MS = 10_000
_LEAST_LEFT_MS = 2_000  # after the pointer has left, nobody is surprised
_MARGIN_PX = 24
_REDRAWN_BY = (QEvent.Type.Resize, QEvent.Type.FontChange, QEvent.Type.StyleChange)


class Toast(QFrame):
    """Lies over the lower edge of its parent for a while.

    Every toast ends in one of two ways: `undone`, or `expired`, when its time is over, another
    one comes, or `expire` is called. While the pointer or the keyboard is on it, time stands still.
    """

    undone = Signal(str)  # what was offered, by its name
    expired = Signal(str)

    def __init__(self, parent: QWidget, timeout_ms: int = TIMEOUT_MS) -> None:
        super().__init__(parent)
        self._ground = parent
        self._timeout_ms = timeout_ms
        self._text = ""
        self._offer = ""
        self._is_offered = False
        self._is_pointed_at = False
        self._left_ms = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.expire)
        self._build()
        self.hide()
        parent.installEventFilter(self)

    @property
    def is_offered(self) -> bool:
        """Return whether what the toast speaks of can still be taken back."""
        return self._is_offered

    def offer(self, text: str, name: str = "") -> None:
        """Say what was done, and offer to undo it; what was offered before expires first."""
        self.expire()
        self._offer = name
        self._text = plain(text)
        self._is_offered = True
        self.setAccessibleName(self._text)
        self._place()
        self.show()
        self.raise_()
        self._shortcut.setEnabled(True)
        self._left_ms = self._timeout_ms
        if not self._is_attended():
            self._timer.start(self._left_ms)
        spoken = f"{self._text}. {self._undo.text()}: {self._shortcut_text()}"
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, spoken))

    def expire(self) -> None:
        """End the offer now."""
        if self._end():
            self.expired.emit(self._offer)

    def undo(self) -> None:
        """Take back what was done."""
        if self._end():
            self.undone.emit(self._offer)

    def _build(self) -> None:
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._undo = QPushButton("Undo", self)
        self._undo.setProperty("look", "word")
        self._undo.setAutoDefault(False)
        self._undo.setToolTip(html.escape(self._shortcut_text()))
        self._undo.installEventFilter(self)
        self._undo.clicked.connect(self.undo)
        # A text field with the focus keeps the keys for its own undo.
        self._shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self._ground)
        self._shortcut.setEnabled(False)
        self._shortcut.activated.connect(self.undo)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 8, 8, 8)
        self._row.setSpacing(12)
        self._row.addWidget(self._label)
        self._row.addWidget(self._undo)

    def _shortcut_text(self) -> str:
        undo = QKeySequence(QKeySequence.StandardKey.Undo)
        return undo.toString(QKeySequence.SequenceFormat.NativeText)

    def _end(self) -> bool:
        was_offered, self._is_offered = self._is_offered, False
        self._timer.stop()
        self._shortcut.setEnabled(False)
        self.hide()
        self._is_pointed_at = False  # once hidden, it may not hear of the pointer leaving
        return was_offered

    def _is_attended(self) -> bool:
        return self._is_pointed_at or self._undo.hasFocus()

    def _hold_or_run(self) -> None:
        if not self._is_offered:
            return
        if self._is_attended():
            if self._timer.isActive():
                self._left_ms = max(self._timer.remainingTime(), _LEAST_LEFT_MS)
                self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start(self._left_ms)

    def _place(self) -> None:
        edges = self._row.contentsMargins()
        beside = edges.left() + edges.right() + self._row.spacing() + self._undo.sizeHint().width()
        room_px = max(0, self._ground.width() - 2 * _MARGIN_PX - beside)
        metrics = self._label.fontMetrics()
        elided = metrics.elidedText(self._text, Qt.TextElideMode.ElideMiddle, room_px)
        self._label.setText(elided)
        self.adjustSize()
        left = (self._ground.width() - self.width()) // 2
        top = self._ground.height() - self.height() - _MARGIN_PX
        self.move(max(0, left), max(0, top))

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._is_pointed_at = True
        self._hold_or_run()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._is_pointed_at = False
        self._hold_or_run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._undo and event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            QTimer.singleShot(0, self, self._hold_or_run)  # the focus has moved by then
        elif watched is self._ground and self._is_offered and event.type() in _REDRAWN_BY:
            self._place()
        return False
