"""The failed panel: what people click, press and read in it, and what it asks for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from failed_pictures import FAILED, JOB, picture, tell
from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, QRect, Qt
from PySide6.QtGui import (
    QAccessible,
    QContextMenuEvent,
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.catalog.news import News
from pixelcraft_desktop.model import Cause, State
from pixelcraft_desktop.ui.failures.actions import (
    ACTIONS,
    COPY_DETAILS,
    REMOVE,
    RETRY,
    SALVAGE,
    SHOW_IN_FOLDER,
    Action,
)
from pixelcraft_desktop.ui.failures.panel import FailedPanel
from pixelcraft_desktop.ui.failures.parts import parts_of, row_height_px
from pixelcraft_desktop.ui.failures.row import Words
from pixelcraft_desktop.ui.failures.view import FailedList
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.theme import DARK, LIGHT, Appearance
from pixelcraft_desktop.ui.words import failure_sentence

# The offscreen platform says so of windows with a layout, and of menus and tool tips.
pytestmark = pytest.mark.qt_log_ignore(
    "This plugin does not support (propagateSizeHints|raise|grabbing the keyboard)"
)

Key = Qt.Key
MakePanel = Callable[[Library], FailedPanel]
Asked = list[tuple[str, object]]


@pytest.fixture
def library() -> Library:
    """A library without pictures."""
    return Library()


@pytest.fixture
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    """The program in light colours."""
    appearance = Appearance(qapp, "light")
    yield appearance
    appearance.choose("light")
    qapp.styleHints().colorSchemeChanged.disconnect(appearance._follow)


@pytest.fixture
def make_panel(qtbot: QtBot, appearance: Appearance) -> MakePanel:
    """Show the panel of a library, as wide as in a window of 1100 px."""

    def make(library: Library) -> FailedPanel:
        panel = FailedPanel(library, appearance)
        qtbot.addWidget(panel)
        panel.resize(1100, 700)
        with qtbot.waitExposed(panel):
            panel.show()
        panel.activateWindow()
        panel.take_keyboard()
        QApplication.processEvents()
        # The offscreen pointer is still where the last test left it.
        QApplication.sendEvent(rows_of(panel).viewport(), QEvent(QEvent.Type.Leave))
        return panel

    return make


@pytest.fixture
def panel(library: Library, make_panel: MakePanel) -> FailedPanel:
    """The panel with pictures 1 to 5."""
    tell(library, 1, 2, 3, 4, 5)
    return make_panel(library)


@pytest.fixture
def asked(panel: FailedPanel) -> Asked:
    """What the panel asks for, as it comes."""
    asked: Asked = []
    panel.retry_requested.connect(lambda ids: asked.append(("retry", ids)))
    panel.salvage_requested.connect(lambda ids: asked.append(("salvage", ids)))
    panel.retry_all_requested.connect(lambda: asked.append(("retry all", None)))
    panel.removal_requested.connect(lambda ids: asked.append(("remove", ids)))
    panel.details_requested.connect(lambda ids: asked.append(("details", ids)))
    panel.folder_requested.connect(lambda image_id: asked.append(("folder", image_id)))
    return asked


def rows_of(panel: FailedPanel) -> FailedList:
    view = panel.findChild(FailedList)
    assert view is not None
    return view


def choose(panel: FailedPanel, *rows: int) -> None:
    """Select these rows; the last becomes the current one."""
    view = rows_of(panel)
    flags = QItemSelectionModel.SelectionFlag
    view.clearSelection()
    for row in rows:
        view.selectionModel().setCurrentIndex(view.model().index(row, 0), flags.Select)


def chosen(panel: FailedPanel) -> tuple[list[int], int]:
    """Return the selected ids and the current row."""
    view = rows_of(panel)
    is_any = view.selectionModel().hasSelection()
    return view.chosen_ids() if is_any else [], view.currentIndex().row()


def button_rect(panel: FailedPanel, row: int, action: Action) -> QRect:
    view = rows_of(panel)
    cell = view.visualRect(view.model().index(row, 0))
    buttons = parts_of(cell, view.font(), view.layoutDirection()).buttons
    return next(button.rect for button in buttons if button.action is action)


def click(panel: FailedPanel, row: int, action: Action) -> None:
    place = button_rect(panel, row, action).center()
    QTest.mouseClick(rows_of(panel).viewport(), Qt.MouseButton.LeftButton, pos=place)


def press(panel: FailedPanel, key: Key, held: Qt.KeyboardModifier | None = None) -> None:
    QTest.keyClick(rows_of(panel), key, held or Qt.KeyboardModifier.NoModifier)


def tip_at(panel: FailedPanel, place: QPoint) -> str:
    viewport = rows_of(panel).viewport()
    event = QHelpEvent(QEvent.Type.ToolTip, place, viewport.mapToGlobal(place))
    QApplication.sendEvent(viewport, event)
    return QToolTip.text()


def open_menu(panel: FailedPanel) -> QMenu:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (SALVAGE, ("salvage", [JOB + 3])),
        (RETRY, ("retry", [JOB + 3])),
        (SHOW_IN_FOLDER, ("folder", 3)),
        (COPY_DETAILS, ("details", [3])),
        (REMOVE, ("remove", [3])),
    ],
    ids=lambda value: value.text if isinstance(value, Action) else "",
)
def test_a_button_is_about_its_own_row(
    panel: FailedPanel, asked: Asked, action: Action, expected: tuple[str, object]
) -> None:
    choose(panel, 0, 1)
    click(panel, 2, action)
    assert asked == [expected]
    assert chosen(panel) == ([1, 2], 1)


def test_a_button_let_go_elsewhere_does_nothing(panel: FailedPanel, asked: Asked) -> None:
    viewport, left = rows_of(panel).viewport(), Qt.MouseButton.LeftButton
    retry, other = (button_rect(panel, row, RETRY).center() for row in (1, 2))
    QTest.mousePress(viewport, left, pos=retry)
    QTest.mouseMove(viewport, other)
    QTest.mouseRelease(viewport, left, pos=other)
    QTest.mousePress(viewport, left, pos=QPoint(200, other.y()))
    QTest.mouseRelease(viewport, left, pos=other)
    assert asked == []
    click(panel, 2, RETRY)
    assert asked == [("retry", [JOB + 3])]


def test_a_double_click_on_a_button_acts_once(
    panel: FailedPanel, asked: Asked, library: Library
) -> None:
    viewport, left = rows_of(panel).viewport(), Qt.MouseButton.LeftButton
    place = button_rect(panel, 1, REMOVE).center()
    QTest.mouseClick(viewport, left, pos=place)
    library.take_in(News(gone=[2]))
    QTest.mouseDClick(viewport, left, pos=place)
    assert asked == [("remove", [2])]


@pytest.mark.parametrize(
    ("key", "held", "expected"),
    [
        (Key.Key_R, None, ("retry", [JOB + 2, JOB + 4])),
        (Key.Key_Return, None, ("retry", [JOB + 2, JOB + 4])),
        (Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier, ("retry", [JOB + 2, JOB + 4])),
        (Key.Key_S, None, ("salvage", [JOB + 2, JOB + 4])),
        (Key.Key_Delete, None, ("remove", [2, 4])),
        (Key.Key_C, Qt.KeyboardModifier.ControlModifier, ("details", [2, 4])),
    ],
)
def test_keys_are_about_all_that_is_selected(
    panel: FailedPanel,
    asked: Asked,
    key: Key,
    held: Qt.KeyboardModifier | None,
    expected: tuple[str, object],
) -> None:
    choose(panel, 3, 1)
    press(panel, key, held)
    assert asked == [expected]


def test_arrows_reach_every_row(panel: FailedPanel, asked: Asked) -> None:
    choose(panel, 0)
    for _ in range(4):
        press(panel, Key.Key_Down)
    press(panel, Key.Key_R)
    assert asked == [("retry", [JOB + 5])]
    press(panel, Key.Key_Home)
    press(panel, Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    press(panel, Key.Key_Delete)
    assert asked[1:] == [("remove", [1, 2])]


def test_other_letters_do_nothing(panel: FailedPanel, asked: Asked) -> None:
    choose(panel, 3)
    press(panel, Key.Key_I)
    press(panel, Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert asked == []
    assert chosen(panel) == ([4], 3)


def test_the_windows_own_keys_stand_back(panel: FailedPanel, asked: Asked) -> None:
    taken: list[str] = []
    shortcut = QShortcut(QKeySequence(Key.Key_Delete), panel)
    shortcut.activated.connect(lambda: taken.append("window"))
    choose(panel, 0)
    event = QKeyEvent(QEvent.Type.ShortcutOverride, Key.Key_Delete, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    QApplication.sendEvent(rows_of(panel), event)
    assert event.isAccepted()
    press(panel, Key.Key_Delete)
    assert (asked, taken) == ([("remove", [1])], [])


def test_a_retried_picture_leaves_and_the_next_is_chosen(
    panel: FailedPanel, asked: Asked, library: Library
) -> None:
    choose(panel, 1)
    for image_id in (2, 3, 4, 5, 1):
        press(panel, Key.Key_R)
        assert asked[-1] == ("retry", [JOB + image_id])
        tell(library, image_id, state=State.WAITING)
    assert rows_of(panel).model().rowCount() == 0
    press(panel, Key.Key_R)
    assert len(asked) == 5


def test_several_leave_together_and_the_next_is_chosen(
    panel: FailedPanel, library: Library
) -> None:
    choose(panel, 0, 3, 1)
    tell(library, 1, 2, 4, state=State.WAITING)
    assert chosen(panel) == ([3], 0)


def test_what_stays_selected_stays_so(panel: FailedPanel, library: Library) -> None:
    choose(panel, 0, 3)
    tell(library, 4, state=State.WAITING)
    assert chosen(panel) == ([1], 3)


def test_without_a_selection_none_is_made(panel: FailedPanel, library: Library) -> None:
    rows_of(panel).clearSelection()
    rows_of(panel).setCurrentIndex(rows_of(panel).model().index(2, 0))
    rows_of(panel).clearSelection()
    tell(library, 3, state=State.WAITING)
    assert chosen(panel) == ([], 2)


def test_a_picture_that_fails_again_comes_back_to_its_place(
    panel: FailedPanel, library: Library
) -> None:
    choose(panel, 1)
    tell(library, 2, state=State.WAITING)
    tell(library, 2)
    assert chosen(panel) == ([3], 2)


@pytest.mark.parametrize(
    ("key", "held"),
    [(Key.Key_Menu, None), (Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)],
)
def test_the_menu_has_every_action(
    panel: FailedPanel, asked: Asked, key: Key, held: Qt.KeyboardModifier | None
) -> None:
    choose(panel, 1, 3)
    press(panel, key, held)
    menu = open_menu(panel)
    assert [item.text() for item in menu.actions()] == [action.text for action in ACTIONS]
    for item in menu.actions():
        item.trigger()
    menu.close()
    assert asked == [
        ("salvage", [JOB + 2, JOB + 4]),
        ("retry", [JOB + 2, JOB + 4]),
        ("folder", 4),
        ("details", [2, 4]),
        ("remove", [2, 4]),
    ]


def test_the_menu_stays_with_the_pictures_it_was_opened_for(
    panel: FailedPanel, asked: Asked, library: Library
) -> None:
    choose(panel, 1)
    press(panel, Key.Key_Menu)
    menu = open_menu(panel)
    tell(library, 2, state=State.WAITING)
    menu.actions()[-1].trigger()
    menu.close()
    assert asked == [("remove", [2])]


def test_the_pointers_menu_is_about_the_row_under_it(panel: FailedPanel) -> None:
    viewport = rows_of(panel).viewport()
    for place in (QPoint(300, viewport.height() - 2), button_rect(panel, 2, RETRY).center()):
        QTest.mouseClick(viewport, Qt.MouseButton.RightButton, pos=place)
        event = QContextMenuEvent(
            QContextMenuEvent.Reason.Mouse, place, viewport.mapToGlobal(place)
        )
        QApplication.sendEvent(viewport, event)
    menu = open_menu(panel)
    assert chosen(panel) == ([3], 2)
    menu.close()


def test_the_header_counts_and_retries_all(
    panel: FailedPanel, asked: Asked, library: Library
) -> None:
    titles = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert titles == ["5 pictures failed"]
    button = panel.findChild(QPushButton)
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked == [("retry all", None)]
    tell(library, 1, 2, 3, 4, state=State.WAITING)
    titles = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert titles == ["1 picture failed"]


def test_nothing_failed(panel: FailedPanel, library: Library) -> None:
    tell(library, 1, 2, 3, 4, 5, state=State.WAITING)
    assert not rows_of(panel).isVisible()
    words = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert "Nothing failed." in words
    tell(library, 9)
    assert rows_of(panel).isVisible()


@pytest.mark.parametrize("width_px", [320, 480, 640, 740, 900, 1100, 1600])
@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
def test_parts_never_overlap(
    panel: FailedPanel, width_px: int, direction: Qt.LayoutDirection
) -> None:
    row = QRect(12, 40, width_px, row_height_px(panel.font(), width_px))
    parts = parts_of(row, panel.font(), direction)
    rects = [parts.glyph, parts.name, *(button.rect for button in parts.buttons)]
    ordered = sorted(rects, key=lambda rect: rect.left())
    assert ordered == (rects if direction is Qt.LayoutDirection.LeftToRight else rects[::-1])
    assert all(row.contains(rect) for rect in (*rects, parts.reason) if rect.width())
    assert all(a.right() < b.left() for a, b in pairwise(ordered))
    assert not any(parts.reason.intersects(rect) for rect in rects)


# The longest that holds no name of the user's, and one with a folder of some length.
LONG_REASONS = (
    "This Camera RAW picture has only a preview of 160 × 120 inside, too small to show.",
    "The file is no longer at …/Pictures/2024/Summer in the mountains/Unsorted/Camera 2.",
)


@pytest.mark.parametrize("width_px", [640, 900, 1300])
@pytest.mark.parametrize("message", LONG_REASONS)
def test_reasons_are_whole_in_every_window(
    library: Library, make_panel: MakePanel, width_px: int, message: str
) -> None:
    library.take_in(News([replace(FAILED, id=1, message=message)]))
    panel = make_panel(library)
    panel.resize(width_px - 188, 300)  # beside the sections
    QApplication.processEvents()
    view = rows_of(panel)
    cell = view.visualRect(view.model().index(0, 0))
    parts = parts_of(cell, view.font(), view.layoutDirection())
    metrics = QFontMetrics(view.font())
    words = Words(message, view.font(), LIGHT.text)
    lines = words.wrapped(parts.reason.width())
    assert " ".join(line.text for line in lines) == message
    assert all(line.width_px() <= parts.reason.width() for line in lines)
    assert cell.height() >= 3 * metrics.height()


def test_a_reason_without_spaces_is_wrapped_too(panel: FailedPanel) -> None:
    words = Words("W" * 60, panel.font(), LIGHT.text)
    lines = words.wrapped(words.width_px() * 2 // 3)
    assert "".join(line.text for line in lines) == "W" * 60
    assert len(lines) == 2


def test_buttons_lose_their_words_from_the_last(panel: FailedPanel) -> None:
    def words(width_px: int) -> list[str]:
        row = QRect(0, 0, width_px, row_height_px(panel.font(), width_px))
        buttons = parts_of(row, panel.font(), Qt.LayoutDirection.LeftToRight).buttons
        return [button.action.text for button in buttons if button.has_words]

    assert words(1600) == [action.text for action in ACTIONS]
    assert words(1080) == ["Save what is readable", "Retry"]
    assert words(670) == ["Save what is readable"]
    assert words(400) == []


def test_only_damaged_pictures_can_be_salvaged(
    panel: FailedPanel, asked: Asked, library: Library
) -> None:
    lost = [
        replace(picture(image_id), cause=Cause.SOURCE_MISSING, message="The file is gone.")
        for image_id in (2, 3)
    ]
    library.take_in(News(lost))
    view = rows_of(panel)
    cells = [view.visualRect(view.model().index(row, 0)) for row in range(3)]
    actions = [action for action in ACTIONS if action is not SALVAGE]
    with_all = parts_of(cells[0], view.font(), view.layoutDirection())
    without = parts_of(cells[1], view.font(), view.layoutDirection(), actions)
    # Buttons of the same action stand in line, and text has the room of the one that is not there.
    assert [b.rect.left() for b in without.buttons] == [b.rect.left() for b in with_all.buttons[1:]]
    assert without.name.right() > with_all.name.right()
    click(panel, 1, SALVAGE)  # where it would be
    assert asked == []
    choose(panel, 1, 2)
    press(panel, Key.Key_S)
    assert asked == []
    choose(panel, 0, 1)
    press(panel, Key.Key_S)
    assert asked == [("salvage", [JOB + 1])]
    choose(panel, 2)
    press(panel, Key.Key_Menu)
    menu = open_menu(panel)
    assert [item.text() for item in menu.actions()] == [action.text for action in actions]
    menu.close()


def test_what_was_sought_in_vain_is_not_offered_again(
    panel: FailedPanel, asked: Asked, library: Library
) -> None:
    library.take_in(News([replace(picture(2), is_unreadable=True)]))
    choose(panel, 0, 1)
    press(panel, Key.Key_S)
    assert asked == [("salvage", [JOB + 1])]
    told = library.picture(2)
    assert told is not None
    assert failure_sentence(told) == f"{told.message} Nothing of it could be read."


def test_tool_tips_name_the_buttons(panel: FailedPanel) -> None:
    for action in ACTIONS:
        assert action.tip in tip_at(panel, button_rect(panel, 1, action).center())


def test_a_row_lights_up_under_the_pointer(panel: FailedPanel) -> None:
    viewport = rows_of(panel).viewport()
    place = button_rect(panel, 1, REMOVE)
    spot = place.topLeft() + QPoint(6, 6)
    resting = panel.grab().toImage()
    QTest.mouseMove(viewport, place.center())
    pointed = viewport.grab().toImage()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=place.center())
    held = viewport.grab().toImage()
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=place.center())
    QApplication.sendEvent(viewport, QEvent(QEvent.Type.Leave))
    left = viewport.grab().toImage()
    colours = [image.pixelColor(spot).name() for image in (pointed, held, left)]
    assert len(set(colours)) == 3
    assert held.pixelColor(spot).name() == LIGHT.line.name()
    assert left.pixelColor(spot).name() == LIGHT.base.name()
    assert not resting.isNull()


def test_the_theme_changes_at_once(panel: FailedPanel, appearance: Appearance) -> None:
    spot = button_rect(panel, 1, REMOVE).topLeft() + QPoint(6, 6)
    appearance.choose("dark")
    assert rows_of(panel).viewport().grab().toImage().pixelColor(spot) == DARK.base


def test_screen_readers_hear_every_row(panel: FailedPanel) -> None:
    heard = QAccessible.queryAccessibleInterface(rows_of(panel))
    assert heard.text(QAccessible.Text.Name) == "Failed pictures"
    assert "Delete" in heard.text(QAccessible.Text.Description)
    assert heard.childCount() == 5
    row = heard.child(1)
    assert row.text(QAccessible.Text.Name) == (
        "IMG_0002.jpg, The picture is damaged: it ends at 41 %, 1 attempt"
    )
    assert "S saves what is readable" in row.text(QAccessible.Text.Description)
    assert "R tries again" in row.text(QAccessible.Text.Description)


def hostile_paths(folder: Path) -> list[bytes]:
    fifo = folder / "fifo"
    os.mkfifo(fifo)
    here = os.fsencode(folder)
    return [
        here + b"/<img src='" + os.fsencode(fifo).replace(b"/", b"&#47;") + b"'>.jpg",
        here + b'/<img src="fifo"><b>bold</b>&amp;.jpg',
        b"/<img src='" + os.fsencode(fifo) + b"'>/a.jpg",
        here + "/\u202egpj.exe".encode(),
        here + b"/two\nlines\r\x00\x1b[31m.jpg",
        here + b"/not utf-8 \xff\xfe.jpg",
        here + b"/" + b"n" * 10_000 + b".jpg",
        here + b"/" + "e\u0301\u0302".encode() * 3000,
    ]


def test_hostile_names_are_only_names(
    library: Library, make_panel: MakePanel, tmp_path: Path
) -> None:
    paths = hostile_paths(tmp_path)
    library.take_in(
        News(
            [
                replace(picture(number, path=path), message=path.decode(errors="replace"))
                for number, path in enumerate(paths)
            ]
        )
    )
    panel = make_panel(library)
    started = time.monotonic()
    assert not panel.grab().isNull()
    for row in range(len(paths)):
        cell = rows_of(panel).visualRect(rows_of(panel).model().index(row, 0))
        tip = tip_at(panel, cell.topLeft() + QPoint(100, 20))
        assert tip.count("<") == 4  # a paragraph of three lines, and no mark-up of theirs
        QToolTip.hideText()
    assert time.monotonic() - started < 5


def test_long_words_stay_out_of_the_buttons(library: Library, make_panel: MakePanel) -> None:
    current, short = replace(FAILED, id=1), replace(FAILED, id=2, message=".")
    long_path = b"/" + b"W" * 9000 + b"/" + b"W" * 9000
    long = replace(FAILED, id=3, path=long_path, message="W" * 9000)
    library.take_in(News([current, short, long]))
    panel = make_panel(library)
    view = rows_of(panel)
    for width_px in (900, 480):
        panel.resize(width_px, 400)
        shown = view.viewport().grab().toImage()
        areas = []
        for row in (1, 2):
            cell = view.visualRect(view.model().index(row, 0))
            button = button_rect(panel, row, RETRY)
            cell = QRect(button.topLeft(), QPoint(cell.right(), button.bottom()))
            areas.append(pixels(shown.copy(cell)))
        assert areas[0] == areas[1]


def pixels(image: QImage) -> bytes:
    return bytes(image.convertToFormat(QImage.Format.Format_RGB32).constBits())


def test_20_000_rows_are_smooth(library: Library, make_panel: MakePanel) -> None:
    tell(library, *range(0, 40_000, 2))
    panel = make_panel(library)
    view = rows_of(panel)
    choose(panel, 10_000)
    steps: list[Callable[[], object]] = [
        lambda: tell(library, 20_000, state=State.WAITING),
        lambda: tell(library, 20_000),
        lambda: press(panel, Key.Key_End),
        lambda: press(panel, Key.Key_PageUp),
        lambda: panel.resize(900, 600),
        view.selectAll,
        lambda: tell(library, *range(0, 1000, 2), state=State.WAITING),
    ]
    for step in steps:
        started = time.perf_counter()
        step()
        QApplication.processEvents()
        view.viewport().repaint()
        # Ten times what it takes; a list that lays out every row is far above.
        assert time.perf_counter() - started < 0.2
    assert len(chosen(panel)[0]) == 19_500
