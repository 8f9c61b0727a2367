"""What a large queue costs: 50,000 jobs recorded and cancelled; each step beside a small one."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.noop_jobs import record_jobs
from pixelcraft_desktop.catalog import transitions
from pixelcraft_desktop.catalog.jobs import Ticket, count_states, next_waiting
from pixelcraft_desktop.catalog.pictures import read_pictures
from pixelcraft_desktop.catalog.steering import cancel
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import Stage, State

MANY = 50_000
RECORD_AIM_S, CANCEL_AIM_S = 5.0, 2.0
SMALL, LARGE = 1_000, 100_000
STEPS = 300
PAGE = 200
AIM = 1.3
_Result = TypeVar("_Result")


def time_many(place: Path) -> tuple[float, float]:
    """Return the seconds to record so many jobs, and to cancel them all."""
    store = Store(place)
    before = time.perf_counter()
    record_jobs(store, 0, MANY)
    recorded = time.perf_counter() - before
    before = time.perf_counter()
    cancel(store, None)
    cancelled = time.perf_counter() - before
    assert count_states(store)[State.CANCELLED] == MANY
    store.close()
    return recorded, cancelled


def fill(place: Path, count: int) -> Store:
    """Return a catalog of `count` images: the older half is done, the younger one waits."""
    store = Store(place)
    record_jobs(store, 0, count)
    with store.transaction() as tx:
        half = (tx.revision, count // 2)
        tx.run("UPDATE jobs SET state = 'completed', revision = ? WHERE id <= ?", *half)
    return store


class Stopwatch:
    """Seconds by the name of what was done."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def time(self, name: str, action: Callable[[], _Result]) -> _Result:
        """Return what the action returns."""
        before = time.perf_counter()
        result = action()
        self.seconds.setdefault(name, []).append(time.perf_counter() - before)
        return result

    def median(self, name: str) -> float:
        """Return the median of the seconds it took."""
        return statistics.median(self.seconds[name])


def step(store: Store, watch: Stopwatch, page: list[int]) -> None:
    """Bring one job from waiting to completed, and look at the catalog as a window does."""
    first = watch.time("what to run next", lambda: next_waiting(store, 4))[0]
    claim = watch.time("claim", lambda: transitions.claim(store, first))
    assert claim is not None
    ticket = claim.ticket
    value = (ticket, Stage.PREVIEW, 50)
    watch.time("progress", lambda: transitions.save_progress(store, [value]))
    assert watch.time("finish", lambda: _finish(store, ticket))
    watch.time("count by state", lambda: count_states(store))
    assert len(watch.time("list the first page", lambda: read_pictures(store, page))) == PAGE


def _finish(store: Store, ticket: Ticket) -> bool:
    with store.transaction() as tx:
        return transitions.finish(tx, ticket)


def time_steps(place: Path) -> tuple[Stopwatch, Stopwatch]:
    """Return what every step took in the small catalog and in the large one, in turns."""
    stores = fill(place / "small.db", SMALL), fill(place / "large.db", LARGE)
    watches = Stopwatch(), Stopwatch()
    page = list(range(1, PAGE + 1))
    for _ in range(STEPS):
        for store, watch in zip(stores, watches, strict=True):
            step(store, watch, page)
    for store in stores:
        store.close()
    return watches


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as place:
        recorded, cancelled = time_many(Path(place) / "many.db")
        small, large = time_steps(Path(place))
    print(f"{MANY:,} jobs")
    print(f"  recorded, synced     {recorded:6.2f} s   (aim ≤ {RECORD_AIM_S:g} s)")
    print(f"  cancelled            {cancelled:6.2f} s   (aim ≤ {CANCEL_AIM_S:g} s)")
    print(f"a catalog of {LARGE:,} images beside one of {SMALL:,}, medians (aim ≤ {AIM}×)")
    for name in small.seconds:
        few, many = small.median(name) * 1e3, large.median(name) * 1e3
        print(f"  {name:<20} {many:7.3f} ms, small {few:7.3f} ms   {many / few:5.2f}×")


if __name__ == "__main__":
    main()
