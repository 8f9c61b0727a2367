"""Leaving in the middle: what is asked, by whom it is answered, and when nobody is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.catalog.control import Hold
from pixelcraft_desktop.catalog.news import News, QueueFacts, Scan
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.catalog.quitting import QuitWay
from pixelcraft_desktop.model import Cause, State
from pixelcraft_desktop.ui import commands
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.quitting.departure import Departure
from pixelcraft_desktop.ui.quitting.tray import Tray
from pixelcraft_desktop.ui.theme import Appearance
from pixelcraft_desktop.ui.window import Window
from pixelcraft_desktop.ui.wishes import Wishes

pytestmark = pytest.mark.qt_log_ignore(
    "This plugin does not support (propagateSizeHints|raise)",
    "No such signal QPlatformNativeInterface::systemTrayWindowChanged",
    extend=True,
)
_HOLD = Hold(Cause.DISK_FULL, "No space.", 3, "/home", "2026-01-01T00:00:00.000Z")
_SCAN = Scan(1, "Photos", 0, 0, 0)


class Desk:
    """A window over a library, and what leaving it asks for."""

    def __init__(self, window: Window, library: Library) -> None:
        self.window = window
        self.library = library
        self.is_ours = True
        self.is_saving = False
        self.departure = Departure(window, library, lambda: self.is_ours, lambda: self.is_saving)
        self.wishes = Wishes(window, library, Path("/p"), frozenset())
        window.close_requested.connect(self.departure.close_window)
        self.wishes.quit_requested.connect(self.departure.quit)
        self.ends = 0
        self.suspensions: list[bool] = []
        self.ways: list[object] = []
        self.departure.end_requested.connect(self._end)
        self.departure.suspension_requested.connect(self.suspensions.append)
        self.departure.way_chosen.connect(self.ways.append)

    def _end(self) -> None:
        self.ends += 1
        self.departure.settle()

    def clear(self) -> None:
        """Forget everything."""
        self.departure.settle()
        self.hold(queue=QueueFacts())
        self.is_ours, self.is_saving, self.ends = True, False, 0
        self.suspensions.clear()
        self.ways.clear()

    def hold(self, *states: State, queue: QueueFacts | None = None) -> None:
        """Let the library hold one picture in each of these states."""
        pictures = [
            replace(_PICTURE, id=number, job_id=number, state=state)
            for number, state in enumerate(states, 1)
        ]
        gone = [p.id for p in self.library.pictures() if p.id > len(states)]
        self.library.take_in(News(pictures=pictures, gone=gone, queue=queue or self.library.queue))

    def save(self, done: int, total: int) -> None:
        """Let so many of the results be saved."""
        self.is_saving = done < total
        self.departure.follow_saving(done, total)

    def remember(self, way: QuitWay | None) -> None:
        self.library.take_in(News(queue=QueueFacts(quit_way=way)))

    @property
    def is_asking(self) -> bool:
        return self.window.question.isVisible()


_PICTURE = Picture(
    *(0, b"/p/a.jpg", "drop", 4032, 3024, None, 0, State.WAITING, None, 0, 1, 5, None, None, None)
)
_DONE: Sequence[State] = [State.COMPLETED] * 4
_BUSY: Sequence[State] = (State.ACTIVE, State.ACTIVE, *[State.WAITING] * 3)


@pytest.fixture(scope="module")
def the_desk(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One window for all tests: to make one takes most of a second."""
    library = Library()
    window = Window(library, Appearance(qapp, "light"), tmp_path_factory.mktemp("outputs"), 2)
    yield Desk(window, library)
    window.end()
    window.deleteLater()


@pytest.fixture
def desk(the_desk: Desk, qtbot: QtBot) -> Desk:
    """That window as if it were new."""
    QLocale.setDefault(QLocale.c())
    the_desk.clear()
    the_desk.window.show()
    qtbot.waitExposed(the_desk.window)
    return the_desk


@pytest.fixture
def tray(monkeypatch: pytest.MonkeyPatch) -> None:
    """A desktop that has a tray."""
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)


@pytest.mark.parametrize(
    ("states", "queue"),
    [
        ((), QueueFacts()),
        ((State.COMPLETED, State.FAILED, State.CANCELLED), QueueFacts()),
        ((State.WAITING, State.DELAYED), QueueFacts(is_paused=True)),
        ((State.WAITING,), QueueFacts(held=_HOLD)),
    ],
    ids=["empty", "done", "paused", "held"],
)
def test_where_nothing_runs_nobody_is_asked(
    desk: Desk, states: Sequence[State], queue: QueueFacts
) -> None:
    desk.hold(*states, queue=queue)
    desk.window.close()
    assert (desk.ends, desk.is_asking) == (1, False)


@pytest.mark.parametrize(
    ("states", "queue"),
    [
        ((State.ACTIVE,), QueueFacts(is_paused=True)),
        ((State.WAITING,), QueueFacts()),
        ((State.DELAYED,), QueueFacts()),
        ((), QueueFacts(scans=(_SCAN,))),
    ],
    ids=["in hand", "waiting", "later", "looked for"],
)
def test_where_anything_runs_it_is_asked(
    desk: Desk, states: Sequence[State], queue: QueueFacts
) -> None:
    desk.hold(*states, queue=queue)
    desk.window.close()
    assert (desk.ends, desk.is_asking, desk.window.isVisible()) == (0, True, True)


def test_what_another_process_runs_goes_on_by_itself(desk: Desk) -> None:
    desk.is_ours = False
    desk.hold(*_BUSY)
    desk.window.close()
    assert (desk.ends, desk.is_asking) == (1, False)


def test_it_tells_the_numbers_as_they_change(desk: Desk) -> None:
    desk.hold(*_BUSY, State.DELAYED)
    desk.window.close()
    assert desk.window.question.facts == (
        "2 pictures are being worked on, 3 wait, 1 is tried again later."
    )
    desk.hold(State.ACTIVE, State.COMPLETED, State.WAITING, queue=QueueFacts(scans=(_SCAN,)))
    assert desk.window.question.facts == (
        "1 picture is being worked on, 1 waits, more are looked for."
    )


def test_the_keyboard_is_on_what_is_safe_and_reaches_all(desk: Desk, tray: None) -> None:
    desk.hold(*_BUSY)
    desk.window.shelf.gallery.setFocus()
    desk.window.close()
    question = desk.window.question
    reached = []
    for _ in range(5):
        reached.append(desk.window.focusWidget())
        QTest.keyClick(reached[-1], Qt.Key.Key_Tab)
    question.keep_working.setFocus()
    assert reached == [
        *(question.button(way) for way in (QuitWay.FINISH, QuitWay.STOP, QuitWay.TRAY)),
        question.every_time,
        question.keep_working,
    ]
    assert all(question.button(way).accessibleDescription() for way in QuitWay)
    QTest.keyClick(desk.window, Qt.Key.Key_Escape)
    assert (desk.ends, desk.is_asking, desk.suspensions) == (0, False, [])
    assert desk.window.focusWidget() is desk.window.shelf.gallery


def test_enter_finishes_and_the_rest_stays(desk: Desk, qtbot: QtBot) -> None:
    desk.hold(*_BUSY)
    desk.window.close()
    QTest.keyClick(desk.window.focusWidget(), Qt.Key.Key_Return)
    finishing = desk.window.finishing
    assert (desk.suspensions, desk.is_asking, finishing.isVisible()) == ([True], False, True)
    assert desk.window.workload.is_still
    assert finishing.text == (
        "Finishing the 2 pictures in hand, then PixelCraft closes. 3 go on at the next start."
    )
    first = replace(desk.library.pictures()[0], progress=50)
    desk.library.take_in(News(pictures=[first]))
    assert finishing.per_mille == 250
    desk.hold(State.COMPLETED, State.ACTIVE, *[State.WAITING] * 3)
    assert finishing.per_mille == 500
    assert finishing.text.startswith("Finishing the picture in hand, then")
    qtbot.wait(300)
    assert desk.ends == 0
    desk.hold(State.COMPLETED, State.FAILED, *[State.WAITING] * 3)
    qtbot.waitUntil(lambda: desk.ends == 1, timeout=2_000)
    assert not finishing.isVisible()


def test_a_mind_may_change_while_the_last_are_finished(desk: Desk, qtbot: QtBot) -> None:
    desk.hold(*_BUSY)
    for is_by_key in (True, False):
        desk.suspensions.clear()
        desk.window.close()
        desk.window.question.button(QuitWay.FINISH).click()
        if is_by_key:
            QTest.keyClick(desk.window, Qt.Key.Key_Escape)
        else:
            desk.window.finishing.keep_working.click()
        assert (desk.suspensions, desk.window.finishing.isVisible()) == ([True, False], False)
    desk.hold(State.COMPLETED, State.COMPLETED, *[State.WAITING] * 3)
    qtbot.wait(300)
    assert desk.ends == 0
    desk.window.close()
    desk.window.question.button(QuitWay.FINISH).click()
    desk.window.finishing.stop_now.click()
    assert desk.ends == 1


def test_who_starts_it_again_wants_it_to_stay(desk: Desk) -> None:
    desk.hold(*_BUSY)
    desk.window.close()
    desk.departure.stay()
    assert (desk.is_asking, desk.suspensions) == (False, [])
    desk.window.close()
    desk.window.question.button(QuitWay.FINISH).click()
    desk.departure.stay()
    assert (desk.window.finishing.isVisible(), desk.suspensions) == (False, [True, False])
    assert desk.ends == 0


def test_asked_a_second_time_it_stops_now(desk: Desk) -> None:
    desk.hold(*_BUSY)
    desk.window.close()
    desk.window.close()
    assert (desk.ends, desk.is_asking) == (1, False)
    desk.window.close()
    desk.window.question.button(QuitWay.FINISH).click()
    desk.window.close()
    assert desk.ends == 2


def test_what_is_done_meanwhile_needs_no_answer(desk: Desk, qtbot: QtBot) -> None:
    desk.hold(State.ACTIVE)
    desk.window.close()
    desk.hold(State.COMPLETED)
    qtbot.waitUntil(lambda: desk.ends == 1, timeout=2_000)


def test_pausing_is_no_answer(desk: Desk, qtbot: QtBot) -> None:
    desk.hold(State.WAITING)
    desk.window.close()
    desk.hold(State.WAITING, queue=QueueFacts(is_paused=True))
    qtbot.wait(300)
    assert (desk.ends, desk.is_asking) == (0, True)


@pytest.mark.parametrize("way", [QuitWay.STOP, QuitWay.FINISH])
def test_what_is_done_every_time_is_not_asked(desk: Desk, way: QuitWay) -> None:
    desk.hold(*_BUSY)
    desk.window.close()
    desk.window.question.every_time.setChecked(True)
    desk.window.question.button(way).click()
    assert desk.ways == [way]
    desk.departure.settle()
    desk.remember(way)
    desk.ends = 0
    desk.suspensions.clear()
    desk.window.close()
    assert not desk.is_asking
    assert (desk.ends, desk.suspensions) == ((1, []) if way is QuitWay.STOP else (0, [True]))


def test_without_a_tray_none_is_offered(desk: Desk) -> None:
    desk.hold(*_BUSY)
    desk.remember(QuitWay.TRAY)  # where there was one
    desk.window.close()
    assert desk.is_asking
    assert not desk.window.question.button(QuitWay.TRAY).isVisible()


def tells(icon: Tray, done: int) -> Callable[[], bool]:
    return lambda: f" {done} of 5" in icon.tool_tip


def test_it_goes_to_the_tray_and_comes_back(
    desk: Desk, tray: None, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    desk.hold(*_BUSY)
    desk.window.close()
    desk.window.question.button(QuitWay.TRAY).click()
    icon = desk.departure.tray
    assert (desk.ends, desk.window.isVisible(), icon.is_shown) == (0, False, True)
    for done in range(2):
        desk.hold(*[State.COMPLETED] * done, *_BUSY[done:])
        qtbot.waitUntil(tells(icon, done), timeout=2_000)
        assert icon.tool_tip == f"PixelCraft – {desk.window.status.text}"
    told: list[str] = []
    monkeypatch.setattr(icon, "announce", told.append)
    for states in ([*_DONE, State.ACTIVE], [*_DONE, State.FAILED], [*_DONE, State.FAILED]):
        desk.hold(*states)
    assert told == ["All pictures are done. 1 failed."]
    icon.open_action.trigger()
    assert (desk.window.isVisible(), icon.is_shown) == (True, False)
    desk.window.hide()
    icon.show()
    desk.window.welcome([])  # the program was started again
    assert (desk.window.isVisible(), icon.is_shown) == (True, False)


def test_the_menu_of_the_tray_quits(desk: Desk, tray: None) -> None:
    """Also where the window goes to the tray every time: this is how people end the program."""
    desk.hold(*_BUSY)
    desk.remember(QuitWay.TRAY)
    desk.window.close()
    assert desk.departure.tray.is_shown
    texts = [action.text() for action in desk.departure.tray.menu.actions() if action.isVisible()]
    assert texts == ["Open PixelCraft", "", "Pause", "Quit"]
    desk.window.actions_.action(commands.QUIT).trigger()
    assert (desk.is_asking, desk.window.isVisible(), desk.ends) == (True, True, 0)
    desk.window.actions_.action(commands.QUIT).trigger()
    assert desk.ends == 1


def test_what_is_done_every_time_stands_in_the_menu_and_is_changed_there(desk: Desk) -> None:
    chosen: list[object] = []
    desk.wishes.quit_way_chosen.connect(chosen.append)
    actions = {way: desk.window.actions_.action(command) for way, command in commands.QUIT_WAYS}
    for remembered in (None, QuitWay.FINISH, QuitWay.STOP, None):
        desk.remember(remembered)
        assert [way for way, action in actions.items() if action.isChecked()] == [remembered]
    assert not actions[QuitWay.TRAY].isVisible()
    actions[QuitWay.STOP].trigger()
    actions[None].trigger()
    assert chosen == [QuitWay.STOP, None]


def test_a_key_held_too_long_quits_once(desk: Desk) -> None:
    action = desk.window.actions_.action(commands.QUIT)
    assert (action.shortcut().toString(), action.autoRepeat()) == ("Ctrl+Q", False)


def test_escape_closes_what_lies_on_top_first(desk: Desk) -> None:
    desk.hold(*_BUSY)
    desk.window.close()
    desk.window.actions_.action(commands.LIMIT_PACE).trigger()
    assert (desk.is_asking, desk.window.pace_limit.is_open) == (True, True)
    QTest.keyClick(desk.window.focusWidget(), Qt.Key.Key_Escape)
    assert (desk.is_asking, desk.window.pace_limit.is_open) == (True, False)
    QTest.keyClick(desk.window.focusWidget(), Qt.Key.Key_Escape)
    assert not desk.is_asking


def test_results_are_saved_to_the_end(desk: Desk, qtbot: QtBot) -> None:
    desk.is_ours = False  # another process makes the pictures, and saving is ours all the same
    desk.hold(*_BUSY)
    desk.save(5, 20)
    desk.window.close()
    question = desk.window.question
    assert (desk.ends, question.facts) == (0, "Results are being saved.")
    assert question.button(QuitWay.FINISH).accessibleDescription() == "Saves all results first."
    QTest.keyClick(desk.window.focusWidget(), Qt.Key.Key_Return)
    finishing = desk.window.finishing
    assert finishing.text == "Saving the results, then PixelCraft closes."
    desk.save(10, 20)
    assert finishing.per_mille == 500
    qtbot.wait(300)
    assert desk.ends == 0
    desk.save(20, 20)
    qtbot.waitUntil(lambda: desk.ends == 1, timeout=2_000)


def test_saving_and_pictures_are_both_waited_for(desk: Desk, qtbot: QtBot) -> None:
    desk.hold(*_BUSY)
    desk.save(5, 20)
    desk.window.close()
    desk.window.question.button(QuitWay.FINISH).click()
    assert desk.window.finishing.text == (
        "Finishing the 2 pictures in hand and saving the results, then PixelCraft closes. "
        "3 go on at the next start."
    )
    desk.hold(State.COMPLETED, State.COMPLETED, *[State.WAITING] * 3)
    qtbot.wait(300)
    assert desk.ends == 0
    desk.save(20, 20)
    qtbot.waitUntil(lambda: desk.ends == 1, timeout=2_000)


def test_who_stops_every_time_is_asked_where_saving_would_be_cut_off(desk: Desk) -> None:
    desk.save(5, 20)
    desk.remember(QuitWay.STOP)
    desk.window.close()
    assert (desk.is_asking, desk.ends) == (True, 0)
    desk.window.question.button(QuitWay.STOP).click()
    assert desk.ends == 1


def test_where_all_start_later_nothing_is_said_to_be_in_hand(desk: Desk) -> None:
    desk.hold(State.DELAYED, State.DELAYED)
    first = replace(desk.library.pictures()[0], is_put_off=True)
    desk.library.take_in(News(pictures=[first]))
    desk.window.close()
    question = desk.window.question
    assert question.facts == "1 picture starts later, 1 is tried again later."
    assert question.button(QuitWay.FINISH).text() == "Quit"
    assert not question.button(QuitWay.STOP).isVisible()
    desk.hold(State.ACTIVE, State.DELAYED)
    assert question.button(QuitWay.FINISH).text() == "Finish and quit"
    assert question.button(QuitWay.STOP).isVisible()
    desk.hold(State.COMPLETED, State.DELAYED)
    assert question.button(QuitWay.STOP).isVisible()  # under a pointer nothing goes away


def test_a_minimised_window_comes_back_to_ask(desk: Desk) -> None:
    desk.hold(*_BUSY)
    desk.window.showMinimized()
    desk.window.close()
    assert (desk.window.question.is_open, desk.window.isMinimized()) == (True, False)


def test_after_the_wait_the_keyboard_is_where_it_was(desk: Desk) -> None:
    desk.hold(*_BUSY)
    desk.window.shelf.gallery.setFocus()
    desk.window.close()
    desk.window.question.button(QuitWay.FINISH).click()
    QTest.keyClick(desk.window, Qt.Key.Key_Escape)
    assert desk.window.focusWidget() is desk.window.shelf.gallery
