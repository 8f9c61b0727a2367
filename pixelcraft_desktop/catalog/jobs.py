"""Jobs as they stand: which to run next, how many there are, what became of each."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import NamedTuple

from pixelcraft_desktop.catalog.control import IS_PAUSED_SQL
from pixelcraft_desktop.catalog.store import Row, Store, timestamp
from pixelcraft_desktop.catalog.totals import removed_states, total_states
from pixelcraft_desktop.model import Reason, State

# Jobs of removed images stand still until the image comes back or is purged.
IS_THERE = "EXISTS (SELECT 1 FROM images i WHERE i.id = {jobs}.image_id AND i.removed_at IS NULL)"

# An import's own jobs, and those it found there and waits for as well.
_IS_OF_BATCH = (
    "(j.batch_id = ?1 OR EXISTS (SELECT 1 FROM batch_followers f "
    "WHERE f.job_id = j.id AND f.batch_id = ?1))"
)

_HIGHEST = 2**63 - 1
_SUSPECT = "suspect > 0"
_HAS_SUSPECTS = f"EXISTS (SELECT 1 FROM jobs WHERE state = 'waiting' AND {_SUSPECT})"
# Who had an appointment goes first, in their order: the last part of two indexes.
_AGE = "coalesce(run_at, '~')"
_FROM_WAITING = "FROM jobs INDEXED BY jobs_turn WHERE state = 'waiting'"


@dataclass(frozen=True)
class Terms:
    """What somebody asked for an import's jobs: how urgent, and when not to start yet.

    `run_at` is a catalog time; `delay_s` counts from when each job is recorded.
    """

    priority: int = 0
    run_at: str | None = None
    delay_s: float | None = None

    def start_after(self, moment: datetime) -> str | None:
        """Return when a job that is recorded now may start; None: at once."""
        if self.delay_s is None:
            return self.run_at
        return timestamp(moment + timedelta(seconds=self.delay_s))


AT_ONCE = Terms()


@dataclass(frozen=True)
class Plan:
    """What every job of an import has in common."""

    batch_id: int
    recipe: str
    max_attempts: int
    terms: Terms = AT_ONCE


class Ticket(NamedTuple):
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
    attempt: int = 1  # which try of this round it is
    is_lone: bool = False  # it is the last try after a time-out or a crash


@dataclass(frozen=True)
class Waiting:
    """A job that may be run next, and what decides when."""

    ticket: Ticket
    priority: int
    batch_id: int


def next_waiting(
    store: Store, limit: int, batch_id: int | None = None, visible: Sequence[int] = ()
) -> list[Ticket]:
    """Return the jobs to run next, in the order of `next_in_turn`."""
    return [waiting.ticket for waiting in next_in_turn(store, limit, batch_id, visible)]


def next_in_turn(
    store: Store,
    limit: int,
    batch_id: int | None = None,
    visible: Sequence[int] = (),
    last_batch: int = 0,
) -> list[Waiting]:
    """Return what to run next: by priority, then on screen, then a turn for each batch, by age.

    `visible` are the ids of the images somebody is looking at, `last_batch` had the last turn. A
    job whose image is being rendered already waits for that to end.
    """
    # One moment, and one wait for the lanes that use the catalog too, for all of its queries.
    with store.reading():
        return _next_in_turn(store, limit, batch_id, visible, last_batch)


def _next_in_turn(
    store: Store, limit: int, batch_id: int | None, visible: Sequence[int], last_batch: int
) -> list[Waiting]:
    facts = store.row(f"SELECT {IS_PAUSED_SQL} AS is_paused, {_HAS_SUSPECTS} AS has_suspects")
    if facts is None or facts["is_paused"]:
        return []
    # Who may have crashed the program goes first, with nobody beside it to be blamed as well.
    suspects = facts["has_suspects"] and _first(store, "jobs_suspect", _SUSPECT, 1, batch_id)
    if suspects:
        return [] if _is_any_active(store) else suspects
    seen = ", ".join(str(int(image_id)) for image_id in visible) or "-1"
    # Who runs alone holds up everybody else, so it waits until there is nobody else.
    others = f"(j.lone = 0 OR j.priority > 0) AND j.image_id NOT IN ({seen})"
    on_screen = f"(j.lone = 0 OR j.priority > 0) AND j.image_id IN ({seen})"
    found = _first(store, "jobs_image", on_screen, limit, batch_id) if visible else []
    if batch_id is None:
        found += _take_turns(store, others, limit, last_batch)
    else:
        found += _first(store, "jobs_order", others, limit, batch_id)
    if found or _is_any_active(store):
        return sorted(found, key=lambda waiting: -waiting.priority)[:limit]  # equals stay in order
    return _first(store, "jobs_lone", "j.lone = 1", 1, batch_id)


def highest_priority(store: Store) -> int | None:
    """Return the highest priority of all waiting jobs; None if none waits."""
    value = store.value(f"SELECT priority {_FROM_WAITING} ORDER BY priority DESC LIMIT 1")
    return None if value is None else int(value)


def runs_alone(store: Store, ticket: Ticket) -> bool:
    """Tell whether no other picture may be decoded while this job is."""
    sql = "SELECT suspect > 0 OR lone = 1 FROM jobs WHERE id = ?"
    return bool(store.value(sql, ticket.job_id))


@dataclass(frozen=True)
class Appointment:
    """A delayed job: when it may start (catalog time), and why it is delayed."""

    ticket: Ticket
    run_at: str
    reason: str | None


def appointments_since(store: Store, revision: int) -> tuple[int, list[Appointment]]:
    """Return the latest revision, and what was delayed after the commit `revision`, in order."""
    # At first there may be a million other jobs, later few changed: an index for each.
    index, condition = ("jobs_revision", "revision > ?") if revision else ("jobs_due", "? = 0")
    with store.reading():
        latest = int(store.value("SELECT value FROM revision"))
        rows = store.rows(
            f"SELECT id, token, run_at, reason FROM jobs INDEXED BY {index} "
            f"WHERE state = 'delayed' AND run_at IS NOT NULL AND {condition} ORDER BY run_at, id",
            revision,
        )
    found = [Appointment(Ticket(r["id"], r["token"]), r["run_at"], r["reason"]) for r in rows]
    return latest, found


def next_run_at(store: Store, batch_id: int) -> str | None:
    """Return when the first delayed job of an import may start; None if none is delayed."""
    sql = f"SELECT min(run_at) FROM jobs j WHERE j.state = 'delayed' AND {_IS_OF_BATCH}"
    value = store.value(sql, batch_id)
    return None if value is None else str(value)


def missing_sources(store: Store) -> list[tuple[int, bytes]]:
    """Return (job id, path) of every job that failed because its picture was not there."""
    rows = store.rows(
        f"""
        SELECT j.id, i.path FROM jobs j INDEXED BY jobs_failed JOIN images i ON i.id = j.image_id
        WHERE j.state = 'failed' AND j.cause = 'source_missing' AND {IS_THERE.format(jobs="j")}
        """
    )
    return [(row["id"], row["path"]) for row in rows]


def image_of_each(store: Store, job_ids: Sequence[int]) -> dict[int, int]:
    """Return the image of each of these jobs that is in the library."""
    rows = store.rows(
        f"""
        SELECT id, image_id FROM jobs WHERE id IN (SELECT value FROM json_each(?))
            AND {IS_THERE.format(jobs="jobs")}
        """,
        json.dumps(list(job_ids)),
    )
    return {row["id"]: row["image_id"] for row in rows}


def count_states(store: Store) -> dict[State, int]:
    """Return how many jobs are in each state, without those of removed images."""
    with store.reading():
        totals, removed = total_states(store), removed_states(store)
    return {state: count - removed.get(state, 0) for state, count in totals.items()}


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


def count_retrying(store: Store) -> int:
    """Return how many jobs wait for their next attempt; not those the user delayed."""
    sql = "SELECT count(*) FROM jobs WHERE state = 'delayed' AND reason IS NOT ?"
    return int(store.value(sql, Reason.USER_DELAY))


def list_attempts(store: Store, job_id: int) -> list[Row]:
    """Return the attempts at a job, oldest first."""
    return store.rows(
        "SELECT number, started_at, finished_at, stage, cause, message, traceback, duration_ms, "
        "peak_memory_bytes FROM attempts WHERE job_id = ? ORDER BY number",
        job_id,
    )


def _first(
    store: Store, index: str, which: str, limit: int, batch_id: int | None, *values: int
) -> list[Waiting]:
    """Return the first jobs that may run, of those that meet the condition `which`."""
    # `limit` is written out: this SQLite compiles a statement anew whenever a bound LIMIT is set,
    # even to the same number (SQLITE_ENABLE_STAT4), which takes eight times as long as running it.
    rows = store.rows(
        f"""
        SELECT id, token, priority, batch_id FROM jobs j INDEXED BY {index}
        WHERE state = 'waiting' AND {which} AND {IS_THERE.format(jobs="j")}
            AND (?1 IS NULL OR {_IS_OF_BATCH})
            AND NOT EXISTS (SELECT 1 FROM jobs a WHERE a.image_id = j.image_id
                            AND a.state = 'active')
        ORDER BY priority DESC, {_AGE}, id LIMIT {int(limit)}
        """,
        batch_id,
        *values,
    )
    return [Waiting(Ticket(r["id"], r["token"]), r["priority"], r["batch_id"]) for r in rows]


def _take_turns(store: Store, which: str, limit: int, last_batch: int) -> list[Waiting]:
    """Return the first jobs by priority, and among equals one of each batch after the other.

    The batch after `last_batch` begins. Each step is a seek in an index, so it makes no difference
    how many jobs wait, or how many batches.
    """
    found: list[Waiting] = []
    priority = _HIGHEST
    while len(found) < limit:
        sql = f"SELECT priority {_FROM_WAITING} AND priority < ? ORDER BY priority DESC LIMIT 1"
        row = store.row(sql, priority)
        if row is None:
            break
        priority = row["priority"]
        found += _share(store, which, limit - len(found), priority, last_batch)
    return found


def _share(store: Store, which: str, limit: int, priority: int, last_batch: int) -> list[Waiting]:
    """Return the first jobs of one priority: of each batch one, then of each the second…"""
    condition = f"{which} AND priority = ?2 AND batch_id = ?3"

    def queue_of(batch_id: int, most: int) -> list[Waiting]:
        return _first(store, "jobs_turn", condition, most, None, priority, batch_id)

    queues: list[list[Waiting]] = []
    for batch_id in _batches_in_turn(store, priority, last_batch):
        # Where so many batches have enough, none of them has a greater share than this.
        queue = queue_of(batch_id, math.ceil(limit / (len(queues) + 1)))
        if queue:
            queues.append(queue)
        if len(queues) == limit:
            break
    if len(queues) > 1 and sum(map(len, queues)) < limit:  # some have less than their share
        queues = [queue_of(queue[0].batch_id, limit) for queue in queues]
    ranks = zip_longest(*queues)
    return [waiting for rank in ranks for waiting in rank if waiting is not None][:limit]


def _batches_in_turn(store: Store, priority: int, last_batch: int) -> Iterator[int]:
    """Yield the batches that have waiting jobs of that priority, once around."""
    sql = (
        f"SELECT batch_id {_FROM_WAITING} AND priority = ? AND batch_id > ? AND batch_id <= ? "
        "ORDER BY batch_id LIMIT 1"
    )
    for begin, end in ((last_batch, _HIGHEST), (0, last_batch)):
        row = store.row(sql, priority, begin, end)
        while row is not None:
            yield row["batch_id"]
            row = store.row(sql, priority, row["batch_id"], end)


def _is_any_active(store: Store) -> bool:
    return bool(store.value("SELECT EXISTS (SELECT 1 FROM jobs WHERE state = 'active')"))
