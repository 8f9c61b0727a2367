"""Automatic backups of the catalog, off everybody's way; and what is to be done after a return."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from pixelcraft_desktop.catalog import control
from pixelcraft_desktop.catalog.backup import (
    age_s,
    back_up,
    backup_folder,
    list_backups,
    revision_of,
    sweep_cut_off,
)
from pixelcraft_desktop.catalog.database import CatalogDamaged, DatabaseError
from pixelcraft_desktop.catalog.lost import find_lost, make_all_again
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.lasting_thread import LastingThread
from pixelcraft_desktop.paths import Home

_log = logging.getLogger(__name__)
_LOOK_S = 60.0
_OLD_S = 3600.0
_OLD_AT_CLOSE_S = 600.0
# Larger ones would be felt on closing: 20 MB take some 0.1 s to copy and check.
_MOST_AT_CLOSE_BYTES = 20_000_000


class Backups:
    """A thread that backs up what changed, every hour; after a crash at once.

    Each backup is checked, and so is the catalog itself by it. Only for the run lock's holder.
    """

    def __init__(self, store: Store, home: Home) -> None:
        self._store = store
        self._home = home
        self._is_stopped = threading.Event()
        self._thread = LastingThread("backups", self._run)

    def start(self) -> None:
        """Begin; a start without an end before it was a crash, and is looked after.

        What a return to a backup lost waits again when this returns: else a worker that is to go
        on until nothing is left might end before.
        """
        try:
            mend(self._store, self._home)
        except (DatabaseError, OSError):
            _log.exception("can't look for lost results")
        self._thread.start()

    def stop(self, timeout_s: float = 1.0) -> None:
        """Stop, with a last backup where that is quick."""
        if not self._thread.is_alive():
            return
        self._is_stopped.set()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            return  # it copies what is large; the next start looks after it
        try:
            if self._store.path.stat().st_size <= _MOST_AT_CLOSE_BYTES:
                self._back_up(_OLD_AT_CLOSE_S)
            self._running_mark.unlink(missing_ok=True)
        except (DatabaseError, OSError):
            _log.exception("no backup at the end")

    @property
    def _running_mark(self) -> Path:
        return backup_folder(self._store.path) / "running"

    def _run(self) -> None:
        try:
            backup_folder(self._store.path).mkdir(exist_ok=True)
            sweep_cut_off(self._store.path)
            if self._running_mark.exists():
                self._back_up(0.0, is_stopped=self._is_stopped)
            self._running_mark.touch()
        except (DatabaseError, OSError):
            _log.exception("can't look after a former end")
        while not self._is_stopped.wait(_LOOK_S):
            try:
                self._back_up(_OLD_S, is_stopped=self._is_stopped)
            except (DatabaseError, OSError):
                _log.exception("no backup this time")

    def _back_up(self, old_s: float, is_stopped: threading.Event | None = None) -> None:
        """Back up what changed, if the last backup is so old."""
        catalog = self._store.path
        newest = next(iter(list_backups(catalog)), None)
        if self._store.is_damaged or (newest is not None and age_s(newest) < old_s):
            return
        if newest is not None and old_s and not self._has_changed(newest):
            return
        try:
            back_up(catalog, (lambda: False) if is_stopped is None else is_stopped.is_set)
        except CatalogDamaged as damage:
            _log.critical("the catalog is damaged: %s", damage)
            self._store.suspect_damage()

    def _has_changed(self, newest: Path) -> bool:
        return bool(self._store.value("SELECT value FROM revision") != revision_of(newest))


def mend(store: Store, home: Home) -> int:
    """After the return to a backup, make results again whose files are gone; return how many."""
    if not control.is_unmended(store):
        return 0
    count = make_all_again(store, find_lost(store, home.has_output))
    control.set_mended(store)
    if count:
        _log.info("%d results are made again after the return to a backup", count)
    return count
