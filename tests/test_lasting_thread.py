"""Threads that a bug does not end: each part of a running engine goes on after one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from conftest import MakePhoto

from pixelcraft_desktop.catalog.jobs import count_states, list_attempts, list_jobs
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.engine import Engine
from pixelcraft_desktop.jobs.intake import Intake
from pixelcraft_desktop.jobs.pipeline import Pipeline
from pixelcraft_desktop.lasting_thread import LastingThread
from pixelcraft_desktop.model import State, standard_recipe
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

SETTINGS = Settings(workers=1, retry_first_delay_s=0.02)
LATEST_S = 10.0  # until a dead thread is replaced


@pytest.fixture
def engine(store: Store, home: Home) -> Iterator[Engine]:
    engine = Engine(store, home, SETTINGS)
    yield engine
    engine.stop()


def fail_once(error: BaseException, then: Callable[..., object]) -> Callable[..., object]:
    errors = [error]

    def work(*args: object, **named: object) -> object:
        if errors:
            raise errors.pop()
        return then(*args, **named)

    return work


def take_in(store: Store, home: Home, photo: bytes) -> None:
    Intake(store, home, [photo], standard_recipe(), lambda: False).run()


def wait_for(store: Store, state: State, count: int, seconds: float = LATEST_S) -> None:
    end = time.monotonic() + seconds
    while count_states(store)[state] < count:
        assert time.monotonic() < end, count_states(store)
        time.sleep(0.01)


@pytest.mark.parametrize("error", [ValueError("a bug"), SystemExit(1)])
def test_work_that_raises_is_begun_anew_and_logged(
    error: BaseException, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pixelcraft_desktop.lasting_thread.PAUSE_S", 0.01)
    done = threading.Event()
    thread = LastingThread("some part", fail_once(error, done.set))  # type: ignore[arg-type]
    thread.start()
    assert done.wait(5)
    thread.join(5)
    assert not thread.is_alive()
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (
        logging.CRITICAL,
        "the thread some part failed, and begins anew",
    )


def test_a_stop_is_not_put_off_by_the_pause_after_a_failure() -> None:
    is_failing = threading.Event()

    def work() -> None:
        if not is_failing.is_set():
            is_failing.set()
            raise ValueError("a bug")

    thread = LastingThread("some part", work)
    thread.start()
    assert is_failing.wait(5)
    began = time.monotonic()
    thread.join(5)
    assert time.monotonic() - began < 0.5


@pytest.mark.parametrize(
    "place",
    [
        "feeder.Feeder._feed",
        "timer.Timer._read_news",
        "progress.save_progress",
        "engine.Engine._follow_lane_count",
    ],
)
def test_every_part_goes_on_after_a_bug(
    store: Store,
    home: Home,
    make_photo: MakePhoto,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    place: str,
) -> None:
    module, *names = place.split(".")
    target = f"pixelcraft_desktop.jobs.{module}"
    owner = __import__(target, fromlist=["*"])
    for name in names[:-1]:
        owner = getattr(owner, name)
    bug = fail_once(ValueError("a bug"), getattr(owner, names[-1]))
    monkeypatch.setattr(owner, names[-1], bug)
    engine = Engine(store, home, SETTINGS)
    engine.start()
    try:
        take_in(store, home, bytes(make_photo("a.png", size=(3000, 2000))))
        wait_for(store, State.COMPLETED, 1)
        end = time.monotonic() + LATEST_S
        while "begins anew" not in caplog.text:
            assert time.monotonic() < end
            time.sleep(0.02)
    finally:
        engine.stop()
    assert "a bug" in caplog.text


def test_a_lane_that_dies_over_a_picture_is_replaced_and_the_picture_made(
    engine: Engine, store: Store, home: Home, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = fail_once(SystemExit("dies"), Pipeline._work)
    monkeypatch.setattr(Pipeline, "_work", work)
    engine.start()
    began = time.monotonic()
    take_in(store, home, bytes(make_photo("a.jpg")))
    wait_for(store, State.COMPLETED, 1)
    assert time.monotonic() - began < LATEST_S
    first, second = list_attempts(store, list_jobs(store)[0]["id"])
    assert (first["cause"], second["cause"]) == ("worker_lost", None)
    assert first["message"] == "The worker Worker-1 stopped answering."
    assert "SystemExit: dies" in first["traceback"]


def test_the_threads_of_maintenance_are_replaced(engine: Engine) -> None:
    engine.start()
    consumer = engine._maintenance._consumer
    ((worker, thread),) = consumer.worker_threads

    def die(now: object = None) -> None:
        raise SystemExit

    worker.loop = die
    engine._maintenance._huey.storage.wake_workers()
    thread.join(5)
    assert not thread.is_alive()
    end = time.monotonic() + LATEST_S
    while not consumer.worker_threads[0][1].is_alive():
        assert time.monotonic() < end
        time.sleep(0.02)
