"""Transitions: every change of a job's state, fenced by its token, with the reason for it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pixelcraft_desktop.catalog.control import IS_PAUSED_SQL
from pixelcraft_desktop.catalog.jobs import IS_THERE, Claim, Plan, Ticket
from pixelcraft_desktop.catalog.store import Store, Transaction, now, timestamp
from pixelcraft_desktop.model import Cause, Failure, Reason, Stage, State

_GIVE_BACK = (
    "UPDATE jobs SET state = 'waiting', reason = ?, token = ?, revision = ?, stage = NULL, "
    "progress = 0, started_at = NULL, attempt = max(0, attempt - 1) WHERE state = 'active'"
)
_REQUEUE = (
    "UPDATE jobs SET state = 'waiting', reason = ?1, token = ?2, revision = ?2, attempt = 0, "
    "lone = 0, progress = 0, stage = NULL, cause = NULL, message = NULL, started_at = NULL, "
    "finished_at = NULL, run_at = NULL, salvage = ?3"
)
_IS_CHOSEN = "id IN (SELECT value FROM json_each(?4))"
_MAY_RETRY = "state IN ('failed', 'cancelled')"
_MAY_SALVAGE = "state = 'failed' AND cause = 'damaged'"


@dataclass(frozen=True)
class Effort:
    """What an attempt took, by a clock that nobody sets."""

    duration_ms: int | None = None
    peak_memory_bytes: int | None = None


@dataclass(frozen=True)
class Defeat:
    """An attempt that failed: how, in which stage, and how many the cause allows altogether."""

    failure: Failure
    stage: Stage
    max_attempts: int | None = None  # None: as many as before
    effort: Effort = Effort()


def add_jobs(tx: Transaction, image_ids: Sequence[int], plan: Plan) -> dict[int, int]:
    """Record a waiting job for each image, or a delayed one; return their ids by image.

    One statement for all of them: between two, other threads take the interpreter for a while.
    """
    moment = datetime.now(UTC)
    run_at = plan.terms.start_after(moment)
    rows = tx.rows(
        "INSERT INTO jobs (image_id, batch_id, recipe, state, reason, token, max_attempts, "
        "created_at, revision, priority, run_at) SELECT value, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?6, "
        "?9, ?10 FROM json_each(?1) ORDER BY key RETURNING id, image_id",
        json.dumps(image_ids),
        plan.batch_id,
        plan.recipe,
        State.WAITING if run_at is None else State.DELAYED,
        Reason.IMPORTED if run_at is None else Reason.USER_DELAY,
        tx.revision,
        plan.max_attempts,
        timestamp(moment),
        plan.terms.priority,
        run_at,
    )
    return {row["image_id"]: row["id"] for row in rows}


def follow(tx: Transaction, job_id: int, batch_id: int) -> None:
    """Let another import wait for the job too."""
    tx.run(
        "INSERT OR IGNORE INTO batch_followers SELECT id, ?1 FROM jobs "
        "WHERE id = ?2 AND batch_id <> ?1",
        batch_id,
        job_id,
    )


def requeue(tx: Transaction, job_id: int, reason: Reason = Reason.IMPORTED_AGAIN) -> bool:
    """Let a failed or cancelled job wait again, with all its attempts before it."""
    sql = f"{_REQUEUE} WHERE id = ?4 AND {_MAY_RETRY}"
    return bool(tx.run(sql, reason, tx.revision, 0, job_id))


def claim(
    store: Store, ticket: Ticket, max_attempts: int | None = None, is_alone: bool = True
) -> Claim | None:
    """Make the waiting job active and return it with its new token; None if it is not ours.

    `max_attempts` is what the settings allow now; it counts from the first try of a round. With
    `is_alone` false, others are active beside it: not for one that has to run alone.
    """
    with store.transaction() as tx:
        return claim_in(tx, ticket, max_attempts, is_alone)


def claim_in(
    tx: Transaction, ticket: Ticket, max_attempts: int | None, is_alone: bool
) -> Claim | None:
    """Do what `claim` does as a part of a larger commit; one claim is all it can hold."""
    beside = "" if is_alone else "AND suspect = 0 AND lone = 0"
    row = tx.row(
        f"""
        UPDATE jobs SET state = 'active', reason = ?1, token = ?2, revision = ?2,
            attempt = attempt + 1, stage = ?3, progress = 0, cause = NULL, message = NULL,
            started_at = ?4, finished_at = NULL, run_at = NULL,
            max_attempts = iif(attempt = 0, coalesce(?5, max_attempts), max_attempts)
        WHERE id = ?6 AND token = ?7 AND state = 'waiting' AND NOT {IS_PAUSED_SQL}
            {beside}
            AND {IS_THERE.format(jobs="jobs")}
            AND NOT EXISTS (SELECT 1 FROM jobs a WHERE a.image_id = jobs.image_id
                            AND a.state = 'active')
        RETURNING id, token, image_id, recipe, salvage, attempt, lone,
            (SELECT path FROM images WHERE id = image_id) AS path,
            (SELECT sha256 FROM images WHERE id = image_id) AS sha256
        """,
        Reason.CLAIMED,
        tx.revision,
        Stage.READING,
        now(),
        max_attempts,
        ticket.job_id,
        ticket.token,
    )
    if row is None:
        return None
    return Claim(
        Ticket(row["id"], row["token"]),
        row["image_id"],
        row["path"],
        row["recipe"],
        row["sha256"],
        bool(row["salvage"]),
        row["attempt"],
        bool(row["lone"]),
    )


def save_progress(store: Store, values: Iterable[tuple[Ticket, Stage, int]]) -> None:
    """Record the last progress of active jobs. It never runs backwards."""
    with store.transaction() as tx:
        for ticket, stage, progress in values:
            tx.run(
                "UPDATE jobs SET stage = ?, progress = max(progress, ?), revision = ? "
                "WHERE id = ? AND token = ? AND state = 'active'",
                stage,
                progress,
                tx.revision,
                ticket.job_id,
                ticket.token,
            )


def finish(tx: Transaction, ticket: Ticket, effort: Effort = Effort()) -> bool:
    """Make the active job completed; False if it is no longer ours."""
    # A clock that was set back must not make a duration negative.
    changed = tx.run(
        "UPDATE jobs SET state = 'completed', reason = ?, stage = ?, progress = 100, "
        "finished_at = max(started_at, ?), suspect = 0, lone = 0, revision = ? "
        "WHERE id = ? AND token = ? AND state = 'active'",
        Reason.FINISHED,
        Stage.DONE,
        now(),
        tx.revision,
        ticket.job_id,
        ticket.token,
    )
    if changed:
        _add_attempt(tx, ticket.job_id, None, effort)
    return bool(changed)


def fail(store: Store, ticket: Ticket, defeat: Defeat, reason: Reason = Reason.FAILED) -> bool:
    """Make the active job failed; False if it is no longer ours."""
    # An attempt that ended without a crash clears a suspect; one that was set aside stays one.
    with store.transaction() as tx:
        changed = tx.run(
            "UPDATE jobs SET state = 'failed', reason = ?, stage = ?, cause = ?, message = ?, "
            "finished_at = max(started_at, ?), max_attempts = coalesce(?, max_attempts), "
            "suspect = iif(?, suspect, 0), revision = ? "
            "WHERE id = ? AND token = ? AND state = 'active'",
            reason,
            defeat.stage,
            defeat.failure.cause,
            defeat.failure.message,
            now(),
            defeat.max_attempts,
            defeat.failure.cause == Cause.CRASHED_APP,
            tx.revision,
            ticket.job_id,
            ticket.token,
        )
        if changed:
            _add_attempt(tx, ticket.job_id, defeat.failure, defeat.effort)
    return bool(changed)


def delay(store: Store, ticket: Ticket, defeat: Defeat, run_at: str, is_lone: bool = False) -> bool:
    """Let the active job be tried again at `run_at`; False if it is no longer ours.

    Cause and message of what went wrong stay until then. `is_lone`: the next try runs alone.
    """
    with store.transaction() as tx:
        changed = tx.run(
            "UPDATE jobs SET state = 'delayed', reason = ?, token = ?, revision = ?, "
            "stage = ?, cause = ?, message = ?, progress = 0, run_at = ?, lone = max(lone, ?), "
            "max_attempts = coalesce(?, max_attempts), suspect = 0 "
            "WHERE id = ? AND token = ? AND state = 'active'",
            Reason.RETRY_DELAY,
            tx.revision,
            tx.revision,
            defeat.stage,
            defeat.failure.cause,
            defeat.failure.message,
            run_at,
            is_lone,
            defeat.max_attempts,
            ticket.job_id,
            ticket.token,
        )
        if changed:
            _add_attempt(tx, ticket.job_id, defeat.failure, defeat.effort)
    return bool(changed)


def wake(store: Store, tickets: Sequence[Ticket], reason: Reason = Reason.DUE) -> int:
    """Let delayed jobs wait for a lane, in one transaction; return how many still were delayed."""
    changed = 0
    with store.transaction() as tx:
        for ticket in tickets:
            changed += tx.run(
                "UPDATE jobs SET state = 'waiting', reason = ?, token = ?, revision = ? "
                "WHERE id = ? AND token = ? AND state = 'delayed'",
                reason,
                tx.revision,
                tx.revision,
                ticket.job_id,
                ticket.token,
            )
    return changed


def give_back(
    store: Store, tickets: Sequence[Ticket] | None = None, reason: Reason = Reason.GIVEN_BACK
) -> int:
    """Let active jobs wait again as if the attempt had never begun; all of them for None."""
    with store.transaction() as tx:
        if tickets is None:
            return give_back_all(tx, reason)
        return sum(give_one_back(tx, ticket, reason) for ticket in tickets)


def give_back_all(tx: Transaction, reason: Reason) -> int:
    """Let every active job wait again, its attempt given back; return how many."""
    return tx.run(_GIVE_BACK, reason, tx.revision, tx.revision)


def give_one_back(tx: Transaction, ticket: Ticket, reason: Reason) -> bool:
    """Let the active job wait again, its attempt given back; False if it is no longer ours."""
    sql = f"{_GIVE_BACK} AND id = ? AND token = ?"
    return bool(tx.run(sql, reason, tx.revision, tx.revision, ticket.job_id, ticket.token))


def give_back_images(tx: Transaction, image_ids: Sequence[int]) -> None:
    """Let the active jobs of these images wait again; what their decoders bring is refused."""
    active = tx.rows("SELECT id, image_id FROM jobs WHERE state = 'active'")
    chosen = set(image_ids)
    for job in active:
        if job["image_id"] in chosen:
            values = (Reason.REMOVED, tx.revision, tx.revision, job["id"])
            tx.run(f"{_GIVE_BACK} AND id = ?", *values)


def retry(
    store: Store,
    job_ids: Sequence[int] | None,
    salvage: bool = False,
    cause: Cause | None = None,
    reason: Reason = Reason.USER_RETRY,
) -> tuple[list[int], list[int]]:
    """Let failed or cancelled jobs wait again (None: all failed ones).

    With `salvage` only those that failed as damaged, to make what can be made of their pictures;
    with `cause` only those that failed for it. Returns the ids of those that wait, and of those
    that can't.
    """
    allowed = [_MAY_SALVAGE if salvage else _MAY_RETRY, IS_THERE.format(jobs="jobs")]
    if job_ids is None:
        allowed.append("state = 'failed'")
    if cause is not None:
        allowed.append("state = 'failed' AND cause = ?5")
    chosen = "?4 IS NULL" if job_ids is None else _IS_CHOSEN
    values = [None if job_ids is None else json.dumps(list(job_ids))]
    with store.transaction(durable=True) as tx:
        rows = tx.rows(
            f"{_REQUEUE} WHERE {chosen} AND {' AND '.join(allowed)} RETURNING id",
            *(reason, tx.revision, salvage),
            *(values if cause is None else [*values, cause]),
        )
    retried = {row["id"] for row in rows}
    if job_ids is None:
        return sorted(retried), []
    asked = list(dict.fromkeys(job_ids))
    return [i for i in asked if i in retried], [i for i in asked if i not in retried]


def _add_attempt(tx: Transaction, job_id: int, failure: Failure | None, effort: Effort) -> None:
    """Record the attempt that just ended. Its number counts on over retries by the user."""
    tx.run(
        """
        INSERT INTO attempts (job_id, number, started_at, finished_at, stage, cause, message,
            traceback, duration_ms, peak_memory_bytes)
        SELECT id, (SELECT coalesce(max(number), 0) + 1 FROM attempts WHERE job_id = ?1),
            started_at, coalesce(finished_at, max(started_at, ?2)), stage, cause, message, ?3,
            ?4, ?5
        FROM jobs WHERE id = ?1
        """,
        job_id,
        now(),
        failure.traceback if failure else None,
        effort.duration_ms,
        effort.peak_memory_bytes,
    )
