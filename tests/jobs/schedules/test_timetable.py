"""The timetable: made up once, never twice, whatever the clock does."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest

from pixelcraft_desktop.catalog import schedules
from pixelcraft_desktop.catalog.schedules import Schedule
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.schedules.cron import BadCron
from pixelcraft_desktop.jobs.schedules.timetable import Duty, DutyFailed, Timetable
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


_TICKING = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.schedules.timetable import Duty, Timetable

store = Store(Path(sys.argv[1]))
moment = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

def work(is_stopped):
    print(moment.hour, flush=True)
    return ""

timetable = Timetable(store, [Duty("cleanup", "0 * * * *", work)], lambda: moment)
timetable.record_new()
print("ready", flush=True)
sys.stdin.readline()
for hour in range(10, 24):
    moment = datetime(2026, 3, 1, hour, tzinfo=UTC)
    for name in timetable.due():
        timetable.run(name)
store.close()
"""


def test_two_real_processes_never_run_one_twice(store: Store) -> None:
    others = [
        subprocess.Popen(
            [sys.executable, "-c", _TICKING, str(store.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in "ab"
    ]
    for other in others:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
    for other in others:
        assert other.stdin is not None
        other.stdin.write("go\n")
        other.stdin.flush()
    told = [other.communicate(timeout=60)[0].split() for other in others]
    assert [other.returncode for other in others] == [0, 0]
    hours = [int(hour) for hours in told for hour in hours]
    # One that is ahead runs an hour that the other then finds done; none is run by both.
    assert len(hours) == len(set(hours))
    assert 23 in hours


def test_the_night_of_summer_time(table: Table) -> None:
    with table.store.transaction() as tx:
        tx.run("UPDATE schedules SET cron = '30 2 * * *', timezone = 'Europe/Berlin'")
    start = datetime(2026, 3, 28, 12, 0)
    table.tick("2026-03-28 12:00")
    table.runs.clear()
    for minutes in range(0, 3 * 24 * 60, 10):
        table.tick((start + timedelta(minutes=minutes)).isoformat(" "))
    assert table.runs == ["29 01:00", "30 00:30", "31 00:30"]


def test_the_night_of_winter_time(table: Table) -> None:
    with table.store.transaction() as tx:
        tx.run("UPDATE schedules SET cron = '30 2 * * *', timezone = 'Europe/Berlin'")
    start = datetime(2026, 10, 24, 12, 0)
    table.tick("2026-10-24 12:00")
    table.runs.clear()
    for minutes in range(0, 3 * 24 * 60, 10):
        table.tick((start + timedelta(minutes=minutes)).isoformat(" "))
    assert table.runs == ["25 00:30", "26 01:30", "27 01:30"]


def hours(table: Table, first: str, count: int) -> list[str]:
    """Tick every ten minutes of so many hours from then on; return the runs."""
    table.runs.clear()
    start = datetime.fromisoformat(first)
    for minutes in range(0, count * 60, 10):
        table.tick((start + timedelta(minutes=minutes)).isoformat(" "))
    return list(table.runs)


def test_a_clock_put_back_a_day_neither_loses_nor_doubles_an_hour(table: Table) -> None:
    before = hours(table, "2026-03-01 09:30", 26)
    assert len(before) == 26
    again = hours(table, "2026-03-01 11:20", 27)  # a day and ten minutes earlier
    every = before + again
    assert len(set(every)) == len(every)
    assert again == ["02 12:00", "02 13:00", "02 14:00"]


def test_a_clock_put_forward_a_day_makes_up_once(table: Table) -> None:
    hours(table, "2026-03-01 09:30", 3)
    assert hours(table, "2026-03-02 12:20", 3) == ["02 12:20", "02 13:00", "02 14:00", "02 15:00"]


def test_a_failed_run_is_made_again_before_its_time(store: Store) -> None:
    clock = Clock("2026-03-02 07:59")
    errors: list[Exception] = [DutyFailed("no\nnetwork"), DutyFailed("no network")]

    def work(is_stopped: object) -> str:
        if errors:
            raise errors.pop()
        return ""

    duty = Duty("digest", "0 8 * * 1", work, timedelta(hours=1))
    timetable = Timetable(store, [duty], clock)
    timetable.prepare()
    timetable.change("digest", timezone="UTC")
    outcomes = []
    for time in ("08:00", "08:30", "09:00", "10:00", "11:00"):
        clock.set(f"2026-03-02 {time}")
        outcomes.append([timetable.run(name) for name in timetable.due()])
    assert outcomes == [[True], [], [True], [True], []]
    found = schedules.find_schedule(store, "digest")
    assert found is not None
    assert (found.outcome, found.next_run) == ("completed", "2026-03-09T08:00:00.000Z")


def test_the_reason_of_a_known_failure_is_told_alone(table: Table) -> None:
    table.error = DutyFailed("no\nnetwork")
    table.tick("2026-03-01 10:00")
    assert table.row.outcome == "failed: no network"
    assert table.row.next_run == "2026-03-01T11:00:00.000Z"


def test_when_it_runs_is_changed(table: Table) -> None:
    assert table.timetable.change("cleanup", cron="30 2 * * *", timezone="Asia/Tokyo")
    assert table.row.next_run == "2026-03-01T17:30:00.000Z"
    assert table.timetable.change("cleanup", enabled=False)
    assert not table.row.enabled
    assert table.row.next_run is None
    assert table.timetable.change("cleanup", cron="0 * * * *")
    assert table.row.next_run is None
    assert table.timetable.change("cleanup", enabled=True)
    assert table.row.next_run == "2026-03-01T10:00:00.000Z"
    with pytest.raises(BadCron):
        table.timetable.change("cleanup", cron="often")
    assert table.row.cron == "0 * * * *"
    assert not table.timetable.change("dance", cron="0 * * * *")


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
