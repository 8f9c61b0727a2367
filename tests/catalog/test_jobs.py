"""Jobs: every change fenced by the token, every failure kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixelcraft_desktop.catalog import control, jobs, transitions
from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Claim, Plan, Ticket
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.catalog.transitions import Defeat
from pixelcraft_desktop.model import Cause, Failure, Stage, State

FAILURE = Failure(Cause.DAMAGED, "The picture is damaged.", "Traceback …")


def add_waiting(store: Store, count: int) -> int:
    batch_id = open_batch(store, "test")
    paths = [f"/p/{batch_id}-{n}.jpg" for n in range(count)]
    candidates = [Candidate(path.encode(), path, 1, 1) for path in paths]
    record(store, candidates, Plan(batch_id, "[]", 1), Tally())
    return batch_id


def claim_next(store: Store) -> Claim:
    claim = transitions.claim(store, jobs.next_waiting(store, 1)[0])
    assert claim is not None
    return claim


def complete(store: Store, ticket: Ticket) -> bool:
    with store.transaction() as tx:
        return transitions.finish(tx, ticket)


def test_a_job_is_claimed_once(store: Store) -> None:
    add_waiting(store, 1)
    (ticket,) = jobs.next_waiting(store, 9)
    claim = transitions.claim(store, ticket)
    assert claim is not None
    assert claim.ticket.token > ticket.token
    assert transitions.claim(store, ticket) is None
    assert transitions.claim(store, claim.ticket) is None
    (job,) = jobs.list_jobs(store)
    assert (job["state"], job["attempt"], job["stage"]) == ("active", 1, "reading")
    assert job["started_at"] >= job["created_at"]


def test_an_old_token_can_do_nothing(store: Store) -> None:
    add_waiting(store, 1)
    claim = claim_next(store)
    assert transitions.give_back(store) == 1
    transitions.save_progress(store, [(claim.ticket, Stage.PREVIEW, 50)])
    assert not complete(store, claim.ticket)
    assert not transitions.fail(store, claim.ticket, Defeat(FAILURE, Stage.READING))
    assert transitions.give_back(store, [claim.ticket]) == 0
    (job,) = jobs.list_jobs(store)
    assert (job["state"], job["progress"], job["attempt"]) == ("waiting", 0, 0)
    assert jobs.list_attempts(store, job["id"]) == []


def test_progress_never_runs_backwards(store: Store) -> None:
    add_waiting(store, 1)
    ticket = claim_next(store).ticket
    seen = []
    for stage, progress in [(Stage.PREVIEW, 50), (Stage.WAITING_FOR_MEMORY, 0)]:
        transitions.save_progress(store, [(ticket, stage, progress)])
        seen.append(jobs.list_jobs(store)[0]["progress"])
    assert seen == [50, 50]
    assert complete(store, ticket)
    transitions.save_progress(store, [(ticket, Stage.READING, 0)])
    assert jobs.list_jobs(store)[0]["progress"] == 100


def test_a_failure_keeps_cause_message_and_traceback(store: Store) -> None:
    add_waiting(store, 1)
    claim = claim_next(store)
    assert transitions.fail(store, claim.ticket, Defeat(FAILURE, Stage.THUMBNAIL))
    (job,) = jobs.list_jobs(store, State.FAILED)
    assert (job["cause"], job["message"]) == ("damaged", FAILURE.message)
    (attempt,) = jobs.list_attempts(store, job["id"])
    assert attempt["traceback"] == FAILURE.traceback
    assert (attempt["number"], attempt["stage"], attempt["cause"]) == (1, "thumbnail", "damaged")


def test_a_retry_counts_its_attempts_on(store: Store) -> None:
    add_waiting(store, 1)
    transitions.fail(store, claim_next(store).ticket, Defeat(FAILURE, Stage.READING))
    assert transitions.retry(store, [1]) == ([1], [])
    (job,) = jobs.list_jobs(store)
    assert (job["state"], job["cause"], job["message"], job["attempt"]) == (
        "waiting",
        None,
        None,
        0,
    )
    complete(store, claim_next(store).ticket)
    assert [row["number"] for row in jobs.list_attempts(store, 1)] == [1, 2]
    assert [row["cause"] for row in jobs.list_attempts(store, 1)] == ["damaged", None]


def test_only_what_failed_can_be_retried(store: Store) -> None:
    add_waiting(store, 3)
    transitions.fail(store, claim_next(store).ticket, Defeat(FAILURE, Stage.READING))
    complete(store, claim_next(store).ticket)
    assert transitions.retry(store, [1, 2, 3, 77, 1]) == ([1], [2, 3, 77])
    transitions.fail(store, claim_next(store).ticket, Defeat(FAILURE, Stage.READING))
    assert transitions.retry(store, None) == ([1], [])


def fail_next(store: Store, cause: Cause = Cause.DAMAGED) -> None:
    assert transitions.fail(
        store, claim_next(store).ticket, Defeat(Failure(cause, "…"), Stage.READING)
    )


def test_only_what_failed_as_damaged_can_be_salvaged(store: Store) -> None:
    add_waiting(store, 4)
    fail_next(store)
    fail_next(store, Cause.TIMEOUT)
    complete(store, claim_next(store).ticket)
    assert transitions.retry(store, [1, 2, 3, 4, 77], salvage=True) == ([1], [2, 3, 4, 77])
    assert transitions.retry(store, [1], salvage=True) == ([], [1])
    claim = claim_next(store)
    assert (claim.ticket.job_id, claim.salvage) == (1, True)
    assert not claim_next(store).salvage
    assert transitions.fail(store, claim.ticket, Defeat(FAILURE, Stage.READING))
    assert transitions.retry(store, None, salvage=True) == ([1], [])


def test_salvaging_is_fenced_and_outlives_whatever_interrupts_it(store: Store) -> None:
    add_waiting(store, 1)
    fail_next(store)
    transitions.retry(store, [1], salvage=True)
    (ticket,) = jobs.next_waiting(store, 1)
    claim = transitions.claim(store, ticket)
    assert claim is not None
    assert claim.salvage
    assert transitions.claim(store, ticket) is None
    transitions.give_back(store)
    assert not complete(store, claim.ticket)
    again = claim_next(store)
    assert again.salvage
    assert again.ticket.token > claim.ticket.token


def test_a_plain_retry_or_another_import_is_no_salvage(store: Store) -> None:
    batch_id = add_waiting(store, 1)
    plan = Plan(batch_id, "[]", 1)
    path = f"/p/{batch_id}-0.jpg"
    again: list[Callable[[], object]] = [
        lambda: transitions.retry(store, [1]),
        lambda: record(store, [Candidate(path.encode(), path, 1, 1)], plan, Tally()),
    ]
    fail_next(store)
    for ask in again:
        transitions.retry(store, [1], salvage=True)
        fail_next(store)
        ask()
        assert not claim_next(store).salvage
        transitions.give_back(store)
        fail_next(store)


def test_pause_stops_feeding_and_claiming(store: Store) -> None:
    add_waiting(store, 1)
    (ticket,) = jobs.next_waiting(store, 1)
    assert control.set_paused(store, True)
    assert not control.set_paused(store, True)
    assert jobs.next_waiting(store, 1) == []
    assert transitions.claim(store, ticket) is None
    assert control.set_paused(store, False)
    assert transitions.claim(store, ticket) is not None


def test_order_is_priority_then_turns_and_within_a_batch_age(store: Store) -> None:
    first, second = add_waiting(store, 2), add_waiting(store, 2)
    with store.transaction() as tx:
        tx.run("UPDATE jobs SET priority = 5 WHERE id = 4")
    assert [t.job_id for t in jobs.next_waiting(store, 9)] == [4, 1, 3, 2]
    assert [t.job_id for t in jobs.next_waiting(store, 9, first)] == [1, 2]
    assert [t.job_id for t in jobs.next_waiting(store, 1, second)] == [4]


def test_an_image_is_never_rendered_twice_at_once(store: Store) -> None:
    batch_id = add_waiting(store, 1)
    claim = claim_next(store)
    with store.transaction() as tx:
        transitions.add_jobs(tx, [claim.image_id], Plan(batch_id, "[]", 1))
        second = Ticket(2, tx.revision)
    assert jobs.next_waiting(store, 9) == []
    assert transitions.claim(store, second) is None
    complete(store, claim.ticket)
    assert jobs.next_waiting(store, 9) == [second]


MOVES = ["claim", "complete", "fail", "give_back", "retry", "pause", "resume"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.sampled_from(MOVES), max_size=30))
def test_whatever_happens_every_job_stays_in_one_state(store: Store, moves: list[str]) -> None:
    with store.transaction() as tx:
        tx.run("DELETE FROM jobs")
    add_waiting(store, 3)
    held: list[Ticket] = []
    tokens: dict[int, int] = {}
    for move in moves:
        if move == "claim":
            claimed = [transitions.claim(store, ticket) for ticket in jobs.next_waiting(store, 1)]
            held += [claim.ticket for claim in claimed if claim]
        elif move == "retry":
            transitions.retry(store, None)
        elif move in {"pause", "resume"}:
            control.set_paused(store, move == "pause")
        elif held and move == "complete":
            complete(store, held.pop())
        elif held and move == "fail":
            transitions.fail(store, held.pop(0), Defeat(FAILURE, Stage.READING))
        elif move == "give_back":
            transitions.give_back(store)
        for row in store.rows("SELECT id, token FROM jobs"):
            assert row["token"] >= tokens.get(row["id"], 0)
            tokens[row["id"]] = row["token"]
        assert sum(jobs.count_states(store).values()) == 3
    control.set_paused(store, False)


@pytest.mark.parametrize("state", list(State))
def test_jobs_are_listed_by_state(store: Store, state: State) -> None:
    add_waiting(store, 2)
    with store.transaction() as tx:
        tx.run("UPDATE jobs SET state = ? WHERE id = 2", state)
    found = [row["id"] for row in jobs.list_jobs(store, state)]
    assert found == ([1, 2] if state is State.WAITING else [2])
