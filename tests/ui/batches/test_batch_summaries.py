"""What is said of batches that are done: once, in one line, beside nothing that says the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from running_batches import Desk

from pixelcraft_desktop.catalog.news import News, Scan
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui.announcements import ENDED, FAILED, RESULT, Announcements
from pixelcraft_desktop.ui.batches.run import Ending
from pixelcraft_desktop.ui.batches.summary import summary
from pixelcraft_desktop.ui.notice import NoticeBar
from pixelcraft_desktop.ui.theme import Appearance

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")

PHOTOS = Ending(1, "Photos 2024", 1_187, 17, 0, 0, 124.0)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({}, "Photos 2024: 1187 pictures done in 2 minutes, 17 failed"),
        ({"failed": 0, "seconds": 42.4}, "Photos 2024: 1187 pictures done in 42 s"),
        ({"completed": 1, "failed": 0, "seconds": 0.3}, "Photos 2024: 1 picture done in 1 s"),
        ({"completed": 0, "failed": 1}, "Photos 2024: 1 picture failed"),
        ({"seconds": None}, "Photos 2024: 1187 pictures done, 17 failed"),
        (
            {"failed": 0, "cancelled": 3, "duplicates": 12},
            "Photos 2024: 1187 pictures done in 2 minutes, 3 cancelled, 12 known already",
        ),
        ({"name": "", "failed": 0}, "1187 pictures done in 2 minutes"),
        ({"name": "a\u202eb", "failed": 0}, "a\\u202eb: 1187 pictures done in 2 minutes"),
    ],
)
def test_one_batch(changed: dict[str, object], text: str) -> None:
    assert summary([replace(PHOTOS, **changed)]) == text  # type: ignore[arg-type]  # by name


def test_several_batches_are_one_line() -> None:
    scans = Ending(2, "IMG_1.jpg and 16 more", 17, 0, 0, 0, 30.0)
    two = "“Photos 2024”, “IMG_1.jpg and 16 more”: 1204 pictures done in 2 minutes, 17 failed"
    assert summary([PHOTOS, scans]) == two
    many = [PHOTOS, scans, *(replace(scans, batch_id=n, name=f"B{n}") for n in (3, 4, 5))]
    assert summary(many).startswith("“Photos 2024”, “IMG_1.jpg and 16 more” and 3 others: ")
    assert summary([PHOTOS, PHOTOS]).startswith("Photos 2024: 2374 pictures")


class Told:
    """A desk with the two bars below it."""

    def __init__(self, qtbot: QtBot, appearance: Appearance) -> None:
        self.desk = Desk()
        self.bar, self.answers = NoticeBar(appearance), NoticeBar(appearance)
        for bar in (self.bar, self.answers):
            qtbot.addWidget(bar)
        bars = self.bar, self.answers
        self.announcements = Announcements(self.desk.library, *bars, self.desk.root)
        self.desk.workload.batches_ended.connect(self.announcements.tell_batches)

    def shown(self) -> list[tuple[str, str]]:
        """Return what stands in the bars, by key: (key, text), answers first."""
        found = []
        for bar in (self.answers, self.bar):
            if bar.shown_key is not None:
                text = "".join(label.text() for label in bar.findChildren(QLabel))
                found.append((bar.shown_key, text))
        return found


@pytest.fixture
def told(qtbot: QtBot, qapp: QApplication) -> Iterator[Told]:
    appearance = Appearance(qapp, "light")
    told = Told(qtbot, appearance)
    yield told
    told.desk.close()
    qapp.styleHints().colorSchemeChanged.disconnect(appearance._follow)


def test_what_went_well_is_an_answer_that_goes_by_itself(told: Told) -> None:
    desk = told.desk
    desk.become(State.COMPLETED, desk.open(1, "Photos", 20))
    desk.wait(2)
    assert told.shown() == [(RESULT, "Photos: 20 pictures done in 1 s")]
    told.announcements._answer_end.timeout.emit()
    assert told.shown() == []


def test_failures_are_told_in_the_place_of_their_number(told: Told) -> None:
    desk = told.desk
    pictures = desk.open(1, "Photos", 20)
    desk.become(State.FAILED, pictures[:3])
    assert told.shown() == [(FAILED, "3 pictures failed")]
    desk.become(State.COMPLETED, pictures[3:])
    desk.wait(2)
    assert told.shown() == [(ENDED, "Photos: 17 pictures done in 1 s, 3 failed")]
    others = desk.open(2, "Scans", 5)
    desk.become(State.FAILED, others[:1])
    more = "Photos: 17 pictures done in 1 s, 3 failed · 4 failed in all"
    assert told.shown() == [(ENDED, more)]
    told.bar.acted.emit(ENDED)
    assert told.shown() == []
    desk.become(State.FAILED, others[1:2])
    assert told.shown() == [(FAILED, "5 pictures failed")]
    desk.become(State.WAITING, pictures[:3])
    assert told.shown() == []  # fewer than were looked at


def test_a_summary_is_no_longer_said_once_its_failures_were_mended(told: Told) -> None:
    desk = told.desk
    pictures = desk.open(1, "Photos", 20)
    desk.become(State.FAILED, pictures[:3])
    desk.become(State.COMPLETED, pictures[3:])
    desk.wait(2)
    desk.become(State.WAITING, pictures[:1])
    assert told.shown() == [(FAILED, "2 pictures failed")]


def test_what_was_looked_at_already_is_not_held_out_again(told: Told) -> None:
    desk = told.desk
    pictures = desk.open(1, "Photos", 20)
    desk.become(State.FAILED, pictures[:3])
    told.bar.acted.emit(FAILED)
    desk.become(State.COMPLETED, pictures[3:])
    desk.wait(2)
    assert told.shown() == [(RESULT, "Photos: 17 pictures done in 1 s, 3 failed")]


def test_who_ends_soon_after_is_told_in_the_same_line(told: Told) -> None:
    desk = told.desk
    first, second = desk.open(1, "Photos", 20), desk.open(2, "Scans", 5)
    third = desk.open(3, "Later", 5)
    desk.become(State.COMPLETED, first)
    desk.wait(2)
    desk.become(State.FAILED, second[:1])
    desk.become(State.COMPLETED, second[1:])
    desk.wait(2)
    both = "“Photos”, “Scans”: 24 pictures done in 2 s, 1 failed"
    assert told.shown() == [(ENDED, both)]
    told.announcements._ended_end.timeout.emit()
    desk.become(State.COMPLETED, third)
    desk.wait(2)
    later = "Later: 5 pictures done in 4 s"
    assert told.shown() == [(RESULT, later), (ENDED, both)]


def test_duplicates_alone_are_told_once(told: Told) -> None:
    scan = Scan(1, "Photos", 0, 12, 0)
    told.desk.library.take_in(News(ended_scans=[scan]))
    told.desk.wait(5)
    assert told.shown() == [(RESULT, "All 12 pictures were here already. Nothing changed.")]
    assert told.desk.told == []
