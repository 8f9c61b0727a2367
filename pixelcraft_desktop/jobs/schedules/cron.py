"""Cron expressions, read in a time zone."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

_log = logging.getLogger(__name__)
_LOCAL_LINK = "/etc/localtime"
BadCron = CronSimError


def next_time(cron: str, timezone: str, after: datetime) -> datetime | None:
    """Return the first time after `after` that the expression names, in UTC; None for never.

    A time that the clock skips in spring is taken right after the gap; one that it shows twice
    in autumn is taken once. Raises BadCron.
    """
    for moment in CronSim(cron, after.astimezone(zone_of(timezone))):
        # Asked within the hour that comes twice, cronsim may name one that is over.
        if (found := moment.astimezone(UTC)) > after:
            return found
    return None


def local_timezone() -> str:
    """Return the IANA name of this machine's time zone; "UTC" where it can't be told."""
    for place in (os.environ.get("TZ", "").lstrip(":"), os.path.realpath(_LOCAL_LINK)):
        name = place.rpartition("zoneinfo/")[2]
        if name and _find_zone(name) is not None:
            return name
    return "UTC"


def is_timezone(name: str) -> bool:
    """Tell whether there is a time zone of that IANA name."""
    return _find_zone(name) is not None


@cache
def zone_of(name: str) -> tzinfo:
    """Return the time zone of that IANA name; UTC if there is none."""
    zone = _find_zone(name)
    if zone is None:
        _log.warning("there is no time zone %r; its schedules follow UTC", name)
        return UTC
    return zone


def _find_zone(name: str) -> tzinfo | None:
    if name == "UTC":
        return UTC  # known without any zone data
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None  # no such zone, no name of one, the name of a folder of them
