"""The notice bar: one line of text that is in nobody's way, with what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from pixelcraft_desktop.ui.icons import icon, pixmap
from pixelcraft_desktop.ui.theme import Appearance, Theme
from pixelcraft_desktop.ui.words import plain

_ICON_PX = 20


class Severity(IntEnum):
    """How much a notice matters: the greater goes first."""

    INFO = 0
    GOOD = 1
    CARE = 2
    BAD = 3


_ICONS = {
    Severity.INFO: "information",
    Severity.GOOD: "check",
    Severity.CARE: "warning",
    Severity.BAD: "warning",
}
_SPOKEN = {
    Severity.INFO: "Notice",
    Severity.GOOD: "Notice",
    Severity.CARE: "Take care",
    Severity.BAD: "Warning",
}


@dataclass(frozen=True)
class _Notice:
    text: str
    severity: Severity
    action_text: str | None
    cause: object = None


class NoticeBar(QFrame):
    """Shows the notice that matters most; of equals, the one that has been there longest."""

    acted = Signal(str)  # key; the notice stays until it is withdrawn
    dismissed = Signal(str)  # key; the notice is gone

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = appearance.theme
        self._notices: dict[str, _Notice] = {}
        self._dismissed: dict[str, object] = {}  # causes
        self._shown: tuple[str, _Notice] | None = None
        self._pressed: str | None = None
        self._is_last = False
        self._build()
        self.hide()
        appearance.theme_changed.connect(self.set_theme)

    @property
    def shown_key(self) -> str | None:
        """Return the key of the notice to be read now."""
        return self._shown[0] if self._shown else None

    def show_notice(
        self,
        key: str,
        text: str,
        severity: Severity,
        action_text: str | None = None,
        cause: object = None,
    ) -> None:
        """Add a notice, or change the one of that key.

        One with a `cause`, told again and again as long as that lasts, stays away once it is
        dismissed: until the cause is another, or was withdrawn in between.
        """
        if self._is_last or (cause is not None and self._dismissed.get(key) == cause):
            return
        self._dismissed.pop(key, None)
        self._notices[key] = _Notice(plain(text), severity, action_text, cause)
        self._refresh()

    def withdraw(self, key: str) -> None:
        """Take a notice back, whether it is being shown or not, or not there at all."""
        self._dismissed.pop(key, None)
        self._notices.pop(key, None)
        self._refresh()

    def say_last(self, key: str, text: str) -> None:
        """Say this, however little it matters, and from now on nothing else."""
        self._notices.clear()
        self.show_notice(key, text, Severity.INFO)
        self._close.hide()
        self._is_last = True

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in the colours of another theme from now on."""
        self._theme = theme
        self._close.setIcon(icon("close", theme))
        self._draw_icon()

    def _build(self) -> None:
        self._icon = QLabel(self)
        self._icon.setFixedSize(_ICON_PX, _ICON_PX)
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        # Without this a long word would make the whole window wider.
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._action = QPushButton(self)
        self._action.setProperty("look", "word")
        self._action.setAutoDefault(False)
        self._action.pressed.connect(self._remember)
        self._action.clicked.connect(self._act)
        self._close = QToolButton(self)
        self._close.setAutoRaise(True)
        self._close.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._close.setIconSize(QSize(16, 16))
        self._close.setIcon(icon("close", self._theme))
        self._close.setToolTip("Dismiss")
        kept = self._close.sizePolicy()
        kept.setRetainSizeWhenHidden(True)  # or the last notice would be lower than all before it
        self._close.setSizePolicy(kept)
        self._close.setAccessibleName("Dismiss this notice")
        self._close.pressed.connect(self._remember)
        self._close.clicked.connect(self._dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._label, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)

    def _refresh(self) -> None:
        first = max(self._notices.items(), key=_weight, default=None)
        if first == self._shown:
            return
        is_news = first is not None and first[0] != self.shown_key
        self._shown = first
        if first is None:
            self.hide()
            return
        notice = first[1]
        self._label.setText(notice.text)
        self._action.setText((notice.action_text or "").replace("&", "&&"))
        self._action.setVisible(bool(notice.action_text))
        self.setAccessibleName(f"{_SPOKEN[notice.severity]}: {notice.text}")
        self._draw_icon()
        self.show()
        if is_news:  # a count that goes up is not said again and again
            self._announce(notice)

    def _draw_icon(self) -> None:
        if self._shown is None:
            return
        severity = self._shown[1].severity
        colour = _colour(severity, self._theme)
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(pixmap(_ICONS[severity], self._theme, _ICON_PX, ratio, colour.name()))

    def _announce(self, notice: _Notice) -> None:
        event = QAccessibleAnnouncementEvent(self, self.accessibleName())
        if notice.severity is Severity.BAD:
            event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)

    def _remember(self) -> None:
        # A graver notice may take the place of the one that is being clicked.
        self._pressed = self.shown_key

    def _act(self) -> None:
        key = self.shown_key
        if key is not None and key == self._pressed:
            self.acted.emit(key)

    def _dismiss(self) -> None:
        key = self.shown_key
        if key is not None and key == self._pressed:
            cause = self._notices[key].cause
            self.withdraw(key)
            if cause is not None:
                self._dismissed[key] = cause
            self.dismissed.emit(key)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._draw_icon()
        return super().event(event)


def _weight(item: tuple[str, _Notice]) -> Severity:
    return item[1].severity


def _colour(severity: Severity, theme: Theme) -> QColor:
    return (theme.accent, theme.good, theme.care, theme.bad)[severity]
