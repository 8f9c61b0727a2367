"""A week as the digest tells it: its days, and all that is known of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path

from pixelcraft_desktop.catalog import statistics
from pixelcraft_desktop.catalog.statistics import FailedPicture, Span, Total
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import Cause
from pixelcraft_desktop.paths import OUTPUT_FOLDERS, Home

_MOST_NAMED = 20
_DAYS = 7


@dataclass(frozen=True)
class Week:
    """A calendar week from Monday to Sunday, as ISO 8601 numbers it."""

    year: int
    number: int
    first: date
    last: date

    @property
    def name(self) -> str:
        return f"{self.year}-W{self.number:02}"


@dataclass(frozen=True)
class Disk:
    """What the home takes and what is left beside it, in bytes."""

    results: int
    catalog: int
    free: int


@dataclass(frozen=True)
class WeekFacts:
    """Everything in a report. `totals` are attempts; `failed` are pictures that still are so."""

    week: Week
    totals: Sequence[Total]
    failed: Mapping[Cause, int]
    named: Sequence[FailedPicture]
    known: int
    library: int
    disk: Disk

    @property
    def made(self) -> Sequence[Total]:
        """The attempts that worked, by format."""
        return [total for total in self.totals if total.cause is None]

    @property
    def made_count(self) -> int:
        return sum(total.attempts for total in self.made)

    @property
    def work_s(self) -> float:
        return sum(total.duration_ms for total in self.made) / 1_000

    @property
    def saved_s(self) -> float:
        """The time it would have taken to make again what was known already, at this pace."""
        return self.known * self.work_s / self.made_count if self.made_count else 0.0


def last_week(moment: datetime, zone: tzinfo) -> Week:
    """Return the last week that is over at `moment` in that time zone."""
    today = moment.astimezone(zone).date()
    first = today - timedelta(days=today.weekday() + _DAYS)
    year, number, _ = first.isocalendar()
    return Week(year, number, first, first + timedelta(days=_DAYS - 1))


def read_facts(store: Store, home: Home, week: Week, zone: tzinfo) -> WeekFacts:
    """Return what the catalog knows of a week whose days are added up."""
    span = _span(week, zone)
    return WeekFacts(
        week,
        statistics.read_totals(store, span),
        statistics.count_failed(store, span),
        statistics.list_failed(store, span, _MOST_NAMED),
        statistics.count_known(store, span),
        statistics.count_library(store),
        _measure(home),
    )


def _span(week: Week, zone: tzinfo) -> Span:
    return statistics.span_of(zone, week.first, week.last)


def _measure(home: Home) -> Disk:
    results = sum(_folder_bytes(home.output_folder(name)) for name in OUTPUT_FOLDERS)
    catalog = sum(
        path.stat().st_size
        for end in ("", "-wal")
        if (path := home.catalog.with_name(home.catalog.name + end)).exists()
    )
    return Disk(results, catalog, shutil.disk_usage(home.root).free)


def _folder_bytes(folder: Path) -> int:
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    total += entry.stat(follow_symlinks=False).st_size
                except FileNotFoundError:
                    pass  # replaced by a newer one meanwhile
    except FileNotFoundError:
        pass  # nothing was made yet
    return total
