"""Rows of the timetable: recorded once, claimed by one, stamped for windows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pixelcraft_desktop.catalog import schedules
from pixelcraft_desktop.catalog.news import queue_facts
from pixelcraft_desktop.catalog.schedules import Schedule
from pixelcraft_desktop.catalog.store import Store

TEN, ELEVEN = "2026-03-01T10:00:00.000Z", "2026-03-01T11:00:00.000Z"
HOURLY = Schedule("cleanup", "0 * * * *", "UTC", True, TEN, None, None)


@pytest.fixture
def other_store(home: object, store: Store) -> Iterator[Store]:
    """The same catalog as another process has it."""
    other = Store(Path(store.path))
    yield other
    other.close()


def read(store: Store) -> Schedule:
    found = schedules.find_schedule(store, "cleanup")
    assert found is not None
    return found


def stamp(store: Store) -> int:
    return int(store.value("SELECT revision FROM schedules"))


def test_a_schedule_is_recorded_once_and_then_left_as_it_is(store: Store) -> None:
    assert schedules.find_schedule(store, "cleanup") is None
    assert schedules.add_missing(store, HOURLY)
    with store.transaction() as tx:
        tx.run("UPDATE schedules SET cron = '5 * * * *', enabled = 0")
    assert not schedules.add_missing(store, HOURLY)
    assert (read(store).cron, read(store).enabled) == ("5 * * * *", False)


def test_a_run_from_claim_to_end(store: Store) -> None:
    schedules.add_missing(store, HOURLY)
    revision = stamp(store)
    due = read(store)
    assert not due.is_due("2026-03-01T09:59:59.999Z")
    assert due.is_due(TEN)
    assert schedules.claim_run(store, due, TEN, ELEVEN)
    assert (read(store).next_run, read(store).last_run, read(store).outcome) == (ELEVEN, TEN, None)
    assert stamp(store) > revision
    assert not schedules.claim_run(store, due, TEN, ELEVEN)
    assert not schedules.end_run(store, "cleanup", ELEVEN, "completed")
    assert schedules.end_run(store, "cleanup", TEN, "completed")
    (line,) = queue_facts(store).schedules
    assert (line.next_run, line.last_run, line.outcome) == (ELEVEN, TEN, "completed")


def test_of_many_that_claim_at_once_one_runs(store: Store, other_store: Store) -> None:
    schedules.add_missing(store, HOURLY)
    due = read(store)
    gate = threading.Barrier(8)
    won: list[bool] = []

    def claim(mine: Store) -> None:
        gate.wait()
        won.append(schedules.claim_run(mine, due, TEN, ELEVEN))

    threads = [
        threading.Thread(target=claim, args=(mine,))
        for mine in (store, other_store)
        for _ in "abcd"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]


def test_a_request_makes_it_due_and_is_noticed(store: Store, other_store: Store) -> None:
    assert not schedules.request_run(other_store, "cleanup")
    schedules.add_missing(store, Schedule("cleanup", "0 * * * *", "UTC", True, None, None, None))
    assert not read(store).is_due("9999-01-01T00:00:00.000Z")
    before = store.foreign_version()
    assert schedules.request_run(other_store, "cleanup")
    assert store.foreign_version() != before
    assert read(store).is_due("9999-01-01T00:00:00.000Z")


def test_a_plan_that_moved_meanwhile_stays(store: Store) -> None:
    schedules.add_missing(store, HOURLY)
    seen = read(store)
    schedules.request_run(store, "cleanup")
    requested = read(store).next_run
    assert not schedules.plan_run(store, seen, ELEVEN)
    assert read(store).next_run == requested
    assert schedules.plan_run(store, read(store), ELEVEN)
    assert read(store).next_run == ELEVEN


def test_what_was_cut_off_is_done_again_once(store: Store) -> None:
    schedules.add_missing(store, HOURLY)
    assert schedules.repeat_interrupted(store) == 0
    schedules.claim_run(store, read(store), TEN, ELEVEN)
    assert schedules.repeat_interrupted(store) == 1
    assert read(store).outcome == schedules.INTERRUPTED
    assert read(store).next_run not in (TEN, ELEVEN)
    assert schedules.repeat_interrupted(store) == 0
