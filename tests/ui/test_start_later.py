"""Starting later: which times are offered, how they are chosen by keyboard, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QDate, QDateTime, QLocale, QRect, Qt, QTime
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.catalog.news import News
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.catalog.store import timestamp
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.postponement import Postponement
from pixelcraft_desktop.ui.start_later import StartLater, moments
from pixelcraft_desktop.ui.toast import Toast

pytestmark = pytest.mark.qt_log_ignore(
    "This plugin does not support (propagateSizeHints|raise)", extend=True
)
_MORNING = datetime(2026, 3, 3, 9, 15).astimezone()
_PLACE = QRect(20, 20, 160, 40)


@pytest.fixture(autouse=True)
def british() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    yield
    QLocale.setDefault(before)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """A window with a field that has the keyboard."""
    window = QWidget()
    window.resize(900, 500)
    field = QLineEdit(window)
    field.setObjectName("field")
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    field.setFocus()
    return window


@pytest.mark.parametrize(
    ("hour", "wanted"),
    [
        (9, ["In an hour, at 10:15", "Tonight at 22:00", "Tomorrow at 08:00"]),
        (21, ["In an hour, at 22:15", "Tonight at 22:00", "Tomorrow at 08:00"]),
        (23, ["In an hour, at 00:15", "Tomorrow at 08:00", "Tomorrow at 22:00"]),
    ],
)
def test_what_most_people_want(hour: int, wanted: list[str]) -> None:
    offered = moments(_MORNING.replace(hour=hour))
    assert [text for text, _ in offered] == wanted


@given(st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)))
def test_every_moment_lies_ahead_within_two_days(naive: datetime) -> None:
    now = naive.astimezone()
    for text, moment in moments(now):
        assert timedelta(0) < moment - now <= timedelta(hours=49)
        assert f"{moment:%H:%M}" in text
        assert text.startswith("Tonight") <= (moment.date() == now.date())


def test_enter_takes_what_has_the_keyboard(window: QWidget) -> None:
    popover = StartLater(window)
    chosen: list[datetime] = []
    popover.chosen.connect(chosen.append)
    popover.ask(12, _PLACE)
    assert (popover.is_open, popover.accessibleName()) == (True, "Start 12 pictures later")
    assert window.rect().contains(popover.geometry())
    assert not popover.geometry().intersects(_PLACE)
    reached = []
    for _ in range(5):
        reached.append(window.focusWidget())
        QTest.keyClick(reached[-1], Qt.Key.Key_Tab)
        if reached[-1] is popover.editor:  # whose parts are reached by the same key
            popover.start_then.setFocus()
    assert reached == [*popover.buttons, popover.editor, popover.start_then]
    popover.ask(12, _PLACE)
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    (moment,) = chosen
    assert timedelta(minutes=59) < moment - datetime.now(UTC) <= timedelta(hours=1)
    assert not popover.is_open


def test_a_time_of_ones_own_by_enter(window: QWidget) -> None:
    popover = StartLater(window)
    chosen: list[datetime] = []
    popover.chosen.connect(chosen.append)
    popover.ask(1, _PLACE)
    wanted = popover.editor.dateTime().addDays(3)
    popover.editor.setDateTime(wanted)
    popover.editor.setFocus()
    QTest.keyClick(popover.editor, Qt.Key.Key_Return)
    assert [moment.timestamp() for moment in chosen] == [wanted.toSecsSinceEpoch()]


@pytest.mark.parametrize("country", ["de_DE", "en_US", "en_GB", "fi_FI", "sv_SE"])
def test_it_takes_the_time_that_was_typed(window: QWidget, country: str) -> None:
    """Also one whose day alone, before its month is there, would lie in the past."""
    QLocale.setDefault(QLocale(country))
    popover = StartLater(window)
    chosen: list[datetime] = []
    popover.chosen.connect(chosen.append)
    popover.ask(1, _PLACE)
    editor = popover.editor
    begin = QDateTime.currentDateTime().addMonths(1)
    editor.setDateTime(QDateTime(QDate(begin.date().year(), begin.date().month(), 28), QTime(9, 0)))
    wanted = QDateTime(QDate(begin.date().year() + 1, 2, 1), QTime(8, 5))
    typed = QLocale().toString(wanted, editor.displayFormat()).replace("\u202f", " ")
    editor.setFocus(Qt.FocusReason.TabFocusReason)
    editor.setSelectedSection(editor.sectionAt(0))
    QTest.keyClicks(editor, typed)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert [moment.timestamp() for moment in chosen] == [wanted.toSecsSinceEpoch()]


def test_a_time_that_is_past_is_not_taken(window: QWidget) -> None:
    popover = StartLater(window)
    chosen: list[datetime] = []
    popover.chosen.connect(chosen.append)
    popover.ask(1, _PLACE)
    width_px = popover.start_then.width()
    popover.editor.setDateTime(QDateTime.currentDateTime().addSecs(-60))
    popover.editor.setFocus()
    QTest.keyClick(popover.editor, Qt.Key.Key_Return)
    assert (popover.is_open, chosen, popover.start_then.text()) == (True, [], "Already past")
    assert (popover.start_then.isEnabled(), popover.start_then.width()) == (False, width_px)
    popover.editor.setDateTime(QDateTime.currentDateTime().addSecs(3_600))
    assert (popover.start_then.isEnabled(), popover.start_then.text()) == (True, "Start then")


def test_it_goes_by_itself(window: QWidget, qtbot: QtBot) -> None:
    popover, field = StartLater(window), window.focusWidget()
    for part in (*popover.buttons, popover.editor, popover.start_then):
        popover.ask(1, _PLACE)
        part.setFocus()
        QTest.keyClick(part, Qt.Key.Key_Escape)
        assert (popover.is_open, window.focusWidget()) == (False, field)
    popover.ask(1, _PLACE)
    field.setFocus()  # a click there
    qtbot.waitUntil(lambda: not popover.is_open)
    assert window.focusWidget() is field


def test_where_there_is_no_room_it_lies_over_the_picture(window: QWidget) -> None:
    popover = StartLater(window)
    for place in (QRect(700, 440, 160, 40), QRect(0, 10, 900, 480), QRect(-500, 900, 10, 10)):
        popover.ask(1, place)
        assert window.rect().contains(popover.geometry())
    window.resize(420, 300)
    assert window.rect().contains(popover.geometry())


class Desk:
    """A library of pictures that wait, and what is asked for beside it."""

    def __init__(self, window: QWidget) -> None:
        self.library = Library()
        self.toast = Toast(window)
        self.postponement = Postponement(self.library, self.toast)
        self.delayed: list[tuple[list[int], str]] = []
        self.promoted: list[list[int]] = []
        self.postponement.delay_requested.connect(lambda *asked: self.delayed.append(asked))
        self.postponement.promotion_requested.connect(self.promoted.append)
        sample = Picture(
            *(0, b"/p/a.jpg", "drop", 4032, 3024, None, 0, State.WAITING, None, 0, 1, 5),
            *(None, None, None),
        )
        self.pictures = [replace(sample, id=n, job_id=100 + n) for n in range(5)]
        self.take_in(self.pictures)

    def take_in(self, pictures: list[Picture]) -> None:
        self.library.take_in(News(pictures=pictures))

    def become_put_off(self, pictures: list[Picture], moment: datetime) -> None:
        run_at = timestamp(moment)
        self.take_in(
            [replace(p, state=State.DELAYED, is_put_off=True, run_at=run_at) for p in pictures]
        )


def tomorrow() -> datetime:
    day = datetime.now().date() + timedelta(days=1)
    return datetime.combine(day, time(8)).astimezone()


def test_it_is_told_once_it_is_so_and_taken_back(window: QWidget, qtbot: QtBot) -> None:
    desk = Desk(window)
    active = replace(desk.pictures[4], state=State.ACTIVE)
    desk.take_in([active])
    desk.postponement.put_off([*desk.pictures[:4], active], tomorrow())
    assert desk.delayed == [([100, 101, 102, 103], timestamp(tomorrow()))]
    assert not desk.toast.is_offered
    desk.become_put_off(desk.pictures[:2], tomorrow())
    desk.become_put_off(desk.pictures[2:3], tomorrow())  # and the fourth was begun meanwhile
    qtbot.waitUntil(lambda: desk.toast.is_offered)
    assert desk.toast.accessibleName() == "3 pictures start tomorrow at 08:00."
    desk.toast.undo()
    assert desk.promoted == [[100, 101, 102]]


def test_what_had_a_time_has_it_again(window: QWidget, qtbot: QtBot) -> None:
    desk = Desk(window)
    desk.become_put_off(desk.pictures[:1], tomorrow())
    later = tomorrow() + timedelta(hours=1)
    desk.postponement.put_off(desk.library.pictures()[:2], later)
    desk.become_put_off(desk.library.pictures()[:2], later)
    qtbot.waitUntil(lambda: desk.toast.is_offered)
    desk.toast.undo()
    assert desk.promoted == [[101]]
    assert desk.delayed[1:] == [([100], timestamp(tomorrow()))]


def test_what_others_put_off_is_not_offered(window: QWidget, qtbot: QtBot) -> None:
    desk = Desk(window)
    desk.become_put_off(desk.pictures, tomorrow())
    desk.postponement.put_off([replace(desk.pictures[0], state=State.COMPLETED)], tomorrow())
    qtbot.wait(200)
    assert (desk.toast.is_offered, desk.delayed) == (False, [])
