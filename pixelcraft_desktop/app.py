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

from pixelcraft_desktop import wiring
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.imaging.formats import PICTURE_EXTENSIONS
from pixelcraft_desktop.jobs.export import dragging
from pixelcraft_desktop.jobs.file_lock import FileLock
from pixelcraft_desktop.jobs.imports import Imports
from pixelcraft_desktop.jobs.runner import Runner
from pixelcraft_desktop.jobs.steering import Steering
from pixelcraft_desktop.model import standard_recipe
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings
from pixelcraft_desktop.ui.failures.clip import DetailsClip
from pixelcraft_desktop.ui.feed import Feed
from pixelcraft_desktop.ui.instance import Doorway, hand_over
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.quit_signals import QuitSignals
from pixelcraft_desktop.ui.quitting.departure import Departure
from pixelcraft_desktop.ui.refusal import Refusal
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
        self.departure = Departure(
            self.window,
            self.library,
            lambda: self.runner.is_running,
            lambda: self.steering.is_saving,
        )
        self.clip = DetailsClip(self.library)
        self.feed = Feed(home.catalog, self)
        self.doorway = Doorway(home.root, self)
        self.quit_signals = QuitSignals(self)
        self.is_closing = False
        self._connect_news()
        self._connect_wishes(home)
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
        self.departure.settle()
        self.window.begin_end()
        self.doorway.close()
        threading.Thread(target=self._rest, name="rest", daemon=True).start()
        QTimer.singleShot(int((_REST_S + 0.5) * 1000), self, self.came_to_rest.emit)

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
        told = self.window.announcements
        self.saving_moved.connect(partial(wiring.tell_saving, told, self.departure))
        self.feed.findings_changed.connect(self.window.greetings.tell)
        self.drag_prepared.connect(self.wishes.start_drag)

    def _connect_wishes(self, home: Home) -> None:
        window, wishes, steering = self.window, self.wishes, self.steering
        wiring.connect_window(window, steering, self.runner)
        wiring.connect_wishes(wishes, steering)
        wiring.connect_details(window, self.clip, steering)
        wiring.connect_greetings(window.greetings, steering, home)
        wiring.connect_departure(self.departure, window, wishes, steering, self.runner)
        wishes.drag_requested.connect(lambda ids: steering.lay_out(ids, self.drag_prepared.emit))
        wishes.save_requested.connect(
            lambda ids, kinds, folder: steering.save(ids, kinds, folder, self.saving_moved.emit)
        )

    def _connect_end(self) -> None:
        self.departure.end_requested.connect(self.close)
        self.quit_signals.quit_requested.connect(self.close)
        self.came_to_rest.connect(self._end)
        self.doorway.paths_received.connect(self.window.welcome)
        self.doorway.paths_received.connect(self.departure.stay)

    def _meet_trouble(self, what: str, error: Exception) -> None:
        self.trouble_met.emit(what, str(error) or type(error).__name__)


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
    qt.commitDataRequest.connect(app.close)  # the session ends, and asks nobody
    app.start(paths)
    code = qt.exec()
    lock.release()
    # What has not come to rest by now is rescued at the next start; waiting longer helps nobody.
    sys.stdout.flush()
    os._exit(code)


def show_refusal(reason: str) -> None:
    """Show in a small window why the real one can't be opened, until that is closed."""
    running = QApplication.instance()
    qt = running if isinstance(running, QApplication) else QApplication(["pixelcraft"])
    Appearance(qt)
    refusal = Refusal(reason)
    qt.setQuitOnLastWindowClosed(True)
    refusal.show()
    qt.exec()
