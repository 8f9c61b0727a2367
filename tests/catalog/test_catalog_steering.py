"""Steering: what the user decides reaches the jobs it may, and old messages count no more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pixelcraft_desktop.catalog import jobs, steering, transitions
from pixelcraft_desktop.catalog.batches import Tally, batch_terms, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import AT_ONCE, Claim, Plan, Terms, Ticket, next_waiting
from pixelcraft_desktop.catalog.removal import remove
from pixelcraft_desktop.catalog.store import Row, Store
from pixelcraft_desktop.catalog.transitions import Defeat
from pixelcraft_desktop.model import Cause, Failure, Stage, State

LATER = "2999-03-01T12:00:00.000Z"


def add_jobs(store: Store, count: int, terms: Terms = AT_ONCE, name: str = "p") -> Plan:
    plan = Plan(open_batch(store, "b", terms=terms), "[]", 5, terms)
    paths = [f"/{name}/{n}.jpg" for n in range(count)]
    record(store, [Candidate(path.encode(), path, 1, 1) for path in paths], plan, Tally())
    return plan


def ticket_of(store: Store, job_id: int) -> Ticket:
    return Ticket(job_id, store.value("SELECT token FROM jobs WHERE id = ?", job_id))


def claim(store: Store, job_id: int) -> Claim:
    found = transitions.claim(store, ticket_of(store, job_id))
    assert found is not None
    return found


def finish(store: Store, claimed: Claim) -> bool:
    with store.transaction() as tx:
        return transitions.finish(tx, claimed.ticket)


def fail(store: Store, job_id: int) -> None:
    defeat = Defeat(Failure(Cause.DAMAGED, "…"), Stage.READING)
    assert transitions.fail(store, claim(store, job_id).ticket, defeat)


def order(store: Store) -> list[int]:
    return [ticket.job_id for ticket in next_waiting(store, 99)]


def job(store: Store, job_id: int) -> Row:
    (row,) = store.rows("SELECT * FROM jobs WHERE id = ?", job_id)
    return row


@pytest.fixture
def each_state(store: Store) -> list[str]:
    """Make one job of each state, in the order of their ids."""
    add_jobs(store, 6)
    steering.delay_until(store, [2], LATER)
    assert finish(store, claim(store, 4))
    fail(store, 5)
    steering.cancel(store, [6])
    claim(store, 3)
    states = [row["state"] for row in jobs.list_jobs(store)]
    assert states == ["waiting", "delayed", "active", "completed", "failed", "cancelled"]
    return states


@pytest.mark.usefixtures("each_state")
def test_each_wish_reaches_the_states_it_may_and_names_the_others(store: Store) -> None:
    everything = [6, 5, 4, 3, 2, 1, 99, 1]
    assert steering.set_priority(store, everything, 7) == ([2, 1], [6, 5, 4, 3, 99])
    assert steering.delay_until(store, everything, LATER) == ([2, 1], [6, 5, 4, 3, 99])
    assert steering.promote(store, everything) == ([2, 1], [6, 5, 4, 3, 99])
    assert steering.cancel(store, everything) == ([3, 2, 1], [6, 5, 4, 99])
    assert steering.cancel(store, None) == ([], [])


@pytest.mark.usefixtures("each_state")
def test_cancelling_everything_leaves_what_is_done_and_refuses_what_the_lane_brings(
    store: Store,
) -> None:
    active = ticket_of(store, 3)
    assert steering.cancel(store, None) == ([1, 2, 3], [])
    counts = {state: count for state, count in jobs.count_states(store).items() if count}
    assert counts == {State.CANCELLED: 4, State.COMPLETED: 1, State.FAILED: 1}
    with store.transaction() as tx:
        assert not transitions.finish(tx, active)
    assert not transitions.fail(store, active, Defeat(Failure(Cause.TIMEOUT, "…"), Stage.READING))
    assert transitions.give_back(store, [active]) == 0
    row = job(store, 3)
    assert (row["attempt"], row["progress"], row["stage"]) == (0, 0, None)
    assert row["finished_at"] >= row["started_at"]
    events = "SELECT old_state, reason FROM events WHERE new_state = 'cancelled' AND job_id < 4"
    assert {(e["old_state"], e["reason"]) for e in store.rows(events)} == {
        (state, "cancelled") for state in ("waiting", "delayed", "active")
    }


def test_a_retry_or_an_import_brings_a_cancelled_job_back(store: Store) -> None:
    plan = add_jobs(store, 2)
    old = ticket_of(store, 1)
    steering.cancel(store, None)
    assert order(store) == []
    assert transitions.retry(store, [1]) == ([1], [])
    record(store, [Candidate(b"/p/1.jpg", "/p/1.jpg", 1, 1)], plan, Tally())
    assert order(store) == [1, 2]
    assert transitions.claim(store, old) is None


def test_what_was_cancelled_comes_back_at_its_time_and_not_before(store: Store) -> None:
    add_jobs(store, 4)
    fail(store, 4)
    steering.cancel(store, [1, 2, 3])
    remove(store, [3])
    assert steering.bring_back(store, [1, 2, 3, 9], LATER) == ([1, 2], [3, 9])
    assert order(store) == []
    for job_id in (1, 2):
        facts = job(store, job_id)
        assert (facts["state"], facts["reason"], facts["run_at"]) == (
            "delayed",
            "user_delay",
            LATER,
        )
    assert steering.bring_back(store, [1, 4], LATER) == ([4], [1])


def test_priority_goes_before_age_and_an_old_message_is_dropped(store: Store) -> None:
    add_jobs(store, 4)
    old = ticket_of(store, 3)
    steering.set_priority(store, [3], 2)
    steering.set_priority(store, [1], -1)
    assert order(store) == [3, 2, 4, 1]
    assert transitions.claim(store, old) is None
    steering.do_next(store, [4])
    steering.do_next(store, [1])
    assert order(store) == [1, 4, 3, 2]
    assert [job(store, number)["priority"] for number in (1, 2, 3, 4)] == [4, 0, 2, 3]


def test_what_is_to_be_next_need_not_wait_for_its_time(store: Store) -> None:
    add_jobs(store, 3)
    steering.delay_until(store, [2], LATER)
    assert order(store) == [1, 3]
    assert steering.do_next(store, [2, 3]) == ([2, 3], [])
    assert order(store) == [2, 3, 1]
    steering.set_priority(store, [1], steering.HIGHEST_PRIORITY)
    steering.do_next(store, [3])
    assert job(store, 3)["priority"] == steering.HIGHEST_PRIORITY


def test_a_removed_picture_is_out_of_reach(store: Store) -> None:
    add_jobs(store, 2)
    remove(store, [1])
    assert steering.cancel(store, [1, 2]) == ([2], [1])
    assert jobs.image_of_each(store, [1, 2, 3]) == {2: 2}


def test_what_an_import_asks_for_its_jobs_stands_from_the_start(store: Store) -> None:
    before = datetime.now(UTC)
    plan = add_jobs(store, 1, Terms(priority=3, delay_s=1.0))
    row = job(store, 1)
    assert (row["state"], row["reason"], row["priority"]) == ("delayed", "user_delay", 3)
    run_at, created_at = (datetime.fromisoformat(row[name]) for name in ("run_at", "created_at"))
    assert (run_at - created_at).total_seconds() == 1.0
    resumed = batch_terms(store, plan.batch_id)
    assert resumed.priority == 3
    assert resumed.run_at is not None
    waited = datetime.fromisoformat(resumed.run_at) - before
    assert 0.99 <= waited.total_seconds() < 5
    assert jobs.appointments_since(store, 0)[1][0].reason == "user_delay"


def test_an_import_again_is_as_urgent_and_as_late_as_it_asks(store: Store) -> None:
    add_jobs(store, 2)
    steering.set_priority(store, [2], 5)
    steering.cancel(store, [1])
    add_jobs(store, 2, Terms(priority=2, run_at=LATER))
    first, second = job(store, 1), job(store, 2)
    assert (first["state"], first["priority"], first["run_at"]) == ("delayed", 2, LATER)
    assert (second["state"], second["priority"]) == ("waiting", 5)  # never less urgent, or later
