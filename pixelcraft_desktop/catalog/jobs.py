"""Jobs on their way through the states. Every change is fenced by the token."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pixelcraft_desktop.catalog.control import IS_PAUSED_SQL
from pixelcraft_desktop.catalog.store import Row, Store, Transaction, now
from pixelcraft_desktop.model import Failure, Stage, State

_GIVE_BACK = (
    "UPDATE jobs SET state = 'waiting', token = ?, revision = ?, stage = NULL, progress = 0, "
    "started_at = NULL, attempt = max(0, attempt - 1) WHERE state = 'active'"
)
# Jobs of removed images stand still until the image comes back or is purged.
_IS_THERE = "EXISTS (SELECT 1 FROM images i WHERE i.id = {jobs}.image_id AND i.removed_at IS NULL)"

# An import's own jobs, and those it found there and waits for as well.
_IS_OF_BATCH = (
    "(j.batch_id = ?1 OR EXISTS (SELECT 1 FROM batch_followers f "
    "WHERE f.job_id = j.id AND f.batch_id = ?1))"
)
_FAILED = "state = 'failed'"
_MAY_RETRY = "state IN ('failed', 'cancelled')"
_MAY_SALVAGE = "state = 'failed' AND cause = 'damaged'"


@dataclass(frozen=True)
class Plan:
    """What every job of an import has in common."""

    batch_id: int
    recipe: str
    max_attempts: int


@dataclass(frozen=True)
class Ticket:
    """A job as it is handed around: its id, and the token that must still be its own."""

    job_id: int
    token: int


@dataclass(frozen=True)
class Claim:
    """An active job, ours until the token changes."""

    ticket: Ticket
    image_id: int
    path: bytes
    recipe: str
    sha256: str | None
    salvage: bool = False  # of a damaged picture, make what can be made


def add_job(tx: Transaction, image_id: int, plan: Plan) -> int:
    """Record a waiting job for the image and return its id."""
    return tx.insert(
        "INSERT INTO jobs (image_id, batch_id, recipe, state, token, max_attempts, created_at, "
        "revision) VALUES (?, ?, ?, 'waiting', ?, ?, ?, ?)",
        image_id,
        plan.batch_id,
        plan.recipe,
        tx.revision,
        plan.max_attempts,
        now(),
        tx.revision,
    )


def follow(tx: Transaction, job_id: int, batch_id: int) -> None:
    """Let another import wait for the job too."""
    tx.run(
        "INSERT OR IGNORE INTO batch_followers SELECT id, ?1 FROM jobs "
        "WHERE id = ?2 AND batch_id <> ?1",
        batch_id,
        job_id,
    )


def requeue(tx: Transaction, job_id: int, salvage: bool = False) -> None:
    """Let a failed or cancelled job wait again, with all its attempts before it."""
    tx.run(
        "UPDATE jobs SET state = 'waiting', token = ?, revision = ?, attempt = 0, progress = 0, "
        "stage = NULL, cause = NULL, message = NULL, started_at = NULL, finished_at = NULL, "
        "run_at = NULL, salvage = ? WHERE id = ?",
        tx.revision,
        tx.revision,
        salvage,
        job_id,
    )


def next_waiting(
    store: Store, limit: int, batch_id: int | None = None, visible: Sequence[int] = ()
) -> list[Ticket]:
    """Return the jobs to run next, in order: priority, then on screen, then age.

    `visible` are the ids of the images somebody is looking at. A job whose image is being
    rendered already waits for that to end.
    """
    condition = f"""
        state = 'waiting' AND NOT {IS_PAUSED_SQL} AND {_IS_THERE.format(jobs="j")}
        AND (?1 IS NULL OR {_IS_OF_BATCH})
        AND NOT EXISTS (SELECT 1 FROM jobs a WHERE a.image_id = j.image_id
                        AND a.state = 'active')
    """
    seen = ", ".join(str(int(image_id)) for image_id in visible) or "-1"
    # Two queries, each on an index of its own, and never a sort of all that waits.
    rows = store.rows(
        f"""
        SELECT * FROM (
            SELECT id, token, priority, 1 AS is_visible FROM jobs j INDEXED BY jobs_image
            WHERE image_id IN ({seen}) AND {condition} ORDER BY priority DESC, id LIMIT ?2)
        UNION ALL
        SELECT * FROM (
            SELECT id, token, priority, 0 FROM jobs j
            WHERE image_id NOT IN ({seen}) AND {condition} ORDER BY priority DESC, id LIMIT ?2)
        ORDER BY priority DESC, is_visible DESC, id LIMIT ?2
        """,
        batch_id,
        limit,
    )
    return [Ticket(row["id"], row["token"]) for row in rows]


def claim(store: Store, ticket: Ticket) -> Claim | None:
    """Make the waiting job active and return it with its new token; None if it is not ours."""
    with store.transaction() as tx:
        row = tx.row(
            f"""
            UPDATE jobs SET state = 'active', token = ?, revision = ?, attempt = attempt + 1,
                stage = ?, progress = 0, cause = NULL, message = NULL, started_at = ?,
                finished_at = NULL, run_at = NULL
            WHERE id = ? AND token = ? AND state = 'waiting' AND NOT {IS_PAUSED_SQL}
                AND {_IS_THERE.format(jobs="jobs")}
                AND NOT EXISTS (SELECT 1 FROM jobs a WHERE a.image_id = jobs.image_id
                                AND a.state = 'active')
            RETURNING id, token, image_id, recipe, salvage
            """,
            tx.revision,
            tx.revision,
            Stage.READING,
            now(),
            ticket.job_id,
            ticket.token,
        )
        if row is None:
            return None
        image = tx.row("SELECT path, sha256 FROM images WHERE id = ?", row["image_id"])
    if image is None:
        return None
    return Claim(
        Ticket(row["id"], row["token"]),
        row["image_id"],
        image["path"],
        row["recipe"],
        image["sha256"],
        bool(row["salvage"]),
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


def finish(tx: Transaction, ticket: Ticket) -> bool:
    """Make the active job completed; False if it is no longer ours."""
    changed = tx.run(
        "UPDATE jobs SET state = 'completed', stage = ?, progress = 100, finished_at = ?, "
        "revision = ? WHERE id = ? AND token = ? AND state = 'active'",
        Stage.DONE,
        now(),
        tx.revision,
        ticket.job_id,
        ticket.token,
    )
    if changed:
        _add_attempt(tx, ticket.job_id, None)
    return bool(changed)


def fail(store: Store, ticket: Ticket, failure: Failure, stage: Stage) -> bool:
    """Make the active job failed; False if it is no longer ours."""
    with store.transaction() as tx:
        changed = tx.run(
            "UPDATE jobs SET state = 'failed', stage = ?, cause = ?, message = ?, "
            "finished_at = ?, revision = ? WHERE id = ? AND token = ? AND state = 'active'",
            stage,
            failure.cause,
            failure.message,
            now(),
            tx.revision,
            ticket.job_id,
            ticket.token,
        )
        if changed:
            _add_attempt(tx, ticket.job_id, failure)
    return bool(changed)


def give_back(store: Store, tickets: Sequence[Ticket] | None = None) -> int:
    """Let active jobs wait again as if the attempt had never begun; all of them for None."""
    chosen = "" if tickets is None else "AND id = ? AND token = ?"
    values: list[tuple[int, ...]] = [(t.job_id, t.token) for t in tickets or ()]
    changed = 0
    with store.transaction() as tx:
        for each in [()] if tickets is None else values:
            changed += tx.run(f"{_GIVE_BACK} {chosen}", tx.revision, tx.revision, *each)
    return changed


def give_back_images(tx: Transaction, image_ids: Sequence[int]) -> None:
    """Let the active jobs of these images wait again; what their decoders bring is refused."""
    active = tx.rows("SELECT id, image_id FROM jobs WHERE state = 'active'")
    chosen = set(image_ids)
    for job in active:
        if job["image_id"] in chosen:
            tx.run(f"{_GIVE_BACK} AND id = ?", tx.revision, tx.revision, job["id"])


def retry(
    store: Store, job_ids: Sequence[int] | None, salvage: bool = False
) -> tuple[list[int], list[int]]:
    """Let failed or cancelled jobs wait again (None: all failed ones).

    With `salvage` only those that failed as damaged, to make what can be made of their pictures.
    Returns the ids of those that wait, and of those that can't.
    """
    with store.transaction(durable=True) as tx:
        if job_ids is None:
            rows = tx.rows(
                f"SELECT id FROM jobs j WHERE {_MAY_SALVAGE if salvage else _FAILED} "
                f"AND {_IS_THERE.format(jobs='j')} ORDER BY id"
            )
            retried, refused = [row["id"] for row in rows], []
        else:
            can = {job_id for job_id in job_ids if _may_retry(tx, job_id, salvage)}
            retried = [job_id for job_id in dict.fromkeys(job_ids) if job_id in can]
            refused = [job_id for job_id in dict.fromkeys(job_ids) if job_id not in can]
        for job_id in retried:
            requeue(tx, job_id, salvage)
    return retried, refused


def count_states(store: Store) -> dict[State, int]:
    """Return how many jobs are in each state, without those of removed images."""
    # Counted apart: joining every job to its image would take ten times as long.
    rows = store.rows(
        """
        SELECT state, sum(n) AS n FROM (
            SELECT state, count(*) AS n FROM jobs GROUP BY state
            UNION ALL
            SELECT j.state, -count(*) FROM images i INDEXED BY images_removed
            CROSS JOIN jobs j ON j.image_id = i.id
            WHERE i.removed_at IS NOT NULL GROUP BY j.state
        ) GROUP BY state
        """
    )
    return dict.fromkeys(State, 0) | {State(row["state"]): row["n"] for row in rows}


def list_jobs(
    store: Store,
    state: State | None = None,
    batch_id: int | None = None,
    job_id: int | None = None,
) -> list[Row]:
    """Return the jobs with the path of their image, oldest first."""
    return store.rows(
        f"""
        SELECT j.id, j.image_id, j.batch_id AS batch, i.source, j.state, j.progress, j.stage,
            j.attempt, j.max_attempts, j.cause, j.message, j.created_at, j.started_at,
            j.finished_at, j.run_at
        FROM jobs j JOIN images i ON i.id = j.image_id AND i.removed_at IS NULL
        WHERE (?1 IS NULL OR {_IS_OF_BATCH}) AND (?2 IS NULL OR j.state = ?2)
            AND (?3 IS NULL OR j.id = ?3)
        ORDER BY j.id
        """,
        batch_id,
        state,
        job_id,
    )


def list_attempts(store: Store, job_id: int) -> list[Row]:
    """Return the attempts at a job, oldest first."""
    return store.rows(
        "SELECT number, started_at, finished_at, stage, cause, message, traceback "
        "FROM attempts WHERE job_id = ? ORDER BY number",
        job_id,
    )


def _may_retry(tx: Transaction, job_id: int, salvage: bool) -> bool:
    row = tx.row(
        f"SELECT id FROM jobs j WHERE id = ? AND {_MAY_SALVAGE if salvage else _MAY_RETRY} "
        f"AND {_IS_THERE.format(jobs='j')}",
        job_id,
    )
    return row is not None


def _add_attempt(tx: Transaction, job_id: int, failure: Failure | None) -> None:
    """Record the attempt that just ended. Its number counts on over retries by the user."""
    tx.run(
        """
        INSERT INTO attempts (job_id, number, started_at, finished_at, stage, cause, message,
            traceback)
        SELECT id, (SELECT coalesce(max(number), 0) + 1 FROM attempts WHERE job_id = ?1),
            started_at, finished_at, stage, cause, message, ?2
        FROM jobs WHERE id = ?1
        """,
        job_id,
        failure.traceback if failure else None,
    )
