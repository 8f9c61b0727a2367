"""Holds: where there is no space left, the queue stands still until there is."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from pixelcraft_desktop import drive
from pixelcraft_desktop.catalog import control
from pixelcraft_desktop.catalog.database import DatabaseError
from pixelcraft_desktop.catalog.store import Store, Transaction, now
from pixelcraft_desktop.filenames import display_name
from pixelcraft_desktop.lasting_thread import LastingThread
from pixelcraft_desktop.model import Cause, Failure
from pixelcraft_desktop.paths import OUTPUT_FOLDERS, Home

HoldListener = Callable[[control.Hold | None], None]
_log = logging.getLogger(__name__)
_LOOK_S = 2.0
_RECENT = 1_000  # renditions; a folder of one camera has results of one size
# For what comes beside the results: rows, journal, log, and the next picture of a second lane.
_RESERVE_BYTES = 2_000_000
_LARGEST_RECENT = (
    "SELECT coalesce(max(size_bytes), 0) AS size FROM "
    "(SELECT size_bytes FROM renditions ORDER BY id DESC LIMIT ?)"
)


def hold_queue(home: Home, tx: Transaction, failure: Failure) -> None:
    """Start no further job until there is space for the results of one."""
    row = tx.row(_LARGEST_RECENT, _RECENT)
    folder = display_name(os.fsencode(home.outputs))
    control.hold(tx, failure.cause, failure.message, _needed(row["size"] if row else 0), folder)
    _log.warning("held: %s", failure.message)


def find_hold(store: Store, home: Home) -> control.Hold | None:
    """Return why the queue is held; also where not even that could be recorded."""
    hold = control.held(store)
    if hold is not None:
        return hold
    needed_bytes = _needed(int(store.value(_LARGEST_RECENT, _RECENT)))
    if drive.free_bytes(home.outputs) >= needed_bytes:
        return None
    text = f"No space left on the drive {drive.drive_of(home.outputs)}."
    folder = display_name(os.fsencode(home.outputs))
    return control.Hold(Cause.DISK_FULL, text, needed_bytes, folder, now())


def _needed(largest_bytes: int) -> int:
    """Return what must be free for the next pictures, where the largest result was so large."""
    return len(OUTPUT_FOLDERS) * largest_bytes + _RESERVE_BYTES


class HoldTeller:
    """Tells a listener when the queue is held (a Hold), and when it goes on (None)."""

    def __init__(self, store: Store, listener: HoldListener) -> None:
        self._store = store
        self._listener = listener
        self._told: control.Hold | None = None

    def look(self) -> None:
        """Tell what changed since the last look."""
        hold = control.held(self._store)
        if (hold is None) != (self._told is None):
            self._listener(hold)
        self._told = hold


class SpaceWatch:
    """A thread that looks for space while the queue is held, and lets it go on.

    Only for the holder of the run lock. A drive that does not answer holds up nothing but this.
    """

    def __init__(self, store: Store, home: Home) -> None:
        self._store = store
        self._home = home
        self._is_stopped = threading.Event()
        self._thread = LastingThread("space", self._run)

    def start(self) -> None:
        """Look now, and then every few seconds."""
        self._thread.start()

    def stop(self, timeout_s: float = 1.0) -> None:
        """Look no more."""
        self._is_stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._is_stopped.is_set():
            try:
                self._look()
            except (DatabaseError, OSError):
                _log.exception("can't look whether there is space")
            self._is_stopped.wait(_LOOK_S)

    def _look(self) -> None:
        hold = control.held(self._store)
        if hold is None:
            return
        places = (self._home.root, *map(self._home.output_folder, OUTPUT_FOLDERS))
        if all(has_room(place, hold.needed_bytes) for place in places):
            control.release(self._store)
            _log.info("there is space again: going on")


def has_room(folder: Path, needed_bytes: int) -> bool:
    """Tell whether so many bytes can be written there. A quota shows only by writing."""
    if shutil.disk_usage(folder).free < needed_bytes:
        return False
    try:
        # Where the system can, this file has no name, so that not even kill -9 leaves it behind.
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(needed_bytes))
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return False
    return True
