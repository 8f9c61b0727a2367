"""The sections of the library: all pictures, or those in some states; the list beside the grid."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
COUNT_ROLE = Qt.ItemDataRole.UserRole
GLYPH_ROLE = Qt.ItemDataRole.UserRole + 1
SECTION_ROLE = Qt.ItemDataRole.UserRole + 2
_ROW_PX, _WIDTH_PX, _GAP_PX = 36, 188, 12


@dataclass(frozen=True)
class Section:
    """A name and the state it stands for; None stands for all of them.

    `put_off`: of the delayed pictures those that the user put off, or the others.
    """

    name: str
    state: State | None = None
    put_off: bool | None = None

    @property
    def glyph(self) -> str:
        if self.put_off:
            return words.PUT_OFF_GLYPH
        return words.STATE_GLYPHS[self.state] or "✓" if self.state else "▦"

    @property
    def states(self) -> frozenset[State] | None:
        return None if self.state is None else frozenset({self.state})


ALL = Section("All pictures")
FAILED = Section("Failed", State.FAILED)
_RARE = frozenset({State.DELAYED, State.CANCELLED})
SECTIONS = (
    ALL,
    Section("Active", State.ACTIVE),
    Section("Waiting", State.WAITING),
    Section("Scheduled", State.DELAYED, put_off=True),
    Section("Retrying", State.DELAYED, put_off=False),
    Section("Completed", State.COMPLETED),
    FAILED,
    Section("Cancelled", State.CANCELLED),
)


def count_pictures(section: Section, library: Library) -> int:
    """Return how many pictures are in the section."""
    if section.state is None:
        return len(library)
    in_state = library.counts[section.state]
    if section.put_off is None:
        return in_state
    return library.put_off if section.put_off else in_state - library.put_off


class SectionModel(QAbstractListModel):
    """One row a section, with its count."""

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        library.counts_changed.connect(self._refresh)

    def _refresh(self) -> None:
        self.dataChanged.emit(self.index(0), self.index(len(SECTIONS) - 1))

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(SECTIONS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        section = SECTIONS[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return section.name
        if role == COUNT_ROLE:
            return count_pictures(section, self._library)
        if role == GLYPH_ROLE:
            return section.glyph
        if role == SECTION_ROLE:
            return section
        if role == Qt.ItemDataRole.AccessibleTextRole:
            count = words.counted(count_pictures(section, self._library), "picture")
            return f"{section.name}, {count}"
        return None


class SectionList(QListView):
    """The sections with their counts; what is chosen is told."""

    section_chosen = Signal(object)  # Section

    def __init__(self, library: Library, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sections")
        self.setAccessibleName("Sections of the library")
        self.setModel(SectionModel(library, self))
        self._delegate = _SectionDelegate(theme, self)
        self.setItemDelegate(self._delegate)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setFixedWidth(_WIDTH_PX)
        self.selectionModel().currentChanged.connect(self._tell)
        library.counts_changed.connect(self._hide_empty)
        self._library = library
        self._hide_empty()
        self.setCurrentIndex(self.model().index(0, 0))

    def choose(self, section: Section) -> None:
        """Choose a section as a click would."""
        self.setCurrentIndex(self.model().index(SECTIONS.index(section), 0))

    @property
    def chosen(self) -> Section:
        """The section that is shown."""
        return SECTIONS[max(0, self.currentIndex().row())]

    def set_theme(self, theme: Theme) -> None:
        """Wear these colours."""
        self._delegate.theme = theme
        self.viewport().update()

    def _tell(self, current: QModelIndex) -> None:
        if current.isValid():
            self.section_chosen.emit(SECTIONS[current.row()])

    def _hide_empty(self) -> None:
        """Rare states have a row only while something is in them, or while it is looked at."""
        for row, section in enumerate(SECTIONS):
            if section.state in _RARE:
                is_empty = not count_pictures(section, self._library)
                self.setRowHidden(row, is_empty and row != self.currentIndex().row())

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH_PX, _ROW_PX * len(SECTIONS))


class _SectionDelegate(QStyledItemDelegate):
    """Glyph and name on the left, the count on the right."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self.theme = theme

    def _glyph_colour(self, section: Section) -> QColor:
        theme, state = self.theme, section.state
        if section.put_off:  # nothing is wrong with it
            return theme.accent
        colours = {
            State.ACTIVE: theme.accent,
            State.DELAYED: theme.care,
            State.COMPLETED: theme.good,
            State.FAILED: theme.bad,
        }
        return colours.get(state, theme.muted) if state else theme.muted

    def _paint_back(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        state = QStyle.StateFlag
        is_chosen = bool(option.state & state.State_Selected)
        area = option.rect.adjusted(8, 2, -8, -2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if is_chosen or option.state & state.State_MouseOver:
            painter.setBrush(self.theme.raised)
            painter.drawRoundedRect(area, 6, 6)
        if is_chosen:
            painter.setBrush(self.theme.accent)
            painter.drawRoundedRect(area.left(), area.top() + 8, 3, area.height() - 16, 1.5, 1.5)
        if option.state & state.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self.theme.accent)
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 6, 6)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        painter.save()
        self._paint_back(painter, option)
        area = option.rect.adjusted(8 + _GAP_PX, 0, -8 - _GAP_PX, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        count = index.data(COUNT_ROLE)
        is_empty = not count and index.row() > 0
        painter.setFont(option.font)
        painter.setPen(self.theme.muted if is_empty else self.theme.text)
        painter.drawText(area.adjusted(24, 0, 0, 0), middle, str(index.data()))
        painter.setPen(self._glyph_colour(index.data(SECTION_ROLE)) if count else self.theme.muted)
        painter.drawText(area, middle, index.data(GLYPH_ROLE))
        painter.setPen(self.theme.muted)
        painter.drawText(area, middle | Qt.AlignmentFlag.AlignRight, words.number(count))
        painter.restore()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return QSize(_WIDTH_PX, _ROW_PX)
