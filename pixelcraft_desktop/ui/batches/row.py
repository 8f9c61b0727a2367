"""One running batch: its name, how far it is, how long still, and a button that cancels it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from pixelcraft_desktop.sentences import time_left
from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.batches.run import BatchRun
from pixelcraft_desktop.ui.icons import icon
from pixelcraft_desktop.ui.progress_bar import ThinBar
from pixelcraft_desktop.ui.theme import Theme, small_font
from pixelcraft_desktop.ui.tool_tip import tool_tip

_ICON_PX, _BUTTON_PX = 14, 24
_EDGE_PX = 20  # as in the list of sections above


class BatchRow(QWidget):
    """Shows what it is told; the bar only ever grows, but for a batch that does."""

    cancelled = Signal(int)  # batch id

    def __init__(self, batch_id: int, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.batch_id = batch_id
        self._total = 0
        self._name = ""
        self._label = plain_label(self)
        self._count = plain_label(self)
        self._left = plain_label(self)
        for small in (self._count, self._left):
            small.setFont(small_font(self.font()))
            small.setProperty("look", "muted")
        self.bar = ThinBar()
        self.button = QToolButton(self)
        self.button.setAutoRaise(True)
        self.button.setProperty("look", "small")
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self.button.setFixedSize(_BUTTON_PX, _BUTTON_PX)
        self.button.clicked.connect(lambda: self.cancelled.emit(self.batch_id))
        self.set_theme(theme)
        self._lay_out()

    def _lay_out(self) -> None:
        above, middle, below = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        # The edge of the cross, not of its button, stands above the end of the bar.
        inset_px = (_BUTTON_PX - _ICON_PX) // 2
        above.setContentsMargins(0, 0, 0, 0)
        for row in (middle, below):
            row.setContentsMargins(0, 0, inset_px, 0)
        above.addWidget(self._label, 1)
        above.addWidget(self.button)
        middle.addWidget(self.bar)
        below.addWidget(self._count, 1)
        below.addWidget(self._left)
        column = QVBoxLayout(self)
        column.setContentsMargins(_EDGE_PX, 2, _EDGE_PX - inset_px, 6)
        column.setSpacing(2)
        for row in (above, middle, below):
            row.setSpacing(4)
            column.addLayout(row)

    @property
    def texts(self) -> tuple[str, str, str]:
        """Name, counts and time left, as they stand there."""
        return self._label.text(), self._count.text(), self._left.text()

    def set_theme(self, theme: Theme) -> None:
        """Wear these colours."""
        self.button.setIcon(icon("close", theme))

    def show_run(self, run: BatchRun, name: str, is_scanning: bool) -> None:
        """Show how far the batch is; while it is looked for, the whole is not known."""
        shown = run.countdown.shown
        left = "" if shown is None else time_left(shown.low, shown.high, is_short=True)
        if is_scanning:
            count = f"{words.number(run.total)} found…"
        else:
            count = f"{words.number(run.done)} of {words.number(run.total)}"
            if run.total > self._total:
                self.bar.restart()
            self._total = run.total
            self.bar.advance(run.per_mille)
        self._count.setText(count)
        self._left.setText(left)
        if name != self._name:
            self._name = name
            self.button.setAccessibleName(f"Cancel {name}")
            self.button.setToolTip(tool_tip(f"Cancel {name}"))
            self.setToolTip(tool_tip(name))
            self.bar.setAccessibleName(f"Progress of {name}")
            self._elide()
        self.setAccessibleName(", ".join(filter(None, (name, count, left))))

    def _elide(self) -> None:
        room_px = self._label.width()
        middle = Qt.TextElideMode.ElideMiddle
        self._label.setText(self._label.fontMetrics().elidedText(self._name, middle, room_px))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._elide()


def plain_label(parent: QWidget) -> QLabel:
    """Return a label without a text, in which nothing acts and which takes no room of its own."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setMinimumWidth(1)  # it gives way, never the list beside the pictures
    return label
