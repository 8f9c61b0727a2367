"""Whatever a clock does within a day: no run lost, none doubled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.schedules.cron import next_time
from pixelcraft_desktop.jobs.schedules.timetable import Duty, Timetable

DAY = timedelta(days=1)
# Three hours before each change of the clocks in Berlin, in 2026.
STARTS = {
    "spring": datetime(2026, 3, 28, 22, 20, tzinfo=UTC),
    "autumn": datetime(2026, 10, 24, 22, 20, tzinfo=UTC),
    "summer": datetime(2026, 7, 1, 10, 20, tzinfo=UTC),
}
DAY_IN_MINUTES = 24 * 60
moves = st.lists(
    st.one_of(
        st.integers(1, 90),
        st.integers(1, 90),
        st.sampled_from([-DAY_IN_MINUTES, DAY_IN_MINUTES, -60, 60]),
        st.integers(-DAY_IN_MINUTES, DAY_IN_MINUTES),
    ),
    max_size=60,
)


class Diary:
    """A timetable with one duty, on a clock that is moved, and the times its runs stood for."""

    def __init__(self, store: Store, cron: str, timezone: str, start: datetime) -> None:
        self._cron, self._timezone = cron, timezone
        self.moment = self.latest = self._start = start
        self.slots: list[datetime] = []
        duties = [Duty("work", cron, self._work)]
        self._timetable = Timetable(store, duties, lambda: self.moment)
        self._timetable.prepare()
        self._timetable.change("work", timezone=timezone)

    def move(self, minutes: int) -> None:
        """Set the clock, never further behind than a day, and run what is due."""
        self.moment = max(self.moment + timedelta(minutes=minutes), self.latest - DAY)
        self.latest = max(self.latest, self.moment)
        for name in self._timetable.due():
            assert self._timetable.run(name)

    def last_slot(self, moment: datetime) -> datetime | None:
        """Return the last time by `moment` that the expression names, since the start."""
        found, after = None, max(self._start, moment - 2 * DAY)
        while (after := next_time(self._cron, self._timezone, after) or moment + DAY) <= moment:
            found = after
        return found

    def _work(self, _is_stopped: object) -> str:
        slot = self.last_slot(self.moment)
        assert slot is not None, "it ran before its time"
        self.slots.append(slot)
        return ""


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    ("cron", "timezone"),
    [("0 * * * *", "Europe/Berlin"), ("30 2 * * *", "Europe/Berlin"), ("0 0 * * *", "UTC")],
)
def test_no_run_is_lost_and_none_doubled(
    store: Store, cron: str, timezone: str, start: str
) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(moves=moves)
    @example(moves=[30, 60, 60, -DAY_IN_MINUTES, *[50] * 40])
    @example(moves=[30, 60, 60, DAY_IN_MINUTES, 60, -DAY_IN_MINUTES, *[50] * 40])
    @example(moves=[50] * 60)
    def check(moves: list[int]) -> None:
        with store.transaction() as tx:
            tx.run("DELETE FROM schedules")
        diary = Diary(store, cron, timezone, STARTS[start])
        for minutes in moves:
            diary.move(minutes)
            assert diary.slots == sorted(set(diary.slots)), "one was doubled"
            if diary.moment == diary.latest:  # as far as it ever was: nothing may be missing
                wanted = diary.last_slot(diary.moment)
                assert (diary.slots[-1] if diary.slots else None) == wanted, "one was lost"

    check()
