"""The tray: where PixelCraft goes on without a window, says how far it is, and comes back from."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from pixelcraft_desktop.ui.icons import app_icon

_REFRESH_MS = 500
_Reason = QSystemTrayIcon.ActivationReason
_CLICKS = frozenset({_Reason.Trigger, _Reason.DoubleClick, _Reason.MiddleClick})


class Tray(QObject):
    """An icon that stands in the tray as long as the window is hidden, and no longer."""

    opened = Signal()

    def __init__(
        self, window: QWidget, actions: Sequence[QAction], describe: Callable[[], str]
    ) -> None:
        """`actions` stand in its menu, below the one that opens the window.

        `describe` says how far the work is.
        """
        super().__init__(window)
        self.menu = QMenu(window)
        self.open_action = QAction("Open PixelCraft", self)
        self.open_action.triggered.connect(self.opened)
        self.menu.addAction(self.open_action)
        self.menu.addSeparator()
        self.menu.addActions(list(actions))
        self._icon = QSystemTrayIcon(app_icon(), self)
        self._icon.setContextMenu(self.menu)
        self._icon.activated.connect(self._open)
        self._icon.messageClicked.connect(self.opened)
        self._describe = describe
        self._refresh = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._refresh.timeout.connect(self._show_text)
        window.installEventFilter(self)

    @property
    def is_there(self) -> bool:
        """Tell whether this desktop has a tray now."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def is_shown(self) -> bool:
        """Tell whether PixelCraft is in the tray."""
        return self._icon.isVisible()

    @property
    def tool_tip(self) -> str:
        """What stands beside the pointer."""
        return self._icon.toolTip()

    def show(self) -> None:
        """Appear, and say how far the work is in the tool tip."""
        self._show_text()
        self._refresh.start()  # what a hidden window says is not cut to its width
        self._icon.show()

    def hide(self) -> None:
        """Go away."""
        self._refresh.stop()
        self._icon.hide()

    def refresh(self) -> None:
        """Say it anew, soon: nobody reads it at every picture."""
        if not self._refresh.isActive():
            self._refresh.start()

    def announce(self, text: str) -> None:
        """Say it once, beside the icon, where the desktop does such a thing."""
        if self._icon.supportsMessages():
            self._icon.showMessage("PixelCraft", text, app_icon())

    def _show_text(self) -> None:
        self._icon.setToolTip(html.escape(f"PixelCraft – {self._describe()}"))

    def _open(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in _CLICKS:
            self.opened.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.parent() and event.type() == QEvent.Type.Show:
            self.hide()
        return False
