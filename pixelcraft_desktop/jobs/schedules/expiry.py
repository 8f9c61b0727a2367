"""Expiry: lets go of the past that the settings no longer keep, and of the space it took."""

from __future__ import annotations

from datetime import datetime

from pixelcraft_desktop.catalog import removal, retention
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.schedules.analytics import add_up
from pixelcraft_desktop.jobs.schedules.cleanup import Cleanup
from pixelcraft_desktop.jobs.schedules.timetable import IsStopped
from pixelcraft_desktop.settings import Settings


def expire(
    store: Store, settings: Settings, moment: datetime, done: Cleanup, is_stopped: IsStopped
) -> None:
    """Remove what expired and count it into `done`. What no day's total holds yet is counted."""
    add_up(store, moment, is_stopped)
    before = retention.days_before(moment, settings.keep_jobs_days)
    done.expired_jobs = retention.expire_jobs(store, before, is_stopped)
    done.expired_attempts = retention.expire_attempts(store, before, is_stopped)
    before = retention.days_before(moment, settings.keep_events_days)
    done.expired_events = retention.expire_events(
        store, before, settings.keep_events_most, is_stopped
    )
    if not is_stopped():
        removal.trim(store, moment)
        done.catalog_bytes_freed = retention.shrink(store)
