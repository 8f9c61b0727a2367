"""The window: a frame around its parts. What the user wants leaves it as signals."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui import commands, drop, words
from pixelcraft_desktop.ui.announcements import Announcements
from pixelcraft_desktop.ui.cancellation import Cancellation
from pixelcraft_desktop.ui.commands import CommandSet
from pixelcraft_desktop.ui.empty_field import EmptyField
from pixelcraft_desktop.ui.greetings import Greetings
from pixelcraft_desktop.ui.icons import app_icon
from pixelcraft_desktop.ui.landing import Landing
from pixelcraft_desktop.ui.library import UNDONE, Library
from pixelcraft_desktop.ui.notice import NoticeBar
from pixelcraft_desktop.ui.pace_limit import PaceLimit
from pixelcraft_desktop.ui.postponement import Postponement
from pixelcraft_desktop.ui.quitting.finishing import Finishing
from pixelcraft_desktop.ui.quitting.question import QuitQuestion
from pixelcraft_desktop.ui.removal import Removal
from pixelcraft_desktop.ui.shelf import Shelf
from pixelcraft_desktop.ui.start_later import StartLater
from pixelcraft_desktop.ui.status_strip import StatusStrip
from pixelcraft_desktop.ui.theme import Appearance, Theme
from pixelcraft_desktop.ui.toast import Toast
from pixelcraft_desktop.ui.tool_bar import ToolBar
from pixelcraft_desktop.ui.workload import Workload

# In the smallest window the pictures give way to what is asked below them.
_LEAST_PX = 40


class Window(QMainWindow):
    """Shows the library. Knows no catalog and no queue: it is told, and it asks."""

    files_dropped = Signal(list)  # list[bytes]
    close_requested = Signal()

    def __init__(
        self, library: Library, appearance: Appearance, thumbnails_folder: Path, lane_count: int
    ) -> None:
        super().__init__()
        self.setWindowTitle("PixelCraft")
        self.setWindowIcon(app_icon())
        self.resize(1180, 760)
        self.setMinimumSize(640, 420)
        self._library = library
        theme = appearance.theme
        self.workload = Workload(library, lane_count, parent=self)
        self.shelf = Shelf(library, self.workload, appearance, thumbnails_folder)
        self.empty = EmptyField(theme)
        self.notices = NoticeBar(appearance)
        self.answers = NoticeBar(appearance)
        self.question = QuitQuestion()
        self.finishing = Finishing()
        self.status = StatusStrip(library, self.workload, lane_count)
        self.actions_ = CommandSet(self, self.shelf.gallery, theme)
        self.tool_bar = ToolBar(self.actions_, theme)
        self.announcements = Announcements(library, self.notices, self.answers, self)
        self.greetings = Greetings(library, self.notices, self.answers)
        self._is_ending = False
        self._lay_out()
        toast = Toast(self._ground)
        self.removal = Removal(library, toast)
        self.cancellation = Cancellation(library, toast)
        self.postponement = Postponement(library, toast)
        self.start_later = StartLater(self)
        self.pace_limit = PaceLimit(self)
        self.overlay = Landing(self, theme, self.take).overlay
        self._connect(appearance)
        self._show_stock()
        self.empty.take_keyboard()

    def begin_end(self) -> None:
        """Take no more wishes, and say what is waited for."""
        self.removal.settle()
        self.announcements.tell_ending()
        self.setAcceptDrops(False)
        self.actions_.disable()
        for part in (self.tool_bar, self._stack, self.status):
            part.setEnabled(False)

    def end(self) -> None:
        """Close for good, now that everything behind is at rest."""
        self._is_ending = True
        self.shelf.thumbnails.stop()
        self.close()

    def welcome(self, paths: list[bytes]) -> None:
        """Come forward with these paths: somebody started the program again."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)  # or maximised
        self.show()
        self.raise_()
        self.activateWindow()
        if paths:
            self.add(paths)

    def add(self, paths: list[bytes]) -> None:
        """Add these files and folders, and show their pictures as they come in."""
        self.shelf.show_next_arrivals()
        self.files_dropped.emit(paths)

    def take(self, mime: QMimeData) -> None:
        """Take what was dropped or pasted; refuse politely what is nothing for us."""
        paths = drop.read_paths(mime)
        if paths:
            self.add(paths)
        else:
            self.announcements.refuse_links()

    def paste(self) -> None:
        """Take what the clipboard holds."""
        self.take(QGuiApplication.clipboard().mimeData())

    def _lay_out(self) -> None:
        self.addToolBar(self.tool_bar)
        self._ground = QWidget()  # what a toast lies on, whichever page is shown
        self._ground.setMinimumHeight(_LEAST_PX)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.shelf)
        pages = QVBoxLayout(self._ground)
        pages.setContentsMargins(0, 0, 0, 0)
        pages.addWidget(self._stack)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._ground, 1)
        column.addWidget(self.answers)
        column.addWidget(self.notices)
        column.addWidget(self.question)
        column.addWidget(self.finishing)
        column.addWidget(self.status)
        self.setCentralWidget(inside)

    def _connect(self, appearance: Appearance) -> None:
        appearance.theme_changed.connect(self._wear)
        self._library.counts_changed.connect(self._show_stock)
        self._library.queue_changed.connect(self.tool_bar.show_queue)
        self.tool_bar.show_queue(self._library.queue)
        self.empty.files_wanted.connect(self.actions_.action(commands.ADD_FILES).trigger)
        self.empty.folder_wanted.connect(self.actions_.action(commands.ADD_FOLDER).trigger)
        self.announcements.review_wanted.connect(self.shelf.review_failures)
        self.greetings.review_wanted.connect(self.shelf.review_failures)
        for told in (self.announcements, self.greetings):
            self.shelf.sections.section_chosen.connect(told.follow_section)
        self.workload.batches_ended.connect(self.announcements.tell_batches)
        self.shelf.batches.cancel_wanted.connect(self.cancellation.cancel_batch)
        self.cancellation.scan_stop_wanted.connect(self.announcements.scan_stop_wanted)
        self.announcements.resume_wanted.connect(self.actions_.action(commands.RESUME).trigger)
        self.shelf.selection_changed.connect(self._offer_commands)
        self.shelf.gallery.context_menu_requested.connect(self._open_menu)
        self.shelf.failures.removal_requested.connect(self.removal.remove)
        self._offer_commands()

    def _wear(self, theme: Theme) -> None:
        for part in (self.empty, self.overlay, self.actions_, self.tool_bar):
            part.set_theme(theme)

    def _show_stock(self) -> None:
        """Invite as long as there is nothing; once pictures are here, show them."""
        count = len(self._library)
        self.actions_.offer_cancel(any(self._library.counts[state] for state in UNDONE))
        self.tool_bar.offer_saving(self._library.counts[State.COMPLETED] > 0)
        shown = self.shelf if count else self.empty
        if self._stack.currentWidget() is not shown:
            self._stack.setCurrentWidget(shown)
            shown.take_keyboard()
        self.setWindowTitle(
            f"PixelCraft – {words.counted(count, 'picture')}" if count else "PixelCraft"
        )

    def _offer_commands(self) -> None:
        self.actions_.show_selection(self.shelf.selected_count)

    def _open_menu(self, place: QPoint) -> None:
        self.actions_.picture_menu(self.shelf.selected, self).popup(place)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._is_ending:
            super().closeEvent(event)
            return
        event.ignore()
        self.close_requested.emit()
