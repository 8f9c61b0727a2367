"""The rubber band: a rectangle over everything there is, of which the viewport shows a part."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect


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

    def end(self) -> None:
        """Be gone."""
        self._start = self.rect = None
