"""When a job may start, as it is typed."""

from __future__ import annotations

import math
from datetime import UTC, datetime, time, timedelta
from typing import Any

import click

from pixelcraft_desktop.catalog.jobs import Terms
from pixelcraft_desktop.catalog.steering import HIGHEST_PRIORITY
from pixelcraft_desktop.catalog.store import timestamp
from pixelcraft_desktop.commands.number_arguments import Whole

_TEN_YEARS_S = 10 * 366 * 86_400  # nothing is put off for longer; a typing error would be
PRIORITY = Whole(-HIGHEST_PRIORITY, HIGHEST_PRIORITY)


class Seconds(click.FloatRange):
    """A number of seconds from now on, which NaN is not."""

    name = "seconds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number."""
        try:
            number = float(super().convert(value, param, ctx))
        except click.UsageError:
            number = math.nan
        if math.isnan(number):
            most = f"{_TEN_YEARS_S:,} (ten years)"
            self.fail(f"{value!r} is no number of seconds from 0 to {most}.", param, ctx)
        return number


class Moment(click.ParamType[datetime]):
    """A time of day, of which the next is meant, or a date and time; local without an offset."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the moment, with its time zone."""
        if isinstance(value, datetime):
            return value
        now = datetime.now().astimezone()
        try:
            moment = next_time(value, now)
        except ValueError:
            self.fail(f"{value!r} is no time such as 18:30 or 2026-03-01T18:30.", param, ctx)
        except (OverflowError, OSError):  # the first and last days there are; the last on Windows
            moment = (datetime.max if value.startswith("9") else datetime.min).replace(tzinfo=UTC)
        if moment <= now:
            self.fail(f"{value!r} is past.", param, ctx)
        if (moment - now).total_seconds() > _TEN_YEARS_S:
            self.fail(f"{value!r} is more than ten years away.", param, ctx)
        return moment


SECONDS = Seconds(0, _TEN_YEARS_S)
MOMENT = Moment()


def next_time(text: str, moment: datetime) -> datetime:
    """Return the time meant by `text`, seen from `moment`. Raises ValueError."""
    try:
        clock = time.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text).astimezone(UTC)
    today = datetime.combine(moment.date(), clock)
    if today.astimezone() <= moment:
        today += timedelta(days=1)
    return today.astimezone(UTC)


def choose_run_at(delay_s: float | None, start: datetime | None) -> str | None:
    """Return the catalog time that either of the two options means. Raises UsageError."""
    if delay_s is not None and start is not None:
        raise click.UsageError("Either --in or --at, not both.")
    if start is not None:
        return timestamp(start)
    if delay_s is None:
        return None
    return timestamp(datetime.now(UTC) + timedelta(seconds=delay_s))


def choose_terms(priority: int, delay_s: float | None, start: datetime | None) -> Terms:
    """Return what the options of an import ask for. Raises UsageError."""
    run_at = choose_run_at(delay_s, start)
    return Terms(priority, run_at) if start is not None else Terms(priority, delay_s=delay_s)
