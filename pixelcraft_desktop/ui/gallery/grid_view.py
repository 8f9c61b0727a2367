"""A list view in a grid that is computed, never stored: 100,000 rows cost as much as ten."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QAccessible,
    QHoverEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QRegion,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QListView,
    QStyle,
    QStyleOptionViewItem,
    QWidget,
)

from pixelcraft_desktop.ui.gallery import screen_reader
from pixelcraft_desktop.ui.gallery.band import Band
from pixelcraft_desktop.ui.gallery.grid import Grid

Index = QModelIndex | QPersistentModelIndex
_Hint = QAbstractItemView.ScrollHint
_Move = QAbstractItemView.CursorAction
_State = QStyle.StateFlag

_STEPS_A_LINE = 5
_BAND_MS = 30
_HOVERS = {QEvent.Type.HoverEnter, QEvent.Type.HoverMove}
_LEAVES = {QEvent.Type.HoverLeave, QEvent.Type.Leave}


class GridView(QListView):
    """Where Qt's list view would measure every row, this one calls the item view beneath it.

    It stays a list view, because that is what Qt shows to screen readers.
    """

    rows_moved = Signal()  # others may be on screen now

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = Grid(0, 1, QSize(1, 1))
        self._anchor = QPersistentModelIndex()  # stays where it is while others come and go
        self._anchor_px = 0
        self._is_laying_out = False
        self._pointer: QPoint | None = None
        self._hovered: int | None = None
        self._band = Band()
        self._pull = QTimer(self, interval=_BAND_MS)
        self._pull.timeout.connect(self._pull_band)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionRectVisible(True)  # or the band would select on cells only
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)

    def rows_on_screen(self) -> range:
        """Return the rows of which at least a part can be seen."""
        top = self.verticalOffset()
        return self._laid_out().rows_within(top, top + self.viewport().height() - 1)

    def _laid_out(self) -> Grid:
        self.executeDelayedItemsLayout()
        return self._grid

    def _cell(self, row: int) -> QRect:
        return self._grid.rect(row).translated(0, -self.verticalOffset())

    def _cell_size(self) -> QSize:
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        return self.itemDelegate().sizeHint(option, QModelIndex())

    def _update_rows(self, first: int, last: int) -> None:
        for row in _overlap(self.rows_on_screen(), first, last):
            self.viewport().update(self._cell(row))

    def _drop_anchor(self) -> None:
        """Remember which line is the first in view, and how far it is cut off."""
        top = self.verticalOffset()
        line = self._grid.lines_within(top, top).start
        self._anchor_px = top - self._grid.top(line)
        row = line * self._grid.columns
        at_top = top <= self._grid.top(0)  # stays there, and sees what is new
        self._anchor = QPersistentModelIndex() if at_top else self._persistent(row)

    def _hold_anchor(self) -> None:
        if self._anchor.isValid():
            line = self._anchor.row() // self._grid.columns
            self.verticalScrollBar().setValue(self._grid.top(line) + self._anchor_px)

    def _persistent(self, row: int) -> QPersistentModelIndex:
        return QPersistentModelIndex(self.model().index(row, 0))

    def _hover(self, pointer: QPoint | None) -> None:
        self._pointer = pointer
        before = self._hovered
        index = self.indexAt(pointer) if pointer is not None else QModelIndex()
        self._hovered = index.row() if index.isValid() else None
        if self._hovered != before:
            for row in (before, self._hovered):
                if row is not None:
                    self.viewport().update(self._cell(row))

    def _stretch_band(self, pointer: QPoint) -> None:
        above = QPoint(0, self.verticalOffset())
        self.viewport().update(self._band.stretch(pointer + above).translated(-above))
        if 0 <= pointer.y() < self.viewport().height():
            self._pull.stop()
        elif not self._pull.isActive():
            self._pull.start()

    def _pull_band(self) -> None:
        """Scroll while the pointer is held above or below, the faster the farther it is."""
        pointer = self.viewport().mapFromGlobal(self.cursor().pos())
        beyond = min(0, pointer.y()) or max(0, pointer.y() - self.viewport().height() + 1)
        before = self.verticalOffset()
        self.verticalScrollBar().setValue(before + beyond)
        if self.verticalOffset() == before or self._band.rect is None:
            return
        self.mouseMoveEvent(
            QMouseEvent(
                QEvent.Type.MouseMove,
                QPointF(pointer),
                QPointF(self.cursor().pos()),
                Qt.MouseButton.NoButton,
                Qt.MouseButton.LeftButton,
                QApplication.keyboardModifiers(),
            )
        )

    def _selection_of(self, rect: QRect) -> QItemSelection:
        grid = self._laid_out()
        area = rect.translated(0, self.verticalOffset())
        if self.state() == QAbstractItemView.State.DragSelectingState:
            stretches = grid.stretches(area.normalized())
        else:  # the corners of `rect` are two rows, and meant is everything between them
            corners = (area.topLeft(), area.bottomRight())
            found = [grid.row_at(corner.x(), corner.y()) for corner in corners]
            rows = sorted(row for row in found if row is not None)
            stretches = [range(rows[0], rows[-1] + 1)] if rows else []
        selection = QItemSelection()
        model = self.model()
        for stretch in stretches:
            selection.select(model.index(stretch.start, 0), model.index(stretch.stop - 1, 0))
        return selection

    # Qt's part: where things are

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        if model is not None:
            model.rowsRemoved.connect(self.scheduleDelayedItemsLayout)

    def doItemsLayout(self) -> None:
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        model, viewport, bar = self.model(), self.viewport(), self.verticalScrollBar()
        self._is_laying_out = True
        self._grid = Grid(
            model.rowCount() if model else 0,
            viewport.width(),
            self._cell_size(),
            self.isRightToLeft(),
        )
        bar.setSingleStep(self._grid.pitch_px // _STEPS_A_LINE)
        bar.setPageStep(viewport.height())
        # The bar may come or go with this, which resizes the viewport, which calls this again.
        bar.setRange(0, max(0, self._grid.height_px - viewport.height()))
        self._hold_anchor()
        self._is_laying_out = False
        QAbstractItemView.updateGeometries(self)
        self.rows_moved.emit()

    def visualRect(self, index: Index) -> QRect:
        if not index.isValid():
            return QRect()
        self._laid_out()
        return self._cell(index.row())

    def indexAt(self, p: QPoint) -> QModelIndex:
        row = self._laid_out().row_at(p.x(), p.y() + self.verticalOffset())
        return QModelIndex() if row is None else self.model().index(row, 0)

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: Index) -> bool:  # noqa: ARG002 - Qt's signature
        return False

    def scrollTo(self, index: Index, hint: _Hint = _Hint.EnsureVisible) -> None:
        if not index.isValid():
            return
        cell = self._laid_out().rect(index.row())
        room_px, above = self.viewport().height(), self.verticalOffset()
        margin_px = self._grid.top(0)
        highest = cell.bottom() + 1 + margin_px - room_px  # the least value that shows all of it
        lowest = cell.top() - margin_px
        if hint == _Hint.PositionAtCenter:
            target = cell.center().y() - room_px // 2
        elif hint == _Hint.PositionAtTop or highest > lowest:
            target = lowest
        elif hint == _Hint.PositionAtBottom:
            target = highest
        else:
            target = min(max(above, highest), lowest)
        self.verticalScrollBar().setValue(target)

    def moveCursor(
        self,
        cursorAction: _Move,
        modifiers: Qt.KeyboardModifier,  # noqa: ARG002 - Qt's signature
    ) -> QModelIndex:
        grid, current = self._laid_out(), self.currentIndex()
        if not grid.count:
            return QModelIndex()
        if not current.isValid():
            return self.model().index(0, 0)
        ahead = -1 if grid.is_mirrored else 1
        page = grid.columns * max(1, self.viewport().height() // grid.pitch_px)
        step = {
            _Move.MoveLeft: -ahead,
            _Move.MoveRight: ahead,
            _Move.MovePrevious: -1,
            _Move.MoveNext: 1,
            _Move.MoveUp: -grid.columns,
            _Move.MoveDown: grid.columns,
            _Move.MovePageUp: -page,
            _Move.MovePageDown: page,
            _Move.MoveHome: -current.row(),
            _Move.MoveEnd: grid.count,
        }[cursorAction]
        return self.model().index(grid.moved(current.row(), step), 0)

    # Qt's part: what changes

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        QAbstractItemView.rowsInserted(self, parent, start, end)
        self.scheduleDelayedItemsLayout()

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        if self._anchor.isValid() and start <= self._anchor.row() <= end:
            following = end + 1 if end + 1 < self.model().rowCount() else start - 1
            self._anchor = self._persistent(following)
        QAbstractItemView.rowsAboutToBeRemoved(self, parent, start, end)

    def dataChanged(
        self,
        topLeft: Index,
        bottomRight: Index,
        roles: Sequence[int] = (),  # noqa: ARG002 - Qt's signature
    ) -> None:
        # The item view would paint everything as soon as two rows have changed.
        self._update_rows(topLeft.row(), bottomRight.row())
        screen_reader.tell_changed(self, topLeft.row(), bottomRight.row())

    def reset(self) -> None:
        self._anchor = QPersistentModelIndex()
        self._hovered = None
        QAbstractItemView.reset(self)
        self.verticalScrollBar().setValue(0)

    def currentChanged(self, current: Index, previous: Index) -> None:
        QAbstractItemView.currentChanged(self, current, previous)
        if self.hasFocus():
            screen_reader.tell(self, QAccessible.Event.Focus, current)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        QAbstractItemView.selectionChanged(self, selected, deselected)
        for changed, happened in (
            (selected, QAccessible.Event.SelectionAdd),
            (deselected, QAccessible.Event.SelectionRemove),
        ):
            if not changed.isEmpty():
                screen_reader.tell(self, happened, changed.first().topLeft())

    def selectAll(self) -> None:
        # One range: the list view would look at every row first.
        model = self.model()
        whole = QItemSelection(model.index(0, 0), model.index(model.rowCount() - 1, 0))
        self.selectionModel().select(whole, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        self.selectionModel().select(self._selection_of(rect), command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        seen = self.rows_on_screen()
        region = QRegion()
        for position in range(selection.count()):
            part = selection.at(position)
            for row in _overlap(seen, part.top(), part.bottom()):
                region += self._cell(row)
        return region

    # Qt's part: what is seen and done

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().scroll(dx, dy)
        if self._band.rect is not None:
            self.viewport().update()
        if not self._is_laying_out:
            self._drop_anchor()
        self._hover(self._pointer)
        self.rows_moved.emit()

    def paintEvent(self, e: QPaintEvent) -> None:
        grid, region, top = self._laid_out(), e.region(), self.verticalOffset()
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        plain = option.state & ~(_State.State_HasFocus | _State.State_MouseOver)
        focused = self.currentIndex().row() if self.hasFocus() else None
        model, delegate, chosen = self.model(), self.itemDelegate(), self.selectionModel()
        painter = QPainter(self.viewport())
        # From the last to the first: what is asked for last, the first in view, is read first.
        for stretch in reversed(grid.stretches(e.rect().translated(0, top))):
            for row in reversed(stretch):
                cell = grid.rect(row).translated(0, -top)
                if not region.intersects(cell):
                    continue
                index = model.index(row, 0)
                state = plain
                if chosen.isSelected(index):
                    state |= _State.State_Selected
                if row == self._hovered:
                    state |= _State.State_MouseOver
                if row == focused:
                    state |= _State.State_HasFocus
                option.state = state
                option.rect = cell
                delegate.paint(painter, option, index)
        self._band.paint(painter, top, self.palette().color(QPalette.ColorRole.Accent))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() in _HOVERS and isinstance(event, QHoverEvent):
            self._hover(event.position().toPoint())
        elif event.type() in _LEAVES:
            self._hover(None)
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        pointer = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton and not self.indexAt(pointer).isValid():
            self._band.begin(pointer + QPoint(0, self.verticalOffset()))
        QAbstractItemView.mousePressEvent(self, event)

    def mouseMoveEvent(self, e: QMouseEvent) -> None:
        QAbstractItemView.mouseMoveEvent(self, e)
        if self.state() == QAbstractItemView.State.DragSelectingState:
            self._stretch_band(e.position().toPoint())

    def mouseReleaseEvent(self, e: QMouseEvent) -> None:
        QAbstractItemView.mouseReleaseEvent(self, e)
        self._pull.stop()
        if self._band.rect is not None:
            self.viewport().update()
        self._band.end()


def _overlap(rows: range, first: int, last: int) -> range:
    return range(max(rows.start, first), min(rows.stop, last + 1))
