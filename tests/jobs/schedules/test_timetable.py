"""The timetable: made up once, never twice, whatever the clock does."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest

from pixelcraft_desktop.catalog import schedules
from pixelcraft_desktop.catalog.schedules import Schedule
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.schedules.timetable import Duty, Timetable
from pixelcraft_desktop.paths import Home


class Clock:
    """A clock that stands until it is set."""

    def __init__(self, text: str) -> None:
        self.set(text)

    def set(self, text: str) -> None:
        self.moment = datetime.fromisoformat(text).replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


class Table:
    """A timetable with one duty, and how often that was done."""

    def __init__(self, store: Store, start: str = "2026-03-01 09:30") -> None:
        self.store = store
        self.clock = Clock(start)
        self.runs: list[str] = []
        self.error: BaseException | None = None
        duties = [Duty("cleanup", "0 * * * *", self._work)]
        self.timetable = Timetable(store, duties, self.clock)
        self.timetable.prepare()

    def _work(self, is_stopped: object) -> str:
        self.runs.append(f"{self.clock.moment:%d %H:%M}")
        if self.error is not None:
            raise self.error
        return "1 thing"

    def tick(self, text: str | None = None) -> list[str]:
        """Set the clock, run what is due, return the moments of all runs so far."""
        if text is not None:
            self.clock.set(text)
        for name in self.timetable.due():
            self.timetable.run(name)
        return self.runs

    @property
    def row(self) -> Schedule:
        found = schedules.find_schedule(self.store, "cleanup")
        assert found is not None
        return found


@pytest.fixture
def table(store: Store) -> Table:
    return Table(store)


def test_it_runs_on_the_hour(table: Table) -> None:
    assert table.row.next_run == "2026-03-01T10:00:00.000Z"
    assert table.tick("2026-03-01 09:59:59") == []
    assert table.tick("2026-03-01 10:00:20") == ["01 10:00"]
    assert table.tick("2026-03-01 10:01:20") == ["01 10:00"]
    assert table.row == Schedule(
        "cleanup",
        "0 * * * *",
        table.row.timezone,
        True,
        "2026-03-01T11:00:00.000Z",
        "2026-03-01T10:00:20.000Z",
        "completed: 1 thing",
    )


def test_missed_hours_are_made_up_once(table: Table) -> None:
    assert table.tick("2026-03-03 17:20") == ["03 17:20"]
    assert table.tick("2026-03-03 17:21") == ["03 17:20"]
    assert table.row.next_run == "2026-03-03T18:00:00.000Z"


def test_a_closed_program_makes_up_once_at_its_start(store: Store) -> None:
    assert Table(store).tick() == []
    later = Table(store, "2026-03-01 13:05")
    assert later.tick() == ["01 13:05"]
    assert Table(store, "2026-03-01 13:06").tick() == []


@pytest.mark.parametrize("back_to", ["2026-03-01 09:59:50", "2026-03-01 07:10", "2026-02-28 11:00"])
def test_a_clock_put_back_repeats_nothing(table: Table, back_to: str) -> None:
    table.tick("2026-03-01 10:00:05")
    table.tick(back_to)
    assert table.tick("2026-03-01 10:00:00") == ["01 10:00"]
    assert table.tick("2026-03-01 11:00:00") == ["01 10:00", "01 11:00"]


def test_a_clock_that_was_far_ahead_does_not_stop_it(table: Table) -> None:
    table.tick("2031-01-01 00:00")
    assert table.tick("2026-03-01 09:40") == ["01 00:00"]
    assert table.row.next_run == "2026-03-01T10:00:00.000Z"
    assert table.tick("2026-03-01 10:00") == ["01 00:00", "01 10:00"]


def test_a_failing_run_is_recorded_and_the_schedule_goes_on(
    table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    for error in (RuntimeError("no\nluck"), SystemExit(1)):
        table.error = error
        with caplog.at_level(logging.CRITICAL):
            table.tick((table.clock.moment + timedelta(hours=1)).isoformat(" ")[:16])
    table.error = None
    assert table.row.outcome == "failed: SystemExit: 1"
    assert table.row.next_run == "2026-03-01T12:00:00.000Z"
    assert len(table.tick("2026-03-01 12:00")) == 3
    assert table.row.outcome == "completed: 1 thing"


def test_the_outcome_of_a_failure_is_one_line(table: Table) -> None:
    table.error = RuntimeError("no\nluck")
    table.tick("2026-03-01 10:00")
    assert table.row.outcome == "failed: RuntimeError: no luck"


def test_two_processes_never_run_one_twice(store: Store, home: Home) -> None:
    other = Store(home.catalog)
    tables = [Table(store), Table(other)]
    for hour in range(10, 20):
        gate = threading.Barrier(2)

        def tick(table: Table, hour: int = hour, gate: threading.Barrier = gate) -> None:
            table.clock.set(f"2026-03-01 {hour}:00")
            gate.wait()
            table.tick()

        threads = [threading.Thread(target=tick, args=(table,)) for table in tables]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    other.close()
    assert sorted(tables[0].runs + tables[1].runs) == [f"01 {hour}:00" for hour in range(10, 20)]


def test_the_night_of_summer_time(table: Table) -> None:
    with table.store.transaction() as tx:
        tx.run("UPDATE schedules SET cron = '30 2 * * *', timezone = 'Europe/Berlin'")
    start = datetime(2026, 3, 28, 12, 0)
    table.tick("2026-03-28 12:00")
    table.runs.clear()
    for minutes in range(0, 3 * 24 * 60, 10):
        table.tick((start + timedelta(minutes=minutes)).isoformat(" "))
    assert table.runs == ["29 01:00", "30 00:30", "31 00:30"]


def test_run_now_leaves_the_hours_as_they_are(table: Table) -> None:
    table.clock.moment = datetime.now(UTC) + timedelta(minutes=1)  # requests carry real time
    table.tick()
    runs, planned = len(table.runs), table.row.next_run
    assert table.timetable.request("cleanup")
    assert len(table.tick()) == runs + 1
    assert table.row.next_run == planned
    assert not table.timetable.request("digest")


def test_a_disabled_schedule_runs_when_asked_only(table: Table) -> None:
    with table.store.transaction() as tx:
        tx.run("UPDATE schedules SET enabled = 0, next_run = NULL")
    assert table.tick("2026-03-01 12:00") == []
    table.timetable.request("cleanup")
    table.clock.moment = datetime.now(UTC) + timedelta(minutes=1)
    assert len(table.tick()) == 1
    assert table.row.next_run is None


@pytest.mark.parametrize("damage", ["cron = 'often'", "cron = ''", "timezone = 'Nowhere'"])
def test_a_bad_row_stops_nothing(table: Table, damage: str) -> None:
    with table.store.transaction() as tx:
        tx.run(f"UPDATE schedules SET {damage}, next_run = NULL")
    assert table.tick("2026-03-01 12:00") == []
    with table.store.transaction() as tx:
        tx.run("UPDATE schedules SET cron = '0 * * * *'")
    table.tick("2026-03-01 12:30")
    assert table.tick("2026-03-01 13:00") == ["01 13:00"]


def test_rows_of_others_are_left_alone(table: Table) -> None:
    stranger = Schedule("digest", "0 8 * * 1", "UTC", True, None, None, None)
    schedules.add_missing(table.store, stranger)
    table.tick("2027-01-01 00:00")
    assert schedules.find_schedule(table.store, "digest") == stranger


def test_what_was_cut_off_is_done_again(store: Store) -> None:
    first = Table(store)
    schedules.claim_run(store, first.row, "2026-03-01T10:00:00.000Z", "2099-01-01T00:00:00.000Z")
    again = Table(store)
    assert again.row.outcome == "interrupted"
    again.clock.moment = datetime.now(UTC) + timedelta(minutes=1)
    assert len(again.tick()) == 1
    assert again.row.outcome == "completed: 1 thing"


def test_a_run_beside_the_timetable_is_recorded(table: Table) -> None:
    planned = table.row.next_run
    table.timetable.record("cleanup", "2026-03-01T09:40:00.000Z", "by hand")
    assert (table.row.last_run, table.row.outcome) == (
        "2026-03-01T09:40:00.000Z",
        "completed: by hand",
    )
    assert table.row.next_run == planned
