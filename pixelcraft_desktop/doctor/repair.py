"""Repairs: what a checkup found is mended, each thing told."""

from __future__ import annotations

from collections.abc import Callable

from pixelcraft_desktop.catalog import restoration
from pixelcraft_desktop.catalog.database import DatabaseError, quick_check
from pixelcraft_desktop.catalog.lost import make_all_again
from pixelcraft_desktop.catalog.recovery import recover
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.catalog.totals import count_anew, wrong_totals
from pixelcraft_desktop.doctor.checkup import Checkup, check_integrity, examine
from pixelcraft_desktop.jobs.doorbell import ring
from pixelcraft_desktop.jobs.fault_record import FaultRecord
from pixelcraft_desktop.jobs.file_lock import FileLock
from pixelcraft_desktop.jobs.schedules.cleanup import clean_up
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

Tell = Callable[[str], None]


class Occupied(Exception):
    """What is to be mended is in use by another PixelCraft."""


def repair(home: Home, settings: Settings, found: Checkup, tell: Tell) -> None:
    """Mend what was found and tell each thing that was done.

    Raises Occupied, before anything was changed, where the catalog is damaged and in use.
    """
    if found.damage is not None:
        _mend_catalog(home, found.damage, tell)
        found = examine(home, settings)
    store = Store(home.catalog, is_brief=True)
    try:
        _give_back(store, home, tell)
        litter = clean_up(store, home)
        if litter.files:
            tell(f"removed {len(litter.files)} files, {litter.bytes_freed:,} bytes")
        if wrong_totals(store):
            count_anew(store)
            tell("counted the jobs of every batch anew")
        count = make_all_again(store, found.lost)
        if count:
            tell(f"queued {count} pictures whose results are gone, to be made again")
    finally:
        store.close()
    ring(home.doorbell)


def _mend_catalog(home: Home, damage: str, tell: Tell) -> None:
    """Make the indexes anew if only they are wrong, else go back to the last backup."""
    locks = [FileLock(home.run_lock), FileLock(home.window_lock)]
    try:
        if not all(lock.acquire() for lock in locks):
            raise Occupied
        if _make_indexes_anew(home):
            tell("made the catalog's indexes anew")
            return
        done = restoration.restore(home.catalog, damage, is_certain=True)
        store = Store(home.catalog)
        if done is not None:
            store.go_on_after(done)
            source = f"to the backup of {done.backup_at}" if done.backup_at else "to an empty one"
            tell(f"went back {source}; the damaged catalog is kept as {done.kept}")
        store.close()
    finally:
        for lock in locks:
            lock.release()


def _make_indexes_anew(home: Home) -> bool:
    """Return whether that was all that the catalog lacked."""
    is_empty = not home.catalog.exists() or home.catalog.stat().st_size == 0
    if is_empty or quick_check(home.catalog) != "ok":
        return False
    store = Store(home.catalog)
    try:
        with store.transaction(durable=True) as tx:
            tx.run("REINDEX")
    except DatabaseError:  # rows that no unique index can hold
        return False
    finally:
        store.close()
    return check_integrity(home.catalog) == "ok"


def _give_back(store: Store, home: Home, tell: Tell) -> None:
    """Let cut-off jobs wait again, where no engine is there that works on them."""
    lock = FileLock(home.run_lock)
    if lock.acquire():
        try:
            found = recover(store, FaultRecord(home).read())
        finally:
            lock.release()
        if found is not None and found.resumed:
            tell(f"let {found.resumed} jobs that were cut off wait again")
        if found is not None and found.set_aside:
            tell(f"set {found.set_aside} jobs aside, over which PixelCraft crashed twice")
