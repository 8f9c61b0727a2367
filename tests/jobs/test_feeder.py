"""The feeder: what it was too early for, or could not send, waits for no other news."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.database import OperationalError
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan, Ticket
from pixelcraft_desktop.catalog.rate_limit import RateLimit, set_rate_limit
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.allowance import Allowance
from pixelcraft_desktop.jobs.broker import Broker
from pixelcraft_desktop.jobs.feeder import Feeder
from pixelcraft_desktop.model import standard_recipe

LIMIT = RateLimit(1, 10)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@contextmanager
def feeding(store: Store, allowance: Allowance, broker: Broker) -> Iterator[Feeder]:
    feeder = Feeder(store, broker, 1, allowance)
    feeder.start()
    try:
        yield feeder
    finally:
        feeder.stop()


def add_jobs(store: Store, count: int) -> None:
    plan = Plan(open_batch(store, "b"), standard_recipe().to_json(), 5)
    paths = [f"/{number}.jpg" for number in range(count)]
    record(store, [Candidate(path.encode(), path, 1, 1) for path in paths], plan, Tally())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path / "queue.db", lambda _ticket: None)
    yield broker
    broker.close()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    pause = threading.Event()
    return any(condition() or pause.wait(0.01) for _ in range(int(seconds * 100)))


def test_a_start_that_is_allowed_right_after_the_look_is_not_overlooked(
    store: Store, broker: Broker
) -> None:
    clock = Clock()

    class JustTooEarly(Allowance):
        def room(self) -> int | None:
            found = super().room()
            clock.seconds = 10.0  # the moment after the feeder asked
            return found

    allowance = JustTooEarly(store, clock)
    set_rate_limit(store, LIMIT)
    allowance.look()
    assert allowance.take()
    allowance.start()
    clock.seconds = 9.9
    add_jobs(store, 1)
    with feeding(store, allowance, broker):
        assert wait_until(lambda: broker.count() == 1, seconds=1.5)


def test_a_message_that_could_not_be_sent_is_not_waited_for(
    store: Store, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_jobs(store, 1)
    sent, put = threading.Event(), broker.put

    def refuse_once(ticket: Ticket, priority: int = 0) -> None:
        if sent.is_set():
            put(ticket, priority)
            return
        sent.set()
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(broker, "put", refuse_once)
    with feeding(store, Allowance(store), broker) as feeder:
        assert sent.wait(1.5)
        wait_until(lambda: not feeder._fed, seconds=1.0)
        feeder.wake()  # as commits do all the time while an import goes on
        assert wait_until(lambda: broker.count() == 1, seconds=1.5)
