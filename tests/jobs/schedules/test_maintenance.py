"""Maintenance on a real queue: at the start, when asked, after a failure, and to its end."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Iterator

import pytest

from pixelcraft_desktop.catalog import schedules
from pixelcraft_desktop.catalog.database import OperationalError
from pixelcraft_desktop.catalog.store import Store, now
from pixelcraft_desktop.jobs.broker import WakingStorage
from pixelcraft_desktop.jobs.doorbell import ring
from pixelcraft_desktop.jobs.engine import Engine
from pixelcraft_desktop.jobs.schedules.maintenance import Maintenance
from pixelcraft_desktop.jobs.schedules.timetable import Duty, IsStopped, Timetable
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

PATIENCE_S = 30
DID = "completed: files removed: 1, bytes freed: 1, images purged: 0"
YEARLY = "0 0 1 1 *"


class Work:
    """A duty that tells of each run, and fails or lasts as it is told."""

    def __init__(self) -> None:
        self.began: queue.Queue[float] = queue.Queue()
        self.error: Exception | None = None
        self.is_long = False

    def __call__(self, is_stopped: IsStopped) -> str:
        self.began.put(time.monotonic())
        if self.error is not None:
            raise self.error
        pause = threading.Event()
        while self.is_long and not is_stopped():
            pause.wait(0.01)
        return ""

    def wait(self) -> float:
        return self.began.get(timeout=PATIENCE_S)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def timetable(store: Store, work: Work) -> Timetable:
    return Timetable(store, [Duty("work", YEARLY, work)])


@pytest.fixture
def maintenance(store: Store, home: Home, timetable: Timetable) -> Iterator[Maintenance]:
    maintenance = Maintenance(store, home, Settings(), timetable)
    maintenance.start()
    yield maintenance
    maintenance.stop()


def wait_for_outcome(store: Store, name: str = "work") -> str:
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.01)):
        found = schedules.find_schedule(store, name)
        if found is not None and found.outcome is not None:
            return found.outcome
        pause.wait(0.01)
    raise AssertionError("it did not end")


def test_what_was_missed_is_made_up_at_the_start_once(
    store: Store, home: Home, timetable: Timetable, work: Work
) -> None:
    timetable.prepare()
    with store.transaction() as tx:
        tx.run("UPDATE schedules SET next_run = '2026-01-01T00:00:00.000Z'")
    for _ in range(2):
        maintenance = Maintenance(store, home, Settings(), timetable)
        maintenance.start()
        assert wait_for_outcome(store) == "completed"
        maintenance.stop()
    assert work.began.qsize() == 1


def test_run_now_runs_at_once(maintenance: Maintenance, work: Work, store: Store) -> None:
    asked = time.monotonic()
    assert maintenance.run_now("work")
    assert work.wait() - asked < 1
    assert wait_for_outcome(store) == "completed"
    assert not maintenance.run_now("dance")


def test_asked_for_twice_at_once_it_runs_and_is_not_lost(
    maintenance: Maintenance, work: Work, store: Store
) -> None:
    work.is_long = True
    maintenance.run_now("work")
    work.wait()
    for _ in range(5):
        maintenance.run_now("work")  # while it runs: once more afterwards
    work.is_long = False
    work.wait()
    wait_for_outcome(store)
    assert work.began.empty()


def test_a_reminder_that_could_not_be_sent_is_sent_again(
    maintenance: Maintenance, work: Work, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(WakingStorage, "enqueue", fail_to_write)
        with pytest.raises(OperationalError):
            maintenance.run_now("work")
    maintenance.look()
    work.wait()
    assert wait_for_outcome(store) == "completed"


def fail_to_write(*_: object) -> None:
    raise OperationalError("disk I/O error")


def test_a_failure_is_recorded_and_the_next_run_comes(
    maintenance: Maintenance, work: Work, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    work.error = RuntimeError("no luck")
    with caplog.at_level(logging.CRITICAL):
        maintenance.run_now("work")
        work.wait()
        assert wait_for_outcome(store) == "failed: RuntimeError: no luck"
    work.error = None
    maintenance.run_now("work")
    work.wait()
    assert wait_for_outcome(store) == "completed"


def test_forged_messages_are_dropped(
    maintenance: Maintenance, work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL, "huey"):
        maintenance._huey.storage.enqueue(b"forged")
        maintenance.run_now("work")
        work.wait()


def test_stopping_is_quick_and_may_be_done_twice(
    store: Store, home: Home, timetable: Timetable, work: Work
) -> None:
    maintenance = Maintenance(store, home, Settings(), timetable)
    maintenance.start()
    threading.Event().wait(0.1)
    for _ in range(2):
        began = time.monotonic()
        maintenance.stop()
        assert time.monotonic() - began < 1
    maintenance.look()
    maintenance.run_now("work")
    assert work.began.empty()


def test_stopping_without_a_start(store: Store, home: Home, timetable: Timetable) -> None:
    Maintenance(store, home, Settings(), timetable).stop()


def test_stopping_asks_what_runs_to_end(maintenance: Maintenance, work: Work, store: Store) -> None:
    work.is_long = True
    maintenance.run_now("work")
    work.wait()
    began = time.monotonic()
    maintenance.stop()
    assert time.monotonic() - began < 1
    assert wait_for_outcome(store) == "completed"


def test_a_request_of_another_process_reaches_the_engine(store: Store, home: Home) -> None:
    engine = Engine(store, home, Settings(), 1)
    engine.start()
    other = Store(home.catalog)
    try:
        litter = home.output_folder("preview") / "77-1.webp"
        litter.write_bytes(b"x")
        asked = now()
        assert schedules.request_run(other, "cleanup")
        ring(home.doorbell)
        assert wait_for_outcome(other, "cleanup") == DID
        found = schedules.find_schedule(other, "cleanup")
        assert found is not None
        assert found.last_run is not None
        assert found.last_run >= asked
        assert not litter.exists()
        assert engine.run_now("cleanup")
    finally:
        engine.stop()
        other.close()
