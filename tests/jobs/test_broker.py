"""Broker and lanes on a real queue file: woken at once, deaf to strangers, stopped cleanly."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator

import pytest

from pixelcraft_desktop.catalog.jobs import Ticket
from pixelcraft_desktop.decoders.decoder import Decoder
from pixelcraft_desktop.decoders.memory import MemoryBudget
from pixelcraft_desktop.jobs.broker import Broker
from pixelcraft_desktop.jobs.lanes import Lanes
from pixelcraft_desktop.paths import Home

PATIENCE_S = 30


@pytest.fixture
def taken() -> queue.Queue[Ticket]:
    return queue.Queue()


@pytest.fixture
def broker(home: Home, taken: queue.Queue[Ticket]) -> Iterator[Broker]:
    broker = Broker(home.queue, taken.put)
    yield broker
    broker.close()


@pytest.fixture
def lanes(broker: Broker) -> Iterator[Lanes]:
    lanes = Lanes(broker, 2, lambda: Decoder(MemoryBudget(10**9), 60))
    lanes.start()
    yield lanes
    assert lanes.stop_lanes(5)


def test_tickets_reach_the_work(broker: Broker, lanes: Lanes, taken: queue.Queue[Ticket]) -> None:
    sent = {Ticket(n, n + 100) for n in range(20)}
    for ticket in sent:
        broker.put(ticket)
    assert {taken.get(timeout=PATIENCE_S) for _ in sent} == sent
    assert broker.count() == 0


def test_the_queue_is_emptied_at_start(broker: Broker, home: Home) -> None:
    broker.put(Ticket(1, 1))
    assert broker.count() == 1
    again = Broker(home.queue, lambda ticket: None)
    assert again.count() == 0
    again.close()


def test_forged_messages_are_dropped(
    broker: Broker,
    lanes: Lanes,
    taken: queue.Queue[Ticket],
    home: Home,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.CRITICAL, "huey"):
        broker.huey.storage.enqueue(b"forged")
    broker.put(Ticket(7, 7))
    assert taken.get(timeout=PATIENCE_S) == Ticket(7, 7)
    assert taken.empty()


def test_what_is_taken_at_once_is_checked_as_well(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    assert broker.take() is None
    broker.put(Ticket(1, 1))
    broker.put(Ticket(2, 2), priority=1)
    broker.huey.storage.enqueue(b"forged", priority=5)
    with caplog.at_level(logging.CRITICAL):
        assert broker.take() is None
    assert [broker.take(), broker.take(), broker.take()] == [Ticket(2, 2), Ticket(1, 1), None]
    broker.release_workers()
    broker.put(Ticket(3, 3))
    assert broker.take() is None


def test_what_is_no_message_at_all_is_dropped_too(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    broker.huey.storage.enqueue("text")
    broker.put(Ticket(1, 1))
    with caplog.at_level(logging.CRITICAL):
        assert broker.take() is None
    assert [broker.take(), broker.take()] == [Ticket(1, 1), None]


def test_a_raising_job_does_not_end_its_lane(home: Home) -> None:
    done = threading.Event()

    def work(ticket: Ticket) -> None:
        if ticket.job_id == 0:
            raise RuntimeError("a bug")
        done.set()

    broker = Broker(home.queue, work)
    lanes = Lanes(broker, 1, lambda: Decoder(MemoryBudget(10**9), 60))
    lanes.start()
    broker.put(Ticket(0, 0))
    broker.put(Ticket(1, 1))
    assert done.wait(PATIENCE_S)
    assert lanes.stop_lanes(5)
    broker.close()


def test_stopping_twice_is_harmless(home: Home) -> None:
    broker = Broker(home.queue, lambda ticket: None)
    lanes = Lanes(broker, 1, lambda: Decoder(MemoryBudget(10**9), 60))
    lanes.start()
    assert lanes.stop_lanes(5)
    assert lanes.stop_lanes(5)
    broker.close()
