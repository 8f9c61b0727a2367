"""What steers the whole queue: whether it is paused."""

from __future__ import annotations

from pixelcraft_desktop.catalog.store import Store

IS_PAUSED_SQL = "EXISTS (SELECT 1 FROM control WHERE key = 'paused' AND value = '1')"


def is_paused(store: Store) -> bool:
    """Tell whether the queue is paused."""
    return bool(store.value(f"SELECT {IS_PAUSED_SQL}"))


def set_paused(store: Store, paused: bool) -> bool:
    """Pause or resume the queue; return whether that changed anything."""
    with store.transaction(durable=True) as tx:
        before = tx.row("SELECT value FROM control WHERE key = 'paused'")
        tx.run("REPLACE INTO control VALUES ('paused', ?)", "1" if paused else "0")
    return (before is not None and before["value"] == "1") != paused
