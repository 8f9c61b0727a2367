"""The pictures of the library as rows: all of them, or those in some states, by ascending id."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.library import Change, Library
from pixelcraft_desktop.ui.tool_tip import tool_tip

Index = QModelIndex | QPersistentModelIndex

PICTURE_ROLE = int(Qt.ItemDataRole.UserRole)
_FLAGS = (
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsDragEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
)
_NO_INDEX = QModelIndex()
_LONGEST_CHARACTER_BYTES = 4
_image_id = attrgetter("id")


class GalleryModel(QAbstractListModel):
    """Shows a library, and follows it. A row is found by halving: nothing is numbered anew."""

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._states: frozenset[State] | None = None
        self._put_off: bool | None = None
        # Copies of references, because the library is a change ahead while it tells of one.
        self._pictures = library.pictures()
        library.pictures_added.connect(self._add)
        library.pictures_changed.connect(self._change)
        library.pictures_removed.connect(self._remove)

    @property
    def states(self) -> frozenset[State] | None:
        """The states whose pictures are shown; None where all are."""
        return self._states

    def show_states(self, states: frozenset[State] | None, put_off: bool | None = None) -> None:
        """Show the pictures in these states only, or all (None).

        Of the delayed ones those that the user put off, or the others (False), or both (None).
        """
        if (states, put_off) == (self._states, self._put_off):
            return
        self.beginResetModel()
        self._states, self._put_off = states, put_off
        self._pictures = [p for p in self._library.pictures(states) if self._belongs(p)]
        self.endResetModel()

    def picture_at(self, row: int) -> Picture:
        """Return the picture in that row. Raises IndexError where there is none."""
        return self._pictures[row]

    def row_of(self, image_id: int) -> int | None:
        """Return the row of the picture with that id; None where it isn't shown."""
        row = self.row_from(image_id)
        is_there = row < len(self._pictures) and self._pictures[row].id == image_id
        return row if is_there else None

    def row_from(self, image_id: int) -> int:
        """Return the row of that picture, or of the next one, or the number of rows."""
        return bisect_left(self._pictures, image_id, key=_image_id)

    def pictures(self, first: int, last: int) -> list[Picture]:
        """Return the pictures from row `first` to row `last`, both included."""
        return self._pictures[first : last + 1]

    def _add(self, added: Sequence[Picture]) -> None:
        self._insert([picture for picture in added if self._belongs(picture)])

    def _change(self, changes: Sequence[Change]) -> None:
        changed_rows: list[int] = []
        leaving: list[Picture] = []
        entering: list[Picture] = []
        for _, picture in sorted(changes, key=lambda change: change[1].id):
            row = self.row_of(picture.id)
            if row is None:
                entering.append(picture)
            elif self._belongs(picture):
                self._pictures[row] = picture
                changed_rows.append(row)
            else:
                leaving.append(picture)
        for first, last in _runs(changed_rows):
            self.dataChanged.emit(self.index(first), self.index(last))
        self._remove(leaving)
        self._add(entering)

    def _remove(self, removed: Sequence[Picture]) -> None:
        found = (self.row_of(picture.id) for picture in removed)
        rows = sorted(row for row in found if row is not None)
        for first, last in reversed(list(_runs(rows))):
            self.beginRemoveRows(_NO_INDEX, first, last)
            del self._pictures[first : last + 1]
            self.endRemoveRows()

    def _insert(self, pictures: Sequence[Picture]) -> None:
        done = 0
        while done < len(pictures):
            row = self.row_from(pictures[done].id)
            end = len(pictures)
            if row < len(self._pictures):  # the run ends where the next one in place begins
                following = self._pictures[row].id
                if following == pictures[done].id:  # shown since it was asked for meanwhile
                    done += 1
                    continue
                end = bisect_left(pictures, following, lo=done, key=_image_id)
            self.beginInsertRows(_NO_INDEX, row, row + end - done - 1)
            self._pictures[row:row] = pictures[done:end]
            self.endInsertRows()
            done = end

    def _belongs(self, picture: Picture) -> bool:
        if self._put_off is not None and picture.is_put_off is not self._put_off:
            return False
        return self._states is None or picture.state in self._states

    # Qt's part

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._pictures)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = index.row()
        if not 0 <= row < len(self._pictures):
            return None
        if role == PICTURE_ROLE:
            return self._pictures[row]
        make_text = _TEXTS.get(role)
        return make_text(self._pictures[row]) if make_text else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags

    def match(
        self,
        start: Index,
        role: int,
        value: Any,
        hits: int = 1,
        flags: Qt.MatchFlag = Qt.MatchFlag.MatchStartsWith | Qt.MatchFlag.MatchWrap,
    ) -> list[QModelIndex]:
        # Typing searches. Qt's way asks data() for up to 100,000 names, which takes a second.
        if role != Qt.ItemDataRole.DisplayRole or not isinstance(value, str) or hits != 1:
            return super().match(start, role, value, hits, flags)
        first = max(0, start.row())
        for row in chain(range(first, len(self._pictures)), range(first)):
            if _name_starts_with(self._pictures[row].path, value.casefold()):
                return [self.index(row)]
        return []


def _tool_tip(picture: Picture) -> str:
    name, folder = words.picture_name(picture), words.picture_folder(picture)
    return tool_tip(name, *words.facts(picture), folder)


_TEXTS: Mapping[int, Callable[[Picture], str]] = {
    int(Qt.ItemDataRole.DisplayRole): words.picture_name,
    int(Qt.ItemDataRole.AccessibleTextRole): words.spoken,
    int(Qt.ItemDataRole.AccessibleDescriptionRole): words.described,
    int(Qt.ItemDataRole.ToolTipRole): _tool_tip,
}


def _name_starts_with(path: bytes, typed: str) -> bool:
    name = os.path.basename(path)[: _LONGEST_CHARACTER_BYTES * len(typed)]
    return name.decode("utf-8", "replace").casefold().startswith(typed)


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of every stretch without a gap in ascending rows."""
    first = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or rows[end] != rows[end - 1] + 1:
            yield rows[first], rows[end - 1]
            first = end
