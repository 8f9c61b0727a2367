"""The rubber band: a rectangle over everything there is, of which the viewport shows a part."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QPainter

_ALPHA = 48


class Band:
    """Places are those in the whole grid, so that the band holds while the view scrolls."""

    def __init__(self) -> None:
        self._start: QPoint | None = None
        self.rect: QRect | None = None  # None as long as nothing is to be seen

    def begin(self, place: QPoint) -> None:
        """Note where the mouse was pressed; nothing is seen before it moves."""
        self._start = place

    def stretch(self, place: QPoint) -> QRect:
        """Let the band reach to that place, and return what has to be painted anew."""
        if self._start is None:
            return QRect()
        before = self.rect or QRect()
        self.rect = QRect(self._start, place).normalized()
        return before.united(self.rect).adjusted(-1, -1, 1, 1)

    def paint(self, painter: QPainter, above_px: int, colour: QColor) -> None:
        """Paint what there is of the band, where `above_px` of the grid are scrolled away."""
        if self.rect is None:
            return
        faint = QColor(colour)
        faint.setAlpha(_ALPHA)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(colour)
        painter.setBrush(faint)
        painter.drawRect(self.rect.translated(0, -above_px))

    def end(self) -> None:
        """Be gone."""
        self._start = self.rect = None
