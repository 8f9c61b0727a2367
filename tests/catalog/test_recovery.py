"""After a bad end: nobody pays for a kill; a crash makes suspects, a second one sets them aside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pixelcraft_desktop.catalog import jobs, transitions
from pixelcraft_desktop.catalog import store as store_module
from pixelcraft_desktop.catalog.batches import Tally, count_batch, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Claim, Plan, Ticket
from pixelcraft_desktop.catalog.recovery import forget_recovery, last_recovery, recover
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.catalog.transitions import Defeat, Effort
from pixelcraft_desktop.model import Cause, Failure, Stage, State

CRASH = "Fatal Python error: Segmentation fault\n"


def add(store: Store, count: int) -> None:
    candidates = [Candidate(b"/%d" % n, f"/{n}", 1, 1) for n in range(1, count + 1)]
    record(store, candidates, Plan(open_batch(store, "b"), "[]", 5), Tally())


def claim(store: Store, limit: int = 1) -> list[Claim]:
    claims = [transitions.claim(store, ticket) for ticket in jobs.next_waiting(store, limit)]
    return [claim for claim in claims if claim is not None]


def facts(store: Store, job_id: int) -> tuple[str, str, int, int]:
    row = store.row("SELECT state, reason, attempt, suspect FROM jobs WHERE id = ?", job_id)
    assert row is not None
    return row["state"], row["reason"], row["attempt"], row["suspect"]


def test_nobody_pays_for_a_kill(store: Store) -> None:
    add(store, 3)
    claim(store, 2)
    found = recover(store, crash=None)
    assert found is not None
    assert (found.resumed, found.suspects, found.set_aside) == (2, 0, 0)
    assert facts(store, 1) == facts(store, 2) == ("waiting", "rescued", 0, 0)
    assert recover(store, crash=None) is None
    assert last_recovery(store) == found
    forget_recovery(store)
    assert last_recovery(store) is None


def test_two_crashes_set_a_picture_aside_and_clear_the_other(store: Store) -> None:
    add(store, 4)
    claim(store, 2)
    found = recover(store, CRASH)
    assert found is not None
    assert (found.resumed, found.suspects, found.set_aside) == (2, 2, 0)
    assert facts(store, 1) == facts(store, 2) == ("waiting", "crash_suspect", 0, 1)
    (first,) = claim(store, 4)  # alone, although four wait
    assert (first.ticket.job_id, claim(store, 4)) == (1, [])
    with store.transaction() as tx:
        transitions.finish(tx, first.ticket)
    assert facts(store, 1)[3] == 0
    claim(store, 4)
    found = recover(store, CRASH)
    assert found is not None
    assert (found.resumed, found.suspects, found.set_aside) == (0, 0, 1)
    assert facts(store, 2) == ("failed", "quarantined", 1, 1)
    (attempt,) = jobs.list_attempts(store, 2)
    assert (attempt["cause"], attempt["traceback"]) == ("crashed_app", CRASH)
    assert "set aside" in attempt["message"]
    assert [c.ticket.job_id for c in claim(store, 4)] == [3, 4]


def set_aside_one(store: Store) -> None:
    add(store, 2)
    for _ in range(2):
        claim(store, 1)
        recover(store, CRASH)
    assert facts(store, 1)[:2] == ("failed", "quarantined")


def test_a_retry_by_the_user_runs_alone_and_one_more_crash_is_enough(store: Store) -> None:
    set_aside_one(store)
    assert transitions.retry(store, [1]) == ([1], [])
    assert jobs.runs_alone(store, Ticket(1, 0))
    assert [c.ticket.job_id for c in claim(store, 2)] == [1]
    found = recover(store, CRASH)
    assert found is not None
    assert (found.resumed, found.set_aside) == (0, 1)
    assert facts(store, 1) == ("failed", "quarantined", 1, 1)


def test_an_import_does_not_try_again_what_was_set_aside_unless_it_changed(store: Store) -> None:
    set_aside_one(store)
    plan = Plan(open_batch(store, "again"), "[]", 5)
    tally = Tally()
    record(store, [Candidate(b"/1", "/1", 1, 1)], plan, tally)
    assert (facts(store, 1)[0], tally.imported, tally.duplicates) == ("failed", 0, 1)
    assert count_batch(store, plan.batch_id)[State.FAILED] == 1
    record(store, [Candidate(b"/1", "/1", 7, 7)], plan, tally)
    assert (facts(store, 1)[0], tally.imported) == ("waiting", 1)


@pytest.mark.parametrize("ends", ["failed", "delayed"])
def test_an_attempt_that_ends_clears_a_suspect(store: Store, ends: str) -> None:
    add(store, 1)
    claim(store)
    recover(store, CRASH)
    (again,) = claim(store)
    defeat = Defeat(Failure(Cause.SOURCE_MISSING, "gone"), Stage.READING)
    if ends == "failed":
        transitions.fail(store, again.ticket, defeat)
    else:
        transitions.delay(store, again.ticket, defeat, "2026-01-01T00:00:00.000Z")
    assert (facts(store, 1)[0], facts(store, 1)[3]) == (ends, 0)


def test_a_recovery_that_is_cut_off_counts_no_crash_twice(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(store, 2)
    claim(store, 2)
    with store.transaction() as tx:
        tx.run("UPDATE jobs SET suspect = 1 WHERE id = 1")

    def vanish(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pixelcraft_desktop.catalog.recovery.give_back_all", vanish)
        with pytest.raises(KeyboardInterrupt):
            recover(store, CRASH)
    assert (facts(store, 1)[0], facts(store, 2)) == ("failed", ("active", "claimed", 1, 0))
    found = recover(store, CRASH)
    assert found is not None
    assert (found.resumed, found.suspects, found.set_aside) == (1, 1, 0)
    assert facts(store, 2) == ("waiting", "crash_suspect", 0, 1)


@pytest.mark.parametrize("days", [-1, 1], ids=["back", "forward"])
@pytest.mark.parametrize("ends", ["finish", "fail", "delay", "set aside"])
def test_no_duration_is_negative_when_the_clock_is_set(
    store: Store, monkeypatch: pytest.MonkeyPatch, days: int, ends: str
) -> None:
    add(store, 1)
    (active,) = claim(store)
    with store.transaction() as tx:
        tx.run("UPDATE jobs SET suspect = 1")
    moment = store_module.timestamp(datetime.now(UTC) + timedelta(days=days))
    monkeypatch.setattr(transitions, "now", lambda: moment)
    defeat = Defeat(Failure(Cause.TIMEOUT, "slow"), Stage.READING, effort=Effort(1200))
    if ends == "finish":
        with store.transaction() as tx:
            transitions.finish(tx, active.ticket, Effort(1200))
    elif ends == "fail":
        transitions.fail(store, active.ticket, defeat)
    elif ends == "delay":
        transitions.delay(store, active.ticket, defeat, moment)
    else:
        recover(store, CRASH)
    (attempt,) = jobs.list_attempts(store, active.ticket.job_id)
    assert attempt["finished_at"] == (max(attempt["started_at"], moment))
    assert attempt["duration_ms"] in (1200, None)
    (job,) = jobs.list_jobs(store)
    assert job["finished_at"] is None or job["finished_at"] >= job["started_at"]
