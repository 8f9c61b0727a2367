"""Before any lane runs: what a vanished program left half done waits again, its litter goes."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass

from pixelcraft_desktop.catalog.jobs import give_back
from pixelcraft_desktop.catalog.renditions import all_files
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.imaging.output import TEMPORARY_SUFFIX, remove_quietly
from pixelcraft_desktop.paths import OUTPUT_FOLDERS, Home

_log = logging.getLogger(__name__)
# Only names that we give ourselves: what else lies there is not ours to remove.
_OURS = re.compile(rf"\d+-\d+\.webp({re.escape(TEMPORARY_SUFFIX)})?")


@dataclass(frozen=True)
class Rescue:
    """What was found: jobs that wait again, files that were removed."""

    jobs: int
    files: int


def rescue(store: Store, home: Home) -> Rescue:
    """Give every active job back and sweep the outputs. Only for the holder of the run lock."""
    found = Rescue(give_back(store), _sweep(store, home))
    if found.jobs or found.files:
        _log.info("rescued %d jobs, removed %d files", found.jobs, found.files)
    return found


def _sweep(store: Store, home: Home) -> int:
    current = all_files(store)
    removed = 0
    for name in OUTPUT_FOLDERS:
        folder = home.output_folder(name)
        for entry in os.scandir(folder):
            if _OURS.fullmatch(entry.name) and (name, entry.name) not in current:
                remove_quietly(entry.path)
                removed += 1
    return removed
