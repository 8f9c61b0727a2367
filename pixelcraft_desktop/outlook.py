"""The outlook of one import without a window: how long its jobs still take, read as they end."""

from __future__ import annotations

import time
from collections.abc import Callable

from pixelcraft_desktop.catalog.control import held, is_paused
from pixelcraft_desktop.catalog.measurements import ended_since, measurements_since, pending_of
from pixelcraft_desktop.catalog.rate_limit import rate_limit
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.forecast.costs import Costs
from pixelcraft_desktop.forecast.countdown import Countdown, Range
from pixelcraft_desktop.forecast.kinds import kind_of
from pixelcraft_desktop.forecast.load import Item, Load, make_item
from pixelcraft_desktop.forecast.turns import least_seconds


class Outlook:
    """Reads an import's jobs once, and from then on only what ended since the last look."""

    def __init__(
        self, store: Store, batch_id: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._clock = clock
        self._costs, self._load, self._countdown = Costs(), Load(), Countdown()
        self._measured = 0
        self._items: dict[int, Item] = {}
        self._revision, jobs = pending_of(store, batch_id)
        for job in jobs:
            if not job.is_put_off:
                size = job.size_bytes, job.width, job.height
                item = self._items[job.job_id] = make_item(job.path, *size, job.format)
                self._load.add(item)

    def look(self, lane_count: int) -> Range | None:
        """Return how long so many lanes still need; None as long as that would be a guess."""
        self._catch_up()
        if is_paused(self._store) or held(self._store) is not None or not self._load.count:
            self._countdown.restart()
            return None
        estimate = self._load.estimate(self._costs)
        seconds = estimate.seconds / min(lane_count, self._load.count)
        limit = rate_limit(self._store)
        if limit is not None:
            seconds = max(seconds, least_seconds(self._load.count, limit.count, limit.period_s))
        doubt = estimate.spread / estimate.seconds
        self._countdown.note(seconds, doubt * seconds, self._clock())
        return self._countdown.shown

    def _catch_up(self) -> None:
        self._measured, measurements = measurements_since(self._store, self._measured)
        for each in measurements:
            kind = kind_of(b"", each.format)
            self._costs.learn(kind, each.megapixels, each.megabytes, each.seconds)
        self._revision, ended = ended_since(self._store, self._revision)
        for job_id in ended:
            item = self._items.pop(job_id, None)
            if item is not None:
                self._load.take(item)
