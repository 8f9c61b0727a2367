"""Before any lane runs: what a former run left half done waits again, its litter goes."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from pixelcraft_desktop.catalog.recovery import Recovery, recover
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.schedules.cleanup import clean_up
from pixelcraft_desktop.paths import Home

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rescue:
    """What was found: jobs that were active (None: none), files that were removed."""

    recovery: Recovery | None
    files: int


def rescue(store: Store, home: Home, crash: str | None = None) -> Rescue:
    """Give every active job back, then clean up. Only for the holder of the run lock.

    `crash` is the trace of the crash that ended the last run, if one did.
    """
    recovery = recover(store, crash)
    found = Rescue(recovery, len(clean_up(store, home).files))
    if recovery is not None:
        _log.info(
            "resumed %d jobs that were cut off, %d of them suspected of the crash; set aside %d",
            recovery.resumed,
            recovery.suspects,
            recovery.set_aside,
        )
    if found.files:
        _log.info("removed %d files that were left over", found.files)
    return found
