"""The grid: where the cell of a row lies, and which rows lie in a rectangle, by arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QRect, QSize

GAP_PX = 4  # between the cells and around them, beside the padding within them


@dataclass(frozen=True)
class Grid:
    """Cells of one size in as many columns as fit, spread evenly over the width."""

    count: int
    width_px: int
    cell: QSize
    is_mirrored: bool = False  # the first column is the rightmost

    @cached_property
    def columns(self) -> int:
        """How many cells stand side by side."""
        return max(1, (self.width_px - GAP_PX) // (self.cell.width() + GAP_PX))

    @property
    def lines(self) -> int:
        """How many lines of cells there are."""
        return -(-self.count // self.columns)

    @property
    def pitch_px(self) -> int:
        """The way from one line to the next."""
        return self.cell.height() + GAP_PX

    @property
    def height_px(self) -> int:
        """The height of everything, margins included."""
        return GAP_PX + self.lines * self.pitch_px if self.count else 0

    def rect(self, row: int) -> QRect:
        """Return the cell of that row."""
        line, column = divmod(row, self.columns)
        return QRect(self._left(column), self.top(line), self.cell.width(), self.cell.height())

    def top(self, line: int) -> int:
        """Return where that line begins."""
        return GAP_PX + line * self.pitch_px

    def row_at(self, x: int, y: int) -> int | None:
        """Return the row whose cell covers that point; None between and beyond the cells."""
        line = (y - GAP_PX) // self.pitch_px
        columns = self.columns_within(x, x)
        row = line * self.columns + columns.start
        is_hit = 0 <= line < self.lines and len(columns) == 1 and row < self.count
        return row if is_hit and y < self.top(line) + self.cell.height() else None

    def lines_within(self, top: int, bottom: int) -> range:
        """Return the lines that have a cell between those heights, both included."""
        first = top // self.pitch_px
        last = (bottom - GAP_PX) // self.pitch_px
        return range(max(0, first), min(self.lines, last + 1))

    def columns_within(self, left: int, right: int) -> range:
        """Return the columns that have a cell between those places, both included."""
        found = [
            column
            for column in range(self.columns)
            if self._left(column) <= right and self._left(column) + self.cell.width() > left
        ]
        return range(min(found), max(found) + 1) if found else range(0)

    def rows_within(self, top: int, bottom: int) -> range:
        """Return the rows of the lines between those heights."""
        lines = self.lines_within(top, bottom)
        return range(lines.start * self.columns, min(self.count, lines.stop * self.columns))

    def stretches(self, area: QRect) -> list[range]:
        """Return the rows whose cells touch the area, in stretches without a gap."""
        lines = self.lines_within(area.top(), area.bottom())
        columns = self.columns_within(area.left(), area.right())
        if not lines or not columns:
            return []
        if len(columns) == self.columns:
            return [range(lines.start * self.columns, min(self.count, lines.stop * self.columns))]
        starts = [line * self.columns for line in lines]
        found = [
            range(start + columns.start, min(self.count, start + columns.stop)) for start in starts
        ]
        return [rows for rows in found if rows]

    def moved(self, row: int, step: int) -> int:
        """Return the row that many rows on. Whole lines end in the same column, or at the end."""
        target = row + step
        if step % self.columns or step >= self.count:
            return max(0, min(self.count - 1, target))
        column = row % self.columns
        line = max(0, min(self.lines - 1, target // self.columns))
        return min(self.count - 1, line * self.columns + column)

    def _left(self, column: int) -> int:
        if self.is_mirrored:
            column = self.columns - 1 - column
        free_px = max(0, self.width_px - self.columns * self.cell.width())
        return free_px * (column + 1) // (self.columns + 1) + column * self.cell.width()
