"""The model: the ids of the failed pictures in the library, ascending, and nothing else."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui.failures.actions import KEYS_SPOKEN, Action
from pixelcraft_desktop.ui.library import Change, Library
from pixelcraft_desktop.ui.words import counted, failure_sentence, picture_folder, picture_name

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_ROLE = Qt.ItemDataRole


class FailedModel(QAbstractListModel):
    """One row for each failed picture. Follows the library."""

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._ids = [picture.id for picture in library.pictures(frozenset({State.FAILED}))]
        library.pictures_added.connect(self._take_in)
        library.pictures_changed.connect(self._follow)
        library.pictures_removed.connect(self._take_out)

    def ids(self, first: int, last: int) -> list[int]:
        """Return the ids of the pictures in these rows, both included."""
        return self._ids[first : last + 1]

    def picture(self, row: int) -> Picture | None:
        """Return the picture in that row, unless it has just left the library."""
        return self._library.picture(self._ids[row])

    def suited(self, action: Action, image_ids: Sequence[int]) -> list[int]:
        """Return the ids of those pictures with which this can be done."""
        found = map(self._library.picture, image_ids)
        return [picture.id for picture in found if picture and action.suits(picture)]

    def _take_in(self, pictures: Sequence[Picture]) -> None:
        self._insert(p.id for p in pictures if p.state is State.FAILED)

    def _take_out(self, pictures: Sequence[Picture]) -> None:
        self._remove(p.id for p in pictures)

    def _follow(self, changes: Sequence[Change]) -> None:
        self._remove(after.id for _, after in changes if after.state is not State.FAILED)
        failed = [after.id for _, after in changes if after.state is State.FAILED]
        for image_id in failed:
            row = self._row(image_id)
            if row is not None:
                self.dataChanged.emit(self.index(row), self.index(row))
        self._insert(failed)

    def _row(self, image_id: int) -> int | None:
        row = bisect_left(self._ids, image_id)
        return row if row < len(self._ids) and self._ids[row] == image_id else None

    def _insert(self, image_ids: Iterable[int]) -> None:
        new = sorted({image_id for image_id in image_ids if self._row(image_id) is None})
        places = groupby(new, key=lambda image_id: bisect_left(self._ids, image_id))
        # From the end, so that what is still to come keeps its place.
        for row, group in reversed([(row, list(group)) for row, group in places]):
            self.beginInsertRows(QModelIndex(), row, row + len(group) - 1)
            self._ids[row:row] = group
            self.endInsertRows()

    def _remove(self, image_ids: Iterable[int]) -> None:
        found = {row for row in map(self._row, set(image_ids)) if row is not None}
        runs = groupby(enumerate(sorted(found)), key=lambda pair: pair[1] - pair[0])
        for run in reversed([[row for _, row in group] for _, group in runs]):
            self.beginRemoveRows(QModelIndex(), run[0], run[-1])
            del self._ids[run[0] : run[-1] + 1]
            self.endRemoveRows()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        if not index.isValid() or role not in _TEXTS:
            return None
        picture = self.picture(index.row())
        return picture and _TEXTS[_ROLE(role)](picture)


def attempts_line(picture: Picture) -> str:
    """Return "1 attempt", "5 attempts"."""
    return counted(picture.attempt, "attempt")


def _spoken(picture: Picture) -> str:
    reason = failure_sentence(picture).rstrip(".")
    return f"{picture_name(picture)}, {reason}, {attempts_line(picture)}"


def _described(picture: Picture) -> str:
    return f"In {picture_folder(picture)}. {KEYS_SPOKEN}"


_TEXTS = {
    _ROLE.DisplayRole: picture_name,
    _ROLE.AccessibleTextRole: _spoken,
    _ROLE.AccessibleDescriptionRole: _described,
}
