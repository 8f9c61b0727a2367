"""Turns: when each of several batches is done, where all of one priority take turns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True)
class Queue:
    """What a batch has before it: so many pictures, so many lane seconds."""

    batch_id: int
    priority: int
    count: int
    seconds: float


def finish_times(queues: Iterable[Queue], lanes: int) -> dict[int, float]:
    """Return after how many seconds each batch is done.

    A turn is a picture, whatever it costs; so the batch with the fewest pictures ends first, and
    until then each of its pictures waits for one of every other batch.
    """
    ends: dict[int, float] = {}
    now = 0.0
    ordered = sorted(queues, key=lambda queue: (-queue.priority, queue.count))
    for _, group in groupby(ordered, key=lambda queue: queue.priority):
        now = _take_turns(list(group), lanes, now, ends)
    return ends


def least_seconds(count: int, allowed: int, period_s: float) -> float:
    """Return how long so many starts take where `allowed` may start in a period, the first now."""
    return max(0.0, count / allowed - 1) * period_s


def _take_turns(queues: Sequence[Queue], lanes: int, now: float, ends: dict[int, float]) -> float:
    round_s = sum(queue.seconds / max(1, queue.count) for queue in queues)
    rounds = 0
    for queue in queues:
        now += (queue.count - rounds) * max(0.0, round_s) / max(1, lanes)
        ends[queue.batch_id] = now
        rounds = queue.count
        round_s -= queue.seconds / max(1, queue.count)
    return now
