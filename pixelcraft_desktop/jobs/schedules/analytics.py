"""Analytics: adds up the days that are over, each in the time zone of its schedule."""

from __future__ import annotations

from datetime import datetime, tzinfo

from pixelcraft_desktop.catalog.schedules import find_schedule
from pixelcraft_desktop.catalog.statistics import count_days
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.schedules.cron import local_timezone, zone_of
from pixelcraft_desktop.jobs.schedules.timetable import IsStopped

ANALYTICS = "analytics"


def zone_of_days(store: Store) -> tzinfo:
    """Return the time zone in which a day begins: that of the schedule, else the machine's."""
    schedule = find_schedule(store, ANALYTICS)
    return zone_of(local_timezone() if schedule is None else schedule.timezone)


def add_up(store: Store, moment: datetime, is_stopped: IsStopped = lambda: False) -> int:
    """Add up every day that is over and was not before; return the attempts counted."""
    return count_days(store, zone_of_days(store), moment, is_stopped)
