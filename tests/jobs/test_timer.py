"""The timer: to the millisecond, in order, and whatever the clock on the wall says."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixelcraft_desktop.catalog import jobs, transitions
from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan
from pixelcraft_desktop.catalog.store import Store, timestamp
from pixelcraft_desktop.jobs.timer import Timer
from pixelcraft_desktop.model import Reason

DAY_S = 86_400.0


class Clocks:
    """A monotonic clock and one on the wall that can be set."""

    def __init__(self) -> None:
        self.monotonic = 1000.0
        self.wall = datetime(2026, 3, 1, tzinfo=UTC).timestamp()

    def pass_s(self, seconds: float) -> None:
        self.monotonic += seconds
        self.wall += seconds


def make_timer(store: Store, clocks: Clocks) -> Timer:
    return Timer(store, 60, lambda: clocks.monotonic, lambda: clocks.wall)


def add_delayed(store: Store, run_ats: list[float], reason: Reason = Reason.RETRY_DELAY) -> None:
    """Add jobs that are delayed until these moments."""
    batch_id = open_batch(store, "b")
    start = int(store.value("SELECT coalesce(max(id), 0) FROM jobs"))
    paths = [f"/{batch_id}/{n}.jpg" for n in range(len(run_ats))]
    record(
        store,
        [Candidate(path.encode(), path, 1, 1) for path in paths],
        Plan(batch_id, "[]", 5),
        Tally(),
    )
    with store.transaction() as tx:
        for number, moment in enumerate(run_ats, start + 1):
            tx.run(
                "UPDATE jobs SET state = 'delayed', reason = ?, run_at = ?, token = ?, "
                "revision = ? WHERE id = ?",
                reason,
                timestamp(datetime.fromtimestamp(moment, UTC)),
                tx.revision,
                tx.revision,
                number,
            )


def waiting(store: Store) -> list[int]:
    return [row["id"] for row in jobs.list_jobs(store) if row["state"] == "waiting"]


def test_what_is_due_waits_and_the_rest_stays(store: Store) -> None:
    clocks = Clocks()
    add_delayed(store, [clocks.wall + 8, clocks.wall + 1, clocks.wall + 4])
    timer = make_timer(store, clocks)
    assert timer.turn() == pytest.approx(1)
    clocks.pass_s(1)
    assert timer.turn() == pytest.approx(3)
    assert waiting(store) == [2]
    clocks.pass_s(100)
    assert timer.turn() is None
    assert waiting(store) == [1, 2, 3]
    reasons = {row["reason"] for row in store.rows("SELECT reason FROM jobs")}
    assert reasons == {"due"}


@pytest.mark.parametrize("seconds", [-DAY_S, DAY_S])
def test_a_clock_that_is_set_while_running_changes_no_pause(store: Store, seconds: float) -> None:
    clocks = Clocks()
    add_delayed(store, [clocks.wall + 8])
    timer = make_timer(store, clocks)
    timer.turn()
    clocks.wall += seconds
    clocks.pass_s(7.9)
    assert timer.turn() == pytest.approx(0.1)
    clocks.pass_s(0.2)
    timer.turn()
    assert waiting(store) == [1]


def test_a_clock_set_back_a_day_hangs_no_job_of_an_earlier_run(store: Store) -> None:
    clocks = Clocks()
    add_delayed(store, [clocks.wall + 8])
    clocks.wall -= DAY_S
    assert make_timer(store, clocks).turn() == 60
    clocks.wall += 3 * DAY_S
    make_timer(store, clocks).turn()
    assert waiting(store) == [1]


def test_a_time_somebody_chose_is_kept_over_sleep_and_changes_of_the_clock(store: Store) -> None:
    clocks = Clocks()
    add_delayed(store, [clocks.wall + DAY_S], Reason.USER_DELAY)
    timer = make_timer(store, clocks)
    seconds = timer.turn()
    assert seconds is not None
    assert seconds <= 15  # so often the wall is looked at
    assert waiting(store) == []
    clocks.wall += DAY_S  # a laptop slept: its monotonic clock stood still
    timer.turn()
    assert waiting(store) == [1]
    add_delayed(store, [clocks.wall + 60], Reason.USER_DELAY)
    timer.hear()
    timer.turn()
    clocks.wall -= DAY_S
    clocks.monotonic += 60
    timer.turn()
    assert waiting(store) == [1, 2]


def test_those_of_one_moment_keep_their_order(store: Store) -> None:
    clocks = Clocks()
    add_delayed(store, [clocks.wall + 1] * 20)
    timer = make_timer(store, clocks)
    timer.turn()
    clocks.pass_s(1)
    before = int(store.value("SELECT value FROM revision"))
    timer.turn()
    assert store.value("SELECT value FROM revision") == before + 1  # one transaction
    order = [row["job_id"] for row in store.rows("SELECT job_id FROM events ORDER BY id DESC")][:20]
    assert order[::-1] == list(range(1, 21))


def test_what_was_retried_or_delayed_again_meanwhile_is_left_alone(store: Store) -> None:
    clocks = Clocks()
    add_delayed(store, [clocks.wall + 1, clocks.wall + 1])
    timer = make_timer(store, clocks)
    timer.turn()
    with store.transaction() as tx:
        tx.run("UPDATE jobs SET state = 'cancelled', token = ? WHERE id = 1", tx.revision)
    clocks.pass_s(2)
    timer.turn()
    assert waiting(store) == [2]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(delays=st.lists(st.floats(0, 100), min_size=1, max_size=12))
def test_nobody_goes_early_or_is_forgotten(store: Store, delays: list[float]) -> None:
    with store.transaction() as tx:
        tx.run("DELETE FROM jobs")
        tx.run("DELETE FROM images")
        tx.run("DELETE FROM sqlite_sequence")
    clocks = Clocks()
    began = clocks.wall
    add_delayed(store, [began + delay for delay in delays])
    timer = make_timer(store, clocks)
    for _ in range(len(delays) + 1):
        seconds = timer.turn()
        if seconds is None:
            break
        clocks.pass_s(seconds)
        passed = clocks.wall - began
        timer.turn()
        for row in store.rows("SELECT id, state FROM jobs"):
            due = min(delays[row["id"] - 1], 60)
            # run_at has whole milliseconds
            if row["state"] == "waiting":
                assert due <= passed + 0.0011
            else:
                assert due >= passed - 0.0011
    assert len(waiting(store)) == len(delays)


def test_a_second_is_a_second(store: Store) -> None:
    timer = Timer(store, 60)
    store.listen(timer.hear)
    timer.start()
    try:
        began = time.monotonic()
        add_delayed(store, [time.time() + 1])
        while not waiting(store):
            assert time.monotonic() - began < 5
            time.sleep(0.002)
        assert 0.99 <= time.monotonic() - began <= 1.2
    finally:
        timer.stop()


def test_waking_is_fenced(store: Store) -> None:
    add_delayed(store, [0.0])
    (row,) = store.rows("SELECT id, token FROM jobs")
    ticket = jobs.Ticket(row["id"], row["token"])
    assert transitions.wake(store, [jobs.Ticket(1, ticket.token - 1)]) == 0
    assert transitions.wake(store, [ticket]) == 1
    assert transitions.wake(store, [ticket]) == 0
