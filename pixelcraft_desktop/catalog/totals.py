"""Totals: how many jobs are in each state, as triggers keep them: nothing is counted row by row."""

from __future__ import annotations

from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import State

_SUMS = ", ".join(f"coalesce(sum({state}), 0) AS {state}" for state in State)

_COUNTED = (
    "SELECT batch_id, " + ", ".join(f"sum(state = '{state}') AS {state}" for state in State)
) + " FROM jobs GROUP BY batch_id"
_BOTH = (_COUNTED, f"SELECT batch_id, {', '.join(State)} FROM totals")


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


def wrong_totals(store: Store) -> list[int]:
    """Return the batches whose totals are not what counting finds, which no trigger allows."""
    with store.reading():
        counted, kept = ({row.pop("batch_id"): row for row in store.rows(sql)} for sql in _BOTH)
    nothing = dict.fromkeys(map(str, State), 0)
    batches = counted.keys() | kept.keys()
    return sorted(i for i in batches if counted.get(i, nothing) != kept.get(i, nothing))


def count_anew(store: Store) -> None:
    """Replace all totals by what counting finds."""
    with store.transaction(durable=True) as tx:
        tx.run("DELETE FROM totals")
        tx.run(f"INSERT INTO totals (batch_id, {', '.join(State)}) {_COUNTED}")
