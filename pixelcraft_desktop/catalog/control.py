"""What steers the whole queue: whether it is paused or held, and how many pictures at a time."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from pixelcraft_desktop.catalog.restoration import Restoration
from pixelcraft_desktop.catalog.store import Store, Transaction, now, timestamp
from pixelcraft_desktop.model import Cause

_IS_PAUSED = "(key = 'paused' AND value = '1')"
_OUTPUTS_KEPT_DAYS = 7
# No job may be started: the user said so, or it would only fail.
IS_PAUSED_SQL = f"EXISTS (SELECT 1 FROM control WHERE {_IS_PAUSED} OR key = 'held')"


@dataclass(frozen=True)
class Hold:
    """Why the queue stands still without being paused; it ends by itself.

    `folder` is the place that needs `needed_bytes`, fit to show; `since` a catalog time.
    """

    cause: Cause
    message: str
    needed_bytes: int
    folder: str
    since: str


def is_paused(store: Store) -> bool:
    """Tell whether the user paused the queue."""
    return bool(store.value(f"SELECT EXISTS (SELECT 1 FROM control WHERE {_IS_PAUSED})"))


def hold(tx: Transaction, cause: Cause, message: str, needed_bytes: int, folder: str) -> None:
    """Start no further job until there is room; the first reason stands."""
    found = Hold(cause, message, needed_bytes, folder, now())
    tx.run("INSERT OR IGNORE INTO control VALUES ('held', ?)", json.dumps(asdict(found)))


def held(store: Store) -> Hold | None:
    """Return why the queue is held; None if it is not."""
    value = store.value("SELECT value FROM control WHERE key = 'held'")
    if value is None:
        return None
    fields = json.loads(value)
    return Hold(**{**fields, "cause": Cause(fields["cause"])})


def release(store: Store) -> bool:
    """Let a held queue go on; return whether it was held."""
    if held(store) is None:
        return False
    with store.transaction(durable=True) as tx:
        return bool(tx.run("DELETE FROM control WHERE key = 'held'"))


def set_paused(store: Store, paused: bool) -> bool:
    """Pause or resume the queue; return whether that changed anything.

    Resuming also tries again what was held.
    """
    was_held = not paused and release(store)
    return _set(store, "paused", "1" if paused else "0", before="0") or was_held


def restored(store: Store) -> Restoration | None:
    """Return how the catalog came back from a backup; None if it did not, or once it is known."""
    value = store.value("SELECT value FROM control WHERE key = 'restored'")
    return None if value is None else Restoration(**json.loads(value))


def forget_restoration(store: Store) -> None:
    """Learn that the user knows."""
    with store.transaction(durable=True) as tx:
        tx.run("DELETE FROM control WHERE key = 'restored'")


def keeps_outputs(store: Store) -> bool:
    """Tell whether outputs without a row are kept: whoever mends the damaged file may want them."""
    since = timestamp(datetime.now(UTC) - timedelta(days=_OUTPUTS_KEPT_DAYS))
    return bool(store.value("SELECT value > ? FROM control WHERE key = 'returned_at'", since))


def is_unmended(store: Store) -> bool:
    """Tell whether results were not looked for since the return to a backup."""
    return bool(store.value("SELECT EXISTS (SELECT 1 FROM control WHERE key = 'unmended')"))


def set_mended(store: Store) -> None:
    """Remember that results were looked for."""
    with store.transaction() as tx:
        tx.run("DELETE FROM control WHERE key = 'unmended'")


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
