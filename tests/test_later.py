"""Starting later, and not too fast, all the way from the window to the lanes and back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import MakePhoto
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.app import App
from pixelcraft_desktop.model import State
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings
from pixelcraft_desktop.ui import commands
from pixelcraft_desktop.ui.theme import Appearance
from pixelcraft_desktop.ui.toast import Toast

pytestmark = pytest.mark.qt_log_ignore(
    "This plugin does not support (propagateSizeHints|raise)", extend=True
)
_LONG_MS = 30_000
_CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def app(home: Home, qapp: QApplication, qtbot: QtBot) -> Iterator[App]:
    app = App(home, Settings(workers=1), Appearance(qapp, "light"))
    app.start([])
    qtbot.waitExposed(app.window)
    yield app
    with qtbot.waitSignal(app.ended, timeout=6_000):
        app.close()
    app.store.close()


def test_pictures_are_put_off_taken_back_and_started(
    app: App, photos: Path, make_photo: MakePhoto, qtbot: QtBot
) -> None:
    for number in range(3):
        make_photo(f"{number}.png")
    window, library = app.window, app.library
    window.actions_.action(commands.PAUSE).trigger()
    qtbot.waitUntil(lambda: library.queue.is_paused)
    window.add([os.fsencode(photos)])
    qtbot.waitUntil(lambda: library.counts[State.WAITING] == 3, timeout=_LONG_MS)
    gallery = window.shelf.gallery
    gallery.setFocus()
    gallery.selectAll()
    put_off_an_hour(app, qtbot)
    QTest.keyClick(window, Qt.Key.Key_Z, _CONTROL)
    qtbot.waitUntil(lambda: library.counts[State.WAITING] == 3)
    put_off_an_hour(app, qtbot)
    window.actions_.action(commands.RESUME).trigger()
    qtbot.waitUntil(lambda: not library.queue.is_paused)
    qtbot.wait(200)
    assert library.put_off == 3
    times = [picture.run_at for picture in library.pictures()]
    QTest.keyClick(gallery, Qt.Key.Key_K, _CONTROL)
    qtbot.waitUntil(lambda: library.counts[State.CANCELLED] == 3 and toast_of(app).is_offered)
    qtbot.wait(200)
    QTest.keyClick(window, Qt.Key.Key_Z, _CONTROL)
    qtbot.waitUntil(lambda: library.put_off == 3)
    assert [picture.run_at for picture in library.pictures()] == times
    QTest.keyClick(gallery, Qt.Key.Key_L, _CONTROL)
    window.actions_.action(commands.TRY_NOW).trigger()
    qtbot.waitUntil(lambda: library.counts[State.COMPLETED] == 3, timeout=_LONG_MS)
    window.start_later.buttons[0].click()
    assert "Too late" in window.answers.accessibleName()


def put_off_an_hour(app: App, qtbot: QtBot) -> None:
    """Have the selected pictures start in an hour, by keyboard, and wait until it is told."""
    QTest.keyClick(app.window.shelf.gallery, Qt.Key.Key_L, _CONTROL)
    QTest.keyClick(app.window.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: app.library.put_off == 3)
    in_an_hour = datetime.now(UTC) + timedelta(hours=1)
    for picture in app.library.pictures():
        assert picture.run_at is not None
        run_at = datetime.fromisoformat(picture.run_at)
        assert abs((run_at - in_an_hour).total_seconds()) < 30
    qtbot.waitUntil(lambda: toast_of(app).is_offered)


def toast_of(app: App) -> Toast:
    toast = app.window.findChild(Toast)
    assert isinstance(toast, Toast)
    return toast


def test_a_limit_is_chosen_kept_and_lifted(
    app: App, photos: Path, make_photo: MakePhoto, qtbot: QtBot
) -> None:
    window, library = app.window, app.library
    window.actions_.action(commands.LIMIT_PACE).trigger()
    QTest.keyClicks(window.pace_limit.count, "1")
    window.pace_limit.period.setCurrentText("an hour")
    window.pace_limit.limit.click()
    qtbot.waitUntil(window.status.limit.isVisible)
    assert window.status.limit.text() == "At most 1 an hour"
    for number in range(2):
        make_photo(f"{number}.png")
    window.add([os.fsencode(photos)])
    qtbot.waitUntil(lambda: library.counts[State.COMPLETED] == 1, timeout=_LONG_MS)
    qtbot.wait(200)
    assert library.counts[State.WAITING] == 1
    window.status.limit.click()
    window.pace_limit.no_limit.click()
    qtbot.waitUntil(lambda: library.counts[State.COMPLETED] == 2, timeout=_LONG_MS)
    assert not window.status.limit.isVisible()
