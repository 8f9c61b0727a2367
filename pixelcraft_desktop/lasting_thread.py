"""A lasting thread: one that a bug in its work does not end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)
# Long enough that a bug that comes again at once does not fill the log or a processor.
PAUSE_S = 1.0


class LastingThread(threading.Thread):
    """Does its work once, until it returns; begins it anew whenever it raises.

    Without it the first unforeseen exception would stop a part of the program for good, without a
    word: nothing fed any more, no retry ever due.
    """

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self._is_awaited = threading.Event()

    def run(self) -> None:
        """Do the work."""
        while True:
            try:
                self._work()
                return
            except BaseException:  # SystemExit, too: nothing else starts this thread again
                _log.critical("the thread %s failed, and begins anew", self.name, exc_info=True)
            self._is_awaited.wait(PAUSE_S)

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end, which is not put off by a pause after a failure."""
        self._is_awaited.set()
        super().join(timeout)
