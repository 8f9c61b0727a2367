"""The allowance: never more starts in any period than allowed, and no slot lost."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixelcraft_desktop.catalog.rate_limit import RateLimit, set_rate_limit
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.allowance import Allowance


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def start(allowance: Allowance) -> bool:
    """Start a job at once, if that is allowed."""
    is_allowed = allowance.take()
    if is_allowed:
        allowance.start()
    return is_allowed


def test_without_a_limit_anything_goes(store: Store) -> None:
    allowance = Allowance(store)
    assert not allowance.look()
    assert all(start(allowance) for _ in range(1000))
    assert allowance.room() is None
    assert allowance.pause_s() is None


def test_a_slot_is_free_again_after_the_period(store: Store) -> None:
    clock = Clock()
    allowance = Allowance(store, clock)
    set_rate_limit(store, RateLimit(2, 10))
    assert allowance.look()
    assert not allowance.look()
    assert start(allowance)
    clock.seconds = 4
    assert allowance.take()
    assert not start(allowance)
    assert (allowance.room(), allowance.pause_s()) == (0, 6)
    allowance.put_back()
    assert (allowance.room(), allowance.pause_s()) == (1, None)
    assert start(allowance)
    clock.seconds = 10
    assert start(allowance)
    assert not start(allowance)
    assert allowance.pause_s() == 4
    set_rate_limit(store, None)
    assert allowance.look()
    assert start(allowance)


def test_a_start_counts_from_its_claim_however_long_the_catalog_was_locked(store: Store) -> None:
    clock = Clock()
    allowance = Allowance(store, clock)
    set_rate_limit(store, RateLimit(2, 10))
    allowance.look()
    assert allowance.take()
    assert allowance.take()
    assert (allowance.room(), allowance.pause_s()) == (0, 10)
    clock.seconds = 30
    assert not allowance.take()
    allowance.start()
    clock.seconds = 31
    allowance.put_back()
    assert start(allowance)
    assert (allowance.room(), allowance.pause_s()) == (0, 9)
    clock.seconds = 40
    assert allowance.room() == 1


def test_what_was_reserved_before_a_limit_counts_once_there_is_one(store: Store) -> None:
    allowance = Allowance(store, Clock())
    assert allowance.take()
    assert allowance.take()
    set_rate_limit(store, RateLimit(2, 10))
    allowance.look()
    assert allowance.room() == 0
    allowance.put_back()
    allowance.start()
    assert allowance.room() == 1


def test_suspended_it_allows_nothing_and_forgets_nothing(store: Store) -> None:
    clock = Clock()
    allowance = Allowance(store, clock)
    for limit, room in ((None, None), (RateLimit(2, 10), 2)):
        set_rate_limit(store, limit)
        allowance.look()
        allowance.suspend(True)
        assert (allowance.room(), allowance.pause_s()) == (0, None)
        assert not start(allowance)
        allowance.suspend(False)
        assert (allowance.room(), allowance.pause_s()) == (room, None)
        assert start(allowance)
    allowance.suspend(True)
    allowance.suspend(False)
    assert allowance.room() == 1


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(1, 5), pauses=st.lists(st.floats(0, 4), max_size=60))
def test_no_period_ever_holds_more(store: Store, count: int, pauses: list[float]) -> None:
    clock = Clock()
    allowance = Allowance(store, clock)
    set_rate_limit(store, RateLimit(count, 10))
    allowance.look()
    starts: list[float] = []
    for pause in pauses:
        clock.seconds += pause
        in_period = sum(start > clock.seconds - 10 for start in starts)
        assert start(allowance) == (in_period < count)
        if in_period < count:
            starts.append(clock.seconds)
        else:
            wait = allowance.pause_s()
            assert wait is not None
            assert 0 < wait <= 10
