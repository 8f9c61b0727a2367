"""The timetable: what is due, run once whoever looks, and what became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Duty:
    """What a schedule does. `run` is asked to return soon when its argument says so.

    It returns what it did in a few words. It may be cut off and run again: doing it twice must
    do no harm. `cron` is only what a new home begins with.
    """

    name: str
    cron: str
    run: Callable[[IsStopped], str]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Timetable:
    """The schedules of one catalog whose duties are known here; others are left alone."""

    def __init__(
        self, store: Store, duties: Sequence[Duty], clock: Callable[[], datetime] = _utc_now
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
        for name in self._duties:
            self._add_missing(name)
        schedules.repeat_interrupted(self._store)

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
        if schedule is None or not schedule.is_due(began):
            return False
        next_run = self._next_run(schedule, moment)
        if not schedules.claim_run(self._store, schedule, began, next_run):
            return False
        outcome = self._perform(self._duties[name], is_stopped)
        schedules.end_run(self._store, name, began, outcome)
        return True

    def request(self, name: str) -> bool:
        """Make it due now; False if there is no such schedule."""
        return schedules.request_run(self._store, name)

    def record(self, name: str, began: str, did: str) -> None:
        """Record a run that was made apart from the timetable, and went well."""
        self._add_missing(name)
        schedules.record_run(self._store, name, began, _completed(did))

    def _perform(self, duty: Duty, is_stopped: IsStopped) -> str:
        try:
            return _completed(duty.run(is_stopped))
        except (Exception, SystemExit) as error:  # SystemExit would end the worker for good
            _log.exception("the schedule %s failed", duty.name)
            return " ".join(f"failed: {type(error).__name__}: {error}".split())[:_LONGEST_OUTCOME]

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


def _completed(did: str) -> str:
    return f"completed: {did}" if did else "completed"
