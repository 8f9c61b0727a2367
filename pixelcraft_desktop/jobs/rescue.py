"""Before any lane runs: what a vanished program left half done waits again, its litter goes."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from pixelcraft_desktop.catalog.jobs import give_back
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.schedules.cleanup import clean_up
from pixelcraft_desktop.paths import Home

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rescue:
    """What was found: jobs that wait again, files that were removed."""

    jobs: int
    files: int


def rescue(store: Store, home: Home) -> Rescue:
    """Give every active job back, then clean up. Only for the holder of the run lock."""
    found = Rescue(give_back(store), len(clean_up(store, home).files))
    if found.jobs or found.files:
        _log.info("rescued %d jobs, removed %d files", found.jobs, found.files)
    return found
