"""The window program as a process: started twice, asked to end, killed, and beside a worker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest import CommandLine, MakePhoto
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.app import App
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import State
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings
from pixelcraft_desktop.ui.instance import address_of
from pixelcraft_desktop.ui.theme import Appearance

LONG_S = 60.0
CLOSING_S = 5.0
MANY = 40
COMPLETED = "SELECT count(*) FROM jobs WHERE state = 'completed'"
ACTIVE = "SELECT count(*) FROM jobs WHERE state = 'active'"
MOST_ATTEMPTS = "SELECT max(attempt) FROM jobs"

StartWindow = Callable[..., "subprocess.Popen[str]"]


def wait_until(is_true: Callable[[], Any]) -> None:
    """Wait for something that happens in another process."""
    pause = threading.Event()
    end = time.monotonic() + LONG_S
    while not is_true():
        assert time.monotonic() < end, "waited for too long"
        pause.wait(0.02)


@pytest.fixture
def start_window(pixelcraft: CommandLine) -> Iterator[StartWindow]:
    """Start the window program with these arguments, and wait until it listens."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        window = pixelcraft.start(*arguments)
        started.append(window)
        wait_until(lambda: is_window(pixelcraft.home, window.pid))
        return window

    yield start
    for window in started:
        window.kill()
        window.communicate()


def has_completed(store: Store, count: int) -> Callable[[], bool]:
    return lambda: bool(store.value(COMPLETED) >= count)


def is_window(home: Path, process_id: int) -> bool:
    """Tell whether the window of that home is that process, and hears."""
    lock = home / "window.lock"
    if not lock.is_file() or lock.read_text() != f"{process_id}\n":
        return False
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(address_of(home)) == 0


@pytest.fixture
def many_photos(photos: Path, make_photo: MakePhoto) -> Path:
    """A folder that keeps the program busy for some seconds."""
    for number in range(MANY):
        make_photo(f"{number}.jpg", size=(2400, 1600))
    return photos


def test_a_second_start_hands_its_paths_to_the_first(
    pixelcraft: CommandLine, start_window: StartWindow, make_photo: MakePhoto, store: Store
) -> None:
    first = start_window(str(make_photo("a.jpg")))
    wait_until(lambda: store.value(COMPLETED) == 1)
    for names in (["b.jpg", "c.jpg"], ["d.jpg"]):
        second = pixelcraft.run("gui", *(str(make_photo(name)) for name in names))
        assert (second.returncode, second.stderr) == (0, "")
    wait_until(lambda: store.value(COMPLETED) == 4)
    assert pixelcraft.run().returncode == 0  # only brings the first one forward
    assert first.poll() is None
    assert (pixelcraft.home / "run.lock").read_text() == f"{first.pid}\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_asked_to_end_it_ends_soon_and_goes_on_at_the_next_start(
    start_window: StartWindow, many_photos: Path, store: Store, number: signal.Signals
) -> None:
    window = start_window(str(many_photos))
    wait_until(lambda: store.value(COMPLETED) >= 2)
    began = time.monotonic()
    window.send_signal(number)
    assert window.wait(LONG_S) == 0
    assert time.monotonic() - began < CLOSING_S
    assert store.value(COMPLETED) < MANY
    assert store.value(ACTIVE) == 0
    assert store.value(MOST_ATTEMPTS) == 1
    assert store.value("SELECT max(attempt) FROM jobs WHERE state = 'waiting'") in {0, None}
    start_window()
    wait_until(lambda: store.value(COMPLETED) == MANY)
    assert store.value(MOST_ATTEMPTS) == 1


def test_asked_again_while_it_ends_it_ends_just_as_well(
    start_window: StartWindow, many_photos: Path, store: Store
) -> None:
    window = start_window(str(many_photos))
    wait_until(lambda: store.value(ACTIVE))
    for _ in range(3):
        window.send_signal(signal.SIGINT)
    assert window.wait(CLOSING_S) == 0
    assert store.value(ACTIVE) == 0


def test_killed_and_started_again_it_completes_everything(
    start_window: StartWindow, many_photos: Path, store: Store
) -> None:
    children: list[psutil.Process] = []
    for reached in (1, 12, 24):
        window = start_window(str(many_photos))
        wait_until(has_completed(store, reached))
        children += psutil.Process(window.pid).children(recursive=True)
        window.kill()
        window.communicate(timeout=30)  # ends only when no child holds its output any more
    start_window()
    wait_until(lambda: store.value(COMPLETED) == MANY)
    assert store.value(MOST_ATTEMPTS) == 1
    assert store.value("SELECT count(*) FROM images") == MANY
    assert store.value("PRAGMA integrity_check") == "ok"
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []


@pytest.fixture
def app(home: Home, qapp: QApplication, qtbot: QtBot) -> Iterator[App]:
    """A window in this process: what it shows can be seen."""
    app = App(home, Settings(workers=2), Appearance(qapp, "light"))
    app.start([])
    yield app
    with qtbot.waitSignal(app.ended, timeout=6_000):
        app.window.close()
    app.store.close()


@pytest.fixture
def worker(pixelcraft: CommandLine) -> Iterator[subprocess.Popen[str]]:
    """`pixelcraft worker`, which runs the jobs of the home."""
    worker = pixelcraft.start("worker")
    wait_until(lambda: runner_of(pixelcraft.home) == worker.pid)
    yield worker
    worker.kill()
    worker.communicate()


def runner_of(home: Path) -> int | None:
    lock = home / "run.lock"
    text = lock.read_text() if lock.is_file() else ""
    return int(text) if text else None


def test_beside_a_worker_the_window_shows_and_steers_and_takes_over(
    worker: subprocess.Popen[str], app: App, home: Home, make_photo: MakePhoto, qtbot: QtBot
) -> None:
    def completed(count: int) -> Callable[[], bool]:
        return lambda: app.library.counts[State.COMPLETED] == count

    app.window.add([os.fsencode(make_photo("a.jpg"))])
    qtbot.waitUntil(completed(1), timeout=30_000)
    assert app.window.shelf.model.rowCount() == 1
    broken = make_photo("b.jpg")
    broken.write_bytes(b"")
    app.window.add([os.fsencode(broken)])
    qtbot.waitUntil(lambda: app.library.counts[State.FAILED] == 1, timeout=30_000)
    make_photo("b.jpg")
    app.window.shelf.failures.retry_all_requested.emit()
    qtbot.waitUntil(completed(2), timeout=30_000)
    assert runner_of(home.root) == worker.pid
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(CLOSING_S) == 128 + signal.SIGTERM
    app.window.add([os.fsencode(make_photo("c.jpg"))])
    qtbot.waitUntil(completed(3), timeout=30_000)
    assert runner_of(home.root) == os.getpid()


def test_without_a_display_it_says_what_to_do_instead(pixelcraft: CommandLine) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        pixelcraft.environment.pop(name, None)
    for arguments in (["gui"], []):
        done = pixelcraft.run(*arguments)
        assert done.returncode == 5
        assert done.stderr.count("\n") == 1
        assert "no display" in done.stderr
        assert "pixelcraft import" in done.stderr


def test_a_display_that_nobody_serves_is_none(pixelcraft: CommandLine) -> None:
    pixelcraft.environment |= {"DISPLAY": ":49999", "QT_QPA_PLATFORM": "xcb"}
    pixelcraft.environment.pop("WAYLAND_DISPLAY", None)
    assert pixelcraft.run("gui").returncode == 5


def test_what_is_neither_command_nor_path_is_named(pixelcraft: CommandLine) -> None:
    done = pixelcraft.run("fly")
    assert done.returncode == 2
    assert "There is no fly." in done.stderr
