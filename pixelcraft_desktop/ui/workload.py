"""The workload: what is left to be made, altogether and of each batch, and how long it takes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from pixelcraft_desktop.catalog.measurements import Measurement
from pixelcraft_desktop.catalog.news import QueueFacts, Scan
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.forecast.costs import Costs
from pixelcraft_desktop.forecast.countdown import Countdown, Range
from pixelcraft_desktop.forecast.kinds import kind_of
from pixelcraft_desktop.forecast.load import Estimate, Item, Load, item_seconds, make_item
from pixelcraft_desktop.forecast.turns import Queue, finish_times, least_seconds
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui.batches.run import BatchRun, Ending
from pixelcraft_desktop.ui.library import UNDONE, Change, Library, is_work

_TICK_MS = 500
# News of thousands of pictures comes in parts, a frame apart; and two that end within a moment are
# told in one breath.
_SETTLED_S, _LONGEST_SETTLING_S = 1.0, 3.0
# Nobody works here if nothing ends for so long, or for so many times what a picture takes.
_STALLED_S, _STALLED_TIMES = 10.0, 4
# Of a picture that takes longer than was foretold, something is still to come.
_MOST_SPENT = 0.9
# So much more work is another forecast, not the same one corrected.
_MUCH_MORE = 1.2


class Workload(QObject):
    """Adds up what the library tells. A picture costs it the same however many there are."""

    moved = Signal()  # twice a second while anything goes on
    batches_ended = Signal(list)  # list[Ending]

    def __init__(
        self,
        library: Library,
        lane_count: int,
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._lane_count = lane_count
        self._clock = clock
        self._costs = Costs()
        self._load = Load()
        self._countdown = Countdown()
        self._runs: dict[int, BatchRun] = {}
        self._open: set[int] = set()
        self._active: dict[int, tuple[Item, int, float]] = {}  # item, batch, since when
        self._ran_s, self._was_still = 0.0, False
        self._is_suspended = False
        self._looked = self._ended = clock()
        self._lanes, self._count = lane_count, 0
        self._ticks = QTimer(self, interval=_TICK_MS)
        self._ticks.timeout.connect(self.tick)
        library.pictures_added.connect(self._count_added)
        library.pictures_changed.connect(self._count_changed)
        library.pictures_removed.connect(self._count_removed)
        library.measured.connect(self._learn)
        library.queue_changed.connect(self._follow_queue)
        library.scan_ended.connect(self._wait_for_end)

    @property
    def time_left(self) -> Range | None:
        """How long all of it takes; None as long as that would be a guess."""
        return self._countdown.shown

    @property
    def running(self) -> list[BatchRun]:
        """The batches that are worked on or looked for, oldest first."""
        scanned = self._scanned
        ids = [i for i in self._open if self._runs[i].load.count or i in scanned]
        return [self._runs[batch_id] for batch_id in sorted(ids)]

    def is_scanning(self, batch_id: int) -> bool:
        """Tell whether pictures of the batch are still looked for."""
        return batch_id in self._scanned

    def tick(self) -> None:
        """Look at the clock: forecast, and tell which batches are done."""
        now = self._clock()
        self._advance(now)
        self._forecast(now)
        endings = self._close_ended()
        is_busy = self._load.count > 0 and not self.is_still
        if not is_busy and not any(self._is_over(self._runs[i]) for i in self._open):
            self._ticks.stop()
        self.moved.emit()
        if endings:
            self.batches_ended.emit(endings)

    @property
    def is_still(self) -> bool:
        """Tell whether no further picture is begun, and so nothing can be foretold."""
        queue = self._library.queue
        return self._is_suspended or queue.is_paused or queue.held is not None

    def suspend(self, is_suspended: bool) -> None:
        """Learn that only the pictures in hand are finished, or that all go on again."""
        self._is_suspended = is_suspended
        self.tick()
        self._wake()

    @property
    def _scanned(self) -> set[int]:
        return {scan.batch_id for scan in self._library.queue.scans}

    def _advance(self, now: float) -> None:
        """Let the clock go on that stands still in a pause."""
        if not self._was_still:  # until now; the library may know better already
            self._ran_s += now - self._looked
        self._looked, self._was_still = now, self.is_still

    def _wake(self) -> None:
        if not self._ticks.isActive():
            self._advance(self._clock())
            self._ended = self._looked
            self._ticks.start()

    # What is left

    def _count_added(self, pictures: Sequence[Picture]) -> None:
        self._advance(self._clock())
        waiting: set[int] = set()
        for picture in pictures:
            run = self._add(picture)
            if picture.state in UNDONE:
                waiting.add(picture.batch_id)
            elif run.is_open:  # it was made before anybody heard of it
                run.end_one(picture.state, self._ran_s)
        self._wait(waiting)

    def _count_changed(self, changes: Sequence[Change]) -> None:
        self._advance(self._clock())
        waiting: set[int] = set()
        for before, after in changes:
            self._take(before)
            self._add(after)
            if after.state is not State.ACTIVE:
                self._active.pop(after.id, None)
            if after.state in UNDONE:
                waiting.add(after.batch_id)
            elif before.state in UNDONE:
                self._ended = self._looked
                self._runs[before.batch_id].end_one(after.state, self._ran_s)
        self._wait(waiting)

    def _count_removed(self, pictures: Sequence[Picture]) -> None:
        self._advance(self._clock())
        for picture in pictures:
            self._take(picture)
            self._active.pop(picture.id, None)
            if picture.state in UNDONE:
                self._runs[picture.batch_id].end_one(State.CANCELLED, self._ran_s)

    def _add(self, picture: Picture) -> BatchRun:
        run = self._runs.get(picture.batch_id)
        if run is None:
            run = self._runs[picture.batch_id] = BatchRun(picture.batch_id)
        run.count_in(picture)
        if is_work(picture):
            item = _item(picture)
            if not run.load.count and not run.ended:  # until now it was put off
                run.began_s = self._ran_s
            self._load.add(item)
            run.load.add(item)
            if picture.state is State.ACTIVE and picture.id not in self._active:
                self._active[picture.id] = item, picture.batch_id, self._looked
        return run

    def _take(self, picture: Picture) -> None:
        run = self._runs[picture.batch_id]
        run.count_out(picture)
        if is_work(picture):
            item = _item(picture)
            self._load.take(item)
            run.load.take(item)

    def _learn(self, measurements: Sequence[Measurement]) -> None:
        for each in measurements:
            kind = kind_of(b"", each.format)
            self._costs.learn(kind, each.megapixels, each.megabytes, each.seconds)

    # How long it takes

    def _forecast(self, now: float) -> None:
        is_moving = _is_moving(self._library.counts)
        if self.is_still or not is_moving or self._is_stalled(now):
            self._restart()
            return
        queue = self._library.queue
        chosen = queue.workers or self._lane_count
        if chosen != self._lanes or self._load.count > _MUCH_MORE * self._count:
            self._restart()
        self._lanes, self._count = chosen, self._load.count
        if not self._load.count:
            return
        lanes = min(chosen, self._load.count)
        spent = self._spent(now)
        whole = self._load.estimate(self._costs)
        seconds = max(whole.seconds - sum(spent.values()), 0.0) / lanes
        seconds = max(seconds, self._limited_seconds())
        doubt = whole.spread / whole.seconds
        if queue.scans:
            self._countdown.restart()
        else:
            self._countdown.note(seconds, doubt * seconds, now)
        self._forecast_batches(now, lanes, Estimate(seconds, doubt * seconds), spent)

    def _forecast_batches(
        self, now: float, lanes: int, whole: Estimate, spent: dict[int, float]
    ) -> None:
        runs = [run for run in map(self._runs.__getitem__, self._open) if run.load.count]
        costs = {run.batch_id: run.load.estimate(self._costs) for run in runs}
        queues = [self._queue(run, costs[run.batch_id].seconds, lanes, spent) for run in runs]
        ends = finish_times(queues, lanes)
        for run in runs:
            if run.batch_id in self._scanned or not _is_moving(run.counts):
                run.countdown.restart()
                continue
            cost = costs[run.batch_id]
            seconds = min(ends[run.batch_id], whole.seconds)
            doubt = max(cost.spread / cost.seconds, whole.spread / max(whole.seconds, 0.1))
            run.countdown.note(seconds, doubt * seconds, now)

    def _queue(self, run: BatchRun, cost_s: float, lanes: int, spent: dict[int, float]) -> Queue:
        """Return what a batch has before it; a start that the limit allows takes its time too."""
        batch, limit = self._library.batches.get(run.batch_id), self._library.queue.rate_limit
        seconds = max(0.0, cost_s - spent[run.batch_id])
        if limit is not None:
            seconds = max(seconds, run.load.count * lanes * limit.period_s / limit.count)
        return Queue(run.batch_id, batch.priority if batch else 0, run.load.count, seconds)

    def _spent(self, now: float) -> defaultdict[int, float]:
        """Return the lane seconds, by batch, that went into pictures not done yet."""
        spent: defaultdict[int, float] = defaultdict(float)
        for item, batch_id, since in self._active.values():
            most = _MOST_SPENT * item_seconds(item, self._costs)
            spent[batch_id] += min(now - since, most)
        return spent

    def _limited_seconds(self) -> float:
        """Return how long the rate limit alone lets it take."""
        limit = self._library.queue.rate_limit
        if limit is None:
            return 0.0
        waiting = self._load.count - len(self._active)
        return least_seconds(waiting, limit.count, limit.period_s)

    def _is_stalled(self, now: float) -> bool:
        expected = [item_seconds(item, self._costs) for item, _, _ in self._active.values()]
        longest = max(expected, default=0.0)
        limit = self._library.queue.rate_limit
        period_s = 0 if limit is None else limit.period_s
        return now - self._ended > max(_STALLED_S, _STALLED_TIMES * longest) + period_s

    def _restart(self) -> None:
        for countdown in (self._countdown, *(self._runs[i].countdown for i in self._open)):
            countdown.restart()

    # What is done

    def _follow_queue(self, queue: QueueFacts) -> None:
        self._advance(self._clock())
        self._wait({scan.batch_id for scan in queue.scans})
        self._wake()

    def _wait_for_end(self, scan: Scan) -> None:
        if scan.imported:
            self._wait({scan.batch_id})

    def _wait(self, batch_ids: set[int]) -> None:
        """Wait for the end of these batches from now on."""
        for batch_id in batch_ids:
            self._wake()
            self._runs.setdefault(batch_id, BatchRun(batch_id)).open(self._ran_s)
            self._open.add(batch_id)

    def _is_over(self, run: BatchRun) -> bool:
        batch = self._library.batches.get(run.batch_id)
        is_scanned = batch is None or batch.is_scanned
        return is_scanned and not run.undone and run.batch_id not in self._scanned

    def _close_ended(self) -> list[Ending]:
        runs = [run for i in sorted(self._open) if self._is_over(run := self._runs[i])]
        ages = [self._ran_s - run.last_s for run in runs]
        is_settled = not runs or min(ages) >= _SETTLED_S or max(ages) >= _LONGEST_SETTLING_S
        if not is_settled and not self.is_still:
            return []
        endings = []
        for run in runs:
            self._open.discard(run.batch_id)
            batch = self._library.batches.get(run.batch_id)
            ending = run.close(batch.name if batch else "", batch.duplicates if batch else 0)
            if ending is not None:
                endings.append(ending)
        return endings


def _is_moving(counts: Mapping[State, int]) -> bool:
    """Tell whether anything can be done now; what waits for its next attempt takes its own time."""
    return counts[State.WAITING] > 0 or counts[State.ACTIVE] > 0


def _item(picture: Picture) -> Item:
    size = picture.size_bytes, picture.width, picture.height
    return make_item(picture.path, *size, picture.format)
