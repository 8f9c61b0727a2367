"""How far an export is: counted by its thread, read by any other."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

_log = logging.getLogger(__name__)
_PAUSE_S = 0.05


class ExportFailure(NamedTuple):
    """A result that was not saved: the source it belongs to, and a sentence that says why."""

    source: str
    reason: str


@dataclass(frozen=True)
class ExportProgress:
    """A moment of an export. All counts are files, but `without_result`, which is pictures.

    `done` of `total` are dealt with: `saved` or `failed`. `error` is the one sentence about what
    ended everything early.
    """

    done: int = 0
    total: int = 0
    saved: int = 0
    size_bytes: int = 0
    without_result: int = 0
    failed: tuple[ExportFailure, ...] = ()
    error: str | None = None
    is_finished: bool = False
    was_stopped: bool = False


class Meter:
    """Counts, and calls the listener after a step, at most every 50 ms and always at the end."""

    def __init__(self, listener: Callable[[], None]) -> None:
        self._listener = listener
        self._lock = threading.Lock()
        self._now = ExportProgress()
        self._failed: list[ExportFailure] = []
        self._last_call = -_PAUSE_S

    def snapshot(self) -> ExportProgress:
        """Return how far it is."""
        with self._lock:
            return replace(self._now, failed=tuple(self._failed))

    def expect(self, files: int) -> None:
        """Expect so many files more, or fewer."""
        self._now = replace(self._now, total=self._now.total + files)

    def skip(self, pictures: int) -> None:
        """Count pictures that have nothing to save."""
        self._now = replace(self._now, without_result=self._now.without_result + pictures)

    def save(self, size_bytes: int) -> None:
        """Count a saved file."""
        now = self._now
        self._now = replace(
            now, done=now.done + 1, saved=now.saved + 1, size_bytes=now.size_bytes + size_bytes
        )
        self._tell()

    def fail(self, source: str, reason: str) -> None:
        """Count a file that was not saved."""
        with self._lock:
            self._failed.append(ExportFailure(source, reason))
            self._now = replace(self._now, done=self._now.done + 1)
        self._tell()

    def finish(self, was_stopped: bool, error: str | None) -> None:
        """Record the end."""
        self._now = replace(self._now, is_finished=True, was_stopped=was_stopped, error=error)
        self._last_call = -_PAUSE_S
        self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._last_call < _PAUSE_S:
            return
        self._last_call = now
        try:
            self._listener()
        except Exception:
            # What is saved is saved; a listener's bug must not end the export.
            _log.exception("a listener failed")
