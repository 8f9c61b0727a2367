"""The progress bar: a thin line that only ever grows."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

HEIGHT_PX = 4
FULL = 1000


class ThinBar(QProgressBar):
    """Shows progress in thousandths. It is Qt's own bar to screen readers, and drawn by us."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(0, FULL)
        self.setValue(0)
        self.setTextVisible(False)
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Progress")

    def advance(self, permille: int) -> None:
        """Grow to that many thousandths; less than there is changes nothing."""
        value = min(permille, FULL)
        if value > self.value():
            self.setValue(value)
            self.update()  # Qt's bar leaves small steps undrawn

    def restart(self) -> None:
        """Begin again at nothing."""
        self.setValue(0)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        radius = whole.height() / 2
        painter.setBrush(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawRoundedRect(whole, radius, radius)
        if self.value() > 0:
            done = QRectF(whole)
            # Never narrower than it is round: the first picture of a thousand is seen.
            done.setWidth(max(whole.height(), whole.width() * self.value() / FULL))
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                done.moveRight(whole.right())
            painter.setBrush(self.palette().color(QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(done, radius, radius)
        painter.end()
