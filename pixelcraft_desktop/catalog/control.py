"""What steers the whole queue: whether it is paused, and how many pictures at a time."""

from __future__ import annotations

from pixelcraft_desktop.catalog.store import Store

IS_PAUSED_SQL = "EXISTS (SELECT 1 FROM control WHERE key = 'paused' AND value = '1')"


def is_paused(store: Store) -> bool:
    """Tell whether the queue is paused."""
    return bool(store.value(f"SELECT {IS_PAUSED_SQL}"))


def set_paused(store: Store, paused: bool) -> bool:
    """Pause or resume the queue; return whether that changed anything."""
    return _set(store, "paused", "1" if paused else "0", before="0")


def chosen_workers(store: Store) -> int | None:
    """Return how many pictures the user wants worked on at a time; None if never said."""
    value = store.value("SELECT value FROM control WHERE key = 'workers'")
    return None if value is None else int(value)


def set_workers(store: Store, count: int) -> bool:
    """Choose how many pictures are worked on at a time; return whether that changed anything."""
    return _set(store, "workers", str(count), before="")


def _set(store: Store, key: str, value: str, before: str) -> bool:
    """Record the value durably; `before` is what a missing one stands for."""
    with store.transaction(durable=True) as tx:
        row = tx.row("SELECT value FROM control WHERE key = ?", key)
        tx.run("REPLACE INTO control VALUES (?, ?)", key, value)
    return (row["value"] if row else before) != value
