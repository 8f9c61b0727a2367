"""Times as they are typed: the next such time of day, or a date; local if nothing else is said."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pixelcraft_desktop.commands.timing import choose_terms, next_time

pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="one time zone for all here")


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this be a place with daylight saving: from 29 March 2026, 02:00, until October."""
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("12:01", "2026-03-28T11:01"),
        ("12:00", "2026-03-29T10:00"),  # not now, and by tomorrow the clock is ahead
        ("18:30:15", "2026-03-28T17:30:15"),
        ("01:59", "2026-03-29T00:59"),
        ("2026-03-30T08:00", "2026-03-30T06:00"),
        ("2026-03-30", "2026-03-29T22:00"),
        ("2026-03-30T08:00Z", "2026-03-30T08:00"),
        ("2026-03-30T08:00-05:00", "2026-03-30T13:00"),
    ],
)
def test_what_is_meant(text: str, meant: str) -> None:
    noon = datetime(2026, 3, 28, 12, 0).astimezone()
    assert next_time(text, noon) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


def test_a_delay_counts_from_when_each_job_is_recorded_and_a_time_does_not() -> None:
    recorded = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    assert choose_terms(2, 1.5, None).start_after(recorded) == "2026-03-28T12:00:01.500Z"
    then = datetime(2999, 1, 1, tzinfo=UTC)
    assert choose_terms(0, None, then).start_after(recorded) == "2999-01-01T00:00:00.000Z"
    assert choose_terms(0, None, None).start_after(recorded) is None
