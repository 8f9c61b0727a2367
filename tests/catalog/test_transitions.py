"""Transitions: each one leaves its event, whoever makes it; retries choose what they may."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixelcraft_desktop.catalog import jobs, transitions
from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Claim, Plan, Ticket
from pixelcraft_desktop.catalog.removal import purge, remove
from pixelcraft_desktop.catalog.store import Row, Store
from pixelcraft_desktop.catalog.transitions import Defeat, Effort
from pixelcraft_desktop.model import Cause, Failure, Reason, Stage, State

LATER = "2026-03-01T12:00:00.000Z"


def add_waiting(store: Store, count: int) -> Plan:
    plan = Plan(open_batch(store, "b"), "[]", 5)
    paths = [f"/p/{plan.batch_id}-{n}.jpg" for n in range(count)]
    record(store, [Candidate(path.encode(), path, 1, 1) for path in paths], plan, Tally())
    return plan


def claim_next(store: Store) -> Claim:
    claim = transitions.claim(store, jobs.next_waiting(store, 1)[0], 5)
    assert claim is not None
    return claim


def defeat(cause: Cause = Cause.DAMAGED, max_attempts: int | None = None) -> Defeat:
    return Defeat(Failure(cause, "…"), Stage.READING, max_attempts, Effort(12, 34_000_000))


def fail_next(store: Store, cause: Cause = Cause.DAMAGED) -> int:
    ticket = claim_next(store).ticket
    assert transitions.fail(store, ticket, defeat(cause))
    return ticket.job_id


def delay_next(store: Store, is_lone: bool = False) -> Ticket:
    claim = claim_next(store)
    assert transitions.delay(store, claim.ticket, defeat(Cause.TIMEOUT, 2), LATER, is_lone)
    (row,) = store.rows("SELECT id, token FROM jobs WHERE id = ?", claim.ticket.job_id)
    return Ticket(row["id"], row["token"])


def complete_next(store: Store) -> None:
    ticket = claim_next(store).ticket
    with store.transaction() as tx:
        assert transitions.finish(tx, ticket)


def events(store: Store, job_id: int = 1) -> list[Row]:
    return store.rows("SELECT * FROM events WHERE job_id = ? ORDER BY id", job_id)


def steps(store: Store, job_id: int = 1) -> list[tuple[str | None, str, str]]:
    found = events(store, job_id)
    return [(row["old_state"], row["new_state"], row["reason"]) for row in found]


def test_a_whole_life_leaves_every_step_once(store: Store) -> None:
    plan = add_waiting(store, 1)
    ticket = delay_next(store)
    transitions.wake(store, [ticket])
    claim_next(store)
    transitions.give_back(store)
    transitions.give_back(store)
    fail_next(store)
    transitions.retry(store, [1])
    claim = claim_next(store)
    remove(store, [1])
    assert not transitions.fail(store, claim.ticket, defeat())
    record(store, [Candidate(b"/p/1-0.jpg", "/p/1-0.jpg", 1, 1)], plan, Tally())
    complete_next(store)
    assert steps(store) == [
        (None, "waiting", "imported"),
        ("waiting", "active", "claimed"),
        ("active", "delayed", "retry_delay"),
        ("delayed", "waiting", "due"),
        ("waiting", "active", "claimed"),
        ("active", "waiting", "given_back"),
        ("waiting", "active", "claimed"),
        ("active", "failed", "failed"),
        ("failed", "waiting", "user_retry"),
        ("waiting", "active", "claimed"),
        ("active", "waiting", "removed"),
        ("waiting", "active", "claimed"),
        ("active", "completed", "finished"),
    ]
    assert [row["cause"] for row in events(store)][2:4] == ["timeout", "timeout"]
    assert [row["attempt"] for row in events(store)] == [0, 1, 1, 1, 2, 1, 2, 2, 0, 1, 0, 1, 1]
    assert all(row["at"].endswith("Z") and row["batch_id"] == 1 for row in events(store))


def test_an_import_again_has_its_own_reason_and_a_rolled_back_step_no_event(store: Store) -> None:
    plan = add_waiting(store, 1)
    fail_next(store)
    before = len(events(store))

    def requeue_and_raise() -> None:
        with store.transaction() as tx:
            transitions.requeue(tx, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        requeue_and_raise()
    assert len(events(store)) == before
    record(store, [Candidate(b"/p/1-0.jpg", "/p/1-0.jpg", 1, 1)], plan, Tally())
    assert steps(store)[-1] == ("failed", "waiting", "imported_again")


def test_events_outlive_their_image(store: Store) -> None:
    add_waiting(store, 1)
    remove(store, [1])
    purge(store, [1])
    assert store.value("SELECT count(*) FROM jobs") == 0
    assert len(events(store)) == 1


MOVES = ["claim", "finish", "fail", "delay", "wake", "give_back", "retry", "remove", "raw"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.sampled_from(MOVES), max_size=25))
def test_events_tell_the_history_of_every_job(store: Store, moves: list[str]) -> None:
    add_waiting(store, 2)
    state_of = {row["id"]: row["state"] for row in store.rows("SELECT id, state FROM jobs")}
    seen = int(store.value("SELECT max(id) FROM events"))
    for move in moves:
        make_move(store, move)
        found = store.rows("SELECT * FROM events WHERE id > ? ORDER BY id", seen)
        for row in found:
            assert row["old_state"] == state_of[row["job_id"]] != row["new_state"]
            state_of[row["job_id"]] = row["new_state"]
        seen = found[-1]["id"] if found else seen
        now = {row["id"]: row["state"] for row in store.rows("SELECT id, state FROM jobs")}
        assert now == state_of


def make_move(store: Store, move: str) -> None:
    active = [
        Ticket(r["id"], r["token"])
        for r in store.rows("SELECT id, token FROM jobs WHERE state = 'active'")
    ]
    if move == "claim":
        for ticket in jobs.next_waiting(store, 1):
            transitions.claim(store, ticket)
    elif move == "finish":
        with store.transaction() as tx:
            for ticket in active[:1]:
                transitions.finish(tx, ticket)
    elif move == "fail" and active:
        transitions.fail(store, active[0], defeat())
    elif move == "delay" and active:
        transitions.delay(store, active[0], defeat(Cause.TIMEOUT), LATER, True)
    elif move == "wake":
        _, due = jobs.appointments_since(store, 0)
        transitions.wake(store, [each.ticket for each in due])
    elif move == "give_back":
        transitions.give_back(store, reason=Reason.RESCUED)
    elif move == "retry":
        transitions.retry(store, None)
    elif move == "remove":
        remove(store, [int(store.value("SELECT min(id) FROM images"))])
    elif move == "raw":  # any way there is, even one that forgets the reason
        with store.transaction() as tx:
            tx.run("UPDATE jobs SET state = 'cancelled' WHERE state <> 'active'")


def test_a_delayed_job_keeps_what_went_wrong_and_when_it_starts(store: Store) -> None:
    add_waiting(store, 1)
    ticket = delay_next(store)
    (job,) = jobs.list_jobs(store, State.DELAYED)
    assert (job["cause"], job["message"], job["run_at"]) == ("timeout", "…", LATER)
    assert (job["attempt"], job["max_attempts"], job["finished_at"]) == (1, 2, None)
    (attempt,) = jobs.list_attempts(store, 1)
    assert (attempt["cause"], attempt["stage"]) == ("timeout", "reading")
    assert (attempt["duration_ms"], attempt["peak_memory_bytes"]) == (12, 34_000_000)
    assert jobs.next_run_at(store, 1) == LATER
    assert jobs.next_waiting(store, 1) == []
    transitions.wake(store, [ticket])
    claim = claim_next(store)
    assert (claim.attempt, claim.is_lone) == (2, False)
    (job,) = jobs.list_jobs(store)
    assert (job["run_at"], job["cause"], job["max_attempts"]) == (None, None, 2)


def test_a_clock_set_back_makes_no_negative_duration(store: Store) -> None:
    add_waiting(store, 2)
    claims = [claim_next(store), claim_next(store)]
    future = "2099-01-01T00:00:00.000Z"
    with store.transaction() as tx:
        tx.run("UPDATE jobs SET started_at = ?", future)
    transitions.fail(store, claims[0].ticket, defeat())
    transitions.delay(store, claims[1].ticket, defeat(), LATER)
    assert {row["finished_at"] for row in store.rows("SELECT finished_at FROM attempts")} == {
        future
    }
    assert jobs.list_jobs(store)[0]["finished_at"] == future


def test_retry_by_cause_all_and_selected(store: Store) -> None:
    add_waiting(store, 5)
    causes = [Cause.DAMAGED, Cause.TIMEOUT, Cause.TIMEOUT, Cause.SOURCE_MISSING]
    assert [fail_next(store, cause) for cause in causes] == [1, 2, 3, 4]
    claim_next(store)
    assert transitions.retry(store, None, cause=Cause.TIMEOUT) == ([2, 3], [])
    assert transitions.retry(store, [4, 1, 5], cause=Cause.DAMAGED) == ([1], [4, 5])
    assert transitions.retry(store, None) == ([4], [])
    assert transitions.retry(store, [5]) == ([], [5])  # it is active


def test_a_retry_begins_a_round_with_all_its_attempts(store: Store) -> None:
    add_waiting(store, 1)
    ticket = delay_next(store, is_lone=True)
    transitions.wake(store, [ticket])
    claim = claim_next(store)
    assert claim.is_lone
    transitions.fail(store, claim.ticket, defeat(Cause.TIMEOUT, 2))
    transitions.retry(store, [1])
    claim = claim_next(store)
    assert (claim.attempt, claim.is_lone) == (1, False)
    assert jobs.list_jobs(store)[0]["max_attempts"] == 5


def test_lone_jobs_wait_for_nobody_else_to_be_there(store: Store) -> None:
    add_waiting(store, 3)
    transitions.wake(store, [delay_next(store, is_lone=True)])
    assert [t.job_id for t in jobs.next_waiting(store, 9)] == [2, 3]
    complete_next(store)
    last = claim_next(store)
    assert jobs.next_waiting(store, 9) == []
    with store.transaction() as tx:
        transitions.finish(tx, last.ticket)
    (ticket,) = jobs.next_waiting(store, 9)
    assert (ticket.job_id, jobs.runs_alone(store, ticket)) == (1, True)


def test_a_lone_job_that_is_wanted_next_goes_next(store: Store) -> None:
    add_waiting(store, 2)
    transitions.wake(store, [delay_next(store, is_lone=True)])
    with store.transaction() as tx:
        tx.run("UPDATE jobs SET priority = 1 WHERE id = 1")
    assert [t.job_id for t in jobs.next_waiting(store, 9)] == [1, 2]


def test_suspects_go_first_one_by_one(store: Store) -> None:
    add_waiting(store, 4)
    with store.transaction() as tx:
        tx.run("UPDATE jobs SET suspect = 1 WHERE id IN (2, 3)")
    for expected in (2, 3):
        (ticket,) = jobs.next_waiting(store, 9)
        assert (ticket.job_id, jobs.runs_alone(store, ticket)) == (expected, True)
        claim = claim_next(store)
        assert [t.job_id for t in jobs.next_waiting(store, 9)] == ([] if expected == 2 else [1, 4])
        with store.transaction() as tx:
            transitions.finish(tx, claim.ticket)
    assert store.value("SELECT max(suspect) FROM jobs") == 0
