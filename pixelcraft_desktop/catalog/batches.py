"""Batches: what one drop or one import brought in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter

from pixelcraft_desktop.catalog.jobs import AT_ONCE, Terms
from pixelcraft_desktop.catalog.store import Row, Store, Transaction, now, timestamp
from pixelcraft_desktop.catalog.totals import total_states
from pixelcraft_desktop.model import State

# The jobs an import recorded, and those it found there and waits for as well. Takes ?1.
_JOBS_OF_BATCH = (
    "(SELECT state, finished_at FROM jobs WHERE batch_id = ?1 UNION ALL "
    "SELECT state, finished_at FROM batch_followers f JOIN jobs j ON j.id = f.job_id "
    "WHERE f.batch_id = ?1)"
)


@dataclass
class Tally:
    """What became of the files a scan met: `imported` + `duplicates` were found to be pictures."""

    imported: int = 0
    duplicates: int = 0
    skipped: int = 0

    @property
    def found(self) -> int:
        return self.imported + self.duplicates


@dataclass(frozen=True)
class Batch:
    """What there is to say of a batch beside its jobs."""

    id: int
    name: str
    priority: int
    duplicates: int
    is_scanned: bool


def open_batch(
    store: Store,
    name: str,
    paths: Sequence[bytes] = (),
    claim: Callable[[int], object] = lambda _batch_id: None,
    terms: Terms = AT_ONCE,
) -> int:
    """Record a new batch and what it was asked to look through; return its id.

    `claim` is called with the id before anybody else can see the batch.
    """
    moment = datetime.now(UTC)
    with store.transaction(durable=True) as tx:
        batch_id = tx.insert(
            "INSERT INTO batches (name, created_at, revision, priority, run_at) "
            "VALUES (?, ?, ?, ?, ?)",
            name,
            timestamp(moment),
            tx.revision,
            terms.priority,
            terms.start_after(moment),
        )
        for path in paths:
            tx.run("INSERT INTO batch_paths (batch_id, path) VALUES (?, ?)", batch_id, path)
        claim(batch_id)
    return batch_id


def batch_terms(store: Store, batch_id: int) -> Terms:
    """Return what was asked for the batch's jobs."""
    row = store.row("SELECT priority, run_at FROM batches WHERE id = ?", batch_id)
    return Terms(**row) if row else AT_ONCE


def unscanned_batches(store: Store) -> dict[int, list[bytes]]:
    """Return the paths of each batch whose scan has not come to its end, oldest first."""
    rows = store.rows(
        "SELECT b.id, p.path FROM batches b LEFT JOIN batch_paths p ON p.batch_id = b.id "
        "WHERE b.scanned_at IS NULL ORDER BY b.id, p.id"
    )
    found: dict[int, list[bytes]] = {}
    for row in rows:
        paths = found.setdefault(row["id"], [])
        if row["path"] is not None:
            paths.append(row["path"])
    return found


def save_tally(tx: Transaction, batch_id: int, tally: Tally) -> None:
    """Record how far the scan of a batch is."""
    tx.run(
        "UPDATE batches SET imported = ?, duplicates = ?, skipped = ?, revision = ? WHERE id = ?",
        tally.imported,
        max(0, tally.duplicates),
        tally.skipped,
        tx.revision,
        batch_id,
    )


def close_batch(store: Store, batch_id: int, tally: Tally | None = None) -> None:
    """Record that the scan of a batch is done; without a tally the last one stands."""
    with store.transaction(durable=True) as tx:
        if tally is not None:
            save_tally(tx, batch_id, tally)
        tx.run(
            "UPDATE batches SET scanned_at = ?, revision = ? WHERE id = ?",
            now(),
            tx.revision,
            batch_id,
        )
        tx.run("DELETE FROM batch_paths WHERE batch_id = ?", batch_id)


def is_unscanned(store: Store, batch_id: int) -> bool:
    """Tell whether the scan of the batch has not come to its end."""
    sql = "SELECT count(*) FROM batches WHERE id = ? AND scanned_at IS NULL"
    return bool(store.value(sql, batch_id))


def count_imported(store: Store, batch_id: int) -> int:
    """Return how many images the batch brought so far."""
    return int(store.value("SELECT imported FROM batches WHERE id = ?", batch_id) or 0)


def count_batch(store: Store, batch_id: int) -> dict[State, int]:
    """Return how many jobs of the batch are in each state, without those of removed images."""
    with store.reading():
        counts = total_states(store, batch_id)
        # Those of other batches that it follows; and without what was removed of either.
        rows = store.rows(
            """
            SELECT state, sum(n) AS n FROM (
                SELECT j.state, count(*) AS n
                FROM batch_followers f JOIN jobs j ON j.id = f.job_id
                WHERE f.batch_id = ?1 GROUP BY j.state
                UNION ALL
                SELECT j.state, -count(*) FROM images i INDEXED BY images_removed
                CROSS JOIN jobs j ON j.image_id = i.id
                WHERE i.removed_at IS NOT NULL AND (j.batch_id = ?1 OR EXISTS (
                    SELECT 1 FROM batch_followers f WHERE f.job_id = j.id AND f.batch_id = ?1))
                GROUP BY j.state
            ) GROUP BY state
            """,
            batch_id,
        )
    for row in rows:
        counts[State(row["state"])] += row["n"]
    return counts


def list_batches(store: Store) -> list[Row]:
    """Return every batch with its jobs by state, oldest first; jobs it follows are counted too."""
    batches = store.rows("SELECT id, name, created_at FROM batches ORDER BY id")
    return [
        {**row, **{state.value: n for state, n in count_batch(store, row["id"]).items()}}
        for row in batches
    ]


def changed_batches(store: Store, revision: int) -> list[Batch]:
    """Return the batches that are new or changed after the commit `revision`, oldest first."""
    rows = store.rows(
        "SELECT id, name, priority, duplicates, scanned_at IS NOT NULL AS is_scanned "
        "FROM batches INDEXED BY batches_revision WHERE revision > ?",
        revision,
    )
    # Not ORDER BY: SQLite would walk all batches in that order instead of the few that changed.
    batches = [Batch(**{**row, "is_scanned": bool(row["is_scanned"])}) for row in rows]
    return sorted(batches, key=attrgetter("id"))


def batch_name(store: Store, batch_id: int) -> str:
    """Return what people call the batch."""
    return str(store.value("SELECT name FROM batches WHERE id = ?", batch_id) or "")


def last_finish(store: Store, batch_id: int) -> str | None:
    """Return when the batch's last job finished."""
    value = store.value(f"SELECT max(finished_at) FROM {_JOBS_OF_BATCH}", batch_id)
    return None if value is None else str(value)
