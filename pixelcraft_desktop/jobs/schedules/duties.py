"""Duties: everything that runs by schedule in a home."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from pixelcraft_desktop.catalog.database import DriveFull
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.schedules.analytics import ANALYTICS, add_up
from pixelcraft_desktop.jobs.schedules.cleanup import Cleanup, clean_up
from pixelcraft_desktop.jobs.schedules.digest import DIGEST, make_digest
from pixelcraft_desktop.jobs.schedules.expiry import expire
from pixelcraft_desktop.jobs.schedules.timetable import Duty, IsStopped, Timetable, utc_now
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

_log = logging.getLogger(__name__)
CLEANUP = "cleanup"
# What a report could not be sent for, such as no network on a Monday morning, often passes.
_MAIL_AGAIN = timedelta(hours=1)


def standard_timetable(
    store: Store, home: Home, settings: Settings, clock: Callable[[], datetime] = utc_now
) -> Timetable:
    """Return the timetable of a home."""

    def run_cleanup(is_stopped: IsStopped) -> str:
        return str(clean_up_all(store, home, settings, clock(), is_stopped))

    def run_analytics(is_stopped: IsStopped) -> str:
        return f"attempts counted: {add_up(store, clock(), is_stopped)}"

    def run_digest(is_stopped: IsStopped) -> str:
        return make_digest(store, home, settings, clock(), is_stopped)

    duties = [
        Duty(CLEANUP, "0 * * * *", run_cleanup),
        Duty(ANALYTICS, "0 0 * * *", run_analytics),
        Duty(DIGEST, "0 8 * * 1", run_digest, _MAIL_AGAIN),
    ]
    return Timetable(store, duties, clock)


def clean_up_all(
    store: Store,
    home: Home,
    settings: Settings,
    moment: datetime,
    is_stopped: IsStopped = lambda: False,
) -> Cleanup:
    """Remove what nobody needs, and of the past what the settings no longer keep."""
    done = clean_up(store, home, is_stopped=is_stopped)
    try:
        expire(store, settings, moment, done, is_stopped)
    except DriveFull as error:  # files went all the same, and with them the next run may do it
        _log.warning("the past is kept for now: %s", error)
    return done
