"""The grid of pictures, and what people do in it."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.gallery.delegate import GalleryDelegate
from pixelcraft_desktop.ui.gallery.grid_view import GridView, Index
from pixelcraft_desktop.ui.gallery.model import GalleryModel
from pixelcraft_desktop.ui.gallery.thumbnails import Thumbnails
from pixelcraft_desktop.ui.theme import Theme

_TELL_MS = 100
_COUNT_DOWN_MS = 1_000
# What starts at 22:00 is not counted yet: a window full of them would cost 1 % of a core.
_FAR_OFF_MS = 10_000
_NO_PICTURES = "No pictures here"
_ENTER_KEYS = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class GalleryView(GridView):
    """Shows a gallery model. Ids in its signals are those of images."""

    visible_changed = Signal(list)  # the ids now on screen, at most ten times a second
    selection_changed = Signal()
    current_changed = Signal()
    opened = Signal(int)
    context_menu_requested = Signal(QPoint)  # where on the screen; it is about the selection
    drag_requested = Signal()  # of the selection
    counted_down = Signal()  # the delayed pictures on screen read otherwise now

    def __init__(
        self,
        model: GalleryModel,
        thumbnails: Thumbnails,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._pictures = model
        self._theme = theme
        self._thumbnails = thumbnails
        self._delegate = GalleryDelegate(theme, thumbnails, self)
        self._visible: list[int] = []
        self._tell = QTimer(self, singleShot=True, interval=_TELL_MS)
        self._tell.timeout.connect(self._tell_visible)
        self._count_down = QTimer(self, interval=_COUNT_DOWN_MS)
        self._count_down.timeout.connect(self._update_delayed)
        self.setItemDelegate(self._delegate)
        self.setModel(model)
        self.setAccessibleName("Pictures")
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.doubleClicked.connect(self._open)
        self.rows_moved.connect(self._tell_soon)
        thumbnails.loaded.connect(self._update_thumbnail)

    def set_theme(self, theme: Theme) -> None:
        """Show everything in the colours of another theme."""
        self._theme = theme
        self._delegate.set_theme(theme)
        self.viewport().update()

    def selected_ids(self) -> list[int]:
        """Return the ids of the selected pictures, in ascending order."""
        return [picture.id for picture in self.selected_pictures()]

    def selected_pictures(self) -> list[Picture]:
        """Return the selected pictures, in the order of their ids."""
        selection = self.selectionModel().selection()
        parts = [selection.at(position) for position in range(selection.count())]
        rows = sorted((part.top(), part.bottom()) for part in parts)
        return [each for first, last in rows for each in self._pictures.pictures(first, last)]

    def count_selected(self) -> int:
        """Return how many pictures are selected, without looking at each."""
        selection = self.selectionModel().selection()
        return sum(selection.at(position).height() for position in range(selection.count()))

    def _tell_soon(self) -> None:
        # Not started over: while an import adds rows at every frame it would never come to it.
        if not self._tell.isActive():
            self._tell.start()

    def _tell_visible(self) -> None:
        rows = self.rows_on_screen()
        pictures = [self._pictures.picture_at(row) for row in rows]
        self._thumbnails.drop_requests_except({p.thumbnail for p in pictures if p.thumbnail})
        visible = [picture.id for picture in pictures]
        if visible != self._visible:
            self._visible = visible
            self.visible_changed.emit(visible)

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(self._pictures.picture_at(index.row()).id)

    def _update_thumbnail(self, file: str) -> None:
        for row in self.rows_on_screen():
            if self._pictures.picture_at(row).thumbnail == file:
                self._update_rows(row, row)

    def _delayed_on_screen(self) -> list[int]:
        rows = self.rows_on_screen()
        return [row for row in rows if self._pictures.picture_at(row).state is State.DELAYED]

    def _update_delayed(self) -> None:
        rows = self._delayed_on_screen()
        for row in rows:
            self._update_rows(row, row)
        self._pace_count_down(rows)
        if rows:
            self.counted_down.emit()

    def _pace_count_down(self, rows: list[int]) -> None:
        """Tick as often as anything in these rows reads otherwise, or not at all."""
        if not rows:
            self._count_down.stop()
            return
        is_counted = any(words.is_counted(self._pictures.picture_at(row)) for row in rows)
        interval_ms = _COUNT_DOWN_MS if is_counted else _FAR_OFF_MS
        if not self._count_down.isActive() or self._count_down.interval() != interval_ms:
            self._count_down.start(interval_ms)

    # Qt's part

    def paintEvent(self, e: QPaintEvent) -> None:
        super().paintEvent(e)
        # Whatever brings a delayed picture on screen has it painted; at rest nothing ticks.
        if not self._count_down.isActive() or self._count_down.interval() != _COUNT_DOWN_MS:
            self._pace_count_down(self._delayed_on_screen())
        if not self._pictures.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(self._theme.muted)
            area = self.viewport().rect()
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, _NO_PICTURES)

    def startDrag(self, supportedActions: Qt.DropAction) -> None:  # noqa: ARG002 - Qt's signature
        self.drag_requested.emit()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.selection_changed.emit()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.current_changed.emit()

    def reset(self) -> None:
        super().reset()
        self.selection_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER_KEYS and self.currentIndex().isValid():
            self._open(self.currentIndex())
            event.accept()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        self.context_menu_requested.emit(place)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._count_down.stop()
