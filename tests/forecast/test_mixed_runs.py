"""Whole runs on an injected clock: what is foretold beside what is left and what counting says.

500 JPEGs of 0.3 megapixels, then 100 TIFFs of 60 megapixels, two lanes.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from pixelcraft_desktop.forecast.costs import Costs
from pixelcraft_desktop.forecast.countdown import Countdown, Range
from pixelcraft_desktop.forecast.load import Item, Load
from pixelcraft_desktop.forecast.turns import Queue, finish_times
from pixelcraft_desktop.sentences import time_left

LANES = 2
TICK_S = 0.5
SMALL = (Item("JPEG", 100_000), 0.3, 0.03)  # what is known, its megapixels, its lane seconds
HUGE = (Item("TIFF", 180_000_000), 60.0, 3.0)
Work = tuple[Item, float, float]


@dataclass(frozen=True)
class Moment:
    """What stood on screen at a time, and what was true."""

    now: float
    left: float
    shown: Range | None
    by_count: float


def simulate(works: Sequence[Work], costs: Costs) -> list[Moment]:
    """Run the works in their order on two lanes; look every half second."""
    load, countdown = Load(), Countdown()
    for item, _, _ in works:
        load.add(item)
    lanes, ends = [0.0] * LANES, []
    for work in works:
        end = heapq.heappop(lanes) + work[2]
        heapq.heappush(lanes, end)
        ends.append((end, work))
    ends.sort(key=lambda pair: pair[0])
    last, done, moments = ends[-1][0], 0, []
    for tick in range(1, int(last / TICK_S)):
        now = tick * TICK_S
        while ends[done][0] <= now:
            item, megapixels, seconds = ends[done][1]
            load.take(item)
            costs.learn(item.kind, megapixels, item.size_bytes / 1e6, seconds)
            done += 1
        estimate = load.estimate(costs)
        lanes_used = min(LANES, load.count)
        countdown.note(estimate.seconds / lanes_used, estimate.spread / lanes_used, now)
        by_count = (len(works) - done) * now / max(1, done)
        moments.append(Moment(now, last - now, countdown.shown, by_count))
    return moments


MIXED = [SMALL] * 500 + [HUGE] * 100


def test_small_ones_first_and_then_huge_ones() -> None:
    moments = simulate(MIXED, Costs())
    shown = [moment for moment in moments if moment.shown is not None]
    assert shown[0].now <= 4.0
    # In the middle of the small ones counting says 5 s; it is two and a half minutes.
    early = next(moment for moment in shown if moment.now == 4.0)
    assert early.by_count < 6
    assert early.left == pytest.approx(154, abs=2)
    assert early.shown is not None
    assert early.shown.low < early.left < early.shown.high
    # Once some of the huge ones were measured it is narrow, and it stays right to the end.
    late = [moment for moment in shown if moment.now > 40 and moment.left > 5]
    assert len(late) > 200
    for moment in late:
        assert moment.shown is not None
        assert moment.shown.low * 0.85 - 1 <= moment.left <= moment.shown.high * 1.15 + 1
        assert (moment.shown.high - moment.shown.low) / 2 <= 0.35 * moment.left + 2


def test_it_is_never_taken_away_and_seldom_another_one() -> None:
    moments = simulate(MIXED, Costs())
    first = next(n for n, moment in enumerate(moments) if moment.shown is not None)
    told = [time_left(m.shown.low, m.shown.high) for m in moments[first:] if m.shown is not None]
    assert len(told) == len(moments) - first
    changes = sum(text != former for text, former in zip(told[1:], told, strict=False))
    assert changes < 40  # in two and a half minutes, a third of them in the last twenty seconds


def test_huge_ones_first_and_then_small_ones() -> None:
    moments = simulate(MIXED[::-1], Costs())
    middle = [moment for moment in moments if 20 < moment.now < 140]
    for moment in middle:  # counting is wrong by a factor of three and more
        assert moment.shown is not None
        assert moment.shown.low * 0.9 <= moment.left <= moment.shown.high * 1.1
    assert middle[0].by_count > 4 * middle[0].left


def test_what_former_runs_measured_is_right_from_the_first_moment() -> None:
    costs = Costs()
    simulate(MIXED, costs)
    (first, *_) = [m for m in simulate(MIXED, costs) if m.shown is not None]
    assert first.now <= 3.0
    assert first.shown is not None
    assert (first.shown.low + first.shown.high) / 2 == pytest.approx(first.left, rel=0.12)
    assert first.shown.high < 1.3 * first.shown.low


def test_batches_take_turns_picture_by_picture() -> None:
    queues = [Queue(1, 0, 500, 15.0), Queue(2, 0, 100, 300.0)]
    ends = finish_times(queues, LANES)
    assert ends[2] == pytest.approx((300 + 100 * 0.03) / 2)
    assert ends[1] == pytest.approx(315 / 2)  # the last one ends when all is done


def test_an_urgent_batch_goes_before_the_others() -> None:
    ends = finish_times([Queue(1, 0, 10, 10.0), Queue(2, 5, 10, 20.0), Queue(3, 0, 5, 0.0)], 1)
    assert ends == {2: pytest.approx(20), 3: pytest.approx(25), 1: pytest.approx(30)}
