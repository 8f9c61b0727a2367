"""Choosing pictures: by mouse and keys, one, many or all, and what is asked for them then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gallery_pictures import make_library, make_picture, tell
from gallery_views import (
    COLUMNS,
    LEFT,
    NO_KEYS,
    Show,
    center,
    click,
    drag,
    go_to,
    model_of,
    press,
    show_library,
)
from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.ui.gallery.thumbnails import Thumbnails
from pixelcraft_desktop.ui.library import Library


@pytest.fixture
def show(qtbot: QtBot, tmp_path: Path) -> Iterator[Show]:
    """Show a library in a view of five columns and about three lines."""
    thumbnails = Thumbnails(tmp_path)
    yield lambda library: show_library(qtbot, thumbnails, library)
    thumbnails.stop()


def test_shift_and_ctrl_select(show: Show, qtbot: QtBot) -> None:
    view = show(make_library(60))
    click(view, 3)
    click(view, 12, keys=Qt.KeyboardModifier.ShiftModifier)
    assert view.selected_ids() == list(range(4, 14))
    click(view, 5, keys=Qt.KeyboardModifier.ControlModifier)
    assert view.selected_ids() == [4, 5, *range(7, 14)]
    click(view, 7)
    assert view.selected_ids() == [8]
    QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert view.selected_ids() == list(range(8, 14))
    QTest.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert view.selected_ids() == [7, 8]


def test_shift_selects_what_lies_out_of_view(show: Show, qtbot: QtBot) -> None:
    view = show(make_library(5_000))
    click(view, 1)
    QTest.keyClick(view, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    assert view.selected_ids() == list(range(2, 5_001))


def test_a_rubber_band_selects_what_it_touches(show: Show) -> None:
    view = show(make_library(60))
    start = view.visualRect(model_of(view).index(0)).topLeft() - QPoint(3, 3)
    drag(view, start, start + QPoint(60, 60), center(view, COLUMNS + 1))
    assert view.selected_ids() == [1, 2, COLUMNS + 1, COLUMNS + 2]
    drag(view, start, center(view, 0), center(view, 2 * COLUMNS - 1))
    assert view.selected_ids() == list(range(1, 2 * COLUMNS + 1))
    with_band = view.grab().toImage()
    press(view, QEvent.Type.MouseButtonRelease, center(view, 2 * COLUMNS - 1))
    assert view.grab().toImage() != with_band
    drag(view, start)
    press(view, QEvent.Type.MouseButtonRelease, start)
    assert view.selected_ids() == []


def test_a_rubber_band_pulls_the_view_along(show: Show, qtbot: QtBot) -> None:
    view = show(make_library(1_000))
    start = view.visualRect(model_of(view).index(0)).topLeft() - QPoint(3, 3)
    below = QPoint(view.viewport().width() - 1, view.viewport().height() + 40)
    QCursor.setPos(view.viewport().mapToGlobal(below))
    drag(view, start, start + QPoint(30, 30), below)
    qtbot.waitUntil(lambda: view.verticalOffset() > 500)
    press(view, QEvent.Type.MouseButtonRelease, below)
    chosen = view.selected_ids()
    assert chosen == list(range(1, len(chosen) + 1))
    assert len(chosen) > 5 * COLUMNS
    value = view.verticalOffset()
    qtbot.wait(100)
    assert view.verticalOffset() < value + 40  # the picture released on may be brought into view


def test_all_of_100_000_are_one_range(show: Show, qtbot: QtBot) -> None:
    view = show(make_library(100_000))
    told: list[int] = []
    view.selection_changed.connect(lambda: told.append(1))
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert view.selectionModel().selection().count() == 1
    assert len(view.selected_ids()) == 100_000
    assert told == [1]
    region = view.visualRegionForSelection(view.selectionModel().selection())
    assert region.rectCount() <= len(view.rows_on_screen())


def test_opens_by_double_click_and_enter(show: Show, qtbot: QtBot) -> None:
    view = show(make_library(10))
    opened: list[int] = []
    view.opened.connect(opened.append)
    click(view, 3)
    QTest.mouseDClick(view.viewport(), LEFT, NO_KEYS, center(view, 3))
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Return)
    QTest.keyClick(view, Qt.Key.Key_Enter)
    assert opened == [4, 5, 5]


def test_a_dragged_cell_asks_for_a_drag(show: Show, qtbot: QtBot) -> None:
    view = show(make_library(10))
    click(view, 1)
    click(view, 2, keys=Qt.KeyboardModifier.ControlModifier)
    start = center(view, 2)
    with qtbot.waitSignal(view.drag_requested):
        drag(view, start, start + QPoint(2, 0), start + QPoint(40, 0))
    assert view.selected_ids() == [2, 3]
    press(view, QEvent.Type.MouseButtonRelease, start)


def test_the_menu_key_asks_at_the_current_picture(show: Show, qtbot: QtBot) -> None:
    view = show(make_library(10))
    view.setCurrentIndex(model_of(view).index(4))
    reason = QContextMenuEvent.Reason.Keyboard
    with qtbot.waitSignal(view.context_menu_requested) as asked:
        QApplication.sendEvent(view.viewport(), QContextMenuEvent(reason, QPoint(), QPoint()))
    assert asked.args == [view.viewport().mapToGlobal(center(view, 4))]


def test_a_selection_lives_on_while_rows_come_and_go(show: Show) -> None:
    library = Library()
    tell(library, (make_picture(number) for number in range(10, 200, 10)))
    view = show(library)
    go_to(view, 50)
    selection, model = view.selectionModel(), model_of(view)
    selection.select(model.index(9), QItemSelectionModel.SelectionFlag.Select)
    assert view.selected_ids() == [50, 100]
    tell(library, [make_picture(5), make_picture(55)], gone=[100, 10, 20])
    assert view.selected_ids() == [50]
    assert model.picture_at(view.currentIndex().row()).id == 50
    tell(library, gone=range(0, 200))
    assert view.selected_ids() == []
    assert not view.currentIndex().isValid()
