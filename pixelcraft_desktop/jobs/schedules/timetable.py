"""The timetable: what is due, run once whoever looks, and what became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pixelcraft_desktop.catalog import schedules
from pixelcraft_desktop.catalog.schedules import Schedule
from pixelcraft_desktop.catalog.store import Store, timestamp
from pixelcraft_desktop.jobs.schedules.cron import BadCron, local_timezone, next_time

_log = logging.getLogger(__name__)
# A clock that was put back no further than this repeats no run; it waits until it has caught
# up. One further ahead was wrong, and what it planned is planned anew.
_LARGEST_SET_BACK = timedelta(days=1)
_LONGEST_OUTCOME = 500

IsStopped = Callable[[], bool]


class DutyFailed(Exception):
    """A run could not do what it is for; the text says why, fit to show."""


@dataclass(frozen=True)
class Duty:
    """What a schedule does. `run` is asked to return soon when its argument says so.

    It returns what it did in a few words. It may be cut off and run again: doing it twice must
    do no harm. `cron` is only what a new home begins with. One that failed runs again after
    `again_after`, where that is sooner than its next time.
    """

    name: str
    cron: str
    run: Callable[[IsStopped], str]
    again_after: timedelta | None = None


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Timetable:
    """The schedules of one catalog whose duties are known here; others are left alone."""

    def __init__(
        self, store: Store, duties: Sequence[Duty], clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._store = store
        self._duties = {duty.name: duty for duty in duties}
        self._clock = clock

    @property
    def names(self) -> Sequence[str]:
        """The names of all duties."""
        return tuple(self._duties)

    def prepare(self) -> None:
        """Record the schedules that are new, and have runs that were cut off done again.

        Only for the holder of the run lock.
        """
        self.record_new()
        schedules.repeat_interrupted(self._store)

    def record_new(self) -> None:
        """Record the schedules that are new. From any process."""
        for name in self._duties:
            self._add_missing(name)

    def due(self) -> list[str]:
        """Return the names of those whose time has come; where a plan is wrong, mend it."""
        moment = self._clock()
        due: list[str] = []
        for schedule in schedules.list_schedules(self._store):
            if schedule.name not in self._duties:
                continue
            if schedule.is_due(timestamp(moment)):
                due.append(schedule.name)
            else:
                self._mend(schedule, moment)
        return due

    def run(self, name: str, is_stopped: IsStopped = lambda: False) -> bool:
        """Run what is due, here and now; False if it is not, or somebody else does."""
        moment = self._clock()
        began = timestamp(moment)
        schedule = schedules.find_schedule(self._store, name)
        if name not in self._duties or schedule is None or not schedule.is_due(began):
            return False
        next_run = self._next_run(schedule, moment)
        if not schedules.claim_run(self._store, schedule, began, next_run):
            return False
        outcome = self._perform(self._duties[name], is_stopped)
        schedules.end_run(self._store, name, began, outcome)
        if outcome.startswith(schedules.FAILED):
            self._run_again(name, moment)
        return True

    def request(self, name: str) -> bool:
        """Make it due now; False if there is no such schedule."""
        return schedules.request_run(self._store, name)

    def change(
        self,
        name: str,
        cron: str | None = None,
        timezone: str | None = None,
        enabled: bool | None = None,
    ) -> bool:
        """Change when it runs by itself; False if there is no such schedule. Raises BadCron."""
        found = schedules.find_schedule(self._store, name)
        if found is None:
            return False
        changed = replace(
            found,
            cron=found.cron if cron is None else cron,
            timezone=found.timezone if timezone is None else timezone,
            enabled=found.enabled if enabled is None else enabled,
        )
        moment = self._clock()
        next_time(changed.cron, changed.timezone, moment)  # refuses what is no cron expression
        planned = self._next_run(changed, moment)
        return schedules.change(self._store, replace(changed, next_run=planned))

    def record(self, name: str, began: str, did: str) -> None:
        """Record a run that was made apart from the timetable, and went well."""
        self._add_missing(name)
        schedules.record_run(self._store, name, began, _completed(did))

    def _perform(self, duty: Duty, is_stopped: IsStopped) -> str:
        try:
            return _completed(duty.run(is_stopped))
        except DutyFailed as error:
            _log.warning("the schedule %s failed: %s", duty.name, error)
            return _failed(str(error))
        except (Exception, SystemExit) as error:  # SystemExit would end the worker for good
            _log.exception("the schedule %s failed", duty.name)
            return _failed(f"{type(error).__name__}: {error}")

    def _run_again(self, name: str, moment: datetime) -> None:
        """Plan another try of a run that failed, where its duty wants one."""
        again_after = self._duties[name].again_after
        schedule = schedules.find_schedule(self._store, name)
        if again_after is None or schedule is None or not schedule.enabled:
            return
        again = timestamp(moment + again_after)
        if schedule.next_run is not None and again < schedule.next_run:
            schedules.plan_run(self._store, schedule, again)

    def _add_missing(self, name: str) -> None:
        duty = self._duties[name]
        new = Schedule(name, duty.cron, local_timezone(), True, None, None, None)
        next_run = self._next_run(new, self._clock())
        schedules.add_missing(
            self._store, Schedule(name, new.cron, new.timezone, True, next_run, None, None)
        )

    def _mend(self, schedule: Schedule, moment: datetime) -> None:
        """Plan a run where none is planned, or none so late as a wrong clock once said."""
        planned = self._next_run(schedule, moment)
        later = schedule.next_run is not None and (planned is None or schedule.next_run > planned)
        if later or (schedule.next_run is None and planned is not None):
            schedules.plan_run(self._store, schedule, planned)

    def _next_run(self, schedule: Schedule, moment: datetime) -> str | None:
        if not schedule.enabled:
            return None
        after = moment
        if schedule.last_run is not None:
            last_run = datetime.fromisoformat(schedule.last_run)
            if moment < last_run <= moment + _LARGEST_SET_BACK:
                after = last_run
        try:
            found = next_time(schedule.cron, schedule.timezone, after)
        except BadCron:
            _log.warning("%s: %r is no cron expression", schedule.name, schedule.cron)
            return None
        return None if found is None else timestamp(found)


def _failed(reason: str) -> str:
    return " ".join(f"{schedules.FAILED}: {reason}".split())[:_LONGEST_OUTCOME]


def _completed(did: str) -> str:
    return f"completed: {did}" if did else "completed"
