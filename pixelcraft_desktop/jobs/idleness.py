"""Tells when the queue has drained: once for each time that nothing is left after there was."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from pixelcraft_desktop.catalog.database import DatabaseError
from pixelcraft_desktop.catalog.idleness import glance
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.lasting_thread import LastingThread

_log = logging.getLogger(__name__)
# Commits come by thousands a second: so long after each look nobody looks again.
_GATHER_S = 0.05
_TRY_AGAIN_S = 1.0


class Idleness:
    """A thread that looks after each commit, and calls `on_drained` where work came to its end.

    A queue that is idle from the start has not drained. Work that began and ended between two
    looks is known from the events; two such between the same two looks are told as one. A pause
    with pictures waiting is no end.
    """

    def __init__(self, store: Store, on_drained: Callable[[], None]) -> None:
        self._store = store
        self._on_drained = on_drained
        self._is_working = False
        self._last_event: int | None = None
        self._news = threading.Event()
        self._is_stopped = threading.Event()
        self._thread = LastingThread("idleness", self._run)

    def start(self) -> None:
        """Look now, and after everything that is heard of."""
        self._news.set()
        self._thread.start()

    def stop(self) -> None:
        """Look once more, and no more after that."""
        self._is_stopped.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join()

    def hear(self) -> None:
        """Learn that something was committed."""
        self._news.set()

    def look(self) -> bool:
        """Look once; return whether the queue has drained since the look before."""
        found = glance(self._store, self._last_event)
        was_working, self._is_working = self._is_working, found.has_work
        self._last_event = found.last_event
        return not found.has_work and (was_working or found.had_work)

    def _run(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            try:
                has_drained = self.look()
            except DatabaseError:
                _log.exception("can't look whether anything is left to do")
                has_drained = False
                self._is_stopped.wait(_TRY_AGAIN_S)
                self._news.set()
            if has_drained:
                self._tell()
            if self._is_stopped.is_set():
                return
            self._is_stopped.wait(_GATHER_S)

    def _tell(self) -> None:
        try:
            self._on_drained()
        except Exception:  # whoever listens: the next time is told all the same
            _log.exception("a listener failed")
