"""One memory budget for all lanes: granted oldest first, so that a big picture gets its turn."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pixelcraft_desktop.imaging.limits import tell_apart
from pixelcraft_desktop.model import Cause, KnownFailure


class MemoryBudget:
    """Bytes that all decoders together may use."""

    def __init__(self, total_bytes: int) -> None:
        self.total_bytes = total_bytes
        self._free_bytes = total_bytes
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()

    @contextmanager
    def grant(
        self, size_bytes: int, on_wait: Callable[[], None], is_given_up: Callable[[], bool]
    ) -> Iterator[bool]:
        """Hold `size_bytes` while the block runs, after waiting for them if need be.

        `on_wait` is called once before waiting. Yields False where `is_given_up` ended the
        waiting. Raises KnownFailure too_large where the whole budget would not do.
        """
        if size_bytes > self.total_bytes:
            needed, limit = tell_apart(size_bytes, self.total_bytes)
            raise KnownFailure(
                Cause.TOO_LARGE,
                f"Decoding needs about {needed} MB of memory; the limit is {limit} MB.",
            )
        if not self._take(size_bytes, on_wait, is_given_up):
            yield False
            return
        try:
            yield True
        finally:
            with self._changed:
                self._free_bytes += size_bytes
                self._changed.notify_all()

    def wake(self) -> None:
        """Let those who wait look again whether they were given up."""
        with self._changed:
            self._changed.notify_all()

    def _take(
        self, size_bytes: int, on_wait: Callable[[], None], is_given_up: Callable[[], bool]
    ) -> bool:
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            must_wait = self._queue[0] is not ticket or self._free_bytes < size_bytes
        try:
            if must_wait:
                on_wait()
            with self._changed:
                while self._queue[0] is not ticket or self._free_bytes < size_bytes:
                    if is_given_up():
                        return False
                    self._changed.wait()
                self._free_bytes -= size_bytes
                return True
        finally:
            with self._changed:
                self._queue.remove(ticket)
                self._changed.notify_all()
