"""Reports: which one was written last and nobody has been told of yet."""

from __future__ import annotations

from pixelcraft_desktop.catalog.store import Store

_KEY = "unseen_report"


def announce(store: Store, week: str) -> None:
    """Have the next window tell of the report of this week, such as "2026-W48"."""
    with store.transaction() as tx:
        tx.run("REPLACE INTO control VALUES (?, ?)", _KEY, week)


def unseen_report(store: Store) -> str | None:
    """Return the week whose report is there and was not told of, if any."""
    value = store.value("SELECT value FROM control WHERE key = ?", _KEY)
    return None if value is None else str(value)


def mark_seen(store: Store, week: str) -> bool:
    """Tell of this week's report no more; False if a later one has come."""
    with store.transaction(durable=True) as tx:
        return bool(tx.run("DELETE FROM control WHERE key = ? AND value = ?", _KEY, week))
