"""How far, how fast."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelcraft_desktop.ui.pace import Pace


def test_a_run_from_beginning_to_end() -> None:
    pace = Pace()
    assert (pace.per_mille(0), pace.is_running) == (0, False)
    pace.note(joined=4, ended=0, left=0, now=0.0)
    assert (pace.done, pace.total, pace.is_running) == (0, 4, True)
    assert pace.per_mille(50) == 125
    pace.note(0, 3, 0, now=1.0)
    assert (pace.done, pace.per_mille(99)) == (3, 997)
    pace.note(0, 1, 0, now=2.0)
    assert (pace.per_mille(0), pace.is_running) == (1000, False)


def test_the_next_run_begins_at_nothing() -> None:
    pace = Pace()
    pace.note(2, 0, 0, now=0.0)
    pace.note(0, 2, 0, now=1.0)
    pace.note(5, 0, 0, now=9.0)
    assert (pace.done, pace.total, pace.per_mille(0)) == (0, 5, 0)


def test_removed_pictures_are_no_longer_part_of_the_whole() -> None:
    pace = Pace()
    pace.note(10, 0, 0, now=0.0)
    pace.note(0, 2, 4, now=1.0)
    assert (pace.done, pace.total, pace.undone) == (2, 6, 4)


def test_no_rate_is_better_than_a_guess() -> None:
    pace = Pace()
    pace.note(1000, 0, 0, now=0.0)
    pace.note(0, 3, 0, now=5.0)
    assert pace.rate(5.0) is None
    pace.note(0, 7, 0, now=5.0)
    assert pace.rate(5.0) == pytest.approx(2.0)


def test_the_rate_is_that_of_the_last_seconds() -> None:
    pace = Pace()
    pace.note(10_000, 0, 0, now=0.0)
    for second in range(1, 101):
        pace.note(0, 1 if second <= 50 else 20, 0, now=float(second))
    assert pace.rate(100.0) == pytest.approx(20.0, rel=0.15)


@given(st.lists(st.integers(1, 9), min_size=1), st.integers(0, 400))
def test_it_never_says_all_too_early_and_never_runs_back(parts: list[int], percent: int) -> None:
    pace = Pace()
    pace.note(sum(parts), 0, 0, now=0.0)
    seen = 0
    for number, part in enumerate(parts, 1):
        pace.note(0, part, 0, now=float(number))
        now = pace.per_mille(min(percent, 99 * pace.undone) if pace.is_running else 0)
        plain = pace.per_mille(0)
        assert plain >= seen
        assert (now == 1000) == (number == len(parts))
        seen = plain
