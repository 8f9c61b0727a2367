"""Responsiveness: how Python itself shares its time with the window."""

from __future__ import annotations

import gc
import sys

_SWITCH_INTERVAL_S = 0.001  # the window waits no longer than this for a busy thread to yield
# A full collection looks at every object, 50 ms for 100,000 pictures, none of which is in a cycle.
_GC_THRESHOLDS = (20_000, 20, 100)


def favour_window() -> None:
    """Let no other thread, and no collection of garbage, hold up the window for long."""
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    gc.set_threshold(*_GC_THRESHOLDS)
