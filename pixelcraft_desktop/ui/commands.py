"""Commands: what can be done in the window, as data for tool bar, menus and keys alike."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.catalog.quitting import QuitWay
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.icons import icon
from pixelcraft_desktop.ui.library import UNDONE
from pixelcraft_desktop.ui.postponement import PUT_OFF
from pixelcraft_desktop.ui.theme import Theme

_Standard = QKeySequence.StandardKey
RETRIABLE = frozenset({State.FAILED, State.CANCELLED})
_ANY = frozenset(State)


@dataclass(frozen=True)
class Command:
    """One thing to do. `keys` are a standard key or its text; the first one is shown.

    `states` are those in which a picture can be told to do it.
    """

    key: str
    text: str
    icon: str | None = None
    keys: tuple[_Standard | str, ...] = ()
    tip: str = ""
    for_selection: bool = False
    states: frozenset[State] = _ANY
    group: str = ""  # of those with the same one, one is chosen


ADD_FILES = Command(
    "add_files", "Add files…", "add-files", (_Standard.Open,), "Choose pictures to add"
)
ADD_FOLDER = Command(
    *("add_folder", "Add folder…", "add-folder", ("Ctrl+Shift+O",)),
    "Add every picture in a folder and the folders below it",
)
PASTE = Command("paste", "Paste files", None, (_Standard.Paste,))
PAUSE = Command(
    "pause", "Pause", "pause", ("Ctrl+P",), "Start no further picture; go on later from here"
)
RESUME = Command("resume", "Resume", "resume", ("Ctrl+P",), "Go on with the pictures that wait")
OPEN = Command("open", "Open", "open", (), "Open the original", for_selection=True)
OPEN_PREVIEW = Command("open_preview", "Open preview", "picture", ("Ctrl+Return",), "", True)
SHOW_IN_FOLDER = Command("show_in_folder", "Show in folder", "folder-open", ("Ctrl+E",), "", True)
COPY_PATH = Command("copy_path", "Copy path", "copy", (_Standard.Copy,), "", True)
SAVE_PREVIEWS = Command(
    *("save_previews", "Save previews…", "save", (_Standard.Save,)),
    "Copy the previews of the selected pictures, or of all, to a folder of yours",
)
SAVE_THUMBNAILS = Command("save_thumbnails", "Save thumbnails…")
SAVE_BOTH = Command("save_both", "Save previews and thumbnails…")
_SAVE_WORDS = (
    (SAVE_PREVIEWS, "previews"),
    (SAVE_THUMBNAILS, "thumbnails"),
    (SAVE_BOTH, "previews and thumbnails"),
)
DO_NEXT = Command(
    *("do_next", "Do this next", None, ("Ctrl+D",), "Before all others that wait", True),
    frozenset({State.WAITING}),
)
TRY_NOW = Command(
    *("try_now", "Try now", "resume", ("Ctrl+T",), "Don't wait for the next attempt", True),
    frozenset({State.DELAYED}),
)
START_LATER = Command(
    *("start_later", "Start later…", "clock", ("Ctrl+L",), "In an hour, tonight, tomorrow", True),
    PUT_OFF,
)
CANCEL = Command("cancel", "Cancel", "stop", ("Ctrl+K",), "", True, UNDONE)
CANCEL_ALL = Command(
    *("cancel_all", "Cancel all", None, ("Ctrl+Shift+K",)),
    "Cancel every picture that is not done yet",
    states=UNDONE,
)
RETRY = Command("retry", "Retry", "retry", ("Ctrl+R",), "", True, RETRIABLE)
REMOVE = Command(
    *("remove", "Remove from library", "remove", (_Standard.Delete,)),
    "The original stays where it is",
    True,
)
LIMIT_PACE = Command(
    *("limit_pace", "Limit the pace…", None, ("Ctrl+Shift+L",)),
    "At most so many pictures a second, minute, hour or day",
)
CLEAN_UP = Command("clean_up", "Clean up now", "clock", (), "Remove temporary files and leftovers")
SHOW_RESULTS = Command("show_results", "Show the folder of all results", "folder-open")
QUIT = Command("quit", "Quit", None, ("Ctrl+Q",))  # Qt has no standard one on every desktop
# What to do when somebody quits while pictures are being worked on.
QUIT_WAYS: tuple[tuple[QuitWay | None, Command], ...] = (
    (None, Command("quit_asking", "Ask every time", group="quit")),
    (QuitWay.FINISH, Command("quit_finishing", "Finish the pictures in hand", group="quit")),
    (QuitWay.STOP, Command("quit_stopping", "Stop now", group="quit")),
    (QuitWay.TRAY, Command("quit_to_tray", "Keep running in the tray", group="quit")),
)

COMMANDS = (
    *(ADD_FILES, ADD_FOLDER, PASTE, PAUSE, RESUME, OPEN, OPEN_PREVIEW, SHOW_IN_FOLDER, COPY_PATH),
    *(SAVE_PREVIEWS, SAVE_THUMBNAILS, SAVE_BOTH, DO_NEXT, TRY_NOW, START_LATER, CANCEL),
    *(CANCEL_ALL, RETRY, REMOVE, LIMIT_PACE, CLEAN_UP, SHOW_RESULTS, QUIT),
    *(command for _, command in QUIT_WAYS),
)
PICTURE_MENU: tuple[Command | None, ...] = (
    *(OPEN, OPEN_PREVIEW, SHOW_IN_FOLDER, COPY_PATH, None),
    *(SAVE_PREVIEWS, SAVE_THUMBNAILS, SAVE_BOTH, None),
    *(DO_NEXT, TRY_NOW, START_LATER, RETRY, CANCEL, CANCEL_ALL, None, REMOVE),
)


def picture_menu(pictures: Iterable[Picture]) -> list[Command | None]:
    """Return what can be done with these pictures; None stands for a line."""
    there = {picture.state for picture in pictures}
    return [command for command in PICTURE_MENU if command is None or command.states & there]


def retry_text(pictures: Iterable[Picture]) -> str:
    """Return what it is called to let these wait again: who was cancelled never failed."""
    there = {picture.state for picture in pictures} & RETRIABLE
    return "Try again" if there == {State.CANCELLED} else RETRY.text


def try_text(pictures: Iterable[Picture]) -> str:
    """Return what it is called to let delayed ones start: who was put off was never tried."""
    delayed = [picture for picture in pictures if picture.state is State.DELAYED]
    return "Start now" if delayed and all(p.is_put_off for p in delayed) else TRY_NOW.text


class CommandSet(QObject):
    """The commands as actions: one signal for all, by the command's key.

    Those for selected pictures are the gallery's, with keys that work while it has the focus; the
    others are the window's.
    """

    commanded = Signal(str)

    def __init__(self, window: QWidget, gallery: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}
        self._is_over = False
        for command in COMMANDS:
            owner = gallery if command.for_selection else window
            self._actions[command.key] = self._make(command, owner)
        self.set_theme(theme)

    def action(self, command: Command) -> QAction:
        """Return the command's action."""
        return self._actions[command.key]

    def show_selection(self, count: int) -> None:
        """Say how many pictures would be saved; offer what needs selected ones if there are any."""
        for command in COMMANDS:
            if command.for_selection:
                self._enable(command, count > 0)
        whose = f"{words.counted(count, 'selected picture')}" if count else "all pictures"
        for command, what in _SAVE_WORDS:
            self.action(command).setText(f"Save {what} of {whose}…")

    def disable(self) -> None:
        """Offer nothing from now on, whatever happens: keys work without their buttons too."""
        self._is_over = True
        for action in self._actions.values():
            action.setEnabled(False)

    def offer_saving(self, is_offered: bool) -> None:
        """Offer to save results only while there are any."""
        for command, _ in _SAVE_WORDS:
            self._enable(command, is_offered)

    def offer_cancel(self, is_offered: bool) -> None:
        """Offer to cancel everything only while there is anything to do."""
        self._enable(CANCEL_ALL, is_offered)

    def show_paused(self, is_paused: bool) -> None:
        """Offer to pause or to resume, whichever makes sense."""
        for command, is_offered in ((PAUSE, not is_paused), (RESUME, is_paused)):
            self.action(command).setVisible(is_offered)
            self._enable(command, is_offered)

    def show_quit_way(self, way: QuitWay | None) -> None:
        """Mark what is done when somebody quits; the tray is offered where there is one."""
        for each, command in QUIT_WAYS:
            if each is way:
                self.action(command).setChecked(True)
            if each is QuitWay.TRAY:
                has_tray = QSystemTrayIcon.isSystemTrayAvailable()
                self.action(command).setVisible(has_tray or each is way)

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in these colours."""
        for command in COMMANDS:
            if command.icon is not None:
                self.action(command).setIcon(icon(command.icon, theme))

    def picture_menu(self, pictures: Sequence[Picture], parent: QWidget) -> QMenu:
        """Return a menu of what can be done with these pictures."""
        self.action(RETRY).setText(retry_text(pictures))
        self.action(TRY_NOW).setText(try_text(pictures))
        menu = self.menu(picture_menu(pictures), parent)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def menu(self, commands: Sequence[Command | None], parent: QWidget) -> QMenu:
        """Return a menu of these commands; None stands for a line."""
        menu = QMenu(parent)
        for command in commands:
            if command is None:
                menu.addSeparator()
            else:
                menu.addAction(self.action(command))
        return menu

    def _enable(self, command: Command, is_offered: bool) -> None:
        self.action(command).setEnabled(is_offered and not self._is_over)

    def _make(self, command: Command, owner: QWidget) -> QAction:
        action = QAction(command.text, owner)
        action.setObjectName(command.key)
        if command.group:
            group = self._groups.setdefault(command.group, QActionGroup(self))
            action.setCheckable(True)
            action.setActionGroup(group)
        # A key that is held a moment too long must not ask to quit again, which quits at once.
        action.setAutoRepeat(command is not QUIT)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        context = Qt.ShortcutContext
        action.setShortcutContext(
            context.WidgetShortcut if command.for_selection else context.WindowShortcut
        )
        shortcut = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        tip = command.tip or command.text.rstrip("…")
        action.setToolTip(html.escape(f"{tip} ({shortcut})" if shortcut else tip))
        action.triggered.connect(lambda: self.commanded.emit(command.key))
        owner.addAction(action)
        return action
