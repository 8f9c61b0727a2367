"""Retries by a running engine: the last one alone, nobody lost, and the user's own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest
from conftest import MakePhoto

from pixelcraft_desktop.catalog import control, jobs, transitions
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.decoders.decoder import DecodeError, Decoder, ProgressListener
from pixelcraft_desktop.imaging.render import Order
from pixelcraft_desktop.jobs.engine import Engine
from pixelcraft_desktop.jobs.intake import Intake
from pixelcraft_desktop.model import Cause, Failure, Rendering, State, standard_recipe
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

QUICK = Settings(workers=3, retry_first_delay_s=0.02, retry_longest_delay_s=0.1)
DONE = Rendering("00", "PNG", 1, 1, "RGB", 8, 1, {}, (), unchanged=True)


class Scripted(Decoder):
    """A decoder without a child, that fails as the names of the pictures say."""

    guard = threading.Lock()
    inside = 0
    beside: dict[str, list[int]]  # how many others were being decoded as each try ended

    def start(self) -> None:
        """Start nothing."""

    def render(self, order: Order, listener: ProgressListener) -> Rendering:
        name = os.path.basename(os.fsdecode(order.source))
        cause = name.partition(".")[0]
        with Scripted.guard:
            Scripted.inside += 1
            most = Scripted.inside
        for _ in range(5):
            time.sleep(0.004)
            most = max(most, Scripted.inside)
        with Scripted.guard:
            Scripted.inside -= 1
            Scripted.beside.setdefault(name, []).append(most - 1)
        if cause in set(Cause):
            raise DecodeError(Failure(Cause(cause), "…", peak_memory_bytes=7))
        return DONE


@pytest.fixture
def engine(store: Store, home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr("pixelcraft_desktop.jobs.engine.Decoder", Scripted)
    Scripted.beside = {}
    engine = Engine(store, home, QUICK)
    yield engine
    engine.stop()


def wait_for(store: Store, **wanted: int) -> None:
    end = time.monotonic() + 15
    while True:
        counts = jobs.count_states(store)
        if all(counts[State(name)] == count for name, count in wanted.items()):
            return
        assert time.monotonic() < end, counts
        time.sleep(0.01)


def take_in(store: Store, home: Home, folder: bytes) -> None:
    Intake(store, home, [folder], standard_recipe()).run()


def test_each_cause_is_tried_as_often_as_it_may_and_the_last_time_alone(
    store: Store, home: Home, make_photo: MakePhoto, engine: Engine
) -> None:
    names = ["timeout.png", "decoder_crashed.png", "output_error.png", "damaged.png"]
    for name in [*names, *(f"good{n}.png" for n in range(12))]:
        folder = make_photo(name, size=(8, 8)).parent
    take_in(store, home, os.fsencode(folder))
    engine.start()
    wait_for(store, completed=12, failed=4)
    tries = {name: len(Scripted.beside[name]) for name in names}
    assert tries == {
        **{"timeout.png": 2, "decoder_crashed.png": 2},
        **{"output_error.png": 5, "damaged.png": 1},
    }
    assert max(beside for each in Scripted.beside.values() for beside in each) > 0
    for name in ("timeout.png", "decoder_crashed.png"):
        assert Scripted.beside[name][-1] == 0
    for job in jobs.list_jobs(store, State.FAILED):
        attempts = jobs.list_attempts(store, job["id"])
        assert job["attempt"] == job["max_attempts"] == len(attempts)
        assert {attempt["peak_memory_bytes"] for attempt in attempts} == {7}
        assert all(attempt["duration_ms"] >= 20 for attempt in attempts)


def test_a_retry_during_a_pause_waits(
    store: Store, home: Home, make_photo: MakePhoto, engine: Engine
) -> None:
    take_in(store, home, os.fsencode(make_photo("damaged.png")))
    engine.start()
    wait_for(store, failed=1)
    control.set_paused(store, True)
    assert transitions.retry(store, [1]) == ([1], [])
    time.sleep(0.2)
    assert len(Scripted.beside["damaged.png"]) == 1
    control.set_paused(store, False)
    wait_for(store, failed=1)
    assert len(Scripted.beside["damaged.png"]) == 2


def test_what_is_delayed_when_the_program_stops_goes_on_at_the_next_start(
    store: Store, home: Home, make_photo: MakePhoto, engine: Engine
) -> None:
    take_in(store, home, os.fsencode(make_photo("output_error.png")))
    engine.start()
    wait_for(store, delayed=1)
    engine.stop()
    counts = jobs.count_states(store)
    assert counts[State.DELAYED] + counts[State.WAITING] + counts[State.FAILED] == 1
    again = Engine(store, home, QUICK)
    again.start()
    wait_for(store, failed=1)
    again.stop()
    assert len(jobs.list_attempts(store, 1)) == 5
