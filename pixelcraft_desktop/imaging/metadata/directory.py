"""TIFF directories (TIFF 6.0, BigTIFF), which hold EXIF: only what is asked for is read.

Pillow makes a number of every value there is: 10 MB of EXIF take it 2.8 s and 189 MB. It also reads
all text as Latin-1, and leaves out what is broken without a word.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

MOST_TEXT_BYTES = 16_000
_MOST_ROWS = 512  # cameras write up to 120
_MOST_NUMBERS = 16
_PLAIN, _BIG = 42, 43
# "RO", "RS": Olympus; "U": Panasonic. Their RAW files are TIFFs but for this number.
_MAGICS = {_PLAIN, _BIG, 0x4F52, 0x5352, 0x55}
_FORMS = {
    **{1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q"},
    **{5: "II", 10: "ii"},  # a rational is two whole numbers
}
_RATIONALS = {5, 10}
_BYTES = {kind: struct.calcsize("<" + form) for kind, form in _FORMS.items()}


@dataclass(frozen=True)
class _Layout:
    """How a directory is laid out: the forms of its count, its rows and places in the file."""

    count: str
    row: str
    place: str


_LAYOUTS = {False: _Layout("H", "HHI", "I"), True: _Layout("Q", "HHQ", "Q")}


@dataclass(frozen=True)
class Row:
    """A row of a directory: its type, how many values, and where they lie."""

    kind: int
    count: int
    at: int


class Tiff:
    """A TIFF in memory. What can't be read is left out, and then `is_broken` is true."""

    def __init__(self, data: bytes) -> None:
        """Read the header. Raises ValueError where there is none."""
        order = {b"II": "<", b"MM": ">"}.get(data[:2])
        self._data, self._order = data, order or "<"
        magic = self._unpack("H", 2)
        if order is None or magic is None or magic[0] not in _MAGICS:
            raise ValueError("not a TIFF")
        is_big = magic[0] == _BIG
        self._layout = _LAYOUTS[is_big]
        self.is_broken = False
        self.main = self.directory(self._unpack(self._layout.place, 8 if is_big else 4))

    def directory(self, place: tuple[float, ...] | None) -> Directory:
        """Return the directory at the place that a row's number tells."""
        at = int(place[0]) if place else 0
        head = self._unpack(self._layout.count, at) if at else None
        rows: dict[int, Row] = {}
        if head is None:
            self.is_broken = True
            return Directory(self, rows)
        at += self._bytes(self._layout.count)
        read = 0
        while read < min(head[0], _MOST_ROWS) and self._read_row(at, rows):
            at += self._bytes(self._layout.row + self._layout.place)
            read += 1
        self.is_broken |= read < head[0]
        return Directory(self, rows)

    def _read_row(self, at: int, rows: dict[int, Row]) -> bool:
        """Add the row at this place; false where the data end before it does."""
        value_at = at + self._bytes(self._layout.row)
        row, place = self._unpack(self._layout.row, at), self._unpack(self._layout.place, value_at)
        if row is None or place is None:
            return False
        tag, kind, count = row
        is_inside = count * _BYTES.get(kind, 1) <= self._bytes(self._layout.place)
        rows.setdefault(tag, Row(kind, count, value_at if is_inside else place[0]))
        return True

    def numbers(self, row: Row | None) -> tuple[float, ...]:
        """Return the row's first numbers; a rational without a value is not a number, `nan`."""
        if row is None or row.kind not in _FORMS:
            return ()
        many = min(row.count, _MOST_NUMBERS)
        found = self._unpack(_FORMS[row.kind] * many, row.at)
        if found is None:
            self.is_broken = True
            return ()
        if row.kind in _RATIONALS:
            pairs = zip(found[::2], found[1::2], strict=True)
            return tuple(above / below if below else math.nan for above, below in pairs)
        return found

    def data(self, row: Row | None, most_bytes: int = MOST_TEXT_BYTES) -> bytes:
        """Return the row's bytes, whatever its type, at most so many."""
        if row is None:
            return b""
        size_bytes = row.count * _BYTES.get(row.kind, 1)
        self.is_broken |= row.at + size_bytes > len(self._data)
        return self._data[row.at : row.at + min(size_bytes, most_bytes)]

    def _bytes(self, form: str) -> int:
        return struct.calcsize(self._order + form)

    def _unpack(self, form: str, at: int) -> tuple[int, ...] | None:
        if at + self._bytes(form) > len(self._data):
            return None
        return struct.unpack_from(self._order + form, self._data, at)


@dataclass(frozen=True)
class Directory:
    """The rows of a directory, by tag, and the TIFF in which they stand."""

    tiff: Tiff
    rows: dict[int, Row]

    def __contains__(self, tag: int) -> bool:
        """Tell whether there is such a row."""
        return tag in self.rows

    def numbers(self, tag: int) -> tuple[float, ...]:
        """Return the row's first numbers, see `Tiff.numbers`; none where there is no such row."""
        return self.tiff.numbers(self.rows.get(tag))

    def data(self, tag: int, most_bytes: int = MOST_TEXT_BYTES) -> bytes:
        """Return the row's bytes, at most so many; none where there is no such row."""
        return self.tiff.data(self.rows.get(tag), most_bytes)

    def directory(self, tag: int) -> Directory:
        """Return the directory to which the row leads; an empty one where there is none."""
        return self.tiff.directory(self.numbers(tag)) if tag in self else Directory(self.tiff, {})
