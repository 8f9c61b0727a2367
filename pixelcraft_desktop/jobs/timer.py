"""Lets delayed jobs wait for a lane when their time has come, to the millisecond."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from pixelcraft_desktop.catalog.database import DatabaseError
from pixelcraft_desktop.catalog.jobs import Appointment, Ticket, appointments_since
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.catalog.transitions import wake
from pixelcraft_desktop.lasting_thread import LastingThread
from pixelcraft_desktop.model import Reason

_log = logging.getLogger(__name__)
# Commits come in bursts; run_at says when, so being told of it a little later costs nothing.
_GATHER_S = 0.02
# A clock that was set, or a night's sleep: looked for so often while somebody chose a time.
_LOOK_AT_WALL_S = 15.0
_TRY_AGAIN_S = 1.0

_Entry = tuple[float, int, Ticket]


class Agenda:
    """Tickets by the moment they are due, on the monotonic clock; each once."""

    def __init__(self) -> None:
        self._heap: list[_Entry] = []
        self._known: set[Ticket] = set()
        self._count = 0

    def add(self, ticket: Ticket, due: float) -> None:
        """Note the ticket, unless it is known; those due at one moment keep their order."""
        if ticket not in self._known:
            self._known.add(ticket)
            self._count += 1
            heapq.heappush(self._heap, (due, self._count, ticket))

    def next_due(self) -> float | None:
        """Return when the next one is due."""
        return self._heap[0][0] if self._heap else None

    def take_due(self, moment: float) -> list[Ticket]:
        """Take out what is due by now, in order."""
        due = []
        while self._heap and self._heap[0][0] <= moment:
            ticket = heapq.heappop(self._heap)[2]
            self._known.discard(ticket)
            due.append(ticket)
        return due


class Timer:
    """A thread with an agenda, read from the catalog at first and after each news.

    A pause before a retry is at most `longest_delay_s`, whatever the clock said when `run_at` was
    written: a clock that was set back must not hang a job. A time somebody chose is kept by
    both clocks, whichever comes first.
    """

    def __init__(
        self,
        store: Store,
        longest_delay_s: float,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._longest_delay_s = longest_delay_s
        self._monotonic = monotonic
        self._wall = wall
        self._agenda = Agenda()
        self._chosen = Agenda()  # by the wall clock
        self._revision = 0
        self._news = threading.Condition()
        self._has_news = True
        self._is_stopped = threading.Event()
        self._thread = LastingThread("timer", self._run)

    def start(self) -> None:
        """Begin to keep time."""
        self._thread.start()

    def stop(self) -> None:
        """Keep time no more; what is delayed stays so in the catalog."""
        self._is_stopped.set()
        with self._news:
            self._news.notify()
        if self._thread.is_alive():
            self._thread.join()

    def hear(self) -> None:
        """Learn that something was committed, perhaps a job that is delayed."""
        with self._news:
            self._has_news = True
            self._news.notify()

    def turn(self) -> float | None:
        """Read the news, let go what is due, return the seconds until the next one is."""
        with self._news:
            has_news, self._has_news = self._has_news, False
        try:
            if has_news:
                self._read_news()
            self._let_go()
        except BaseException:
            self._revision = 0  # whatever was lost from the agenda is read again
            with self._news:
                self._has_news = True
            raise
        return self._seconds_left()

    def _read_news(self) -> None:
        latest, appointments = appointments_since(self._store, self._revision)
        moment, wall = self._monotonic(), self._wall()
        for appointment in appointments:
            due = datetime.fromisoformat(appointment.run_at).timestamp()
            self._agenda.add(appointment.ticket, moment + self._pause_s(appointment, due - wall))
            if appointment.reason == Reason.USER_DELAY:
                self._chosen.add(appointment.ticket, due)
        self._revision = latest

    def _pause_s(self, appointment: Appointment, seconds: float) -> float:
        if appointment.reason != Reason.USER_DELAY:
            seconds = min(seconds, self._longest_delay_s)
        return max(0.0, seconds)

    def _let_go(self) -> None:
        due = self._agenda.take_due(self._monotonic()) + self._chosen.take_due(self._wall())
        if due:
            wake(self._store, list(dict.fromkeys(due)))

    def _seconds_left(self) -> float | None:
        due = self._agenda.next_due()
        if due is None:
            return None
        seconds = max(0.0, due - self._monotonic())
        return seconds if self._chosen.next_due() is None else min(seconds, _LOOK_AT_WALL_S)

    def _run(self) -> None:
        while not self._is_stopped.is_set():
            try:
                seconds = self.turn()
            except DatabaseError:
                _log.exception("the timer can't use the catalog")
                self._is_stopped.wait(_TRY_AGAIN_S)
                continue
            with self._news:
                has_news = self._news.wait_for(
                    lambda: self._has_news or self._is_stopped.is_set(), seconds
                )
            if has_news and (seconds is None or seconds > _GATHER_S):
                self._is_stopped.wait(_GATHER_S)
