"""The empty window: one large inviting field; and the same as an overlay while one drags."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.icons import pixmap
from pixelcraft_desktop.ui.theme import Theme, small_font, title_font

INVITATION = "Drop pictures or folders here"
REFUSAL = "Only files and folders of this computer can be added"
_ICON_PX = 96
_MARGIN_PX, _CORNER_PX = 24, 12


class EmptyField(QWidget):
    """What stands in the window as long as there is no picture."""

    files_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(INVITATION)
        self._theme = theme
        self._icon = QLabel()
        title = _label(INVITATION)
        title.setFont(title_font(self.font()))
        self._or = _label("or")
        self._promise = _label("Originals are never changed.")
        self._promise.setFont(small_font(self.font()))
        layout = QVBoxLayout(self)
        layout.setSpacing(16)
        layout.addStretch(2)
        layout.addWidget(self._icon, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(title)
        layout.addWidget(self._or)
        layout.addLayout(self._buttons())
        layout.addSpacing(8)
        layout.addWidget(self._promise)
        layout.addStretch(3)
        self.set_theme(theme)

    def _buttons(self) -> QHBoxLayout:
        files, folder = QPushButton("Add files…"), QPushButton("Add folder…")
        folder.setProperty("look", "main")
        files.clicked.connect(self.files_wanted)
        folder.clicked.connect(self.folder_wanted)
        self._first = folder
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addStretch()
        row.addWidget(folder)
        row.addWidget(files)
        row.addStretch()
        return row

    def take_keyboard(self) -> None:
        """Give it to the button most people want; no proxy, or Tab would reach no other one."""
        self._first.setFocus()

    def set_theme(self, theme: Theme) -> None:
        """Wear these colours."""
        self._theme = theme
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(pixmap("drop", theme, _ICON_PX, ratio, theme.accent.name()))
        for label in (self._or, self._promise):
            label.setStyleSheet(f"color: {theme.muted.name()}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        _draw_field(self, self._theme.base, self._theme.line, Qt.PenStyle.DashLine)


class DropOverlay(QWidget):
    """Lies over the window while something is dragged over it, and says what a drop would do."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_welcome = True
        self._icon = QLabel()
        self._text = _label("")
        self._text.setFont(title_font(self.font()))
        layout = QVBoxLayout(self)
        layout.setSpacing(16)
        layout.addStretch()
        layout.addWidget(self._icon, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._text)
        layout.addStretch()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def welcome(self, count: int) -> None:
        """Say how many items a drop would add; 0: that it would add nothing."""
        self._is_welcome = count > 0
        self._text.setText(f"Add {words.counted(count, 'item')}" if count else REFUSAL)
        colour = self._theme.accent if count else self._theme.care
        name = "drop" if count else "information"
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(pixmap(name, self._theme, _ICON_PX, ratio, colour.name()))
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()

    def set_theme(self, theme: Theme) -> None:
        """Wear these colours."""
        self._theme = theme

    def paintEvent(self, _event: QPaintEvent) -> None:
        veil = QColor(self._theme.window)
        veil.setAlphaF(0.94)
        QPainter(self).fillRect(self.rect(), veil)
        edge = self._theme.accent if self._is_welcome else self._theme.line
        _draw_field(self, self._theme.base, edge, Qt.PenStyle.DashLine)


def _label(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return label


def _draw_field(widget: QWidget, inside: QColor, edge: QColor, style: Qt.PenStyle) -> None:
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(inside)
    pen = QPen(edge, 2, style)
    pen.setDashPattern([5, 4])
    painter.setPen(pen)
    margin = _MARGIN_PX
    area = QRectF(widget.rect()).adjusted(margin, margin, -margin, -margin)
    painter.drawRoundedRect(area, _CORNER_PX, _CORNER_PX)
    painter.end()
