"""The tool bar: few words, icons beside them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from pixelcraft_desktop.catalog.news import QueueFacts
from pixelcraft_desktop.ui import commands, words
from pixelcraft_desktop.ui.commands import CommandSet
from pixelcraft_desktop.ui.icons import icon
from pixelcraft_desktop.ui.theme import Theme

_ICON_PX = 20
_SAVE = (commands.SAVE_PREVIEWS, commands.SAVE_THUMBNAILS, commands.SAVE_BOTH)


_GENERAL = (commands.LIMIT_PACE, commands.CANCEL_ALL, None, commands.SHOW_RESULTS, None)


class ToolBar(QToolBar):
    """Adds, saves, pauses; and behind the wheel what is needed rarely."""

    def __init__(self, actions: CommandSet, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("Tools", parent)
        self._actions = actions
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.addAction(actions.action(commands.ADD_FILES))
        self.addAction(actions.action(commands.ADD_FOLDER))
        self.addSeparator()
        self._save = self._add_menu_button("Save results", actions.menu(_SAVE, self))
        stretch = QWidget()
        stretch.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(stretch)
        self.addAction(actions.action(commands.PAUSE))
        self.addAction(actions.action(commands.RESUME))
        self._last_cleanup = QAction(words.cleanup_line(None), self)
        self._last_cleanup.setEnabled(False)
        self._more = self._add_menu_button("", self._make_more_menu())
        self._more.setAccessibleName("More")
        self._more.setToolTip("Pace, cancel all, results, cleanup, quit")
        self._name_overflow()
        for button in self.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_theme(theme)

    @property
    def wheel(self) -> QToolButton:
        """The button of what is needed rarely."""
        return self._more

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in these colours."""
        self._save.setIcon(icon("save", theme))
        self._more.setIcon(icon("settings", theme))

    def offer_saving(self, is_offered: bool) -> None:
        """Offer to save results only while there are any."""
        self._save.setEnabled(is_offered)
        self._actions.offer_saving(is_offered)

    def show_queue(self, queue: QueueFacts) -> None:
        """Show whether the queue is paused, and when it was last cleaned up."""
        self._actions.show_paused(queue.is_paused)
        self._actions.show_quit_way(queue.quit_way)
        cleanup = next((line for line in queue.schedules if line.name == "cleanup"), None)
        self._last_cleanup.setText(words.cleanup_line(cleanup))

    def _make_more_menu(self) -> QMenu:
        menu = self._actions.menu(_GENERAL, self)
        menu.addAction(self._last_cleanup)
        menu.addAction(self._actions.action(commands.CLEAN_UP))
        menu.addSeparator()
        ways = self._actions.menu([command for _, command in commands.QUIT_WAYS], menu)
        ways.setTitle("When quitting")
        menu.addMenu(ways)
        menu.addAction(self._actions.action(commands.QUIT))
        return menu

    def _name_overflow(self) -> None:
        """Name the button Qt shows where the bar is too narrow, which has no words of its own."""
        overflow = self.findChild(QToolButton, "qt_toolbar_ext_button")
        if isinstance(overflow, QToolButton):
            overflow.setAccessibleName("More tools")

    def _add_menu_button(self, text: str, menu: QMenu) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            if text
            else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        self.addWidget(button)
        return button
