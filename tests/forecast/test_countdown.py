"""What people see of a forecast: nothing before it is steady, then something that holds still."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelcraft_desktop.forecast.countdown import Countdown
from pixelcraft_desktop.sentences import time_left


def test_it_is_hidden_until_it_is_steady() -> None:
    countdown = Countdown()
    for tick in range(20):
        countdown.note(100 - tick / 10, 10, tick / 10)
        assert countdown.shown is None
    countdown.note(98, 10, 2.0)
    assert countdown.shown is not None
    assert (countdown.shown.low, countdown.shown.high) == pytest.approx((85.5, 110.5))


def test_it_is_hidden_as_long_as_it_is_a_guess() -> None:
    countdown = Countdown()
    for tick in range(100):
        countdown.note(100 - tick / 10, 80, tick / 10)
    assert countdown.shown is None


def test_what_leaps_about_is_not_shown() -> None:
    countdown = Countdown()
    for tick in range(100):
        countdown.note(300 if tick // 5 % 2 else 60, 10, tick / 10)
    assert countdown.shown is None


def test_noise_is_not_seen() -> None:
    """Ten minutes with a forecast that is 20 % off now and then: few changes, none upwards."""
    countdown, chance = Countdown(), random.Random(7)
    told: list[str] = []
    for tick in range(1_200):
        now = tick / 2
        left = 600 - now
        countdown.note(left * chance.uniform(0.8, 1.2), 0.12 * left, now)
        if countdown.shown is not None:
            told.append(time_left(countdown.shown.low, countdown.shown.high))
            assert countdown.shown.low - 3 <= left * 1.1
            assert countdown.shown.high + 3 >= left * 0.9
    changes = [text for text, former in zip(told[1:], told, strict=False) if text != former]
    assert len(changes) < 40
    assert len(changes) == len(set(changes))  # it never comes back to what it said before


def test_it_follows_when_something_turns_out_otherwise() -> None:
    countdown = Countdown()
    for tick in range(40):
        countdown.note(60, 6, tick / 2)
    assert countdown.shown is not None
    assert countdown.shown.high < 80
    for tick in range(40, 240):
        countdown.note(400 - tick / 2, 40, tick / 2)
        assert countdown.shown is not None  # corrected, not taken away
    assert countdown.shown.low < 280 < countdown.shown.high


def test_after_a_restart_it_is_hidden_again() -> None:
    countdown = Countdown()
    for tick in range(10):
        countdown.note(60, 6, float(tick))
    countdown.restart()
    assert countdown.shown is None


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 100)), max_size=50))
def test_whatever_comes_a_range_is_a_range(notes: list[tuple[float, float, float]]) -> None:
    countdown, now = Countdown(), 0.0
    for seconds, spread, step in notes:
        now += step
        countdown.note(seconds, spread, now)
        if countdown.shown is not None:
            assert 0 <= countdown.shown.low <= countdown.shown.high
            assert time_left(countdown.shown.low, countdown.shown.high)
