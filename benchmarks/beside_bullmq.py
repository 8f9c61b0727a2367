"""No-op jobs through PixelCraft's queue beside BullMQ on Redis: claim, four steps, finish."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from benchmarks.node_package import NodeMissing, find_node, install
from benchmarks.noop_jobs import noop_decoders, record_jobs
from pixelcraft_desktop.catalog.control import set_paused
from pixelcraft_desktop.catalog.jobs import Ticket, count_states
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.catalog.transitions import save_progress
from pixelcraft_desktop.jobs.engine import Engine
from pixelcraft_desktop.jobs.progress import Progress
from pixelcraft_desktop.model import Stage, State
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

JOBS, WARM_UP = 10_000, 1_000
ROUNDS = 3
LANES = 2
# BullMQ asks for any ioredis from 5 on; all else it pins itself.
VERSIONS = {"bullmq": "6.7.0", "ioredis": "6.0.0"}
SCRIPT = Path(__file__).with_suffix(".mjs")
OURS, STEPWISE = "PixelCraft", "… every step committed"
MEMORY, EVERY_SECOND = "BullMQ, appendonly no", "BullMQ, everysec"
_LONGEST_S = 60.0


class RedisMissing(Exception):
    """Redis is not here, or did not start."""


class StepwiseProgress(Progress):
    """Commits every single step at once, as BullMQ does."""

    def tell(self, ticket: Ticket, stage: Stage, progress: int) -> None:
        """Write where the job is."""
        save_progress(self._store, [(ticket, stage, progress)])


def count_completed(store: Store) -> int:
    """Return how many jobs are done."""
    return count_states(store)[State.COMPLETED]


class OurQueue:
    """An engine over a new home, its decoders replaced, that can be told to work off jobs."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._all_taken = threading.Event()
        self._left = 0
        self._guard = threading.Lock()

    def time_jobs(self, jobs: int, warm_up: int) -> float:
        """Return the seconds that `jobs` take after a warm-up, from resuming to the last commit."""
        home = Home(self._place)
        home.make()
        store = Store(home.catalog)
        engine = Engine(store, home, Settings(), LANES)
        with noop_decoders(self._take):
            engine.start()
            try:
                self._work_off(store, 0, warm_up)
                return self._work_off(store, warm_up, jobs)
            finally:
                engine.stop()
                store.close()

    def _work_off(self, store: Store, first: int, count: int) -> float:
        set_paused(store, True)
        record_jobs(store, first, count)
        self._left = count
        self._all_taken.clear()
        before = time.perf_counter()
        set_paused(store, False)
        # Counting rows all the while would slow down what is measured.
        if not self._all_taken.wait(_LONGEST_S):
            raise TimeoutError("the jobs did not end")
        while count_completed(store) < first + count:
            if time.perf_counter() - before > _LONGEST_S:
                raise TimeoutError("some jobs did not complete")
            time.sleep(0.001)
        return time.perf_counter() - before

    def _take(self, _path: bytes) -> None:
        with self._guard:
            self._left -= 1
            if self._left == 0:
                self._all_taken.set()


def time_ours(place: Path) -> float:
    """Return the seconds of our queue as it is."""
    return OurQueue(place).time_jobs(JOBS, WARM_UP)


def time_stepwise(place: Path) -> float:
    """Return the seconds of our queue, were it to write every step of progress."""
    with patch("pixelcraft_desktop.jobs.engine.Progress", StepwiseProgress):
        return OurQueue(place).time_jobs(JOBS, WARM_UP)


@contextmanager
def redis(place: Path, *options: str) -> Iterator[Path]:
    """Run a server of our own; yield its socket. Raises RedisMissing."""
    program = shutil.which("redis-server")
    if program is None:
        raise RedisMissing("redis-server is not installed")
    place.mkdir()
    socket = place / "redis.sock"
    command = [program, "--port", "0", "--unixsocket", str(socket), "--dir", str(place), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 10
        while not socket.exists():
            if process.poll() is not None or time.monotonic() > end:
                raise RedisMissing("redis-server did not start")
            time.sleep(0.01)
        yield socket
    finally:
        process.terminate()
        process.wait()


def time_bullmq(place: Path, folder: Path, *options: str) -> float:
    """Return the seconds of BullMQ on a Redis with these options. Raises RedisMissing."""
    with redis(place, *options) as socket:
        command = [find_node(), str(SCRIPT), str(folder), str(socket), str(JOBS), str(WARM_UP)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=_LONGEST_S)
        answer = json.loads(done.stdout)
        if answer["completed"] != JOBS + WARM_UP:
            raise ValueError(f"BullMQ completed {answer['completed']} jobs")
        return float(answer["seconds"])


def measure(place: Path, folder: Path | None) -> dict[str, list[float]]:
    """Return the seconds of every round, in turns, so that a noisy neighbour hits all alike."""
    found: dict[str, list[float]] = {}
    for number in range(ROUNDS):
        ways = {
            OURS: time_ours(place / f"{number}a"),
            STEPWISE: time_stepwise(place / f"{number}b"),
        }
        if folder is not None:
            ways[MEMORY] = time_bullmq(place / f"{number}c", folder)
            always = ("--appendonly", "yes", "--appendfsync", "everysec")
            ways[EVERY_SECOND] = time_bullmq(place / f"{number}d", folder, *always)
        for name, seconds in ways.items():
            found.setdefault(name, []).append(seconds)
    return found


def main() -> None:
    """Measure all of them and print jobs a second, and ours beside BullMQ's."""
    print(f"{JOBS:,} no-op jobs, {LANES} at a time, median of {ROUNDS} rounds (aim: ahead)")
    folder = None
    try:
        find_node()
        if shutil.which("redis-server") is None:
            raise NodeMissing("redis-server is not installed")
        folder = install("bullmq", VERSIONS)
    except NodeMissing as reason:
        print(f"  BullMQ is skipped: {reason}.")
    with tempfile.TemporaryDirectory() as place:
        found = measure(Path(place), folder)
    rates = {name: JOBS / statistics.median(seconds) for name, seconds in found.items()}
    for name, rate in rates.items():
        line = f"  {name:<24} {rate:6,.0f} jobs/s"
        if name in (OURS, STEPWISE):
            for other in (MEMORY, EVERY_SECOND):
                line += f"   {rate / rates[other]:4.2f}× {other}" if other in rates else ""
        print(line)


if __name__ == "__main__":
    main()
