"""A dismissed banner stays away until its cause changes, and nobody is told what they look at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.catalog.control import Hold
from pixelcraft_desktop.catalog.news import News, QueueFacts, Scan
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import Cause, State
from pixelcraft_desktop.ui import sections
from pixelcraft_desktop.ui.announcements import (
    FAILED,
    HOLD_UP,
    PAUSED,
    SAVING,
    SCAN,
    SPACE,
    Announcements,
)
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.notice import NoticeBar
from pixelcraft_desktop.ui.theme import Appearance


class Told:
    """A library with the two bars that speak of it."""

    def __init__(self, qtbot: QtBot, appearance: Appearance) -> None:
        self.library = Library()
        self.bar, self.answers = NoticeBar(appearance), NoticeBar(appearance)
        for bar in (self.bar, self.answers):
            qtbot.addWidget(bar)
        self.announcements = Announcements(self.library, self.bar, self.answers)

    def take_in(self, **facts: object) -> None:
        """Learn how the queue stands."""
        self.library.take_in(News(queue=QueueFacts(**facts)))  # type: ignore[arg-type]

    def fail(self, *ids: int) -> None:
        """Learn that these pictures failed."""
        self.library.take_in(News([failed(image_id) for image_id in ids]))


def failed(image_id: int) -> Picture:
    return Picture(
        *(image_id, b"/a.png", "/a.png", None, None, None, image_id, State.FAILED, None, 0, 1, 1),
        *(Cause.DAMAGED, "It ends at 41 %.", None),
    )


def hold(since: str) -> Hold:
    return Hold(Cause.DISK_FULL, "No space left.", 2_000_000, "/x", since)


def dismiss(bar: NoticeBar) -> None:
    QTest.mouseClick(bar.findChildren(QToolButton)[0], Qt.MouseButton.LeftButton)
    assert bar.shown_key is None


@pytest.fixture
def told(qtbot: QtBot, qapp: QApplication) -> Iterator[Told]:
    appearance = Appearance(qapp, "light")
    yield Told(qtbot, appearance)
    qapp.styleHints().colorSchemeChanged.disconnect(appearance._follow)


def test_other_news_of_the_queue_bring_no_dismissed_banner_back(told: Told) -> None:
    told.take_in(is_paused=True)
    assert told.bar.shown_key == PAUSED
    dismiss(told.bar)
    told.take_in(is_paused=True, workers=3)
    assert told.bar.shown_key is None
    told.take_in(is_paused=False)
    told.take_in(is_paused=True)
    assert told.bar.shown_key == PAUSED


def test_a_full_drive_is_told_once_each_time(told: Told) -> None:
    told.take_in(held=hold("then"))
    assert told.bar.shown_key == SPACE
    dismiss(told.bar)
    told.take_in(held=hold("then"), workers=3)
    assert told.bar.shown_key is None
    told.take_in(held=hold("later"))
    assert told.bar.shown_key == SPACE


def test_a_search_that_is_over_at_once_is_not_told(told: Told, qtbot: QtBot) -> None:
    for _ in range(2):
        told.take_in(scans=(Scan(1, "Photos", 1, 0, 0),))
        assert told.answers.shown_key is None
        qtbot.wait(20)
        told.take_in()
    qtbot.wait(450)
    assert told.answers.shown_key is None


def test_a_scan_that_was_dismissed_goes_on_in_silence(told: Told, qtbot: QtBot) -> None:
    told.take_in(scans=(Scan(1, "Photos", 0, 0, 0),))
    told.take_in(scans=(Scan(1, "Photos", 1, 0, 0),))
    qtbot.waitUntil(lambda: told.answers.shown_key == SCAN)
    assert "1 found" in told.answers.accessibleName()
    dismiss(told.answers)
    told.take_in(scans=(Scan(1, "Photos", 2, 0, 0),))
    assert told.answers.shown_key is None
    told.take_in(scans=(Scan(1, "Photos", 3, 0, 0), Scan(2, "Scans", 1, 0, 0)))
    assert told.answers.shown_key == SCAN


def test_so_does_saving(told: Told) -> None:
    told.announcements.tell_saving(1, 9)
    assert told.answers.shown_key == SAVING
    dismiss(told.answers)
    told.announcements.tell_saving(2, 9)
    assert told.answers.shown_key is None
    told.announcements.tell_saved(9, 0, None)
    told.announcements.tell_saving(1, 3)
    told.answers.withdraw("result")
    assert told.answers.shown_key == SAVING


def test_what_holds_everything_up_is_told_again_only_if_it_is_something_else(told: Told) -> None:
    for reason in ("database is locked", "no space is left on the drive /x"):
        told.announcements.tell_hold_up(reason)
        assert told.bar.shown_key == HOLD_UP
        dismiss(told.bar)
        told.announcements.tell_hold_up(reason)  # the runner tries every five seconds
        assert told.bar.shown_key is None


def test_who_sees_what_failed_is_not_told_to_review_it(told: Told) -> None:
    told.fail(1, 2)
    assert told.bar.shown_key == FAILED
    told.announcements.follow_section(sections.FAILED)
    assert told.bar.shown_key is None
    told.fail(3)
    assert told.bar.shown_key is None
    told.announcements.follow_section(sections.ALL)
    assert told.bar.shown_key is None
    told.fail(4)
    assert told.bar.shown_key == FAILED
