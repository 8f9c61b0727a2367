"""Camera RAW: the largest finished JPEG that the camera put into the file.

A hostile file can't lead it far: so many directories, rows and segments are read and no more.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from pixelcraft_desktop.imaging.containers import cr3
from pixelcraft_desktop.imaging.containers.jpeg_frame import read_frame
from pixelcraft_desktop.imaging.geometry import Size
from pixelcraft_desktop.model import Cause, KnownFailure

# What real files need: 8 directories, 120 rows, 5 pictures.
_MOST_DIRECTORIES, _MOST_ROWS, _MOST_VALUES = 32, 512, 16
_LARGEST_THUMBNAIL_PX = 640
_FUJI_FACTS_BYTES = 262_144
_LONGEST_SIDE_PX = 100_000  # of a sensor that is believed

# Tags of TIFF 6.0, TIFF/EP, EXIF 2.32 and DNG 1.7, then Olympus', Panasonic's and Nikon's own.
_WIDTH, _HEIGHT, _EXIF_WIDTH, _EXIF_HEIGHT = 256, 257, 40962, 40963
_COMPRESSION, _PHOTOMETRIC, _STRIP_STARTS, _STRIP_BYTES = 259, 262, 273, 279
_ORIENTATION, _SUB_DIRECTORIES, _EXIF, _MAKER_NOTE = 274, 330, 34665, 37500
_JPEG_START, _JPEG_BYTES, _SUBFILE_TYPE, _DNG_VERSION = 513, 514, 254, 50706
_CAMERA_SETTINGS, _PREVIEW_START, _PREVIEW_BYTES = 0x2020, 0x101, 0x102
_PANASONIC_JPEGS = (0x2E, 0x127)
_PANASONIC_BORDERS = (4, 5, 6, 7)  # top, left, bottom, right
_NIKON_PREVIEW = 0x11
_JPEG_COMPRESSIONS = {6, 7}
_SENSOR_PHOTOMETRICS = {32803, 34892}
_SENSOR_COMPRESSIONS = {32767, 32770, 34713, 65535}  # Sony, Samsung, Nikon, Pentax
_NUMBERS = {3: "H", 4: "I", 13: "I"}  # TIFF's types for what is read here
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
# How an Olympus maker note begins, and where in it lie its byte order and its directory.
_OLYMPUS_NOTES = ((b"OLYMPUS\0", 8, 12), (b"OM SYSTEM\0", 12, 16))
_NIKON_NOTE, _NIKON_TIFF_AT = b"Nikon\0\2", 10
_FUJI, _FUJI_JPEG_AT, _FUJI_FACTS_AT = b"FUJIFILMCCD-RAW", 84, 92
_FUJI_SIZE = 0x111  # its height, then its width
_Range = tuple[int, int]


@dataclass(frozen=True)
class Preview:
    """Where the JPEG lies, [start, end) in bytes, and what the RAW file says about it."""

    start: int
    end: int
    size: Size
    sensor: Size | None = None  # of the picture that is not developed, where it is known
    orientation: int | None = None  # None: what the JPEG says itself


@dataclass(frozen=True)
class _Row:
    """A row of a directory: its type, and where in the file how many values lie."""

    kind: int
    count: int
    at: int


_Directory = dict[int, _Row]


def is_raw(source: BinaryIO) -> bool:
    """Tell a RAW file from a TIFF: in one of its directories lies what a sensor saw.

    Nor is it a TIFF if its first picture is a mere thumbnail beside others that hang below it.
    """
    tiff = _open_tiff(source, (b"II*\0", b"MM\0*"))
    if tiff is None:
        return False
    main_at = tiff.number_at(4)
    rows, _ = tiff.directory(main_at)
    is_thumbnail = tiff.numbers(rows.get(_SUBFILE_TYPE)) == (1,)
    if _DNG_VERSION in rows or (is_thumbnail and _SUB_DIRECTORIES in rows):
        return True
    return any(_is_sensors(tiff, each) for each in _directories(tiff, main_at))


def find_preview(source: BinaryIO) -> Preview:
    """Return the largest JPEG in the file, and what the file tells about it.

    Raises KnownFailure: unsupported_format where there is none above a thumbnail's size.
    """
    source.seek(0)
    head = source.read(_FUJI_FACTS_AT + 8)
    if head[4:8] == b"ftyp":
        return _find_canon(source)
    if head.startswith(_FUJI):
        start, length, facts_at, facts_bytes = struct.unpack(
            ">IIII", head[_FUJI_JPEG_AT:].ljust(16, b"\0")
        )
        preview = _largest(source, [(start, start + length)])
        return _beside(preview, [_fuji_size(source, facts_at, facts_bytes)])
    tiff = _open_tiff(source)
    if tiff is None:
        return _largest(source, [])
    main_at = tiff.number_at(4)
    directories = list(_directories(tiff, main_at))
    is_panasonic = head[2:4] == b"U\0"
    jpegs = (_jpegs(tiff, rows, is_panasonic=is_panasonic) for rows in directories)
    best = _largest(source, [each for found in jpegs for each in found])
    best = _beside(best, [size for rows in directories for size in _sizes(tiff, rows)])
    orientation = next(iter(tiff.numbers(tiff.directory(main_at)[0].get(_ORIENTATION))), 0)
    return replace(best, orientation=orientation if 1 <= orientation <= 8 else None)


def _find_canon(source: BinaryIO) -> Preview:
    best = _largest(source, list(cr3.find_jpegs(source)))
    main, _, _ = cr3.read_blocks(source)
    tiff = _open_tiff(io.BytesIO(main), (b"II*\0", b"MM\0*"))
    if tiff is None:
        return best
    rows, _ = tiff.directory(tiff.number_at(4))
    best = _beside(best, _sizes(tiff, rows))
    orientation = next(iter(tiff.numbers(rows.get(_ORIENTATION))), 0)
    return replace(best, orientation=orientation if 1 <= orientation <= 8 else None)


def _largest(source: BinaryIO, ranges: list[_Range]) -> Preview:
    found = [(start, end, read_frame(source, start, end)) for start, end in ranges]
    sound = [
        Preview(start, end, each.size) for start, end, each in found if each and each.is_common
    ]
    best = max(sound, key=lambda each: each.size[0] * each.size[1], default=None)
    if best is None:
        raise KnownFailure(
            Cause.UNSUPPORTED_FORMAT,
            "Camera RAW pictures without a large preview inside can't be read yet.",
        )
    if max(best.size) <= _LARGEST_THUMBNAIL_PX:
        raise KnownFailure(
            Cause.UNSUPPORTED_FORMAT,
            f"This Camera RAW picture has only a preview of {best.size[0]} × {best.size[1]} "
            "inside, too small to show.",
        )
    return best


def _beside(preview: Preview, sizes: Iterable[Size | None]) -> Preview:
    """Return the preview with the sensor's size, if one that is told is larger."""
    known = [size for size in sizes if size and max(size) <= _LONGEST_SIDE_PX and min(size) > 0]
    sensor = max(known, key=lambda size: size[0] * size[1], default=preview.size)
    is_larger = sensor[0] * sensor[1] > preview.size[0] * preview.size[1]
    return replace(preview, sensor=sensor if is_larger else None)


def _directories(tiff: _Tiff, main_at: int) -> Iterator[_Directory]:
    """Yield all directories that can be reached, `_MOST_DIRECTORIES` at most."""
    waiting, seen = [main_at], {0}
    while waiting and len(seen) <= _MOST_DIRECTORIES:
        at = waiting.pop(0)
        if at in seen:
            continue
        seen.add(at)
        rows, next_at = tiff.directory(at)
        yield rows
        waiting += [*tiff.numbers(rows.get(_SUB_DIRECTORIES)), *tiff.numbers(rows.get(_EXIF))]
        waiting.append(next_at)


def _is_sensors(tiff: _Tiff, rows: _Directory) -> bool:
    photometric = set(tiff.numbers(rows.get(_PHOTOMETRIC)))
    compression = set(tiff.numbers(rows.get(_COMPRESSION)))
    return bool(photometric & _SENSOR_PHOTOMETRICS or compression & _SENSOR_COMPRESSIONS)


def _jpegs(tiff: _Tiff, rows: _Directory, *, is_panasonic: bool) -> Iterator[_Range]:
    """Yield where JPEGs are said to lie by one directory and the maker's note in it."""
    yield from tiff.pairs(rows, _JPEG_START, _JPEG_BYTES)
    compression = set(tiff.numbers(rows.get(_COMPRESSION)))
    photometric = set(tiff.numbers(rows.get(_PHOTOMETRIC)))
    if compression & _JPEG_COMPRESSIONS and not photometric & _SENSOR_PHOTOMETRICS:
        yield from tiff.pairs(rows, _STRIP_STARTS, _STRIP_BYTES)
    if is_panasonic:
        found = [rows[tag] for tag in _PANASONIC_JPEGS if tag in rows]
        yield from ((row.at, row.at + row.count) for row in found)
    if _MAKER_NOTE in rows:
        yield from _olympus_jpegs(tiff.source, rows[_MAKER_NOTE])
        yield from _nikon_jpegs(tiff.source, rows[_MAKER_NOTE])


def _sizes(tiff: _Tiff, rows: _Directory) -> Iterator[Size]:
    """Yield the sizes that a directory tells, of whatever picture."""
    for width_tag, height_tag in ((_WIDTH, _HEIGHT), (_EXIF_WIDTH, _EXIF_HEIGHT)):
        width, height = tiff.numbers(rows.get(width_tag)), tiff.numbers(rows.get(height_tag))
        if len(width) == len(height) == 1:
            yield width[0], height[0]
    borders = [tiff.numbers(rows.get(tag)) for tag in _PANASONIC_BORDERS]
    if all(len(border) == 1 for border in borders):
        (top,), (left,), (bottom,), (right,) = borders
        yield right - left, bottom - top


def _fuji_size(source: BinaryIO, at: int, many_bytes: int) -> Size | None:
    source.seek(at)
    facts = source.read(min(many_bytes, _FUJI_FACTS_BYTES))
    place = 4
    for _ in range(_MOST_ROWS):
        tag, length = struct.unpack(">HH", facts[place : place + 4].ljust(4, b"\0"))
        if tag == _FUJI_SIZE and length == 4:
            height, width = struct.unpack(">HH", facts[place + 4 : place + 8].ljust(4, b"\0"))
            return width, height
        place += 4 + length
    return None


def _olympus_jpegs(source: BinaryIO, note: _Row) -> Iterator[_Range]:
    source.seek(note.at)
    head = source.read(16)
    for name, order_at, rows_at in _OLYMPUS_NOTES:
        if head.startswith(name):
            order = "<" if head[order_at : order_at + 2] == b"II" else ">"
            tiff = _Tiff(source, order, note.at)
            main, _ = tiff.directory(note.at + rows_at)
            for at in tiff.numbers(main.get(_CAMERA_SETTINGS)):
                settings, _ = tiff.directory(note.at + at)
                yield from tiff.pairs(settings, _PREVIEW_START, _PREVIEW_BYTES)


def _nikon_jpegs(source: BinaryIO, note: _Row) -> Iterator[_Range]:
    """Yield what a note of Nikon's third kind tells: a TIFF of its own begins inside of it."""
    source.seek(note.at)
    head = source.read(_NIKON_TIFF_AT + 2)
    if head.startswith(_NIKON_NOTE):
        base = note.at + _NIKON_TIFF_AT
        tiff = _Tiff(source, "<" if head[_NIKON_TIFF_AT:] == b"II" else ">", base)
        main, _ = tiff.directory(base + tiff.number_at(base + 4))
        for at in tiff.numbers(main.get(_NIKON_PREVIEW)):
            preview, _ = tiff.directory(base + at)
            yield from tiff.pairs(preview, _JPEG_START, _JPEG_BYTES)


def _open_tiff(source: BinaryIO, magics: tuple[bytes, ...] = (b"II", b"MM")) -> _Tiff | None:
    source.seek(0)
    head = source.read(8)
    if not head.startswith(magics) or len(head) < 8:
        return None
    return _Tiff(source, "<" if head[:2] == b"II" else ">")


class _Tiff:
    """Reads directories of TIFF's making; places in them count from `base`."""

    def __init__(self, source: BinaryIO, order: str, base: int = 0) -> None:
        self.source, self._order, self._base = source, order, base

    def number_at(self, at: int) -> int:
        self.source.seek(at)
        return int(struct.unpack(self._order + "I", self.source.read(4).ljust(4, b"\0"))[0])

    def directory(self, at: int) -> tuple[_Directory, int]:
        """Return the rows of the directory at this place of the file, and the next one's place."""
        self.source.seek(at)
        head = self.source.read(2)
        if len(head) < 2:
            return {}, 0
        count = struct.unpack(self._order + "H", head)[0]
        if count > _MOST_ROWS:
            return {}, 0
        data = self.source.read(12 * count)
        rows = {}
        for start in range(0, len(data) - 11, 12):
            tag, kind, many, value = struct.unpack_from(self._order + "HHII", data, start)
            is_inside = many * _TYPE_BYTES.get(kind, 1) <= 4
            rows[tag] = _Row(kind, many, at + 10 + start if is_inside else self._base + value)
        return rows, self.number_at(at + 2 + 12 * count)

    def numbers(self, row: _Row | None) -> tuple[int, ...]:
        """Return the row's values; none where they aren't whole numbers, or are too many."""
        if row is None or row.kind not in _NUMBERS or not 0 < row.count <= _MOST_VALUES:
            return ()
        form = self._order + _NUMBERS[row.kind] * row.count
        self.source.seek(row.at)
        data = self.source.read(struct.calcsize(form))
        return struct.unpack(form, data) if len(data) == struct.calcsize(form) else ()

    def pairs(self, rows: _Directory, start_tag: int, bytes_tag: int) -> Iterator[_Range]:
        """Yield the one range that two rows tell; several are the pieces of something else."""
        starts, lengths = self.numbers(rows.get(start_tag)), self.numbers(rows.get(bytes_tag))
        if len(starts) == len(lengths) == 1:
            start = self._base + starts[0]
            yield start, start + lengths[0]
