"""The gate before the decoders: many pictures at a time, or one alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Lets lanes through side by side, and one that must be alone when nobody else is inside.

    Who wants to be alone is not overtaken, else it would wait as long as there are others.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._is_alone = False
        self._waiting_alone = 0
        self._is_closed = False

    @contextmanager
    def enter(self, alone: bool) -> Iterator[bool]:
        """Wait for the way to be free and hold it; False if the gate was closed meanwhile."""
        if not (self._take_alone() if alone else self._take_part()):
            yield False
            return
        try:
            yield True
        finally:
            with self._changed:
                self._inside -= 1
                self._is_alone = False
                self._changed.notify_all()

    @property
    def is_wanted(self) -> bool:
        """Whether who is inside should not stay longer than for what is in hand."""
        return self._is_closed or self._waiting_alone > 0

    def close(self) -> None:
        """Let nobody in any more; who is inside may finish."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _take_part(self) -> bool:
        with self._changed:
            while (self._is_alone or self._waiting_alone) and not self._is_closed:
                self._changed.wait()
            return self._go_in(alone=False)

    def _take_alone(self) -> bool:
        with self._changed:
            self._waiting_alone += 1
            while self._inside and not self._is_closed:
                self._changed.wait()
            self._waiting_alone -= 1
            return self._go_in(alone=True)

    def _go_in(self, alone: bool) -> bool:
        if self._is_closed:
            return False
        self._inside += 1
        self._is_alone = alone
        return True
