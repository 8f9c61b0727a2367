"""The arithmetic of the grid: cells, points, rectangles, steps."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, QSize

from pixelcraft_desktop.ui.gallery.grid import Grid

GRIDS = st.builds(
    Grid,
    count=st.integers(0, 60),
    width_px=st.integers(1, 1_500),
    cell=st.builds(QSize, st.integers(20, 200), st.integers(20, 200)),
    is_mirrored=st.booleans(),
)
PLACES = st.integers(-100, 1_600)
HUNDRED_THOUSAND = Grid(100_000, 1_280, QSize(176, 222))


@given(GRIDS)
def test_every_cell_is_found_at_its_corners(grid: Grid) -> None:
    for row in range(grid.count):
        cell = grid.rect(row)
        for corner in (cell.topLeft(), cell.bottomRight(), cell.center()):
            assert grid.row_at(corner.x(), corner.y()) == row


@given(GRIDS)
def test_cells_lie_inside_and_apart(grid: Grid) -> None:
    cells = [grid.rect(row) for row in range(grid.count)]
    whole = QRect(0, 0, max(grid.width_px, grid.cell.width()), grid.height_px)
    assert all(whole.contains(cell) for cell in cells)
    for cell, following in pairwise(cells):
        assert not cell.intersects(following)


@given(GRIDS, PLACES, PLACES)
def test_a_point_is_in_the_cell_that_covers_it(grid: Grid, x: int, y: int) -> None:
    covering = (row for row in range(grid.count) if grid.rect(row).contains(x, y))
    assert grid.row_at(x, y) == next(covering, None)


@given(GRIDS, PLACES, PLACES, st.integers(1, 900), st.integers(1, 900))
def test_stretches_cover_what_touches(grid: Grid, x: int, y: int, width: int, height: int) -> None:
    area = QRect(x, y, width, height)
    found = [row for stretch in grid.stretches(area) for row in stretch]
    assert found == [row for row in range(grid.count) if grid.rect(row).intersects(area)]


@given(GRIDS.filter(lambda grid: grid.count > 0), st.data(), st.integers(-80, 80))
def test_steps_stay_inside(grid: Grid, data: st.DataObject, step: int) -> None:
    row = data.draw(st.integers(0, grid.count - 1))
    assert 0 <= grid.moved(row, step) < grid.count


def test_columns_fill_the_width_evenly() -> None:
    cells = [HUNDRED_THOUSAND.rect(row) for row in range(HUNDRED_THOUSAND.columns)]
    gaps = [b.left() - a.right() - 1 for a, b in pairwise(cells)]
    edges = [cells[0].left(), HUNDRED_THOUSAND.width_px - cells[-1].right() - 1]
    assert max(gaps + edges) - min(gaps + edges) <= 1


def test_whole_lines_keep_their_column() -> None:
    grid = Grid(17, 5 * 24 + 4, QSize(20, 20))
    assert grid.columns == 5
    assert grid.moved(3, 5) == 8
    assert grid.moved(13, 5) == 16  # the last line is short
    assert grid.moved(8, -10) == 3  # a page up, and the top is reached
    assert grid.moved(3, 100) == 16
    assert [grid.moved(row, -row) for row in range(17)] == [0] * 17  # Home
    assert [grid.moved(row, 17) for row in range(17)] == [16] * 17  # End
