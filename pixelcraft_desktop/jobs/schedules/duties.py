"""Duties: everything that runs by schedule in a home."""

from __future__ import annotations

from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.schedules.cleanup import clean_up
from pixelcraft_desktop.jobs.schedules.timetable import Duty, IsStopped, Timetable
from pixelcraft_desktop.paths import Home

CLEANUP = "cleanup"


def standard_timetable(store: Store, home: Home) -> Timetable:
    """Return the timetable of a home."""

    def run_cleanup(is_stopped: IsStopped) -> str:
        return str(clean_up(store, home, is_stopped=is_stopped))

    return Timetable(store, [Duty(CLEANUP, "0 * * * *", run_cleanup)])
