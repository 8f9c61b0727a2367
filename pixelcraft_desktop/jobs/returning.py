"""Looks again for pictures that were not there: a drive that comes back brings them along."""

from __future__ import annotations

import logging
import os
import threading
from collections import defaultdict

from pixelcraft_desktop.catalog.database import DatabaseError
from pixelcraft_desktop.catalog.jobs import missing_sources
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.catalog.transitions import retry
from pixelcraft_desktop.lasting_thread import LastingThread
from pixelcraft_desktop.model import Reason

_log = logging.getLogger(__name__)
_LOOK_S = 4.0
_STOP_S = 0.5  # a network drive may hold its folder back for minutes; nothing is lost with it

_Signature = tuple[int, int, int]


class Returning:
    """A thread that looks at the folders of missing pictures, and re-queues those found there.

    A look costs one `stat` for each folder. Files are looked at only where the folder appeared or
    changed since, so one that is really gone, or is there and can't be read, stays failed.
    """

    def __init__(self, store: Store, interval_s: float = _LOOK_S) -> None:
        self._store = store
        self._interval_s = interval_s
        # How its folder was when a job was looked after. Kept while the job is tried again: a
        # picture that is there and still can't be opened must not go round for ever.
        self._looked: dict[int, _Signature] = {}
        self._is_stopped = threading.Event()
        self._thread = LastingThread("returning", self._run)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._is_stopped.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_S)

    def look(self) -> list[int]:
        """Look once; return the ids of the jobs that wait again."""
        folders: dict[bytes, list[tuple[int, bytes]]] = defaultdict(list)
        for job_id, path in missing_sources(self._store):
            folders[os.path.dirname(path)].append((job_id, path))
        returned: list[int] = []
        for folder, jobs in folders.items():
            if self._is_stopped.is_set():
                break
            returned += self._look_into(folder, jobs)
        if returned:
            retry(self._store, returned, reason=Reason.SOURCE_RETURNED)
            _log.info("%d pictures are there again", len(returned))
        return returned

    def _look_into(self, folder: bytes, jobs: list[tuple[int, bytes]]) -> list[int]:
        signature = _signature(folder)
        if signature is None:
            for job_id, _ in jobs:
                self._looked.pop(job_id, None)
            return []
        news = [(job_id, path) for job_id, path in jobs if self._looked.get(job_id) != signature]
        self._looked.update((job_id, signature) for job_id, _ in news)
        return [job_id for job_id, path in news if os.path.exists(path)]

    def _run(self) -> None:
        while not self._is_stopped.wait(self._interval_s):
            try:
                self.look()
            except DatabaseError:
                _log.exception("can't look for missing pictures")


def _signature(folder: bytes) -> _Signature | None:
    """Return what changes when the folder is mounted or gets a file; None if it is not there."""
    try:
        facts = os.stat(folder)
    except OSError:
        return None
    return facts.st_dev, facts.st_ino, facts.st_mtime_ns
