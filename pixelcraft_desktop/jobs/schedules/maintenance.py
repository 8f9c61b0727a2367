"""Maintenance: a second, small queue with one worker, so that no load holds up a schedule."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from huey import Huey, crontab
from huey.consumer import Consumer

from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.broker import open_queue
from pixelcraft_desktop.jobs.schedules.duties import standard_timetable
from pixelcraft_desktop.jobs.schedules.timetable import Timetable
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

_log = logging.getLogger(__name__)


class _Consumer(Consumer):  # type: ignore[misc]  # Huey has no types
    """One worker thread, and Huey's own clock for the tick."""

    def __init__(self, huey: Huey) -> None:
        super().__init__(
            huey,
            workers=1,
            periodic=True,
            initial_delay=0.05,
            max_delay=0.2,
            scheduler_interval=60,
        )

    def _set_signal_handlers(self) -> None:
        """Leave the process's signals alone: they belong to whoever started it."""


class Maintenance:
    """Runs the schedules of a home. Only the holder of its run lock may start one.

    Huey's tick reads the timetable every minute, and once at the start: what was missed while
    the program was closed or the machine asleep is made up then, once. A message is only a
    reminder; whether something is due, the catalog says.
    """

    def __init__(
        self, store: Store, home: Home, settings: Settings, timetable: Timetable | None = None
    ) -> None:
        self._timetable = timetable or standard_timetable(store, home, settings)
        self._huey = open_queue("maintenance", home.maintenance)
        self._tick = self._huey.periodic_task(crontab(minute="*"), name="tick")(
            self._read_timetable
        )
        self._runs = {name: self._make_run(name) for name in self._timetable.names}
        self._consumer = _Consumer(self._huey)
        self._guard = threading.Lock()
        self._is_closed = False
        self._has_reminder = False

    def start(self) -> None:
        """Begin to run what is due."""
        self._timetable.prepare()
        self._remind()
        self._consumer.start()

    def run_now(self, name: str) -> bool:
        """Run a schedule at once, whenever it is due; False if there is none of that name."""
        is_known = self._timetable.request(name)
        self.look()
        return is_known

    def look(self) -> None:
        """Run what is due at once, not within a minute: somebody may have asked for it."""
        if not self._is_closed and self._timetable.due():
            self._remind()

    def replace_lost(self) -> None:
        """Start a thread anew that a bug ended."""
        if not self._consumer.stop_flag.is_set():
            self._consumer.check_worker_health()

    def stop(self, grace_s: float = 5.0) -> None:
        """Run no more; what runs is asked to end, and given `grace_s`."""
        self._consumer.stop_flag.set()
        self._huey.storage.release_workers()
        end = time.monotonic() + grace_s
        for thread in (self._consumer.scheduler, *(t for _, t in self._consumer.worker_threads)):
            if thread.is_alive():
                thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                _log.error("%s did not end; what it does is done again later", thread.name)
        with self._guard:
            self._is_closed = True
            self._huey.storage.close()

    def _remind(self) -> None:
        """Have the timetable read soon; one message that waits is enough."""
        with self._guard:
            if not self._has_reminder and not self._is_closed:
                self._tick()
                self._has_reminder = True  # not before: one that could not be sent is none

    def _read_timetable(self) -> None:
        with self._guard:
            self._has_reminder = False
        for name in self._timetable.due():
            with self._guard:
                if not self._is_closed:
                    self._runs[name]()

    def _make_run(self, name: str) -> Any:
        def run() -> None:
            self._timetable.run(name, self._consumer.stop_flag.is_set)

        return self._huey.task(name=name)(run)
