"""Runs the jobs of a home as soon as no other process does, on a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from pixelcraft_desktop.catalog.database import CatalogDamaged
from pixelcraft_desktop.catalog.store import Store, require_there
from pixelcraft_desktop.jobs.engine import Engine
from pixelcraft_desktop.jobs.file_lock import FileLock
from pixelcraft_desktop.jobs.imports import Imports
from pixelcraft_desktop.jobs.persistence import TroubleListener
from pixelcraft_desktop.lasting_thread import LastingThread
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

_log = logging.getLogger(__name__)
_LOOK_S = 0.25
_TRY_AGAIN_S = 5.0
_RESUME_S = 2.0


class Runner:
    """Waits for the run lock, then owns an engine until it is stopped."""

    def __init__(
        self,
        store: Store,
        home: Home,
        settings: Settings,
        imports: Imports,
        on_trouble: TroubleListener,
    ) -> None:
        self._on_trouble = on_trouble
        self._store = store
        self._home = home
        self._settings = settings
        self._imports = imports
        self._lock = FileLock(home.run_lock)
        self._engine: Engine | None = None
        self._visible: Sequence[int] = ()
        self._is_suspended = False
        self._is_running = False
        self._guard = threading.Lock()
        self._is_stopped = threading.Event()
        self._thread = LastingThread("runner", self._run)

    def start(self) -> None:
        """Run the jobs from now on, or from when they are free to be run."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Stop; pictures in hand are finished or given back."""
        self._is_stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def prefer(self, image_ids: Sequence[int]) -> None:
        """Let these pictures go first: somebody is looking at them."""
        with self._guard:
            self._visible = tuple(image_ids)
            if self._engine is not None:
                self._engine.prefer(self._visible)

    def suspend(self, is_suspended: bool) -> None:
        """Start no further picture, for now, while those in hand go on; or start some again."""
        with self._guard:
            self._is_suspended = is_suspended
            if self._engine is not None:
                self._engine.suspend(is_suspended)

    @property
    def is_running(self) -> bool:
        """Tell whether this process runs the jobs, and no other one."""
        return self._is_running

    def _run(self) -> None:
        while not self._is_stopped.is_set():
            try:
                require_there(self._store.path)  # no half of a home is made where one was
                if self._lock.acquire():
                    self._own_engine()
            except Exception as error:  # whatever it is, the pictures must not wait for ever
                # Nothing is lost: what stands in the catalog waits for the next try.
                _log.exception("the jobs can't be run")
                self._on_trouble(str(error) or type(error).__name__)
                self._heal()
                self._is_stopped.wait(_TRY_AGAIN_S)
            finally:
                self._lock.release()
            self._is_stopped.wait(_LOOK_S)

    def _heal(self) -> None:
        """Go on with the last backup, if the catalog is damaged."""
        if not self._store.is_damaged:
            return
        try:
            self._store.reopen()
        except Exception:  # no space for the backup, say: it is tried again with everything else
            _log.exception("the catalog can't be restored")

    def _own_engine(self) -> None:
        engine = Engine(self._store, self._home, self._settings, on_trouble=self._on_trouble)
        self._is_running = True  # a picture may be in hand before everything has started
        try:
            engine.suspend(self._is_suspended)  # before it takes the first picture in hand
            engine.start()
            with self._guard:
                self._engine = engine
                engine.suspend(self._is_suspended)
                engine.prefer(self._visible)
            self._on_trouble(None)
            while True:
                # Also those that another process began and did not live to end.
                self._imports.resume()
                if self._is_stopped.wait(_RESUME_S):
                    return
                require_there(self._store.path)
                if self._store.is_damaged:
                    raise CatalogDamaged("the file is damaged; its last backup takes its place")
        finally:
            with self._guard:
                self._engine = None
            self._is_running = False
            engine.stop()
