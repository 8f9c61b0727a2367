"""The rate limit as it is written, kept, and counted from what happened."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelcraft_desktop.catalog import transitions
from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan, next_waiting
from pixelcraft_desktop.catalog.rate_limit import (
    RateLimit,
    rate_limit,
    recent_starts,
    set_rate_limit,
)
from pixelcraft_desktop.catalog.store import Store


@pytest.mark.parametrize(
    ("text", "count", "period_s", "shown"),
    [
        ("10/s", 10, 1, "10/s"),
        (" 100/MIN ", 100, 60, "100/min"),
        ("1000/h", 1000, 3600, "1000/h"),
        ("5/10s", 5, 10, "5/10s"),
        ("7/60s", 7, 60, "7/min"),
        ("1/d", 1, 86_400, "1/d"),
    ],
)
def test_what_people_write(text: str, count: int, period_s: int, shown: str) -> None:
    limit = RateLimit.parse(text)
    assert (limit.count, limit.period_s, str(limit)) == (count, period_s, shown)


@pytest.mark.parametrize(
    "text", ["", "10", "0/s", "-1/s", "1/0s", "1/y", "1/s/s", "1e3/s", "1 000/s", "٣/s", "9" * 40]
)
def test_what_is_no_limit(text: str) -> None:
    with pytest.raises(ValueError, match="no limit"):
        RateLimit.parse(text)


@given(st.integers(1, 999_999), st.integers(1, 99_999), st.sampled_from(["s", "min", "h"]))
def test_what_is_shown_means_the_same(count: int, amount: int, unit: str) -> None:
    limit = RateLimit.parse(f"{count}/{amount}{unit}")
    assert RateLimit.parse(str(limit)) == limit


def test_a_limit_is_kept_and_can_be_lifted(store: Store) -> None:
    limit = RateLimit(10, 60)
    assert rate_limit(store) is None
    assert set_rate_limit(store, limit)
    assert not set_rate_limit(store, limit)
    assert rate_limit(store) == limit
    assert set_rate_limit(store, None)
    assert rate_limit(store) is None
    with store.transaction() as tx:
        tx.run("REPLACE INTO control VALUES ('rate_limit', 'by hand')")
    assert rate_limit(store) is None


def test_starts_are_counted_within_the_period_whatever_the_clock_did(store: Store) -> None:
    plan = Plan(open_batch(store, "b"), "[]", 5)
    record(store, [Candidate(b"/%d" % n, f"/{n}", 1, 1) for n in range(5)], plan, Tally())
    for ticket in next_waiting(store, 4):
        assert transitions.claim(store, ticket)
    with store.transaction() as tx:
        tx.run("UPDATE events SET at = '2999-01-01T00:00:00.000Z' WHERE job_id = 1")
        tx.run("UPDATE events SET at = '2001-01-01T00:00:00.000Z' WHERE job_id = 2")
    ages = recent_starts(store, RateLimit(9, 60))
    assert len(ages) == 2
    assert 60 > ages[0] >= ages[1] >= 0
    assert len(recent_starts(store, RateLimit(1, 60))) == 1
