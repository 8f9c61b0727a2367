"""The view: cells and points, keys, and staying put while rows come and go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from gallery_pictures import make_library, make_picture, save_thumbnail, tell
from gallery_views import (
    COLUMNS,
    Show,
    center,
    go_to,
    model_of,
    show_library,
)
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAccessible, QPaintEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.model import Cause, State
from pixelcraft_desktop.ui.gallery.model import GalleryModel
from pixelcraft_desktop.ui.gallery.thumbnails import Thumbnails
from pixelcraft_desktop.ui.gallery.view import GalleryView
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.theme import DARK


@pytest.fixture
def show(qtbot: QtBot, tmp_path: Path) -> Iterator[Show]:
    """Show a library in a view of five columns and about three lines."""
    thumbnails = Thumbnails(tmp_path)
    yield lambda library: show_library(qtbot, thumbnails, library)
    thumbnails.stop()


class Painted(QObject):
    """Adds up the areas that a widget is asked to paint."""

    def __init__(self, view: GalleryView) -> None:
        super().__init__()
        self.areas: list[object] = []
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.areas.append(event.rect().getRect())
        return False


def test_where_no_pictures_are_it_says_so(show: Show) -> None:
    def colours_in_the_middle(view: GalleryView) -> int:
        middle = view.viewport().rect().center()
        image = view.viewport().grab().toImage()
        across = range(middle.x() - 40, middle.x() + 40)
        down = range(middle.y() - 5, middle.y() + 5)
        return len({image.pixel(x, y) for x in across for y in down})

    library = make_library(0)
    view = show(library)
    assert colours_in_the_middle(view) > 5
    tell(library, [make_picture(1)])  # far above the middle
    view.viewport().repaint()
    assert colours_in_the_middle(view) == 1


def test_cells_are_where_they_are_found(show: Show) -> None:
    view = show(make_library(1_000))
    for value in (0, 100, 12_345, view.verticalScrollBar().maximum()):
        view.verticalScrollBar().setValue(value)
        rows = view.rows_on_screen()
        assert 2 * COLUMNS <= len(rows) <= 5 * COLUMNS
        for row in rows:
            assert view.indexAt(center(view, row)).row() == row
    assert rows.stop == 1_000


def test_an_empty_library(show: Show, qtbot: QtBot) -> None:
    view = show(Library())
    assert view.rows_on_screen() == range(0)
    assert not view.indexAt(QPoint(100, 100)).isValid()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_Return, Qt.Key.Key_A):
        QTest.keyClick(view, key)
    view.selectAll()
    view.grab()
    assert view.selected_ids() == []


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        (["Right", "Right", "Left"], 1),
        (["Down", "Down", "Up"], COLUMNS),
        (["Left"], 0),
        (["Up"], 0),
        (["End"], 52),
        (["End", "Right"], 52),
        (["End", "Up", "Right", "Right", "Down"], 52),
        (["Right", "End", "Home"], 0),
        (["Right", "PageDown"], 1 + 3 * COLUMNS),
        (["Right", "PageDown", "PageUp"], 1),
        (["PageDown"] * 9, 50),
    ],
)
def test_keys_move_the_current_picture(show: Show, qtbot: QtBot, keys: list[str], row: int) -> None:
    view = show(make_library(53))
    view.setCurrentIndex(model_of(view).index(0))
    for key in keys:
        QTest.keyClick(view, Qt.Key[f"Key_{key}"])
    assert view.currentIndex().row() == row
    assert view.selected_ids() == [row + 1]
    assert row in view.rows_on_screen()


def test_keys_are_mirrored_with_the_grid(show: Show, qtbot: QtBot) -> None:
    view = show(make_library(20))
    view.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert center(view, 0).x() > center(view, 1).x()
    view.setCurrentIndex(model_of(view).index(0))
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.currentIndex().row() == 1


def test_typing_finds_a_name(show: Show, qtbot: QtBot) -> None:
    library = make_library(300)
    tell(library, [make_picture(250, path=b"/photos/zebra.jpg")])
    view = show(library)
    QTest.keyClicks(view, "ze")
    assert view.currentIndex().row() == 249
    assert 249 in view.rows_on_screen()


def test_a_screen_reader_finds_every_picture(show: Show, qtbot: QtBot) -> None:
    library = make_library(1_000)
    view = show(library)
    QAccessible.setActive(True)
    try:
        spoken = QAccessible.queryAccessibleInterface(view)
        assert spoken.text(QAccessible.Text.Name) == "Pictures"
        assert spoken.childCount() == 1_000
        assert spoken.child(499).text(QAccessible.Text.Name) == "IMG_0500.jpg, Waiting"
        assert spoken.child(1).rect() == view.visualRect(model_of(view).index(1)).translated(
            view.viewport().mapToGlobal(QPoint())
        )
        tell(library, [make_picture(7, state=State.COMPLETED, notes=("cmyk", "frames:3"))])
        said = "Converted from CMYK; 3 frames, first shown"
        assert spoken.child(6).text(QAccessible.Text.Description) == said
        QTest.keyClick(view, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
        assert spoken.focusChild().text(QAccessible.Text.Name).startswith("IMG_1000")
        tell(library, [make_picture(3, state=State.ACTIVE), make_picture(2_000)], gone=[1, 2])
        assert spoken.childCount() == 999
        assert "Active" in spoken.child(0).text(QAccessible.Text.Name)
    finally:
        QAccessible.setActive(False)


def test_100_000_are_asked_for_no_more_than_is_seen(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    original = GalleryModel.data

    def counting(model: GalleryModel, index: Any, role: int = 0) -> Any:
        asked.append(index.row())
        return original(model, index, role)

    monkeypatch.setattr(GalleryModel, "data", counting)
    library = make_library(100_000)
    view = show(library)
    view.verticalScrollBar().setValue(1_000_000)
    view.resize(900, 600)
    tell(library, (make_picture(number) for number in range(100_001, 101_001)))
    view.grab()
    assert 0 < len(asked) < 500


def test_only_what_changed_and_is_seen_is_painted(show: Show, qtbot: QtBot) -> None:
    library = make_library(1_000)
    view = show(library)
    view.grab()
    qtbot.wait(50)
    painted = Painted(view)
    tell(library, (make_picture(n, state=State.ACTIVE) for n in (2, 500, 501, 900)))
    qtbot.waitUntil(lambda: bool(painted.areas))
    qtbot.wait(50)
    assert set(painted.areas) == {view.visualRect(model_of(view).index(1)).getRect()}


def test_the_first_line_in_view_stays_where_it_is(show: Show, qtbot: QtBot) -> None:
    library = Library()
    tell(library, (make_picture(number) for number in range(1_000, 2_000)))
    view = show(library)
    go_to(view, 1_500)
    first = view.rows_on_screen().start
    image_id = model_of(view).picture_at(first).id

    def place() -> int:
        row = model_of(view).row_of(image_id)
        assert row is not None
        return view.visualRect(model_of(view).index(row)).top()

    before = place()
    tell(library, (make_picture(number) for number in range(1, 123)))
    assert place() == before
    tell(library, gone=range(50, 1_104))
    assert place() == before
    view.resize(620, 700)
    assert place() == before
    view.resize(1_000, 700)
    assert place() == before
    tell(library, gone=[image_id])
    assert view.rows_on_screen().start == model_of(view).row_from(image_id) // COLUMNS * COLUMNS


def test_at_the_top_it_stays_at_the_top(show: Show) -> None:
    library = Library()
    tell(library, (make_picture(number) for number in range(1_000, 2_000)))
    view = show(library)
    tell(library, (make_picture(number) for number in range(1, 100)))
    assert view.rows_on_screen().start == 0


def test_another_filter_begins_at_the_top(show: Show) -> None:
    library = make_library(1_000)
    view = show(library)
    go_to(view, 900)
    model_of(view).show_states(frozenset({State.WAITING}))
    assert view.rows_on_screen().start == 0
    model_of(view).show_states(frozenset({State.ACTIVE}))
    assert view.rows_on_screen() == range(0)


def test_scrolls_no_further_than_needed(show: Show) -> None:
    view = show(make_library(1_000))
    bar, model = view.verticalScrollBar(), model_of(view)
    view.scrollTo(model.index(2))
    assert bar.value() == 0
    view.scrollTo(model.index(500))
    assert view.viewport().rect().contains(view.visualRect(model.index(500)))
    value = bar.value()
    view.scrollTo(model.index(495))
    assert bar.value() == value
    view.scrollTo(model.index(100), view.ScrollHint.PositionAtTop)
    assert view.rows_on_screen().start == 100


def test_tells_what_is_visible(show: Show, qtbot: QtBot) -> None:
    library = make_library(1_000)
    view = show(library)
    with qtbot.waitSignal(view.visible_changed) as told:
        pass
    assert told.args == [[row + 1 for row in view.rows_on_screen()]]
    heard: list[list[int]] = []
    view.visible_changed.connect(heard.append)
    with qtbot.waitSignal(view.visible_changed) as told:
        for value in range(0, 20_000, 50):
            view.verticalScrollBar().setValue(value)
    assert told.args == [[row + 1 for row in view.rows_on_screen()]]
    assert len(heard) == 1
    go_to(view, 1)
    with qtbot.waitSignal(view.visible_changed):
        tell(library, gone=[1])


def test_shows_a_thumbnail_once_it_is_read(show: Show, qtbot: QtBot, tmp_path: Path) -> None:
    library = make_library(3)
    view = show(library)
    save_thumbnail(tmp_path, "t.webp", "lime")
    waiting = library.picture(2)
    assert waiting is not None
    tell(library, [replace(waiting, thumbnail="t.webp", state=State.COMPLETED)])

    def is_green() -> bool:
        place = center(view, 1) - QPoint(0, 30)
        return view.viewport().grab().toImage().pixelColor(place).name() == "#00ff00"

    qtbot.waitUntil(is_green)


def test_wears_another_theme(show: Show) -> None:
    view = show(make_library(3))
    before = view.grab().toImage()
    view.set_theme(DARK)
    assert view.grab().toImage() != before


def test_seconds_are_counted_down_only_while_any_are_seen(show: Show, qtbot: QtBot) -> None:
    library = make_library(1_000)
    view = show(library)
    view.viewport().repaint()
    assert not view._count_down.isActive()
    run_at = (datetime.now(UTC) + timedelta(seconds=60)).isoformat()
    delayed = make_picture(900, state=State.DELAYED, cause=Cause.OUTPUT_ERROR, run_at=run_at)
    tell(library, [delayed])
    view.viewport().repaint()
    assert not view._count_down.isActive()
    go_to(view, 900)
    view.viewport().repaint()
    assert view._count_down.isActive()
    with qtbot.waitSignal(view.counted_down, timeout=3_000):
        pass
    tell(library, [make_picture(900)])
    view.viewport().repaint()
    qtbot.waitUntil(lambda: not view._count_down.isActive(), timeout=3_000)


def test_what_starts_in_hours_is_not_looked_at_every_second(show: Show) -> None:
    library = make_library(20)
    view = show(library)
    for seconds, interval_ms in ((3 * 3_600, 10_000), (60, 1_000)):
        run_at = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
        tell(library, [make_picture(3, state=State.DELAYED, is_put_off=True, run_at=run_at)])
        view.viewport().repaint()
        assert view._count_down.isActive()
        assert view._count_down.interval() == interval_ms
