"""Somebody else keeps the catalog locked: everything waits, nothing is lost, no window stops."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from conftest import CommandLine, MakePhoto
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.app import App
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import State
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings
from pixelcraft_desktop.ui.theme import Appearance

_LOCKED_S = 6.0  # longer than the five seconds that SQLite waits by itself in Python
_LONGEST_GAP_S = 0.5
_HOLD = """
import sys, time
from pathlib import Path
from pixelcraft_desktop.catalog.database import connect
connection = connect(Path(sys.argv[1]))
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("COMMIT")
"""


@pytest.fixture
def locked(home: Home) -> Iterator[subprocess.Popen[str]]:
    """Another process that keeps the catalog for itself, for six seconds."""
    Store(home.catalog).close()
    command = [sys.executable, "-c", _HOLD, str(home.catalog), str(_LOCKED_S)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    yield process
    process.wait(30)
    process.stdout.close()


def test_a_window_starts_answers_and_loses_nothing(
    home: Home,
    make_photo: MakePhoto,
    qapp: QApplication,
    qtbot: QtBot,
    locked: subprocess.Popen[str],
) -> None:
    photos = [os.fsencode(make_photo(f"{name}.png")) for name in range(4)]
    began = time.monotonic()
    app = App(home, Settings(workers=1), Appearance(qapp, "light"))
    app.start([])
    qtbot.waitExposed(app.window)
    gaps: list[float] = []
    last = time.monotonic()

    def tick() -> None:
        nonlocal last
        gaps.append(time.monotonic() - last)
        last = time.monotonic()

    pulse = QTimer(interval=20)
    pulse.timeout.connect(tick)
    pulse.start()
    app.window.add(photos)
    app.wishes.pause_requested.emit(True)
    app.wishes.pause_requested.emit(False)
    qtbot.wait(1_000)
    assert locked.poll() is None
    assert time.monotonic() - began < _LOCKED_S
    qtbot.waitUntil(lambda: app.library.counts[State.COMPLETED] == 4, timeout=40_000)
    pulse.stop()
    assert max(gaps) < _LONGEST_GAP_S
    assert not app.library.queue.is_paused
    with qtbot.waitSignal(app.ended, timeout=6_000):
        app.window.close()
    app.store.close()


def test_an_import_waits_and_blames_nobody(
    pixelcraft: CommandLine, make_photo: MakePhoto, locked: subprocess.Popen[str]
) -> None:
    photo = make_photo("a.png")
    done = pixelcraft.json("import", photo.as_posix())
    assert locked.poll() is not None
    assert (done["completed"], done["failed"]) == (1, 0)
    (job,) = pixelcraft.json("jobs")
    assert (job["state"], job["attempt"]) == ("completed", 1)
