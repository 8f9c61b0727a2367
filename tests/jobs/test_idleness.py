"""Drained is told once for each time that the queue has nothing left to do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from pixelcraft_desktop.catalog import control, jobs, steering, transitions
from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan
from pixelcraft_desktop.catalog.removal import remove, restore
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.catalog.transitions import Defeat
from pixelcraft_desktop.jobs.idleness import Idleness
from pixelcraft_desktop.model import Cause, Failure, Stage

LATER = "2999-01-01T00:00:00.000Z"


def add(store: Store, count: int) -> None:
    first = int(store.value("SELECT coalesce(max(id), 0) FROM images"))
    paths = [f"/{number}" for number in range(first, first + count)]
    plan = Plan(open_batch(store, "b"), "[]", 5)
    record(store, [Candidate(path.encode(), path, 1, 1) for path in paths], plan, Tally())


def work(store: Store, end: Callable[[Store, jobs.Ticket], object]) -> None:
    """Claim everything that waits, and end it so."""
    while tickets := jobs.next_waiting(store, 9):
        for ticket in tickets:
            claim = transitions.claim(store, ticket)
            assert claim is not None
            end(store, claim.ticket)


def finish(store: Store, ticket: jobs.Ticket) -> None:
    with store.transaction() as tx:
        transitions.finish(tx, ticket)


def fail(store: Store, ticket: jobs.Ticket) -> None:
    transitions.fail(store, ticket, Defeat(Failure(Cause.DAMAGED, "…"), Stage.READING))


def delay(store: Store, ticket: jobs.Ticket) -> None:
    defeat = Defeat(Failure(Cause.SOURCE_MISSING, "…"), Stage.READING)
    transitions.delay(store, ticket, defeat, LATER)


@pytest.fixture
def idleness(store: Store) -> Idleness:
    idleness = Idleness(store, lambda: None)
    assert not idleness.look()  # idle from the start
    return idleness


def test_each_end_of_work_counts_once(store: Store, idleness: Idleness) -> None:
    for end in (finish, fail, finish):
        add(store, 3)
        assert not idleness.look()
        work(store, end)
        assert [idleness.look(), idleness.look()] == [True, False]
    transitions.retry(store, None)
    assert not idleness.look()
    steering.cancel(store, None)
    assert [idleness.look(), idleness.look()] == [True, False]


def test_work_between_two_looks_is_not_missed(store: Store, idleness: Idleness) -> None:
    add(store, 1)
    work(store, finish)
    assert [idleness.look(), idleness.look()] == [True, False]


def test_what_was_left_by_a_run_before_drains_too(store: Store) -> None:
    add(store, 1)
    idleness = Idleness(store, lambda: None)
    assert not idleness.look()
    work(store, finish)
    assert idleness.look()


def test_a_retry_to_come_is_work_and_a_time_the_user_chose_is_none(
    store: Store, idleness: Idleness
) -> None:
    add(store, 1)
    work(store, delay)
    assert not idleness.look()
    steering.delay_until(store, [1], LATER)
    assert idleness.look()
    steering.cancel(store, [1])
    assert not idleness.look()


def test_a_pause_is_no_end_and_what_is_removed_is_no_work(store: Store, idleness: Idleness) -> None:
    add(store, 1)
    control.set_paused(store, True)
    assert not idleness.look()
    remove(store, [1])
    assert [idleness.look(), idleness.look()] == [True, False]
    restore(store, [1])
    assert not idleness.look()
    control.set_paused(store, False)
    work(store, finish)
    assert idleness.look()


def test_the_thread_tells_once_each_time_and_outlives_a_listener_that_raises(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    told = threading.Semaphore(0)
    count = 0

    def drained() -> None:
        nonlocal count
        count += 1
        told.release()
        raise ValueError("a bug")

    idleness = Idleness(store, drained)
    store.listen(idleness.hear)
    idleness.start()
    try:
        for times in (1, 2, 3):
            add(store, 20)
            work(store, finish)
            assert told.acquire(timeout=5)
            time.sleep(0.12)  # two more looks
            assert count == times
    finally:
        store.unlisten(idleness.hear)
        idleness.stop()
        idleness.stop()
    assert count == 3
    assert "a listener failed" in caplog.text
