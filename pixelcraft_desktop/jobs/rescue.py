"""Before any lane runs: what a former run left half done waits again, its litter goes."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass

from pixelcraft_desktop.catalog.control import keeps_outputs
from pixelcraft_desktop.catalog.database import DriveFull
from pixelcraft_desktop.catalog.recovery import Recovery, recover
from pixelcraft_desktop.catalog.schedules import request_run
from pixelcraft_desktop.catalog.store import Row, Store
from pixelcraft_desktop.imaging.output import TEMPORARY_SUFFIX, remove_quietly
from pixelcraft_desktop.jobs.schedules.duties import CLEANUP
from pixelcraft_desktop.paths import OUTPUT_FOLDERS, Home

_log = logging.getLogger(__name__)
_ACTIVE = "SELECT image_id, token FROM jobs WHERE state = 'active'"


@dataclass(frozen=True)
class Rescue:
    """What was found: jobs that were active (None: none), files that were removed."""

    recovery: Recovery | None
    files: int


def rescue(store: Store, home: Home, crash: str | None = None) -> Rescue:
    """Give every active job back, and remove what it had made. Only for the holder of the run lock.

    `crash` is the trace of the crash that ended the last run, if one did. What else a run that
    ended badly may have left is rare and in nobody's way: cleanup looks for it beside the jobs,
    because to list all outputs would keep 100,000 pictures waiting for a second.
    """
    has_vanished = home.fault_record.exists()  # whoever ends in order takes it away
    active = store.rows(_ACTIVE)
    recovery = recover(store, crash)
    found = Rescue(recovery, _sweep(store, home, active))
    if recovery is not None:
        _log.info(
            "resumed %d jobs that were cut off, %d of them suspected of the crash; set aside %d",
            recovery.resumed,
            recovery.suspects,
            recovery.set_aside,
        )
    if found.files:
        _log.info("removed %d files that were left over", found.files)
    if has_vanished:
        with suppress(DriveFull):  # then the hourly one has to do
            request_run(store, CLEANUP)
    return found


def _sweep(store: Store, home: Home, claims: list[Row]) -> int:
    """Remove the files of claims that were cut off: none of them can ever become current."""
    ends = [TEMPORARY_SUFFIX] if keeps_outputs(store) else ["", TEMPORARY_SUFFIX]
    removed = 0
    for claim in claims:
        for rendition in OUTPUT_FOLDERS:
            for end in ends:
                name = f"{claim['image_id']}-{claim['token']}.webp{end}"
                file = home.output_folder(rendition) / name
                if file.is_file():
                    remove_quietly(str(file))
                    removed += 1
    return removed
