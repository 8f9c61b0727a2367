"""Wires everything together for the window. It reads like the list of what starts and stops."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.imaging.formats import PICTURE_EXTENSIONS
from pixelcraft_desktop.jobs.export import dragging
from pixelcraft_desktop.jobs.export.progress import ExportProgress
from pixelcraft_desktop.jobs.file_lock import FileLock
from pixelcraft_desktop.jobs.imports import Imports
from pixelcraft_desktop.jobs.runner import Runner
from pixelcraft_desktop.jobs.steering import Steering
from pixelcraft_desktop.model import standard_recipe
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings
from pixelcraft_desktop.ui import results
from pixelcraft_desktop.ui.failures.clip import DetailsClip
from pixelcraft_desktop.ui.feed import Feed
from pixelcraft_desktop.ui.instance import Doorway, hand_over
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.quit_signals import QuitSignals
from pixelcraft_desktop.ui.responsiveness import favour_window
from pixelcraft_desktop.ui.theme import Appearance, Choice
from pixelcraft_desktop.ui.window import Window
from pixelcraft_desktop.ui.wishes import Wishes

_REST_S = 4.0  # for everything to come to rest; closing takes at most five
_FORMER_S = 10.0  # a window that is just closing


class App(QObject):
    """One window and everything behind it."""

    # From other threads into the window's.
    trouble_met = Signal(str, str)
    hold_up_changed = Signal(object)  # str | None: what holds all jobs up
    saving_moved = Signal(object)  # ExportProgress
    drag_prepared = Signal(list)
    came_to_rest = Signal()
    ended = Signal()

    def __init__(self, home: Home, settings: Settings, appearance: Appearance) -> None:
        super().__init__()
        self.store = Store(home.catalog)
        recipe = standard_recipe(settings.webp_effort)
        lost_scan = partial(self._meet_trouble, "look through all that was added")
        self.imports = Imports(self.store, home, recipe, lost_scan)
        self.runner = Runner(self.store, home, settings, self.imports, self.hold_up_changed.emit)
        self.steering = Steering(self.store, home, self.imports, self._meet_trouble)
        self.library = Library(self)
        thumbnails = home.output_folder("thumbnail")
        self.window = Window(self.library, appearance, thumbnails, settings.lane_count)
        self.wishes = Wishes(self.window, self.library, home.outputs, PICTURE_EXTENSIONS)
        self.clip = DetailsClip(self.library)
        self.feed = Feed(home.catalog, self)
        self.doorway = Doorway(home.root, self)
        self.quit_signals = QuitSignals(self)
        self.is_closing = False
        self._connect_news()
        self._connect_wishes()
        self._connect_greetings(home)
        self._connect_end()

    def start(self, paths: Sequence[bytes]) -> None:
        """Show the window, then start what it shows."""
        self.window.show()
        self.store.listen(self.feed.wake)
        self.feed.start()
        self.runner.start()
        if paths:
            self.window.add(list(paths))

    def close(self) -> None:
        """Stop everything, in reverse; pictures in hand are finished or given back."""
        if self.is_closing:
            return
        self.is_closing = True
        self.window.begin_end()
        self.doorway.close()
        threading.Thread(target=self._rest, name="rest", daemon=True).start()
        QTimer.singleShot(int((_REST_S + 0.5) * 1000), self.came_to_rest.emit)

    def _rest(self) -> None:
        end = time.monotonic() + _REST_S
        self.imports.stop(0.5)
        self.steering.stop(1.0)
        self.runner.stop(max(0.5, end - time.monotonic()))
        self.came_to_rest.emit()

    def _end(self) -> None:
        self.came_to_rest.disconnect(self._end)
        self.feed.stop()
        self.quit_signals.close()
        self.window.end()
        self.ended.emit()

    def _connect_news(self) -> None:
        self.feed.news_arrived.connect(self.library.take_in)
        self.trouble_met.connect(self.window.announcements.tell_trouble)
        self.hold_up_changed.connect(self.window.announcements.tell_hold_up)
        self.saving_moved.connect(self._tell_saving)
        self.feed.findings_changed.connect(self.window.greetings.tell)
        self.drag_prepared.connect(self.wishes.start_drag)

    def _connect_wishes(self) -> None:
        window, wishes, steering = self.window, self.wishes, self.steering
        window.files_dropped.connect(steering.add)
        window.announcements.scan_stop_wanted.connect(steering.cancel_scan)
        window.announcements.saving_stop_wanted.connect(steering.stop_saving)
        window.status.workers_chosen.connect(steering.set_workers)
        window.removal.removal_requested.connect(steering.remove)
        window.removal.restoration_requested.connect(steering.restore)
        window.removal.purge_requested.connect(steering.purge)
        window.shelf.failures.retry_requested.connect(steering.retry)
        window.shelf.failures.salvage_requested.connect(steering.salvage)
        window.shelf.failures.retry_all_requested.connect(lambda: steering.retry(None))
        window.shelf.failures.details_requested.connect(self.clip.collect)
        self.clip.attempts_requested.connect(steering.read_attempts)
        window.cancellation.cancel_requested.connect(steering.cancel)
        window.cancellation.retry_requested.connect(steering.retry)
        window.announcements.space_retry_wanted.connect(lambda: steering.set_paused(False))
        window.shelf.gallery.visible_changed.connect(self.runner.prefer)
        wishes.pause_requested.connect(steering.set_paused)
        wishes.retry_requested.connect(steering.retry)
        wishes.promotion_requested.connect(steering.promote)
        wishes.do_next_requested.connect(steering.do_next)
        wishes.cleanup_requested.connect(lambda: steering.run_schedule("cleanup"))
        wishes.drag_requested.connect(lambda ids: steering.lay_out(ids, self.drag_prepared.emit))
        wishes.save_requested.connect(
            lambda ids, kinds, folder: steering.save(ids, kinds, folder, self.saving_moved.emit)
        )

    def _connect_greetings(self, home: Home) -> None:
        greetings, steering = self.window.greetings, self.steering
        greetings.restoration_seen.connect(steering.forget_restoration)
        greetings.recovery_told.connect(steering.forget_recovery)
        greetings.report_seen.connect(steering.mark_report_seen)
        greetings.report_wanted.connect(
            lambda week: results.open_file(os.fsencode(home.reports / f"{week}.html"))
        )

    def _connect_end(self) -> None:
        self.window.close_requested.connect(self.close)
        self.quit_signals.quit_requested.connect(self.close)
        self.came_to_rest.connect(self._end)
        self.doorway.paths_received.connect(self.window.welcome)

    def _meet_trouble(self, what: str, error: Exception) -> None:
        self.trouble_met.emit(what, str(error) or type(error).__name__)

    def _tell_saving(self, progress: ExportProgress) -> None:
        told = self.window.announcements
        if progress.is_finished:
            reason = progress.failed[0].reason if progress.failed else None
            told.tell_saved(progress.saved, len(progress.failed), progress.error or reason)
        else:
            told.tell_saving(progress.done, progress.total)


def open_window(
    home: Home, settings: Settings, paths: Sequence[bytes], choice: Choice = "system"
) -> int:
    """Open the window with these absolute paths, or hand them to the one that is open.

    Returns the exit code of the program.
    """
    favour_window()
    lock = FileLock(home.window_lock)
    end = time.monotonic() + _FORMER_S
    while not lock.acquire():
        if hand_over(home.root, paths):
            return 0
        if time.monotonic() > end:
            print("Another PixelCraft window of this home does not answer.", file=sys.stderr)
            return 1
        time.sleep(0.1)
    dragging.sweep(home)
    qt = QApplication(["pixelcraft"])
    qt.setApplicationName("PixelCraft")
    qt.setDesktopFileName("pixelcraft")
    qt.setQuitOnLastWindowClosed(False)
    app = App(home, settings, Appearance(qt, choice))
    app.ended.connect(qt.quit)
    app.start(paths)
    code = qt.exec()
    lock.release()
    # What has not come to rest by now is rescued at the next start; waiting longer helps nobody.
    sys.stdout.flush()
    os._exit(code)
