"""What the window tells at the start, and of a queue that is held."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.catalog import reports
from pixelcraft_desktop.catalog.control import Hold
from pixelcraft_desktop.catalog.news import News, QueueFacts
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.catalog.recovery import Recovery
from pixelcraft_desktop.catalog.restoration import Restoration
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import Cause, State
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.ui import sections
from pixelcraft_desktop.ui.announcements import FAILED, SPACE
from pixelcraft_desktop.ui.feed import Feed
from pixelcraft_desktop.ui.findings import Findings
from pixelcraft_desktop.ui.greetings import REPORT, RESTORED, RESUMED, SET_ASIDE
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.notice import NoticeBar
from pixelcraft_desktop.ui.theme import Appearance
from pixelcraft_desktop.ui.window import Window

pytestmark = pytest.mark.qt_log_ignore(
    "This plugin does not support (propagateSizeHints|raise)", extend=True
)
_PICTURE = Picture(
    *(1, b"/a.png", "/a.png", None, None, None, 1, State.FAILED, None, 0, 1, 1),
    *(Cause.CRASHED_APP, "PixelCraft crashed twice.", None),
)
_AT = "2026-11-24T10:00:00.000Z"
_HOLD = Hold(Cause.DISK_FULL, "No space left.", 3_000_000, "/mnt/photos/out", _AT)


@pytest.fixture
def library(qapp: QApplication) -> Library:
    return Library()


@pytest.fixture
def window(library: Library, qapp: QApplication, home: Home, qtbot: QtBot) -> Iterator[Window]:
    window = Window(library, Appearance(qapp, "light"), home.output_folder("thumbnail"), 2)
    qtbot.addWidget(window)
    window.show()
    yield window
    window.end()


def press(bar: NoticeBar) -> None:
    QTest.mouseClick(bar.findChildren(QPushButton)[0], Qt.MouseButton.LeftButton)


def test_what_was_cut_off_is_told_once(window: Window, qtbot: QtBot) -> None:
    findings = Findings(Recovery(12, 0, 0, _AT))
    with qtbot.waitSignal(window.greetings.recovery_told):
        window.greetings.tell(findings)
    assert window.answers.shown_key == RESUMED
    assert window.answers.accessibleName() == "Notice: Resumed 12 pictures that were cut off."
    window.answers.withdraw(RESUMED)
    window.greetings.tell(findings)
    window.greetings.tell(Findings())  # it is known by now
    assert window.answers.shown_key is None


def test_what_was_set_aside_can_be_reviewed(window: Window, qtbot: QtBot) -> None:
    window.greetings.tell(Findings(Recovery(0, 0, 1, _AT)))
    assert (window.answers.shown_key, window.notices.shown_key) == (None, SET_ASIDE)
    assert window.notices.accessibleName() == (
        "Take care: 1 picture was set aside: PixelCraft crashed twice while reading it."
    )
    with qtbot.waitSignal(window.greetings.review_wanted):
        press(window.notices)
    assert window.notices.shown_key is None


def test_a_report_is_opened_and_seen(window: Window, qtbot: QtBot) -> None:
    window.greetings.tell(Findings(None, "2026-W48"))
    assert window.notices.accessibleName() == "Notice: The report of week 48 is ready."
    greetings = window.greetings
    with (
        qtbot.waitSignal(greetings.report_wanted) as wanted,
        qtbot.waitSignal(greetings.report_seen) as seen,
    ):
        press(window.notices)
    assert wanted.args == seen.args == ["2026-W48"]
    assert window.notices.shown_key is None


@pytest.mark.parametrize("week", ["../../etc/passwd", "2026-W48/../x", "2026-W4", "", "2026-W48\n"])
def test_a_report_of_another_name_is_none_of_ours(window: Window, week: str) -> None:
    window.greetings.tell(Findings(None, week))
    assert window.notices.shown_key != REPORT


def test_the_feed_brings_findings(store: Store, window: Window, qtbot: QtBot) -> None:
    feed = Feed(store.path)
    feed.findings_changed.connect(window.greetings.tell)
    feed.start()
    reports.announce(store, "2026-W48")
    qtbot.waitUntil(lambda: window.notices.shown_key == REPORT)
    reports.mark_seen(store, "2026-W48")
    qtbot.waitUntil(lambda: window.notices.shown_key is None)
    feed.stop()


def test_a_restored_catalog_is_told_until_it_is_known(
    window: Window, library: Library, qtbot: QtBot
) -> None:
    restored = Restoration(_AT, None, "/home/catalog.db.corrupt", "malformed")
    library.take_in(News(queue=QueueFacts(restored=restored)))
    assert window.notices.shown_key == RESTORED
    assert "had no backup: the library begins anew" in window.notices.accessibleName()
    with qtbot.waitSignal(window.greetings.restoration_seen):
        window.notices.dismissed.emit(RESTORED)
    library.take_in(News(queue=QueueFacts()))
    assert window.notices.shown_key is None


def test_who_goes_to_what_failed_need_not_review_it(window: Window, library: Library) -> None:
    library.take_in(News([_PICTURE]))
    window.greetings.tell(Findings(Recovery(0, 0, 1, _AT)))
    assert window.notices.shown_key == FAILED
    window.shelf.sections.choose(sections.FAILED)
    assert window.notices.shown_key is None


def test_a_held_queue_says_what_it_needs_and_goes_on(
    window: Window, library: Library, qtbot: QtBot
) -> None:
    library.take_in(News(queue=QueueFacts(held=_HOLD)))
    assert window.notices.shown_key == SPACE
    assert window.notices.accessibleName() == (
        "Warning: No space left for the results (needs 3 MB on the drive of /mnt/photos/out). "
        "The queue is paused."
    )
    assert window.status.text == "‖ Paused"
    with qtbot.waitSignal(window.announcements.space_retry_wanted):
        press(window.notices)
    library.take_in(News(queue=QueueFacts(is_paused=True, held=_HOLD)))
    assert not window.notices.findChildren(QPushButton)[0].isVisible()
    library.take_in(News(queue=QueueFacts()))
    assert window.notices.shown_key is None
