"""Ctrl+C and SIGTERM, as a wish to stop that a command looks at."""

from __future__ import annotations

import signal
import threading
from types import FrameType


class StopSignal(threading.Event):
    """Set by Ctrl+C and SIGTERM; a second one ends the program at once."""

    def __init__(self) -> None:
        super().__init__()
        self.exit_code = 0
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._ask_to_stop)

    def _ask_to_stop(self, number: int, _frame: FrameType | None) -> None:
        if self.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self.exit_code = 128 + number  # what shells expect: 130 for Ctrl+C
        self.set()
