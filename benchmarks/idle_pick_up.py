"""From a job's commit to the work on it, by an idle program, and what idling itself costs."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from benchmarks.noop_jobs import noop_decoders
from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.doorbell import ring
from pixelcraft_desktop.jobs.engine import Engine
from pixelcraft_desktop.model import standard_recipe
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

ROUNDS = 200
IDLE_S = 10.0
MEDIAN_AIM_MS, TAIL_AIM_MS, IDLE_AIM = 1.0, 5.0, 0.5
_PAUSE_S = 0.03  # long enough for everything to be idle again
_LONGEST_S = 10.0
# Takes the number of a picture, returns the moment its job was committed.
Recorder = Callable[[int], float]


class Scribe:
    """Records one job at a time and notes when that was committed: then others can see it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._plan = Plan(open_batch(store, "no-ops"), standard_recipe().to_json(), 5)
        self._committed: float | None = None
        store.listen(self._note)

    def record(self, number: int) -> float:
        """Record a picture of this number; return the moment by the clock all processes share."""
        path = f"/pictures/{number}.jpg"
        self._committed = None
        record(self._store, [Candidate(os.fsencode(path), path, 1, 1)], self._plan, Tally())
        assert self._committed is not None
        return self._committed

    def _note(self) -> None:
        if self._committed is None:  # later commits are the claim's, and so on
            self._committed = time.perf_counter()


def serve(place: Path, numbers: Connection) -> None:
    """Record a picture for each number received, until there is None. The other process."""
    home = Home(place)
    store = Store(home.catalog)
    scribe = Scribe(store)
    while (number := numbers.recv()) is not None:
        committed = scribe.record(number)
        ring(home.doorbell)
        numbers.send(committed)
    store.close()


def measure(place: Path, is_inside: bool) -> list[float]:
    """Return the milliseconds from each commit to the picture's arrival at a decoder."""
    home = Home(place)
    home.make()
    store = Store(home.catalog)
    arrived = threading.Event()
    moments: list[float] = []

    def arrive(_path: bytes) -> None:
        moments.append(time.perf_counter())
        arrived.set()

    def wait_for(recorder: Recorder) -> list[float]:
        waits = []
        for number in range(ROUNDS):
            time.sleep(_PAUSE_S)
            arrived.clear()
            committed = recorder(number)
            if not arrived.wait(_LONGEST_S):
                raise TimeoutError("a job was not picked up")
            waits.append((moments[-1] - committed) * 1000)
        return waits

    scribe = Scribe(store)  # listens before the engine does, and so is told first
    engine = Engine(store, home, Settings(), lane_count=2)
    with noop_decoders(arrive):
        engine.start()
        try:
            return wait_for(scribe.record) if is_inside else _from_outside(place, wait_for)
        finally:
            engine.stop()
            store.close()


def _from_outside(place: Path, wait_for: Callable[[Recorder], list[float]]) -> list[float]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(place, theirs))
    process.start()

    def record_there(number: int) -> float:
        ours.send(number)
        return float(ours.recv())

    try:
        return wait_for(record_there)
    finally:
        ours.send(None)
        process.join()


def measure_idle(place: Path) -> float:
    """Return the percentage of one core that an idle program takes, its decoders included."""
    command = [sys.executable, "-m", "pixelcraft_desktop", "--home", str(place), "worker"]
    worker = subprocess.Popen(command)
    try:
        while not (place / "doorbell").exists():
            time.sleep(0.05)
        time.sleep(3)  # starting costs more than idling
        program = psutil.Process(worker.pid)
        family = [program, *program.children(recursive=True)]
        before = _cpu_seconds(family)
        time.sleep(IDLE_S)
        return (_cpu_seconds(family) - before) / IDLE_S * 100
    finally:
        worker.terminate()
        worker.wait()


def _cpu_seconds(family: list[psutil.Process]) -> float:
    times = [process.cpu_times() for process in family]
    return sum(each.user + each.system for each in times)


def main() -> None:
    """Measure both ways and print the quantiles."""
    with tempfile.TemporaryDirectory() as folder:
        found = {
            "in the same process": measure(Path(folder) / "a", is_inside=True),
            "from another process": measure(Path(folder) / "b", is_inside=False),
        }
        idle = measure_idle(Path(folder) / "c")
    print(f"from commit to decoder, by an idle program, {ROUNDS} jobs one by one")
    print(f"  (aim: median ≤ {MEDIAN_AIM_MS:g} ms, p95 ≤ {TAIL_AIM_MS:g} ms)")
    for name, values in found.items():
        middle, tail = statistics.median(values), sorted(values)[int(0.95 * len(values)) - 1]
        print(f"  {name:<22} median {middle:6.2f} ms   p95 {tail:6.2f} ms")
    print(f"  an idle program takes {idle:.2f} % of one core (aim ≤ {IDLE_AIM:g} %)")


if __name__ == "__main__":
    main()
