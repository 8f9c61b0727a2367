"""The one bridge from catalog to window: reads what changed, hands it over once a frame."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from pixelcraft_desktop.catalog.batches import changed_batches
from pixelcraft_desktop.catalog.database import DatabaseError
from pixelcraft_desktop.catalog.measurements import measurements_since
from pixelcraft_desktop.catalog.news import News, ended_scans, queue_facts
from pixelcraft_desktop.catalog.pictures import changes_since, read_pictures
from pixelcraft_desktop.catalog.schema import CatalogTooNew
from pixelcraft_desktop.catalog.store import Store, require_there
from pixelcraft_desktop.lasting_thread import LastingThread
from pixelcraft_desktop.ui.findings import Findings, read_findings

_log = logging.getLogger(__name__)
_FRAME_S = 1 / 60
_YIELD_S = 0.004  # between the parts of one delivery, so that the window paints and answers
_LOOK_S = 0.25  # for commits of other processes
_TRY_AGAIN_S = 1.0
_STOP_S = 1.0
# So many rows are read, handed over and taken in within a frame (2,000 take 11 ms).
_MOST_PICTURES = 500


class Feed(QObject):
    """A thread with a connection of its own. `wake` may be called from any thread.

    A delivery waits until the former one was taken in: whatever happens meanwhile is in the next
    one as its last state, so a slow window gets fewer and never older news.
    """

    news_arrived = Signal(object)  # News, in the GUI thread
    findings_changed = Signal(object)  # Findings, from the feed's thread
    _was_read = Signal(object)

    def __init__(self, catalog: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._revision = 0
        self._measured = 0  # id of the last attempt that was told
        self._has_changed = threading.Event()
        self._is_stopped = threading.Event()
        self._turn = threading.Condition()
        self._findings = Findings()
        self._is_taken = True  # guarded by `_turn`, as is the wait for it
        self._thread = LastingThread("feed", self._run)
        self._was_read.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin with everything there is."""
        self._has_changed.set()
        self._thread.start()

    def wake(self) -> None:
        """Learn that something was committed."""
        self._has_changed.set()

    def stop(self) -> None:
        """Read no more."""
        self._is_stopped.set()
        self._has_changed.set()
        with self._turn:
            self._turn.notify()
        if self._thread.is_alive():  # it may wait for a locked catalog, and may be left at that
            self._thread.join(_STOP_S)

    def _hand_over(self, news: News) -> None:
        if not self._is_stopped.is_set():
            self.news_arrived.emit(news)
        with self._turn:
            self._is_taken = True
            self._turn.notify()

    def _run(self) -> None:
        while not self._is_stopped.is_set():
            try:
                require_there(self._catalog)  # or a new one would be made
                store = Store(self._catalog)
            except (DatabaseError, OSError, CatalogTooNew):  # no room for its backup, say
                _log.exception("the catalog can't be opened for the window")
                self._is_stopped.wait(_TRY_AGAIN_S)
                continue
            try:
                self._follow(store)
            except DatabaseError:
                _log.exception("the catalog can't be read for the window")
                self._is_stopped.wait(_TRY_AGAIN_S)
            finally:
                store.close()

    def _follow(self, store: Store) -> None:
        seen = -1
        while not self._is_stopped.is_set():
            was_woken = self._has_changed.wait(_LOOK_S)
            self._has_changed.clear()
            version = store.foreign_version()
            if was_woken or version != seen:
                self._deliver(store)
            seen = version

    def _deliver(self, store: Store) -> None:
        changes = changes_since(store, self._revision)
        if changes.revision == self._revision:
            return
        ended = ended_scans(store, self._revision) if self._revision else []
        gone = changes.gone
        for start in range(0, len(gone), _MOST_PICTURES):
            self._emit(News(gone=gone[start : start + _MOST_PICTURES], queue=queue_facts(store)))
            self._is_stopped.wait(_YIELD_S)
        batches = changed_batches(store, self._revision)
        measured, measurements = measurements_since(store, self._measured)
        news = News((), (), queue_facts(store), (), batches, measurements)
        ids = changes.changed
        for start in range(0, len(ids), _MOST_PICTURES):
            pictures = read_pictures(store, ids[start : start + _MOST_PICTURES])
            # Who hears that a search has ended knows all that it found.
            told = ended if start + _MOST_PICTURES >= len(ids) else ()
            self._emit(replace(news, pictures=pictures, ended_scans=told))
            self._is_stopped.wait(_YIELD_S)
            news = News(queue=news.queue)  # the rest is told once
            if self._is_stopped.is_set():
                return
        if not ids:
            self._emit(replace(news, ended_scans=ended))
        findings = read_findings(store)
        if findings != self._findings:
            self._findings = findings
            self.findings_changed.emit(findings)
        self._revision, self._measured = changes.revision, measured
        self._is_stopped.wait(_FRAME_S)

    def _emit(self, news: News) -> None:
        self._is_taken = False
        self._was_read.emit(news)
        with self._turn:
            self._turn.wait_for(lambda: self._is_taken or self._is_stopped.is_set())
