"""News: everything that changed in the catalog since a window last looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from pixelcraft_desktop.catalog.batches import Batch
from pixelcraft_desktop.catalog.control import Hold, chosen_workers, held, is_paused, restored
from pixelcraft_desktop.catalog.measurements import Measurement
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.catalog.quitting import QuitWay, quit_way
from pixelcraft_desktop.catalog.rate_limit import RateLimit, rate_limit
from pixelcraft_desktop.catalog.restoration import Restoration
from pixelcraft_desktop.catalog.store import Store


@dataclass(frozen=True)
class Scan:
    """How far the files and folders of one import are looked through."""

    batch_id: int
    name: str
    imported: int
    duplicates: int
    skipped: int

    @property
    def found(self) -> int:
        return self.imported + self.duplicates


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
    held: Hold | None = None
    restored: Restoration | None = None
    rate_limit: RateLimit | None = None
    quit_way: QuitWay | None = None


@dataclass(frozen=True)
class News:
    """One delivery to a window, small enough to be taken in within a frame."""

    pictures: Sequence[Picture] = ()
    gone: Sequence[int] = ()
    queue: QueueFacts = field(default_factory=QueueFacts)
    ended_scans: Sequence[Scan] = ()
    batches: Sequence[Batch] = ()
    measurements: Sequence[Measurement] = ()


def queue_facts(store: Store) -> QueueFacts:
    """Return what the queue as a whole is doing."""
    schedules = store.rows("SELECT name, next_run, last_run, outcome FROM schedules ORDER BY name")
    return QueueFacts(
        is_paused(store),
        chosen_workers(store),
        tuple(_scans(store, "INDEXED BY batches_unscanned WHERE scanned_at IS NULL")),
        tuple(ScheduleLine(**row) for row in schedules),
        held(store),
        restored(store),
        rate_limit(store),
        quit_way(store),
    )


def ended_scans(store: Store, revision: int) -> list[Scan]:
    """Return the scans that came to their end after the commit `revision`."""
    is_new = "INDEXED BY batches_revision WHERE scanned_at IS NOT NULL AND revision > ?"
    return _scans(store, is_new, revision)


def _scans(store: Store, which: str, *values: int) -> list[Scan]:
    rows = store.rows(
        f"SELECT id AS batch_id, name, imported, duplicates, skipped FROM batches {which}", *values
    )
    return sorted((Scan(**row) for row in rows), key=attrgetter("batch_id"))
