"""Imports: every scan that runs in this process, each on a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from pixelcraft_desktop.catalog.batches import close_batch, unscanned_batches
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.file_lock import FileLock
from pixelcraft_desktop.jobs.intake import Intake
from pixelcraft_desktop.model import Recipe
from pixelcraft_desktop.paths import Home

_log = logging.getLogger(__name__)


class Imports:
    """Starts scans, takes up those that were cut off, and stops them all in the end.

    `on_failure` is told on a scan's thread why it broke off.
    """

    def __init__(
        self,
        store: Store,
        home: Home,
        recipe: Recipe,
        on_failure: Callable[[Exception], None] = lambda _error: None,
    ) -> None:
        self._on_failure = on_failure
        self._store = store
        self._home = home
        self._recipe = recipe
        self._is_stopped = threading.Event()
        self._opening = threading.Lock()  # no batch is taken for cut off before it is known
        self._guard = threading.Lock()
        self._broken: set[int] = set()
        self._running: dict[int, tuple[Intake, threading.Thread]] = {}

    def add(self, paths: Sequence[bytes]) -> int:
        """Record that these absolute paths shall be imported, scan them, return the batch's id."""
        with self._opening:
            return self._start(paths, None)

    def resume(self) -> int:
        """Take up every scan that was cut off; return how many. One that runs goes on alone."""
        with self._opening:
            with self._guard:
                running = set(self._running)
            batches = unscanned_batches(self._store)
            cut_off = [i for i in batches if i not in running and i not in self._broken]
            for batch_id in cut_off:
                self._start(batches[batch_id], batch_id)
        return len(cut_off)

    def cancel(self, batch_id: int) -> None:
        """End one scan for good; what it recorded stays."""
        with self._guard:
            running = self._running.get(batch_id)
        if running is not None:
            running[0].cancel()
            return
        # One that nobody runs any more is only closed; one of another living process goes on.
        path = self._home.scans / f"{batch_id}.lock"
        lock = FileLock(path)
        if lock.acquire():
            close_batch(self._store, batch_id)
            lock.release()
            path.unlink(missing_ok=True)

    def is_scanning(self) -> bool:
        """Tell whether any scan of this process goes on."""
        with self._guard:
            return bool(self._running)

    def stop(self, grace_s: float = 2.0) -> None:
        """Break all scans off; they are taken up again at the next start."""
        self._is_stopped.set()
        with self._guard:
            threads = [thread for _, thread in self._running.values()]
        end = time.monotonic() + grace_s
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _start(self, paths: Sequence[bytes], batch_id: int | None) -> int:
        stopped = self._is_stopped.is_set
        intake = Intake(self._store, self._home, paths, self._recipe, stopped, batch_id)
        thread = threading.Thread(target=self._run, args=(intake,), name="intake", daemon=True)
        with self._guard:
            self._running[intake.batch_id] = (intake, thread)
        thread.start()
        return intake.batch_id

    def _run(self, intake: Intake) -> None:
        try:
            intake.run()
        except Exception as error:  # whatever it is, somebody waits for these pictures
            # Its batch stays open, so the next start looks again; until then it would only nag.
            self._broken.add(intake.batch_id)
            _log.exception("scan %d broke off", intake.batch_id)
            self._on_failure(error)
        finally:
            with self._guard:
                self._running.pop(intake.batch_id, None)
