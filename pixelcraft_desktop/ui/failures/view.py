"""The list of failed pictures, for the pointer and the keyboard alike."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QEvent, QItemSelectionModel, QKeyCombination, QPoint, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QHoverEvent,
    QKeyEvent,
    QMouseEvent,
    QPalette,
)
from PySide6.QtWidgets import QMenu, QWidget

from pixelcraft_desktop.ui.failures.actions import ACTIONS, KEYS_SPOKEN, Action, action_of
from pixelcraft_desktop.ui.failures.model import FailedModel, Index
from pixelcraft_desktop.ui.failures.row import FailedRow
from pixelcraft_desktop.ui.gallery.grid_view import GridView
from pixelcraft_desktop.ui.icons import icon
from pixelcraft_desktop.ui.theme import Theme

_MENU_KEYS = (
    QKeyCombination(Qt.Key.Key_Menu),
    QKeyCombination(Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_F10),
)
_LEAVES = (QEvent.Type.HoverLeave, QEvent.Type.Leave)


class FailedList(GridView):
    """Shows one row for each failed picture and says what somebody wants done with them."""

    action_chosen = Signal(object, list)  # Action, ids of images

    def __init__(self, model: FailedModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = FailedRow(model, theme, self)
        self._rows.button_clicked.connect(self._choose_for_one)
        self._failed = model
        self.setItemDelegate(self._rows)
        self.setModel(model)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.setAccessibleName("Failed pictures")
        self.setAccessibleDescription(KEYS_SPOKEN)

    def wear(self, theme: Theme) -> None:
        """Paint in these colours from now on."""
        self._rows.theme = theme
        self.viewport().update()

    def chosen_ids(self) -> list[int]:
        """Return the ids of the selected pictures, or of the current one if none is selected."""
        ranges = sorted(self._selected_rows())
        current = self.currentIndex()
        if not ranges and current.isValid():
            ranges = [(current.row(), current.row())]
        return [image_id for rows in ranges for image_id in self._failed.ids(*rows)]

    def actions_for_menu(self, parent: QMenu) -> list[QAction]:
        """Return what can be done with the pictures that are chosen now."""
        made = []
        for action in ACTIONS:
            ids = self._ids_for(action)
            if not ids:
                continue
            item = QAction(icon(action.icon, self._rows.theme), action.text, parent)
            item.setShortcut(action.shortcut)
            item.setShortcutVisibleInContextMenu(True)
            # The ids of this moment: while the menu is open, others may take their rows.
            choose = partial(self.action_chosen.emit, action, ids)
            item.triggered.connect(lambda _=False, choose=choose: choose())
            made.append(item)
        return made

    def _ids_for(self, action: Action) -> list[int]:
        current = self.currentIndex()
        if action.is_for_one and current.isValid():
            return self._failed.ids(current.row(), current.row())
        return self._failed.suited(action, self.chosen_ids())

    def _choose(self, action: Action) -> None:
        ids = self._ids_for(action)
        if ids:
            self.action_chosen.emit(action, ids)

    def _choose_for_one(self, action: Action, image_id: int) -> None:
        self.action_chosen.emit(action, [image_id])

    def _open_menu(self, place: QPoint) -> None:
        if not self.chosen_ids():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self.actions_for_menu(menu))
        menu.popup(self.viewport().mapToGlobal(place))

    def _point_at(self, point: QPoint | None) -> None:
        """Learn where the pointer is, and paint the rows it left and entered."""
        before, self._rows.pointer = self._rows.pointer, point
        for each in (before, point):
            if each is not None:
                self.update(self.indexAt(each))

    def _pass_on(self, first: int, last: int) -> None:
        """Give current and selection of rows about to go to the row after them, or before."""
        heir = last + 1 if last + 1 < self._failed.rowCount() else first - 1
        if heir < 0:
            return
        selection = self.selectionModel()
        index, flag = self._failed.index(heir), QItemSelectionModel.SelectionFlag
        is_all_going = selection.hasSelection() and all(
            first <= top and bottom <= last for top, bottom in self._selected_rows()
        )
        if first <= self.currentIndex().row() <= last:
            selection.setCurrentIndex(index, flag.NoUpdate)
        if is_all_going:
            selection.select(index, flag.Select)

    def _selected_rows(self) -> Iterator[tuple[int, int]]:
        """Yield the first and the last row of each stretch that is selected."""
        found = self.selectionModel().selection()
        for place in range(found.size()):
            yield found.at(place).top(), found.at(place).bottom()

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        # Before Qt does it: the selection model would go back a row, and select nothing.
        self._pass_on(start, end)
        super().rowsAboutToBeRemoved(parent, start, end)

    def event(self, event: QEvent) -> bool:
        # Ours before the window's: its Delete or Ctrl+C would make both ambiguous.
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and action_of(event.keyCombination())
        ):
            event.accept()
            return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHoverEvent) and event.type() is not QEvent.Type.HoverLeave:
            self._point_at(event.position().toPoint())
        elif event.type() in _LEAVES:
            self._point_at(None)
        return super().viewportEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self.viewport().update()  # another button may be under the pointer now

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._point_at(event.position().toPoint())

    def mouseReleaseEvent(self, e: QMouseEvent) -> None:
        super().mouseReleaseEvent(e)
        self._rows.release()
        self._point_at(e.position().toPoint())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = action_of(event.keyCombination())
        if action is not None:
            self._choose(action)
        elif event.keyCombination() in _MENU_KEYS:
            self._open_menu(self.visualRect(self.currentIndex()).center())
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands here: whoever typed the name of a picture would retry at its R."""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            self._open_menu(self.visualRect(self.currentIndex()).center())
        elif self.indexAt(event.pos()).isValid():
            self._open_menu(event.pos())
