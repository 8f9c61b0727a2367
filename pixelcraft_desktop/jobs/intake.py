"""Takes in what the user gave: scanned, and recorded with waiting jobs in short transactions."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence

from pixelcraft_desktop.catalog.batches import (
    Tally,
    batch_terms,
    close_batch,
    count_imported,
    is_unscanned,
    open_batch,
)
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import AT_ONCE, Plan, Terms
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.filenames import display_name
from pixelcraft_desktop.imaging.output import remove_quietly
from pixelcraft_desktop.jobs.file_lock import FileLock
from pixelcraft_desktop.jobs.policy import MAX_ATTEMPTS
from pixelcraft_desktop.jobs.scan import Skipped, scan
from pixelcraft_desktop.model import Recipe
from pixelcraft_desktop.paths import Home

_LARGEST_CHUNK = 500
_LONGEST_WAIT_S = 0.2  # on a slow drive the first pictures start while the rest is looked for


class Intake:
    """One import: `batch_id` exists from the start, `tally` grows while `run` works.

    What was asked for is recorded before anything is looked at: an import that `is_stopped`, or
    that is cut off, is taken up again at the next start. One that was cancelled is not.
    """

    def __init__(
        self,
        store: Store,
        home: Home,
        paths: Sequence[bytes],
        recipe: Recipe,
        is_stopped: Callable[[], bool] = lambda: False,
        batch_id: int | None = None,
        terms: Terms = AT_ONCE,
    ) -> None:
        self.paths = paths
        self.unreadable: list[Skipped] = []
        self.first_recorded: float | None = None  # time.time() of the first row
        self._store = store
        self._home = home
        self._recipe = recipe
        self._is_stopped = is_stopped
        self._is_cancelled = threading.Event()
        if batch_id is None:
            # Ours from its first moment: nobody may take it for one that was cut off.
            batch_id = self._open(store, paths, terms)
            before = 0
        else:
            self._lock_for(batch_id)
            before = count_imported(store, batch_id)
            terms = batch_terms(store, batch_id)
        self._terms = terms
        self.batch_id = batch_id
        # What it brought before it was cut off will be met again, as known.
        self.tally = Tally(imported=before, duplicates=-before)

    def run(self) -> None:
        """Scan and record everything, unless another process is about it already."""
        if not self._lock.acquire():
            return
        try:
            if is_unscanned(self._store, self.batch_id):  # and not done by another one meanwhile
                self._scan()
        finally:
            self._lock.release()
            remove_quietly(str(self._home.scans / f"{self.batch_id}.lock"))

    def _open(self, store: Store, paths: Sequence[bytes], terms: Terms) -> int:
        locks: list[FileLock] = []

        def claim(new_id: int) -> None:
            locks.append(self._lock_for(new_id))
            self._lock.acquire()

        try:
            return open_batch(store, _name_batch(paths), paths, claim, terms)
        except BaseException:
            for lock in locks:  # the next batch gets the same id, and nobody may scan it then
                lock.release()
            raise

    def _lock_for(self, batch_id: int) -> FileLock:
        self._lock = FileLock(self._home.scans / f"{batch_id}.lock")
        return self._lock

    def cancel(self) -> None:
        """Look for no more; what was recorded stays."""
        self._is_cancelled.set()

    def _scan(self) -> None:
        chunk: list[Candidate] = []
        began = time.monotonic()
        for found in scan(self.paths, self._is_ending, os.fsencode(self._home.root)):
            if isinstance(found, Skipped):
                self._skip(found)
            else:
                chunk.append(found)
            if len(chunk) >= _LARGEST_CHUNK or time.monotonic() - began > _LONGEST_WAIT_S:
                self._record(chunk)
                chunk, began = [], time.monotonic()
        self._record(chunk)
        if self._is_cancelled.is_set() or not self._is_stopped():
            close_batch(self._store, self.batch_id, self.tally)

    def _is_ending(self) -> bool:
        return self._is_cancelled.is_set() or self._is_stopped()

    def _skip(self, skipped: Skipped) -> None:
        self.tally.skipped += 1
        if skipped.is_folder:
            self.unreadable.append(skipped)

    def _record(self, chunk: Sequence[Candidate]) -> None:
        if not chunk:
            return
        if self.first_recorded is None:
            self.first_recorded = time.time()
        plan = Plan(self.batch_id, self._recipe.to_json(), MAX_ATTEMPTS, self._terms)
        record(self._store, chunk, plan, self.tally, self._home.has_output)


def _name_batch(paths: Sequence[bytes]) -> str:
    """Return what people call the batch: the name of the first thing given."""
    first = display_name(os.path.basename(os.path.normpath(paths[0])) or paths[0])
    return first if len(paths) == 1 else f"{first} and {len(paths) - 1} more"
