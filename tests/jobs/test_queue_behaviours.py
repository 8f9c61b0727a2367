"""What people who use queues rely on, each shown by a running engine."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from pixelcraft_desktop.catalog import control, jobs, steering, transitions
from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan, Ticket
from pixelcraft_desktop.catalog.rate_limit import RateLimit, set_rate_limit
from pixelcraft_desktop.catalog.removal import remove
from pixelcraft_desktop.catalog.store import Store, timestamp
from pixelcraft_desktop.commands import orders
from pixelcraft_desktop.commands.context import Context
from pixelcraft_desktop.decoders.decoder import Decoder, Interrupted, ProgressListener
from pixelcraft_desktop.imaging.render import Order
from pixelcraft_desktop.jobs.engine import Engine
from pixelcraft_desktop.jobs.imports import Imports
from pixelcraft_desktop.jobs.steering import Steering
from pixelcraft_desktop.model import Rendering, standard_recipe
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

PATIENCE_S = 15.0
DONE = Rendering("00", "PNG", 1, 1, "RGB", 8, 1, {}, (), unchanged=True)


class Stage:
    """What the scripted decoders do, and what was seen of them."""

    def __init__(self) -> None:
        self.guard = threading.Lock()
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.interrupted: list[str] = []
        self.began_at: list[float] = []
        self.inside: Counter[str] = Counter()
        self.most_of_one = 0
        self.holds: dict[str, threading.Event] = {}
        self.seconds = 0.0


class Scripted(Decoder):
    """A decoder without a child: holds what it is told to hold, until let go or interrupted."""

    stage = Stage()

    def start(self) -> None:
        """Start nothing."""

    def interrupt(self) -> None:
        """Break off what is being held."""
        self.is_broken_off.set()

    def render(self, order: Order, listener: ProgressListener) -> Rendering:
        """Render nothing."""
        stage, name = Scripted.stage, os.path.basename(os.fsdecode(order.source))
        self.is_broken_off = threading.Event()
        with stage.guard:
            stage.begun.append(name)
            stage.began_at.append(time.monotonic())
            stage.inside[name] += 1
            stage.most_of_one = max(stage.most_of_one, stage.inside[name])
        try:
            hold = stage.holds.get(name)
            while hold is not None and not hold.wait(0.005):
                if self.is_broken_off.is_set():
                    stage.interrupted.append(name)
                    raise Interrupted
            time.sleep(stage.seconds)
        finally:
            with stage.guard:
                stage.inside[name] -= 1
        stage.ended.append(name)
        return DONE


@pytest.fixture
def stage() -> Stage:
    Scripted.stage = Stage()
    return Scripted.stage


@pytest.fixture
def start(
    store: Store, home: Home, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[int], Engine]]:
    """Start an engine of so many lanes; its jobs are done by script."""
    monkeypatch.setattr("pixelcraft_desktop.jobs.engine.Decoder", Scripted)
    started: list[Engine] = []

    def begin(workers: int) -> Engine:
        engine = Engine(store, home, Settings(workers=workers))
        started.append(engine)
        engine.start()
        return engine

    yield begin
    for hold in stage.holds.values():
        hold.set()
    for engine in started:
        engine.stop()


def add(store: Store, count: int) -> Plan:
    """Record pictures called 1, 2, 3… after their jobs."""
    plan = Plan(open_batch(store, "b"), standard_recipe().to_json(), 5)
    first = 1 + (store.value("SELECT max(id) FROM jobs") or 0)
    paths = [f"/p/{number}" for number in range(first, first + count)]
    record(store, [Candidate(path.encode(), path, 1, 1) for path in paths], plan, Tally())
    return plan


def hold(stage: Stage, *names: str) -> None:
    stage.holds.update((name, threading.Event()) for name in names)


def wait_until(condition: Callable[[], bool]) -> float:
    """Return the seconds it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + PATIENCE_S
        time.sleep(0.005)
    return time.monotonic() - began


def states(store: Store) -> dict[str, int]:
    return {state.value: count for state, count in jobs.count_states(store).items() if count}


Start = Callable[[int], Engine]


def test_the_same_work_is_never_active_twice(store: Store, stage: Stage, start: Start) -> None:
    plan = add(store, 5)
    with store.transaction() as tx:
        for image_id in (1, 2, 3, 4, 5) * 4:
            transitions.add_jobs(tx, [image_id], plan)
    stage.seconds = 0.004
    start(4)
    for round_ in range(40):
        steering.do_next(store, [round_ % 25 + 1])
        steering.cancel(store, [round_ % 7 + 1])
        transitions.retry(store, [round_ % 7 + 1])
        time.sleep(0.005)
    wait_until(lambda: not {"waiting", "active"} & states(store).keys())
    assert stage.most_of_one == 1
    assert states(store) == {"completed": 25}


def test_a_slow_job_holds_up_nobody(store: Store, stage: Stage, start: Start) -> None:
    add(store, 30)
    hold(stage, "1")
    start(2)
    wait_until(lambda: states(store) == {"active": 1, "completed": 29})
    stage.holds["1"].set()
    wait_until(lambda: states(store) == {"completed": 30})


def test_delayed_jobs_start_when_they_are_due_and_in_that_order(
    store: Store, stage: Stage, start: Start
) -> None:
    add(store, 6)
    moment = datetime.now(UTC) + timedelta(seconds=0.3)
    for job_id, after_s in ((1, 0.4), (2, 0.2), (3, 0.0), (4, 0.2), (5, 0.0)):
        run_at = timestamp(moment + timedelta(seconds=after_s))
        steering.delay_until(store, [job_id], run_at)
    start(1)
    wait_until(lambda: states(store) == {"completed": 6})
    assert stage.begun == ["6", "3", "5", "2", "4", "1"]
    early = "SELECT count(*) FROM attempts WHERE job_id = 1 AND started_at < ?"
    assert store.value(early, timestamp(moment + timedelta(seconds=0.4))) == 0


def test_more_and_fewer_workers_kill_nothing(store: Store, stage: Stage, start: Start) -> None:
    add(store, 20)
    hold(stage, "1", "2", "3")
    control.set_workers(store, 1)
    start(1)
    wait_until(lambda: stage.begun == ["1"])
    control.set_workers(store, 3)
    wait_until(lambda: sorted(stage.begun) == ["1", "2", "3"])
    control.set_workers(store, 1)
    time.sleep(0.6)
    for name in ("1", "2", "3"):
        stage.holds[name].set()
    wait_until(lambda: states(store) == {"completed": 20})
    assert stage.interrupted == []
    assert {row["number"] for row in store.rows("SELECT number FROM attempts")} == {1}


def test_a_pause_lets_active_jobs_end_and_starts_no_other(
    store: Store, home: Home, stage: Stage, start: Start
) -> None:
    add(store, 5)
    hold(stage, "1", "2")
    engine = start(2)
    wait_until(lambda: len(stage.begun) == 2)
    control.set_paused(store, True)
    stage.holds["1"].set()
    stage.holds["2"].set()
    wait_until(lambda: states(store) == {"completed": 2, "waiting": 3})
    engine.stop()
    again = Engine(store, home, Settings(workers=2))
    again.start()
    time.sleep(0.3)
    assert states(store) == {"completed": 2, "waiting": 3}
    control.set_paused(store, False)
    wait_until(lambda: states(store) == {"completed": 5})
    again.stop()


def test_an_active_job_is_not_retried(store: Store, stage: Stage, start: Start) -> None:
    add(store, 1)
    hold(stage, "1")
    start(1)
    wait_until(lambda: stage.begun == ["1"])
    assert transitions.retry(store, [1]) == ([], [1])
    assert transitions.retry(store, None) == ([], [])
    stage.holds["1"].set()
    wait_until(lambda: states(store) == {"completed": 1})
    assert stage.begun == ["1"]


@pytest.mark.parametrize("take_away", [steering.cancel, remove], ids=["cancel", "remove"])
def test_what_is_taken_away_by_another_process_is_broken_off(
    store: Store, home: Home, stage: Stage, start: Start, take_away: Callable[..., object]
) -> None:
    add(store, 2)
    hold(stage, "1")
    start(1)
    wait_until(lambda: stage.begun == ["1"])
    other = Store(home.catalog)
    take_away(other, [1])
    other.close()
    assert wait_until(lambda: stage.interrupted == ["1"]) < 2
    wait_until(lambda: stage.ended == ["2"])  # the lane went on
    wait_until(lambda: "active" not in states(store))
    row = store.row("SELECT state, attempt FROM jobs WHERE id = 1")
    expected = "cancelled" if take_away is steering.cancel else "waiting"
    assert row == {"state": expected, "attempt": 0}
    assert jobs.list_attempts(store, 1) == []


def test_the_command_to_remove_an_active_job_is_refused(
    store: Store, home: Home, stage: Stage, start: Start
) -> None:
    add(store, 2)
    hold(stage, "1")
    start(1)
    wait_until(lambda: stage.begun == ["1"])
    done = CliRunner().invoke(orders.remove, ["1", "2"], obj=Context(home, Settings()))
    assert done.exit_code == 5
    assert "1 job removed." in done.output
    assert "not active" in done.output
    assert states(store) == {"active": 1}
    stage.holds["1"].set()
    wait_until(lambda: stage.ended == ["1"])
    assert stage.interrupted == []


def test_cancelling_everything_empties_the_lanes_too(
    store: Store, stage: Stage, start: Start
) -> None:
    add(store, 50)
    hold(stage, "1", "2")
    start(2)
    wait_until(lambda: len(stage.begun) == 2)
    steering.cancel(store, None)
    assert wait_until(lambda: sorted(stage.interrupted) == ["1", "2"]) < 2
    time.sleep(0.2)
    assert sorted(stage.begun) == ["1", "2"]
    assert states(store) == {"cancelled": 50}
    stage.holds.clear()
    transitions.retry(store, list(range(1, 51)))
    wait_until(lambda: states(store) == {"completed": 50})


def test_what_is_to_be_next_overtakes_what_is_on_its_way(
    store: Store, stage: Stage, start: Start
) -> None:
    add(store, 20)
    hold(stage, "1")
    start(1)
    wait_until(lambda: stage.begun == ["1"])
    time.sleep(0.1)  # by now two more messages lie in the queue
    steering.do_next(store, [15])
    steering.set_priority(store, [16], 1)
    time.sleep(0.1)
    stage.holds["1"].set()
    wait_until(lambda: len(stage.begun) >= 4)
    assert stage.begun[:4] == ["1", "15", "16", "2"]


def test_a_later_drop_does_not_wait_for_the_folder(
    store: Store, stage: Stage, start: Start
) -> None:
    add(store, 300)
    stage.seconds = 0.005
    start(2)
    wait_until(lambda: len(stage.begun) > 10)
    seen = len(stage.begun)
    add(store, 1)
    wait_until(lambda: "301" in stage.begun)
    assert stage.begun.index("301") < seen + 25
    steering.cancel(store, None)


def test_the_rate_limit_holds_over_all_lanes_and_nobody_spins(
    store: Store, stage: Stage, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    puts: list[Ticket] = []
    add(store, 14)
    set_rate_limit(store, RateLimit(5, 1))
    engine = start(4)
    put = engine._broker.put

    def count(ticket: Ticket, priority: int = 0) -> None:
        puts.append(ticket)
        put(ticket, priority)

    monkeypatch.setattr(engine._broker, "put", count)
    spent = time.process_time()
    took = wait_until(lambda: states(store) == {"completed": 14})
    spent = time.process_time() - spent
    assert 1.9 <= took < 4  # from a little after the first start
    starts = sorted(stage.began_at)
    assert all(later - first >= 0.99 for first, later in zip(starts, starts[5:], strict=False))
    assert len(puts) <= 20
    assert spent < took / 2
    set_rate_limit(store, None)
    add(store, 30)
    assert wait_until(lambda: states(store) == {"completed": 44}) < 3


def test_a_rate_limit_holds_over_a_restart(
    store: Store, home: Home, stage: Stage, start: Start
) -> None:
    set_rate_limit(store, RateLimit(2, 60))
    add(store, 4)
    engine = start(2)
    wait_until(lambda: states(store) == {"completed": 2, "waiting": 2})
    engine.stop()
    again = Engine(store, home, Settings(workers=2))
    again.start()
    time.sleep(0.4)
    again.stop()
    assert len(stage.begun) == 2


def test_closing_twice_is_harmless(store: Store, home: Home, start: Start, tmp_path: Path) -> None:
    add(store, 3)
    engine = start(2)
    wait_until(lambda: states(store) == {"completed": 3})
    imports = Imports(store, home, standard_recipe())
    wishes = Steering(store, home, imports, lambda _what, _error: None)
    for _ in range(2):
        imports.stop()
        wishes.stop(5)
        engine.stop()
    other = Store(tmp_path / "other.db")
    other.close()
    other.close()


def test_what_a_window_asks_for_reaches_the_jobs(store: Store, home: Home) -> None:
    add(store, 5)
    failures: list[str] = []
    wishes = Steering(
        store, home, Imports(store, home, standard_recipe()), lambda what, _: failures.append(what)
    )
    later = timestamp(datetime.now(UTC) + timedelta(days=1))
    wishes.delay([1, 2], later)
    wishes.promote([1])
    wishes.prioritise([3], 4)
    wishes.do_next([5])
    wishes.cancel([4])
    wishes.limit("7/min")
    wishes.stop(5)
    assert failures == []
    assert [ticket.job_id for ticket in jobs.next_waiting(store, 9)] == [5, 3, 1]
    assert states(store) == {"waiting": 3, "delayed": 1, "cancelled": 1}
    assert store.value("SELECT value FROM control WHERE key = 'rate_limit'") == "7/min"


def test_drained_is_told_once_for_each_time_that_nothing_is_left(
    store: Store, home: Home, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pixelcraft_desktop.jobs.engine.Decoder", Scripted)
    told: list[int] = []

    def tell() -> None:
        told.append(len(stage.ended))
        raise RuntimeError("a listener's bug, which harms nobody")

    engine = Engine(store, home, Settings(workers=2), on_drained=tell)
    engine.start()
    try:
        time.sleep(0.2)
        assert told == []  # idle from the beginning, and so it became nothing
        add(store, 5)
        wait_until(lambda: len(told) == 1)
        add(store, 3)
        wait_until(lambda: len(told) == 2)
        time.sleep(0.2)
        assert told == [5, 8]
    finally:
        engine.stop()
