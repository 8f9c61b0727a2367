"""Cron in a time zone: the steps of summer time, and zones that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pixelcraft_desktop.jobs.schedules import cron
from pixelcraft_desktop.jobs.schedules.cron import BadCron, local_timezone, next_time

BERLIN = "Europe/Berlin"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "Z")


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("0 * * * *", "2026-03-01T10:00:00", "2026-03-01T11:00:00"),
        ("0 * * * *", "2026-03-01T10:59:59.999", "2026-03-01T11:00:00"),
        ("30 2 * * *", "2026-03-28T12:00:00", "2026-03-29T01:00:00"),  # 02:30 is skipped
        ("30 2 * * *", "2026-03-29T01:00:00", "2026-03-30T00:30:00"),
        ("30 2 * * *", "2026-10-25T00:29:00", "2026-10-25T00:30:00"),  # 02:30 comes twice
        ("30 2 * * *", "2026-10-25T00:30:00", "2026-10-26T01:30:00"),
        ("30 2 * * *", "2026-10-25T01:15:00", "2026-10-26T01:30:00"),  # within the second 02
        ("0 * * * *", "2026-10-25T00:30:00", "2026-10-25T01:00:00"),
        ("0 * * * *", "2026-10-25T01:00:00", "2026-10-25T02:00:00"),
        ("0 0 * * *", "2026-06-30T22:00:00", "2026-07-01T22:00:00"),
    ],
)
def test_the_next_time_in_berlin(expression: str, after: str, expected: str) -> None:
    assert next_time(expression, BERLIN, at(after)) == at(expected)


@pytest.mark.parametrize("expression", ["0 * * * *", "30 2 * * *", "*/20 2 * * *", "0 3 * * 0"])
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_time_always_moves_on(expression: str, day: str) -> None:
    start = at(f"{day}T00:00:00") - timedelta(hours=1)
    for minutes in range(0, 360, 7):
        after = start + timedelta(minutes=minutes)
        found = next_time(expression, BERLIN, after)
        assert found is not None
        assert found > after
        assert found.tzinfo is UTC


@pytest.mark.parametrize("expression", ["", "61 * * * *", "often", "* * * *", "0 0 30 2 *"])
def test_what_is_no_cron_is_refused(expression: str) -> None:
    with pytest.raises(BadCron):
        next_time(expression, "UTC", at("2026-03-01T00:00:00"))


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "Europe", "", "UTC"])
def test_an_unknown_zone_is_utc(name: str) -> None:
    found = next_time("0 0 * * *", name, at("2026-03-01T10:00:00"))
    assert found == at("2026-03-02T00:00:00")


@pytest.mark.parametrize(
    ("variable", "link", "expected"),
    [
        ("Asia/Tokyo", "/usr/share/zoneinfo/Europe/Berlin", "Asia/Tokyo"),
        (":/usr/share/zoneinfo/Asia/Tokyo", "/nothing", "Asia/Tokyo"),
        ("CET-1CEST", "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"),
        ("", "/var/db/timezone/zoneinfo/Europe/Berlin", "Europe/Berlin"),
        ("", "/etc/localtime", "UTC"),
    ],
)
def test_the_zone_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, variable: str, link: str, expected: str
) -> None:
    monkeypatch.setenv("TZ", variable)
    monkeypatch.setattr(cron.os.path, "realpath", lambda path: link)  # type: ignore[attr-defined]
    assert local_timezone() == expected
