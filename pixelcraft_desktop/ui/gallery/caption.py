"""The caption: one quiet line below the grid, about the current picture or the selected ones."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from pixelcraft_desktop.ui.icons import pixmap
from pixelcraft_desktop.ui.theme import Theme, small_font
from pixelcraft_desktop.ui.tool_tip import tool_tip

SIGN_PX = 15  # odd, so that the middle of a drawing, and its i, is one sharp column of pixels
_NAME_SHARE = 3  # where room is short a name takes this part of it, and leaves the rest to facts
_BETWEEN = " · "


class Caption(QFrame):
    """Says what it is told, and is hidden while there is nothing to say."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sign: tuple[str, str] | None = None
        self._icon = QLabel(self)
        self._icon.setFixedSize(SIGN_PX, SIGN_PX)  # also without a sign: the words stay in place
        self._line = _Line(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 16, 6)
        row.setSpacing(6)
        row.addWidget(self._icon)
        row.addWidget(self._line, 1)
        self.hide()

    @property
    def text(self) -> str:
        """What it says, uncut."""
        return self._line.whole

    def say(self, name: str, facts: Sequence[str], sign: tuple[str, str] | None = None) -> None:
        """Say these facts. `sign` is the name of an icon and that of its colour in the theme."""
        if sign != self._sign:
            self._sign = sign
            self._draw_sign()
        self._line.say(name, facts)
        self.setVisible(bool(self.text))

    def set_theme(self, theme: Theme) -> None:
        """Wear these colours; the style sheet colours the words."""
        self._theme = theme
        self._draw_sign()

    def _draw_sign(self) -> None:
        if self._sign is None:
            self._icon.clear()
            return
        name, colour_name = self._sign
        colour, ratio = getattr(self._theme, colour_name).name(), self.devicePixelRatioF()
        self._icon.setPixmap(pixmap(name, self._theme, SIGN_PX, ratio, colour))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._draw_sign()
        return super().event(event)


class _Line(QLabel):
    """Cuts its words to the room there is; where any are lost, the tool tip has them all."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._name = ""
        self._facts: list[str] = []
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(small_font(self.font()))
        # Without this a long text would make the whole window wider.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    @property
    def whole(self) -> str:
        """What it would say with room enough."""
        return self._said_of(self._name)

    def say(self, name: str, facts: Sequence[str]) -> None:
        """Say these facts."""
        if name != self._name or list(facts) != self._facts:
            self._name, self._facts = name, list(facts)
            self.setAccessibleName(self.whole)
            self._fit()

    def _said_of(self, name: str) -> str:
        return _BETWEEN.join(filter(None, (name, *self._facts)))

    def _fit(self) -> None:
        metrics, room_px = self.fontMetrics(), self.width()
        if metrics.horizontalAdvance(self.whole) <= room_px:
            self.setText(self.whole)
            self.setToolTip("")
            return
        middle, right = Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideRight
        name = metrics.elidedText(self._name, middle, room_px // _NAME_SHARE)
        self.setText(metrics.elidedText(self._said_of(name), right, room_px))
        self.setToolTip(tool_tip(*filter(None, (self._name, *self._facts))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
