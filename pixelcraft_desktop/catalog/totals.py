"""Totals: how many jobs are in each state, as triggers keep them: nothing is counted row by row."""

from __future__ import annotations

from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import State

_SUMS = ", ".join(f"coalesce(sum({state}), 0) AS {state}" for state in State)


def total_states(store: Store, batch_id: int | None = None) -> dict[State, int]:
    """Return how many jobs (None: of all batches) are in each state, those of removed images too.

    It takes as long as there are batches, whatever they hold.
    """
    sql = f"SELECT {_SUMS} FROM totals"
    row = store.row(sql) if batch_id is None else store.row(f"{sql} WHERE batch_id = ?", batch_id)
    return {state: row[state] if row else 0 for state in State}


def removed_states(store: Store) -> dict[State, int]:
    """Return how many jobs of removed images are in each state."""
    rows = store.rows(
        "SELECT j.state, count(*) AS n FROM images i INDEXED BY images_removed "
        "CROSS JOIN jobs j ON j.image_id = i.id WHERE i.removed_at IS NOT NULL GROUP BY j.state"
    )
    return {State(row["state"]): row["n"] for row in rows}
