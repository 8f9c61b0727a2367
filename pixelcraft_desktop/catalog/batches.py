"""Batches: what one drop or one import brought in."""

from __future__ import annotations

from dataclasses import dataclass

from pixelcraft_desktop.catalog.store import Row, Store, Transaction, now
from pixelcraft_desktop.model import State


@dataclass
class Tally:
    """What became of the files a scan met: `imported` + `duplicates` were found to be pictures."""

    imported: int = 0
    duplicates: int = 0
    skipped: int = 0

    @property
    def found(self) -> int:
        return self.imported + self.duplicates


def open_batch(store: Store, name: str) -> int:
    """Record a new batch and return its id."""
    with store.transaction() as tx:
        return tx.insert(
            "INSERT INTO batches (name, created_at, revision) VALUES (?, ?, ?)",
            name,
            now(),
            tx.revision,
        )


def save_tally(tx: Transaction, batch_id: int, tally: Tally) -> None:
    """Record how far the scan of a batch is."""
    tx.run(
        "UPDATE batches SET imported = ?, duplicates = ?, skipped = ?, revision = ? WHERE id = ?",
        tally.imported,
        tally.duplicates,
        tally.skipped,
        tx.revision,
        batch_id,
    )


def close_batch(store: Store, batch_id: int, tally: Tally) -> None:
    """Record that the scan of a batch is done."""
    with store.transaction(durable=True) as tx:
        save_tally(tx, batch_id, tally)
        tx.run("UPDATE batches SET scanned_at = ? WHERE id = ?", now(), batch_id)


def find_batch(store: Store, batch_id: int) -> Row | None:
    """Return the batch, if there is one with that id."""
    return store.row("SELECT * FROM batches WHERE id = ?", batch_id)


def count_batch(store: Store, batch_id: int) -> dict[State, int]:
    """Return how many jobs of the batch are in each state."""
    rows = store.rows(
        "SELECT state, count(*) AS n FROM jobs WHERE batch_id = ? GROUP BY state", batch_id
    )
    counts = dict.fromkeys(State, 0)
    return counts | {State(row["state"]): row["n"] for row in rows}


def last_finish(store: Store, batch_id: int) -> str | None:
    """Return when the batch's last job finished."""
    sql = "SELECT max(finished_at) FROM jobs WHERE batch_id = ?"
    value = store.value(sql, batch_id)
    return None if value is None else str(value)
