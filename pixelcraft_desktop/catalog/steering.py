"""Steering: what the user decides about jobs that are not done yet, as one commit each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from pixelcraft_desktop.catalog.jobs import IS_THERE, Terms
from pixelcraft_desktop.catalog.store import Store, Transaction, now
from pixelcraft_desktop.catalog.transitions import requeue
from pixelcraft_desktop.model import Reason

HIGHEST_PRIORITY = 1_000_000
_IS_THERE = IS_THERE.format(jobs="jobs")
_IS_CHOSEN = "id IN (SELECT value FROM json_each(?))"
_IS_UNDONE = "state IN ('waiting', 'delayed', 'active')"
# Each by an index of its own, however many are completed.
_ALL_UNDONE = "id IN ({})".format(
    " UNION ALL ".join(
        f"SELECT id FROM jobs WHERE state = '{state}'" for state in ("waiting", "delayed", "active")
    )
)
_IS_QUEUED = "state IN ('waiting', 'delayed')"
# The attempt of an active one is not counted: it leaves no row in `attempts` either.
_CANCEL = """
    UPDATE jobs SET state = 'cancelled', reason = ?, token = ?, revision = ?, stage = NULL,
        progress = 0, cause = NULL, message = NULL, run_at = NULL,
        attempt = max(0, attempt - (state = 'active')),
        finished_at = max(coalesce(started_at, ''), ?)
"""
_DELAY = (
    "UPDATE jobs SET state = 'delayed', reason = ?, token = ?, revision = ?, run_at = ?, "
    "stage = NULL, progress = 0"
)
_PROMOTE = "UPDATE jobs SET state = 'waiting', reason = ?, token = ?, revision = ?, run_at = NULL"

Chosen = tuple[list[int], list[int]]  # the ids of those it was done to, and of the others


def cancel(store: Store, job_ids: Sequence[int] | None) -> Chosen:
    """Cancel jobs that are not done yet (None: all of them).

    One that is active is no longer its lane's: what the decoder brings is refused. A retry, or
    another import, brings a cancelled one back.
    """
    with store.transaction(durable=True) as tx:
        values = (Reason.CANCELLED, tx.revision, tx.revision, now())
        if job_ids is None:
            condition = f"{_ALL_UNDONE} AND {_IS_THERE}"
            return _ids(tx, f"{_CANCEL} WHERE {condition} RETURNING id", *values), []
        return _change(tx, _CANCEL, _IS_UNDONE, values, job_ids)


def bring_back(store: Store, job_ids: Sequence[int], run_at: str) -> Chosen:
    """Let failed or cancelled jobs be tried again, but not before `run_at` (catalog time)."""
    with store.transaction(durable=True) as tx:
        sql = f"SELECT id FROM jobs WHERE {_IS_CHOSEN} AND {_IS_THERE}"
        there = _ids(tx, sql, json.dumps(list(job_ids)))
        back = {job_id for job_id in there if requeue(tx, job_id, Reason.USER_RETRY)}
        _delay(tx, sorted(back), run_at)
    asked = list(dict.fromkeys(job_ids))
    return [i for i in asked if i in back], [i for i in asked if i not in back]


def promote(store: Store, job_ids: Sequence[int]) -> Chosen:
    """Let delayed jobs wait for a lane now."""
    with store.transaction(durable=True) as tx:
        return _promote(tx, job_ids)


def set_priority(store: Store, job_ids: Sequence[int], priority: int) -> Chosen:
    """Let waiting and delayed jobs go before all of a lower priority."""
    with store.transaction(durable=True) as tx:
        return _set_priority(tx, job_ids, priority)


def do_next(store: Store, job_ids: Sequence[int]) -> Chosen:
    """Let waiting and delayed jobs go before all others, as soon as a lane is free."""
    with store.transaction(durable=True) as tx:
        top = tx.row(
            "SELECT priority FROM jobs INDEXED BY jobs_turn WHERE state = 'waiting' "
            "ORDER BY priority DESC LIMIT 1"
        )
        highest = max(0, top["priority"]) if top else 0
        _promote(tx, job_ids)
        return _set_priority(tx, job_ids, min(highest + 1, HIGHEST_PRIORITY))


def delay_until(store: Store, job_ids: Sequence[int], run_at: str) -> Chosen:
    """Let waiting and delayed jobs not start before `run_at` (catalog time)."""
    with store.transaction(durable=True) as tx:
        return _delay(tx, job_ids, run_at)


def apply_terms(tx: Transaction, job_id: int, terms: Terms) -> None:
    """Give a waiting job what an import asked for; it is never made less urgent."""
    if terms.priority > 0:
        sql = "UPDATE jobs SET priority = ?, token = ?, revision = ? WHERE id = ? AND priority < ?"
        tx.run(sql, terms.priority, tx.revision, tx.revision, job_id, terms.priority)
    run_at = terms.start_after(datetime.now(UTC))
    if run_at is not None:
        _delay(tx, [job_id], run_at)


def _promote(tx: Transaction, job_ids: Sequence[int]) -> Chosen:
    values = (Reason.PROMOTED, tx.revision, tx.revision)
    return _change(tx, _PROMOTE, "state = 'delayed'", values, job_ids)


def _set_priority(tx: Transaction, job_ids: Sequence[int], priority: int) -> Chosen:
    # A new token, so that a message on its way at the old priority is dropped.
    sql = "UPDATE jobs SET priority = ?, token = ?, revision = ?"
    return _change(tx, sql, _IS_QUEUED, (priority, tx.revision, tx.revision), job_ids)


def _delay(tx: Transaction, job_ids: Sequence[int], run_at: str) -> Chosen:
    values = (Reason.USER_DELAY, tx.revision, tx.revision, run_at)
    return _change(tx, _DELAY, _IS_QUEUED, values, job_ids)


def _change(
    tx: Transaction, update: str, condition: str, values: Sequence[object], job_ids: Sequence[int]
) -> Chosen:
    sql = f"{update} WHERE {_IS_CHOSEN} AND {condition} AND {_IS_THERE} RETURNING id"
    changed = set(_ids(tx, sql, *values, json.dumps(list(job_ids))))
    asked = list(dict.fromkeys(job_ids))
    return [i for i in asked if i in changed], [i for i in asked if i not in changed]


def _ids(tx: Transaction, sql: str, *values: object) -> list[int]:
    return sorted(row["id"] for row in tx.rows(sql, *values))
