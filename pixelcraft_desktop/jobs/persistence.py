"""Persistence: what must stand in the catalog is written as often as it takes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from pixelcraft_desktop.catalog.database import OperationalError

_log = logging.getLogger(__name__)
_TRY_AGAIN_S = 0.5
_Result = TypeVar("_Result")
TroubleListener = Callable[[str | None], None]


class Persistence:
    """Repeats a write that the database refuses, until it is done or the program stops.

    The end of an attempt that is not recorded would be a job that is active for ever. A lane that
    waits here takes no further job, so a full disk or a locked catalog holds everything up, and
    everything goes on by itself. `on_trouble` is told what is wrong, and None when it is over.
    """

    def __init__(self, on_trouble: TroubleListener) -> None:
        self._on_trouble = on_trouble
        self._guard = threading.Lock()
        self._waiting = 0
        self._is_stopped = threading.Event()

    def write(self, action: Callable[[], _Result]) -> _Result | None:
        """Return what the action returns; None if the program stopped before it could be done."""
        is_waiting = False
        try:
            while True:
                try:
                    return action()
                except OperationalError as error:
                    if not is_waiting:
                        is_waiting = True
                        self._tell_trouble(error)
                if self._is_stopped.wait(_TRY_AGAIN_S):
                    return None
        finally:
            if is_waiting:
                self._tell_end()

    def stop(self) -> None:
        """Let nobody wait any longer: the next start puts right what is not written."""
        self._is_stopped.set()

    def _tell_trouble(self, error: Exception) -> None:
        _log.warning("the catalog can't be written: %s", error)
        with self._guard:
            self._waiting += 1
            if self._waiting == 1:
                self._tell(str(error))

    def _tell_end(self) -> None:
        with self._guard:
            self._waiting -= 1
            if self._waiting == 0:
                self._tell(None)

    def _tell(self, trouble: str | None) -> None:
        try:
            self._on_trouble(trouble)
        except Exception:  # a terminal that is gone, say: the write has to be done all the same
            _log.exception("a listener failed")
