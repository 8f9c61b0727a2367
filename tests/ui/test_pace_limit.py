"""The pace limit: what is chosen, what stands in it, and where it is seen while it is on."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.catalog.news import News, QueueFacts
from pixelcraft_desktop.catalog.rate_limit import RateLimit
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.pace_limit import PaceLimit
from pixelcraft_desktop.ui.status_strip import StatusStrip
from pixelcraft_desktop.ui.workload import Workload

pytestmark = pytest.mark.qt_log_ignore(
    "This plugin does not support (propagateSizeHints|raise)", extend=True
)
_PLACE = QRect(800, 20, 40, 30)


@pytest.fixture
def popover(qtbot: QtBot) -> PaceLimit:
    window = QWidget()
    window.resize(900, 500)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    popover = PaceLimit(window)
    popover.setProperty("keeps", window)  # or Python lets go of the window
    return popover


def test_a_number_and_enter_are_enough(popover: PaceLimit) -> None:
    chosen: list[object] = []
    popover.chosen.connect(chosen.append)
    popover.ask(None, _PLACE)
    assert not popover.no_limit.isEnabled()
    QTest.keyClicks(popover.count, "25")
    QTest.keyClick(popover.count, Qt.Key.Key_Return)
    assert (chosen, popover.is_open) == (["25/min"], False)


def test_each_period_is_one_that_the_command_line_takes(popover: PaceLimit) -> None:
    chosen: list[str] = []
    popover.chosen.connect(chosen.append)
    for number in range(popover.period.count()):
        popover.ask(None, _PLACE)
        popover.count.setValue(999_999)
        popover.period.setCurrentIndex(number)
        popover.limit.click()
    assert chosen == ["999999/s", "999999/min", "999999/h", "999999/d"]
    assert [str(RateLimit.parse(text)) for text in chosen] == chosen


@pytest.mark.parametrize("typed", ["", "0", "000", "-"])
def test_nothing_is_put_in_the_place_of_nonsense(popover: PaceLimit, typed: str) -> None:
    chosen: list[str] = []
    popover.chosen.connect(chosen.append)
    popover.ask(None, _PLACE)
    QTest.keyClick(popover.count, Qt.Key.Key_Backspace)
    QTest.keyClicks(popover.count, typed)
    QTest.keyClick(popover.count, Qt.Key.Key_Return)
    assert (chosen, popover.is_open, popover.limit.isEnabled()) == ([], True, False)
    QTest.keyClicks(popover.count, "7")
    QTest.keyClick(popover.count, Qt.Key.Key_Return)
    assert (chosen, popover.is_open) == (["7/min"], False)


@pytest.mark.parametrize(
    ("limit", "count", "period"),
    [
        (RateLimit(7, 1), 7, "a second"),
        (RateLimit(1_000, 3_600), 1_000, "an hour"),
        (RateLimit(5, 10), 30, "a minute"),
        (RateLimit(50, 7 * 86_400), 7, "a day"),
        (RateLimit(1, 7 * 86_400), 1, "a day"),
    ],
    ids=str,
)
def test_it_begins_with_the_limit_there_is(
    popover: PaceLimit, limit: RateLimit, count: int, period: str
) -> None:
    chosen: list[object] = []
    popover.chosen.connect(chosen.append)
    popover.ask(limit, _PLACE)
    assert (popover.count.value(), popover.period.currentText()) == (count, period)
    popover.no_limit.click()
    assert chosen == [None]


def test_the_strip_tells_it_while_it_is_on(qtbot: QtBot) -> None:
    library = Library()
    strip = StatusStrip(library, Workload(library, 2), 2)
    qtbot.addWidget(strip)
    assert strip.limit.isHidden()
    library.take_in(News(queue=QueueFacts(rate_limit=RateLimit(10, 60))))
    assert (strip.limit.isHidden(), strip.limit.text()) == (False, "At most 10 a minute")
    library.take_in(News(queue=QueueFacts()))
    assert strip.limit.isHidden()
