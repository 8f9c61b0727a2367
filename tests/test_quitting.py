"""Quitting while real pictures are being worked on: finished, stopped, and gone on with."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import MakePhoto
from PIL import Image
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.app import App
from pixelcraft_desktop.catalog.quitting import QuitWay
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import State
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings
from pixelcraft_desktop.ui.theme import Appearance

_LONG_MS = 30_000
_ENDING_MS = 6_000
_OTHERS = 3
_STATES = "SELECT group_concat(state) FROM (SELECT state FROM jobs ORDER BY id)"
_GIVEN_BACK = "SELECT count(*) FROM events WHERE reason = 'given_back'"
_MOST_ATTEMPTS = "SELECT max(attempt) FROM jobs"
StartApp = Callable[[], App]


def write_slow_photo(path: Path) -> None:
    """Write a JPEG that says the same thing 80 times over, about 10 ms each."""
    buffer = io.BytesIO()
    Image.new("L", (4096, 4096), 128).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    last_scan = data[data.rindex(b"\xff\xda") : -2]
    path.write_bytes(data[:-2] + last_scan * 80 + data[-2:])


@pytest.fixture
def start_app(home: Home, qapp: QApplication, qtbot: QtBot) -> Iterator[StartApp]:
    """Start the program on the fixture's home; whichever still runs is closed."""
    started: list[App] = []

    def start() -> App:
        app = App(home, Settings(workers=1), Appearance(qapp, "light"))
        started.append(app)
        app.start([])
        qtbot.waitExposed(app.window)
        return app

    yield start
    for app in started:
        if not app.is_closing:
            with qtbot.waitSignal(app.ended, timeout=_ENDING_MS):
                app.close()
        app.store.close()


@pytest.fixture
def busy_app(start_app: StartApp, photos: Path, make_photo: MakePhoto, qtbot: QtBot) -> App:
    """The program with a slow picture in hand, and others that wait."""
    write_slow_photo(photos / "a.jpg")
    for number in range(_OTHERS):
        make_photo(f"b{number}.png")
    app = start_app()
    app.window.add([os.fsencode(photos)])
    qtbot.waitUntil(
        lambda: (
            app.library.counts[State.ACTIVE] == 1 and app.library.counts[State.WAITING] == _OTHERS
        ),
        timeout=_LONG_MS,
    )
    return app


def test_the_picture_in_hand_is_finished_and_the_others_wait_for_the_next_start(
    busy_app: App, start_app: StartApp, home: Home, qtbot: QtBot
) -> None:
    window = busy_app.window
    window.close()
    assert window.question.facts == "1 picture is being worked on, 3 wait."
    with qtbot.waitSignal(busy_app.ended, timeout=_LONG_MS):
        window.question.button(QuitWay.FINISH).click()
    store = Store(home.catalog)
    assert store.value(_STATES) == "completed,waiting,waiting,waiting"
    assert store.value(_GIVEN_BACK) == 0
    store.close()
    again = start_app()
    qtbot.waitUntil(lambda: again.library.counts[State.COMPLETED] == 4, timeout=_LONG_MS)


def test_who_thinks_again_gets_all_of_them(busy_app: App, qtbot: QtBot) -> None:
    window, counts = busy_app.window, busy_app.library.counts
    window.close()
    window.question.button(QuitWay.FINISH).click()
    busy_app.departure.settle()  # as if the picture in hand took longer than anybody thinks
    qtbot.waitUntil(lambda: counts[State.COMPLETED] == 1, timeout=_LONG_MS)
    qtbot.wait(300)  # long enough for a lane to take all that was on its way
    assert counts[State.WAITING] == _OTHERS
    window.finishing.begin("")
    window.finishing.keep_working.click()
    qtbot.waitUntil(lambda: counts[State.COMPLETED] == 4, timeout=_LONG_MS)
    assert not busy_app.is_closing


def test_a_signal_waits_for_nobody(busy_app: App, home: Home, qtbot: QtBot) -> None:
    busy_app.window.close()
    busy_app.window.question.button(QuitWay.FINISH).click()
    assert busy_app.window.finishing.isVisible()
    with qtbot.waitSignal(busy_app.ended, timeout=_ENDING_MS):
        busy_app.quit_signals.quit_requested.emit()
    store = Store(home.catalog)
    assert store.value("SELECT count(*) FROM jobs WHERE state = 'active'") == 0
    assert store.value(_MOST_ATTEMPTS) <= 1
    store.close()


def test_what_is_done_every_time_outlives_the_program(
    busy_app: App, start_app: StartApp, qtbot: QtBot
) -> None:
    busy_app.window.close()
    busy_app.window.question.every_time.setChecked(True)
    with qtbot.waitSignal(busy_app.ended, timeout=_ENDING_MS):
        busy_app.window.question.button(QuitWay.STOP).click()
    again = start_app()
    qtbot.waitUntil(lambda: again.library.queue.quit_way is QuitWay.STOP)
    qtbot.waitUntil(lambda: again.library.counts[State.ACTIVE] == 1, timeout=_LONG_MS)
    with qtbot.waitSignal(again.ended, timeout=_ENDING_MS):
        again.window.close()
