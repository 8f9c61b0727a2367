"""What holds the parts together: they start, stop, die and are replaced as a whole."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import MakePhoto

from pixelcraft_desktop.catalog.batches import open_batch, unscanned_batches
from pixelcraft_desktop.catalog.control import set_workers
from pixelcraft_desktop.catalog.database import OperationalError
from pixelcraft_desktop.catalog.jobs import count_states
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.engine import Engine
from pixelcraft_desktop.jobs.file_lock import FileLock
from pixelcraft_desktop.jobs.imports import Imports
from pixelcraft_desktop.jobs.runner import Runner
from pixelcraft_desktop.jobs.schedules.maintenance import Maintenance
from pixelcraft_desktop.model import State, standard_recipe
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

EXIT_WITH_A_LANE = """
import sys
from pathlib import Path
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.engine import Engine
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

if __name__ == "__main__":
    home = Home(Path(sys.argv[1]))
    home.make()
    Engine(Store(home.catalog), home, Settings(), lane_count=2).start()
    raise SystemExit(7)
"""


def wait_until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    pause = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        pause.wait(0.02)
    pytest.fail("it did not come to be")


def lanes_alive() -> int:
    return sum(thread.name.startswith("Worker-") for thread in threading.enumerate())


def test_a_program_that_ends_without_a_stop_does_end(home: Home, tmp_path: Path) -> None:
    script = tmp_path / "ends.py"
    script.write_text(EXIT_WITH_A_LANE)
    done = subprocess.run(
        [sys.executable, str(script), str(home.root)], timeout=20, check=False, capture_output=True
    )
    assert done.returncode == 7


def test_lanes_follow_the_catalog_and_dead_ones_are_replaced(store: Store, home: Home) -> None:
    set_workers(store, 1)
    before = lanes_alive()
    engine = Engine(store, home, Settings())
    engine.start()
    try:
        one_more = before + 2  # a lane, and the worker of maintenance
        wait_until(lambda: lanes_alive() == one_more)
        set_workers(store, 3)
        wait_until(lambda: lanes_alive() == one_more + 2)
        set_workers(store, 1)
        wait_until(lambda: lanes_alive() == one_more)
        (lane, thread), *_ = engine._lanes.worker_threads
        lane.is_retired = True  # as good as dead: it ends, and nobody asked for fewer
        engine._broker.wake_workers()
        wait_until(lambda: not thread.is_alive() and lanes_alive() == one_more)
    finally:
        engine.stop()
    wait_until(lambda: lanes_alive() == before)


class _Refusing(Maintenance):
    """Maintenance on a catalog that refuses once."""

    refusals = 1

    def start(self) -> None:
        if _Refusing.refusals:
            _Refusing.refusals -= 1
            raise OperationalError("disk I/O error")
        super().start()


def test_an_engine_that_fails_half_way_is_stopped_and_tried_again(
    store: Store, home: Home, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pixelcraft_desktop.jobs.engine.Maintenance", _Refusing)
    monkeypatch.setattr("pixelcraft_desktop.jobs.runner._TRY_AGAIN_S", 0.2)
    heard: list[str | None] = []
    imports = Imports(store, home, standard_recipe())
    runner = Runner(store, home, Settings(workers=1), imports, heard.append)
    before = lanes_alive()
    runner.start()
    imports.add([os.fsencode(make_photo("a.png"))])
    wait_until(lambda: None in heard)
    wait_until(lambda: count_states(store)[State.COMPLETED] == 1)
    imports.stop()
    runner.stop(5)
    assert heard[:2] == ["disk I/O error", None]
    wait_until(lambda: lanes_alive() == before)
    lock = FileLock(home.run_lock)
    assert lock.acquire()
    lock.release()


def test_a_scan_that_another_program_left_is_taken_up_while_running(
    store: Store, home: Home, photos: Path, make_photo: MakePhoto
) -> None:
    make_photo("a.png")
    imports = Imports(store, home, standard_recipe())
    runner = Runner(store, home, Settings(workers=1), imports, lambda _trouble: None)
    runner.start()
    try:
        wait_until(home.doorbell.exists)
        open_batch(store, "left behind", [os.fsencode(photos)])
        wait_until(lambda: count_states(store)[State.COMPLETED] == 1)
    finally:
        imports.stop()
        runner.stop(5)


def test_a_scan_that_nobody_runs_can_be_called_off(store: Store, home: Home) -> None:
    batch_id = open_batch(store, "left behind", [b"/nowhere"])
    Imports(store, home, standard_recipe()).cancel(batch_id)
    assert unscanned_batches(store) == {}
    other = open_batch(store, "of a living one", [b"/nowhere"])
    lock = FileLock(home.scans / f"{other}.lock")
    assert lock.acquire()
    Imports(store, home, standard_recipe()).cancel(other)
    lock.release()
    assert list(unscanned_batches(store)) == [other]
