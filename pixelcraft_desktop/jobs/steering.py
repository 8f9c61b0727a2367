"""What the user asks for, done one by one on a thread of its own: no window waits for a disk."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pixelcraft_desktop.catalog import control, jobs, recovery, removal, reports, transitions
from pixelcraft_desktop.catalog import steering as orders
from pixelcraft_desktop.catalog.quitting import QuitWay, set_quit_way
from pixelcraft_desktop.catalog.rate_limit import RateLimit, set_rate_limit
from pixelcraft_desktop.catalog.schedules import request_run
from pixelcraft_desktop.catalog.store import Row, Store
from pixelcraft_desktop.imaging.output import remove_quietly
from pixelcraft_desktop.jobs.doorbell import ring
from pixelcraft_desktop.jobs.export import dragging
from pixelcraft_desktop.jobs.export.export import Export
from pixelcraft_desktop.jobs.export.progress import ExportProgress
from pixelcraft_desktop.jobs.imports import Imports
from pixelcraft_desktop.paths import Home

_log = logging.getLogger(__name__)
FailureListener = Callable[[str, Exception], None]


class Steering:
    """Changes the catalog for a window. What comes of it, the window sees as news.

    `on_failure` is told on the steering thread what could not be done, and why.
    """

    def __init__(
        self, store: Store, home: Home, imports: Imports, on_failure: FailureListener
    ) -> None:
        self._store = store
        self._home = home
        self._imports = imports
        self._on_failure = on_failure
        self._exports: list[Export] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="steering")

    def add(self, paths: Sequence[bytes]) -> None:
        """Import these absolute paths."""
        self._do("add the pictures", self._imports.add, paths)

    def cancel_scan(self, batch_id: int) -> None:
        """Look for no more pictures of this import."""
        self._do("stop the search", self._imports.cancel, batch_id)

    def set_paused(self, paused: bool) -> None:
        """Pause or resume the queue."""
        self._do("pause" if paused else "resume", control.set_paused, self._store, paused)

    def forget_restoration(self) -> None:
        """Say no more that the library came back from a backup."""
        self._do("remember that", control.forget_restoration, self._store)

    def forget_recovery(self) -> None:
        """Say no more what was resumed and set aside at the start."""
        self._do("remember that", recovery.forget_recovery, self._store)

    def mark_report_seen(self, week: str) -> None:
        """Say no more that the report of this week is ready."""
        self._do("remember that", reports.mark_seen, self._store, week)

    def set_workers(self, count: int) -> None:
        """Choose how many pictures are worked on at a time."""
        self._do("change the number of workers", control.set_workers, self._store, count)

    def choose_quit_way(self, way: QuitWay | None) -> None:
        """Remember what becomes of the work when somebody quits; None: ask."""
        self._do("remember that", set_quit_way, self._store, way)

    def retry(self, job_ids: Sequence[int] | None) -> None:
        """Let failed jobs wait again; None: all of them."""
        self._do("retry", transitions.retry, self._store, job_ids)

    def salvage(self, job_ids: Sequence[int]) -> None:
        """Let jobs that failed as damaged wait again, for what is readable of their pictures."""
        self._do("save what is readable", transitions.retry, self._store, job_ids, True)

    def cancel(self, job_ids: Sequence[int] | None) -> None:
        """Cancel jobs that are not done yet; None: all of them."""
        self._do("cancel", orders.cancel, self._store, job_ids)

    def prioritise(self, job_ids: Sequence[int], priority: int) -> None:
        """Let waiting and delayed jobs go before all of a lower priority."""
        self._do("change the order", orders.set_priority, self._store, job_ids, priority)

    def do_next(self, job_ids: Sequence[int]) -> None:
        """Let waiting and delayed jobs go before all others."""
        self._do("change the order", orders.do_next, self._store, job_ids)

    def promote(self, job_ids: Sequence[int]) -> None:
        """Let delayed jobs wait for a lane now."""
        self._do("start the pictures now", orders.promote, self._store, job_ids)

    def delay(self, job_ids: Sequence[int], run_at: str) -> None:
        """Let waiting and delayed jobs not start before `run_at` (catalog time)."""
        self._do("delay the pictures", orders.delay_until, self._store, job_ids, run_at)

    def bring_back(self, job_ids: Sequence[int], run_at: str) -> None:
        """Let cancelled jobs start after all, at `run_at` (catalog time)."""
        self._do("bring the pictures back", orders.bring_back, self._store, job_ids, run_at)

    def limit(self, rate: str | None) -> None:
        """Start at most so many jobs in a period, such as "10/s"; None: as many as there are."""
        limit = None if rate is None else RateLimit.parse(rate)
        self._do("limit the rate", set_rate_limit, self._store, limit)

    def remove(self, image_ids: Sequence[int]) -> None:
        """Take images out of the library, for now."""
        self._do("remove the pictures", removal.remove, self._store, image_ids)

    def restore(self, image_ids: Sequence[int]) -> None:
        """Bring removed images back."""
        self._do("bring the pictures back", removal.restore, self._store, image_ids)

    def purge(self, image_ids: Sequence[int]) -> None:
        """Forget removed images for good, and delete their outputs."""
        self._do("clear away removed pictures", self._purge, image_ids)

    def run_schedule(self, name: str) -> None:
        """Have something scheduled run now."""
        self._do("clean up", request_run, self._store, name)

    def read_attempts(
        self, job_ids: Sequence[int], ready: Callable[[list[list[Row]]], None]
    ) -> None:
        """Bring the attempts at each of these jobs; `ready` is told on the steering thread."""
        self._do(
            "read the details",
            lambda: ready([jobs.list_attempts(self._store, job_id) for job_id in job_ids]),
        )

    def save(
        self,
        image_ids: Sequence[int],
        renditions: Sequence[str],
        folder: bytes,
        listener: Callable[[ExportProgress], None],
    ) -> None:
        """Save results to a folder; `listener` hears how far it is, on another thread."""

        def tell() -> None:
            listener(export.progress)

        export = Export(self._store, self._home, image_ids, folder, renditions, tell)
        self._exports = [each for each in self._exports if not each.progress.is_finished]
        self._exports.append(export)
        export.start()

    @property
    def is_saving(self) -> bool:
        """Tell whether results are being saved; for the thread that asks for it."""
        return any(not export.progress.is_finished for export in self._exports)

    def stop_saving(self) -> None:
        """Save no more; what is saved stays."""
        for export in self._exports:
            export.stop()

    def lay_out(self, image_ids: Sequence[int], ready: Callable[[list[bytes]], None]) -> None:
        """Make the previews of these images ready to be dragged out under their names."""
        self._do("drag", lambda: ready(dragging.lay_out(self._store, self._home, image_ids)))

    def stop(self, timeout_s: float) -> None:
        """Do what was asked for already, and no more."""
        end = time.monotonic() + timeout_s
        self.stop_saving()
        for export in self._exports:  # a file that is half written is taken away again
            export.join(max(0.0, end - time.monotonic()))
        try:
            done = self._thread.submit(lambda: None)
        except RuntimeError:  # it was stopped before
            return
        self._thread.shutdown(wait=False)
        try:
            done.result(max(0.0, end - time.monotonic()))
        except TimeoutError:
            _log.error("what was asked for last may not have been done")

    def _purge(self, image_ids: Sequence[int]) -> None:
        for name, file in removal.purge(self._store, image_ids):
            remove_quietly(str(self._home.output_folder(name) / file))

    def _do(self, what: str, action: Callable[..., Any], *arguments: Any) -> None:
        try:
            self._thread.submit(self._try, what, action, arguments)
        except RuntimeError:  # the program ends, and said that it takes no more
            _log.warning("too late to %s", what)

    def _try(self, what: str, action: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        try:
            action(*arguments)
        except Exception as error:  # whatever it is, whoever asked must hear of it
            _log.exception("could not %s", what)
            self._on_failure(what, error)
        ring(self._home.doorbell)
