"""Fifty thousand jobs: recorded, overtaken by a later drop, and cancelled, in seconds."""

from __future__ import annotations

import time

from benchmarks.large_queue import CANCEL_AIM_S, MANY, RECORD_AIM_S
from benchmarks.noop_jobs import record_jobs
from pixelcraft_desktop.catalog.jobs import count_states, next_in_turn
from pixelcraft_desktop.catalog.steering import cancel
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import State


def test_many_are_recorded_and_cancelled_in_time_and_starve_no_later_drop(store: Store) -> None:
    began = time.monotonic()
    record_jobs(store, 0, MANY)
    assert time.monotonic() - began <= RECORD_AIM_S
    assert count_states(store)[State.WAITING] == MANY
    folder = store.value("SELECT max(id) FROM batches")
    record_jobs(store, MANY, 1)
    began = time.monotonic()
    first, second = next_in_turn(store, 2, last_batch=folder)
    assert time.monotonic() - began < 0.05
    assert (first.ticket.job_id, second.ticket.job_id) == (MANY + 1, 1)
    began = time.monotonic()
    cancelled, refused = cancel(store, None)
    assert time.monotonic() - began <= CANCEL_AIM_S
    assert (len(cancelled), refused) == (MANY + 1, [])
    assert count_states(store)[State.CANCELLED] == MANY + 1
    assert store.value("SELECT count(*) FROM events WHERE new_state = 'cancelled'") == MANY + 1
