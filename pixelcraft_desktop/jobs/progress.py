"""The last progress of every active job, written ten times a second in one transaction."""

from __future__ import annotations

import logging
import threading

from pixelcraft_desktop.catalog.database import DatabaseError
from pixelcraft_desktop.catalog.jobs import Ticket
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.catalog.transitions import save_progress
from pixelcraft_desktop.lasting_thread import LastingThread
from pixelcraft_desktop.model import Stage

_log = logging.getLogger(__name__)
INTERVAL_S = 0.1


class Progress:
    """Collects last values on any thread and writes them on one of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._values: dict[Ticket, tuple[Stage, int]] = {}
        self._guard = threading.Lock()
        self._has_values = threading.Event()
        self._is_stopped = threading.Event()
        self._thread = LastingThread("progress", self._run)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write no more."""
        self._is_stopped.set()
        self._has_values.set()
        if self._thread.is_alive():
            self._thread.join()

    def tell(self, ticket: Ticket, stage: Stage, progress: int) -> None:
        """Note where the job is; only the last note of a tenth of a second is written."""
        with self._guard:
            self._values[ticket] = (stage, progress)
        if not self._has_values.is_set():  # setting it takes a lock, and wakes nobody twice
            self._has_values.set()

    def forget(self, ticket: Ticket) -> None:
        """Drop what was noted: the job ended, and its state says more."""
        with self._guard:
            self._values.pop(ticket, None)

    def _run(self) -> None:
        while True:
            self._has_values.wait()
            # Before the look at the flag: a stop that came between would be wiped out, and its
            # caller would wait for this thread for ever.
            self._has_values.clear()
            if self._is_stopped.wait(INTERVAL_S):
                return
            with self._guard:
                values, self._values = self._values, {}
            if not values:
                continue
            try:
                save_progress(self._store, [(t, s, p) for t, (s, p) in values.items()])
            except DatabaseError:
                _log.exception("progress was not written")  # the next value will be
