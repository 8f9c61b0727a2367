"""One export: the chosen renditions of many images, copied into a folder of the user's."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from itertools import groupby

from pixelcraft_desktop.catalog.renditions import count_results, read_results
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.export.copier import Copier, NotCopied
from pixelcraft_desktop.jobs.export.folder import FolderUnusable, TargetFolder
from pixelcraft_desktop.jobs.export.names import Names
from pixelcraft_desktop.jobs.export.progress import ExportProgress, Meter
from pixelcraft_desktop.paths import Home

_log = logging.getLogger(__name__)
_CHUNK = 500  # images a query
_PLAIN = "preview"  # has the source's name alone, where more than one rendition is saved


class _Stopped(Exception):
    """The user wants no more."""


class Export:
    """Copies results into a folder, on a thread of its own or on the caller's (`run`)."""

    def __init__(
        self,
        store: Store,
        home: Home,
        image_ids: Sequence[int],
        folder: bytes,
        renditions: Sequence[str],
        listener: Callable[[], None] = lambda: None,
    ) -> None:
        """`listener` is called on the exporting thread after a step, at most every 50 ms."""
        if not renditions:
            raise ValueError("no rendition to save was chosen")
        self._store = store
        self._home = home
        self._ids = tuple(dict.fromkeys(image_ids))
        self._path = os.path.abspath(folder)
        self._renditions = tuple(dict.fromkeys(renditions))
        self._meter = Meter(listener)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.run, name="export", daemon=True)

    @property
    def progress(self) -> ExportProgress:
        """How far it is; for any thread."""
        return self._meter.snapshot()

    def start(self) -> None:
        """Begin on a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End early: what is saved stays, and nothing is left half written."""
        self._stop.set()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the thread, if it was started; return whether the export is finished."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return self.progress.is_finished

    def run(self) -> None:
        """Save everything. Raises nothing: how it ended is in `progress`."""
        error: str | None = "Something went wrong in PixelCraft itself."
        was_stopped = False
        try:
            self._save_all(TargetFolder(self._path, forbidden=self._home.outputs))
            error = None
        except _Stopped:
            was_stopped, error = True, None
        except FolderUnusable as unusable:
            error = str(unusable)
        except Exception:
            _log.exception("an export failed")
        finally:
            self._meter.finish(was_stopped, error)

    def _save_all(self, folder: TargetFolder) -> None:
        chunks = [self._ids[at : at + _CHUNK] for at in range(0, len(self._ids), _CHUNK)]
        counts = []
        for chunk in chunks:
            self._check_stopped()
            counts.append(count_results(self._store, chunk, self._renditions))
        self._meter.expect(sum(counts))
        names = Names(self._additions(), folder.longest_name_bytes())
        for name in folder.names():
            self._check_stopped()
            names.take(name)
        copier = Copier(self._store, self._home, folder, names, self._check_stopped)
        try:
            for chunk, count in zip(chunks, counts, strict=True):
                self._check_stopped()
                self._save_chunk(chunk, count, copier)
        finally:
            folder.sync()

    def _save_chunk(self, chunk: Sequence[int], count: int, copier: Copier) -> None:
        """Save the results of these images, of which there were `count` at the start."""
        results = read_results(self._store, chunk, self._renditions)
        pictures = [list(group) for _, group in groupby(results, lambda r: r.image_id)]
        self._meter.expect(len(results) - count)
        self._meter.skip(len(chunk) - len(pictures))
        for picture in pictures:
            names: dict[str, bytes] = {}
            for result in picture:
                self._check_stopped()
                try:
                    self._meter.save(copier.copy(result, names))
                except NotCopied as error:
                    self._meter.fail(result.source, str(error))

    def _additions(self) -> dict[str, str]:
        """Return what the name of each chosen rendition has after the source's stem."""
        plain = _PLAIN if _PLAIN in self._renditions else self._renditions[0]
        return {name: "" if name == plain else f"-{name}" for name in self._renditions}

    def _check_stopped(self) -> None:
        if self._stop.is_set():
            raise _Stopped
