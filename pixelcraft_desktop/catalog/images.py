"""Images: the files users gave us, recorded by path."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pixelcraft_desktop.catalog.batches import Tally, save_tally
from pixelcraft_desktop.catalog.jobs import Plan, Terms
from pixelcraft_desktop.catalog.lost import OutputExists, lost_among, make_again
from pixelcraft_desktop.catalog.steering import apply_terms
from pixelcraft_desktop.catalog.store import Row, Store, Transaction, now
from pixelcraft_desktop.catalog.transitions import add_jobs, follow, requeue
from pixelcraft_desktop.model import Cause, State

_JSON_COLUMNS = {"metadata", "notes"}


@dataclass(frozen=True)
class Candidate:
    """A file that may be a picture. `source` is its path as text, fit to show."""

    path: bytes
    source: str
    size_bytes: int
    mtime_ns: int


def record(
    store: Store,
    candidates: Sequence[Candidate],
    plan: Plan,
    tally: Tally,
    exists: OutputExists | None = None,
) -> None:
    """Record the candidates with a waiting job each, in one transaction; count into `tally`.

    `exists` tells whether an output file is there: what lacks one is made again. None: don't look.
    """
    counted = Tally(tally.imported, tally.duplicates, tally.skipped)
    with store.transaction(durable=True) as tx:
        known = _known(tx, candidates)
        ids = [row["id"] for row in known.values()]
        lost = lost_among(tx, exists, ids) if exists else set()
        new: dict[bytes, Candidate] = {}
        met_again: list[Candidate] = []
        for candidate in candidates:
            if candidate.path in known or candidate.path in new:
                met_again.append(candidate)
            else:
                new[candidate.path] = candidate
        known |= _add(tx, list(new.values()), plan)
        counted.imported += len(new)
        for candidate in met_again:
            row = known[candidate.path]
            if _take_again(tx, candidate, row, plan) or _make_again(tx, row, plan, lost):
                counted.imported += 1
            else:
                counted.duplicates += 1
        save_tally(tx, plan.batch_id, counted)
    tally.imported, tally.duplicates = counted.imported, counted.duplicates


def list_images(store: Store) -> list[Row]:
    """Return every image with its renditions and the state of its latest job."""
    return store.rows(
        """
        SELECT i.id, i.source, i.sha256, i.format, i.width, i.height, i.size_bytes, i.metadata,
            i.notes, j.id AS job_id, j.state,
            (SELECT file FROM renditions WHERE image_id = i.id AND name = 'thumbnail')
                AS thumbnail,
            (SELECT file FROM renditions WHERE image_id = i.id AND name = 'preview') AS preview
        FROM images i
        LEFT JOIN jobs j ON j.id = (SELECT max(id) FROM jobs WHERE image_id = i.id)
        WHERE i.removed_at IS NULL
        ORDER BY i.id
        """
    )


def save_facts(tx: Transaction, image_id: int, facts: dict[str, Any]) -> None:
    """Record what was read from the picture: the columns named in `facts`, some of them JSON.

    Only in the commit that ends the image's job, whose row carries the revision for both.
    """
    texts = {name: json.dumps(facts[name]) for name in _JSON_COLUMNS & facts.keys()}
    values = {**facts, **texts}
    columns = ", ".join(f"{name} = ?" for name in values)
    tx.run(f"UPDATE images SET {columns} WHERE id = ?", *values.values(), image_id)


def _make_again(tx: Transaction, row: Row, plan: Plan, lost: set[int]) -> bool:
    """Have an unchanged image made again if its results are lost; return whether they are."""
    job_id = make_again(tx, row["id"]) if row["id"] in lost else None
    if job_id is None:
        return False
    follow(tx, job_id, plan.batch_id)
    lost.discard(row["id"])
    return True


def _known(tx: Transaction, candidates: Sequence[Candidate]) -> dict[bytes, Row]:
    """Return what the catalog has at these paths, with the latest job of each."""
    marks = ", ".join("?" * len(candidates))
    rows = tx.rows(
        f"""
        SELECT i.id, i.path, i.size_bytes, i.mtime_ns, i.removed_at, j.id AS job_id, j.state,
            j.cause
        FROM images i LEFT JOIN jobs j
            ON j.id = (SELECT max(id) FROM jobs WHERE image_id = i.id)
        WHERE i.path IN ({marks})
        """,
        *(candidate.path for candidate in candidates),
    )
    return {row["path"]: row for row in rows}


def _add(tx: Transaction, candidates: Sequence[Candidate], plan: Plan) -> dict[bytes, Row]:
    """Record new images with a job each, in one statement a table; return them by path."""
    if not candidates:
        return {}
    values = [
        value
        for each in candidates
        for value in (each.path, each.source, each.size_bytes, each.mtime_ns)
    ]
    marks = ", ".join(["(?, ?, ?, ?)"] * len(candidates))
    rows = tx.rows(
        "INSERT INTO images (path, source, size_bytes, mtime_ns, added_at, revision) "
        f"SELECT column1, column2, column3, column4, ?, ? FROM (VALUES {marks}) "
        "RETURNING id, path, size_bytes, mtime_ns, removed_at",
        *(now(), tx.revision),
        *values,
    )
    job_ids = add_jobs(tx, [row["id"] for row in rows], plan)
    job = {"state": State.WAITING, "cause": None}
    return {row["path"]: {**row, **job, "job_id": job_ids[row["id"]]} for row in rows}


def _take_again(tx: Transaction, candidate: Candidate, row: Row, plan: Plan) -> bool:
    """Give a known image what it needs; return whether that is work it did not have before.

    A job that is not done yet belongs to this import as well, so that who imports again also waits
    for it. A removed image comes back into the library.
    """
    is_same = (row["size_bytes"], row["mtime_ns"]) == (candidate.size_bytes, candidate.mtime_ns)
    was_removed = row["removed_at"] is not None
    if was_removed or not is_same:
        tx.run(
            "UPDATE images SET size_bytes = ?, mtime_ns = ?, removed_at = NULL, revision = ? "
            "WHERE id = ?",
            candidate.size_bytes,
            candidate.mtime_ns,
            tx.revision,
            row["id"],
        )
    if row["state"] in (State.WAITING, State.DELAYED):
        follow(tx, row["job_id"], plan.batch_id)
        apply_terms(tx, row["job_id"], Terms(plan.terms.priority))
        return was_removed
    # What crashed the program twice would do so again: only a retry by the user tries it.
    if is_same and row["state"] == State.FAILED and row["cause"] == Cause.CRASHED_APP:
        follow(tx, row["job_id"], plan.batch_id)
        return was_removed
    if row["state"] in (State.FAILED, State.CANCELLED):
        requeue(tx, row["job_id"])
        apply_terms(tx, row["job_id"], plan.terms)
        follow(tx, row["job_id"], plan.batch_id)
        return True
    if row["state"] == State.ACTIVE and is_same:
        follow(tx, row["job_id"], plan.batch_id)
    if is_same and not was_removed and row["job_id"] is not None:
        return False
    add_jobs(tx, [row["id"]], plan)
    return True
