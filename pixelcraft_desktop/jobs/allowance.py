"""The allowance: how many jobs may be started now, where the user limits it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from pixelcraft_desktop.catalog.rate_limit import RateLimit, rate_limit, recent_starts
from pixelcraft_desktop.catalog.store import Store


class Allowance:
    """What all lanes of this process share: at most so many starts in any period of that length.

    Counted on the monotonic clock, from when a claim is in the catalog, which another process may
    hold up; what was started before this process, or before the limit was chosen, is known from
    the events.
    """

    def __init__(self, store: Store, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self._limit: RateLimit | None = None
        self._starts: deque[float] = deque()
        self._reserved = 0  # taken, and not started yet: each counts as if it started now
        self._is_suspended = False

    def suspend(self, is_suspended: bool) -> None:
        """Allow no start at all, for now, or as many as before again."""
        with self._guard:
            self._is_suspended = is_suspended

    def look(self) -> bool:
        """Learn which limit the user chose; return whether it is another one."""
        limit = rate_limit(self._store)
        if limit == self._limit:
            return False
        ages = recent_starts(self._store, limit) if limit else []
        with self._guard:
            moment = self._monotonic()
            self._limit = limit
            self._starts = deque(moment - age for age in ages)
        return True

    def take(self) -> bool:
        """Reserve one start; False, and nothing reserved, if none is allowed now."""
        with self._guard:
            if self._room() == 0:
                return False
            self._reserved += 1
            return True

    def start(self) -> None:
        """Learn that a job for which a start was reserved has been claimed, just now."""
        with self._guard:
            self._reserved -= 1
            if self._limit is not None:
                self._starts.append(self._monotonic())

    def put_back(self) -> None:
        """Learn that a start that was reserved came to nothing."""
        with self._guard:
            self._reserved -= 1

    def room(self) -> int | None:
        """Return how many more may be started now; None: any number."""
        with self._guard:
            return self._room()

    def pause_s(self) -> float | None:
        """Return the seconds until one more may be started; None if they are none or unknown."""
        with self._guard:
            if self._limit is None or self._is_suspended or self._room():
                return None
            # Of those that count, this one has to be left behind first.
            first = len(self._starts) + self._reserved - self._limit.count
            if first >= len(self._starts):
                return self._limit.period_s
            return max(0.0, self._starts[first] + self._limit.period_s - self._monotonic())

    def _room(self) -> int | None:
        if self._is_suspended:
            return 0
        if self._limit is None:
            return None
        end = self._monotonic() - self._limit.period_s
        while self._starts and self._starts[0] <= end:
            self._starts.popleft()
        return max(0, self._limit.count - len(self._starts) - self._reserved)
