"""News: everything that changed in the catalog since a window last looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pixelcraft_desktop.catalog.control import chosen_workers, is_paused
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.catalog.store import Store


@dataclass(frozen=True)
class Scan:
    """An import whose folders are still being looked through."""

    batch_id: int
    name: str
    found: int
    skipped: int


@dataclass(frozen=True)
class ScheduleLine:
    """When something last ran and how that ended, and when it runs next (catalog times)."""

    name: str
    next_run: str | None
    last_run: str | None
    outcome: str | None


@dataclass(frozen=True)
class QueueFacts:
    """The few things that are not pictures."""

    is_paused: bool = False
    workers: int | None = None
    scans: Sequence[Scan] = ()
    schedules: Sequence[ScheduleLine] = ()


@dataclass(frozen=True)
class News:
    """One delivery to a window, small enough to be taken in within a frame."""

    pictures: Sequence[Picture] = ()
    gone: Sequence[int] = ()
    queue: QueueFacts = field(default_factory=QueueFacts)
    is_complete: bool = True  # False: more of the same change follows at once


def queue_facts(store: Store) -> QueueFacts:
    """Return what the queue as a whole is doing."""
    scans = store.rows(
        "SELECT id AS batch_id, name, imported + duplicates AS found, skipped FROM batches "
        "WHERE scanned_at IS NULL ORDER BY id"
    )
    schedules = store.rows("SELECT name, next_run, last_run, outcome FROM schedules ORDER BY name")
    return QueueFacts(
        is_paused(store),
        chosen_workers(store),
        tuple(Scan(**row) for row in scans),
        tuple(ScheduleLine(**row) for row in schedules),
    )
