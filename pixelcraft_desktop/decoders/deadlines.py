"""Deadlines: one thread acts on whatever is still going on when its time is over."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_log = logging.getLogger(__name__)


class Deadlines:
    """Watches any number of things that should end in time, each for a moment.

    A thread for each of them, as a timer has one, cost a millisecond a picture, which says some
    six messages: this one sleeps until the first deadline, and most things end before it wakes.
    """

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._watched: dict[object, tuple[float, Callable[[], None]]] = {}
        self._next_look = float("inf")
        self._thread: threading.Thread | None = None

    @contextmanager
    def keep(self, seconds: float, act: Callable[[], None]) -> Iterator[None]:
        """Call `act`, on a thread of this object, if the block lasts longer; never after it."""
        key, moment = object(), time.monotonic() + seconds
        with self._news:
            self._watched[key] = (moment, act)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif moment < self._next_look:
                self._news.notify()
        try:
            yield
        finally:
            with self._news:
                self._watched.pop(key, None)

    def _run(self) -> None:
        with self._news:
            while True:
                now = time.monotonic()
                for key, (moment, act) in list(self._watched.items()):
                    if moment <= now:
                        del self._watched[key]
                        _try(act)
                first = min((moment for moment, _ in self._watched.values()), default=None)
                self._next_look = float("inf") if first is None else first
                self._news.wait(None if first is None else first - now)


def _try(act: Callable[[], None]) -> None:
    try:
        act()
    except Exception:  # everybody else still relies on this thread
        _log.exception("what ran out of time could not be ended")
