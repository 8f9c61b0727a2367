"""What another program asks for, by the command line, an open window shows at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import click
import pytest
from click.testing import CliRunner
from conftest import MakePhoto
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.app import App
from pixelcraft_desktop.catalog.rate_limit import RateLimit
from pixelcraft_desktop.commands import intake, orders, steering
from pixelcraft_desktop.commands.context import Context
from pixelcraft_desktop.model import Cause, State
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings
from pixelcraft_desktop.ui.theme import Appearance

AT_ONCE_MS = 2_000  # a quarter of a second until it looks, and what a busy machine adds
LONG_MS = 30_000
Ask = Callable[..., None]


@pytest.fixture
def app(home: Home, qapp: QApplication, qtbot: QtBot) -> Iterator[App]:
    app = App(home, Settings(workers=1, retry_attempts=1), Appearance(qapp, "light"))
    app.start([])
    qtbot.waitExposed(app.window)
    yield app
    with qtbot.waitSignal(app.ended, timeout=6_000):
        app.window.close()
    app.store.close()


@pytest.fixture
def ask(home: Home) -> Ask:
    """Run a command with a catalog and a doorbell of its own, as another process would."""

    def run(command: click.Command, *arguments: str) -> None:
        done = CliRunner().invoke(command, arguments, obj=Context(home, Settings()))
        assert done.exit_code == 0, done.output

    return run


def test_what_the_command_line_changes_is_shown_at_once(
    app: App, ask: Ask, make_photo: MakePhoto, qtbot: QtBot
) -> None:
    def shows(condition: Callable[[], bool]) -> None:
        qtbot.waitUntil(condition, timeout=AT_ONCE_MS)

    def states() -> dict[State, int]:
        return {state: count for state, count in app.library.counts.items() if count}

    def import_(name: str, *options: str) -> None:
        ask(intake.import_, str(make_photo(name)), "--no-wait", *options)

    ask(steering.pause)
    shows(lambda: app.library.queue.is_paused)
    import_("a.png", "--in", "3600")
    shows(lambda: states() == {State.DELAYED: 1})
    import_("b.png")
    shows(lambda: states() == {State.DELAYED: 1, State.WAITING: 1})
    ask(orders.promote, "1")
    shows(lambda: states() == {State.WAITING: 2})
    ask(orders.delay, "1", "--in", "3600")
    shows(lambda: states() == {State.DELAYED: 1, State.WAITING: 1})
    ask(orders.cancel, "--all")
    shows(lambda: states() == {State.CANCELLED: 2})
    ask(steering.retry, "1", "2")
    shows(lambda: states() == {State.WAITING: 2})
    ask(orders.remove, "1")
    shows(lambda: states() == {State.WAITING: 1} and len(app.library) == 1)
    ask(steering.limit, "60/s")
    shows(lambda: app.library.queue.rate_limit == RateLimit(60, 1))
    ask(steering.workers, "3")
    shows(lambda: app.library.queue.workers == 3)
    ask(steering.resume)
    qtbot.waitUntil(lambda: states() == {State.COMPLETED: 1}, timeout=LONG_MS)
    assert not app.library.queue.is_paused


def shown_priorities(app: App) -> list[int]:
    return [picture.priority for picture in app.library.pictures()]


def test_a_priority_counts_at_once_and_a_retry_is_shown(
    app: App, ask: Ask, make_photo: MakePhoto, qtbot: QtBot
) -> None:
    ask(steering.pause)
    for name in "abcd":
        path = make_photo(f"{name}.png")
        if name != "c":
            os.truncate(path, 0)
        ask(intake.import_, str(path), "--no-wait")
    ask(orders.priority, "3", "2")
    qtbot.waitUntil(lambda: shown_priorities(app) == [0, 0, 2, 0], timeout=AT_ONCE_MS)
    ask(orders.do_next, "4")
    ask(steering.resume)
    qtbot.waitUntil(lambda: app.library.counts[State.FAILED] == 3, timeout=LONG_MS)
    claimed = "SELECT job_id FROM events WHERE new_state = 'active' ORDER BY id"
    assert [row["job_id"] for row in app.store.rows(claimed)] == [4, 3, 1, 2]
    ask(steering.pause)
    ask(steering.retry, "--cause", Cause.EMPTY.value)
    qtbot.waitUntil(lambda: app.library.counts[State.WAITING] == 3, timeout=AT_ONCE_MS)
