"""Camera RAW: the largest finished JPEG that the camera put into the file.

A hostile file can't lead it far: so many directories, rows and segments are read and no more.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from PIL import ExifTags, Image

from pixelcraft_desktop.imaging.geometry import Size

# What real files need: 8 directories, 120 rows, 5 pictures, 30 segments.
_MOST_DIRECTORIES, _MOST_ROWS, _MOST_VALUES, _MOST_SEGMENTS = 32, 512, 16, 200
_LARGEST_THUMBNAIL_PX = 640
_EXIF_BYTES = 262_144  # from the file's beginning: there cameras write what they tell

# Tags of TIFF 6.0, TIFF/EP, EXIF 2.32 and DNG 1.7, then Olympus' and Panasonic's own.
_COMPRESSION, _PHOTOMETRIC, _STRIP_STARTS, _STRIP_BYTES = 259, 262, 273, 279
_ORIENTATION, _SUB_DIRECTORIES, _EXIF, _MAKER_NOTE = 274, 330, 34665, 37500
_JPEG_START, _JPEG_BYTES, _SUBFILE_TYPE, _DNG_VERSION = 513, 514, 254, 50706
_CAMERA_SETTINGS, _PREVIEW_START, _PREVIEW_BYTES = 0x2020, 0x101, 0x102
_PANASONIC_JPEGS = (0x2E, 0x127)
_JPEG_COMPRESSIONS = {6, 7}
_SENSOR_PHOTOMETRICS = {32803, 34892}
_NUMBERS = {3: "H", 4: "I", 13: "I"}  # TIFF's types for what is read here
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
# How an Olympus maker note begins, and where in it lie its byte order and its directory.
_OLYMPUS_NOTES = ((b"OLYMPUS\0", 8, 12), (b"OM SYSTEM\0", 12, 16))
_FUJI, _FUJI_JPEG_AT = b"FUJIFILMCCD-RAW", 84
_PLAIN_JPEG_FRAMES = {0xC0, 0xC1, 0xC2}  # what Pillow decodes; 0xC3 is the sensor's, lossless
_OTHER_JPEG_ENDS = {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF, 0xD8, 0xD9, 0xDA}
_Range = tuple[int, int]


@dataclass(frozen=True)
class Preview:
    """Where the JPEG lies, [start, end) in bytes, and what the RAW file says about it."""

    start: int
    end: int
    size: Size
    orientation: int | None = None  # None: what the JPEG says itself
    exif: bytes = b""


@dataclass(frozen=True)
class _Row:
    """A row of a directory: its type, and where in the file how many values lie."""

    kind: int
    count: int
    at: int


_Directory = dict[int, _Row]


def is_raw(source: BinaryIO) -> bool:
    """Tell a RAW file from a TIFF: its first picture is a mere thumbnail beside the sensor's."""
    source.seek(0)
    head = source.read(4)
    if head not in (b"II*\0", b"MM\0*"):
        return False
    tiff = _Tiff(source, "<" if head[:2] == b"II" else ">")
    rows, _ = tiff.directory(tiff.number_at(4))
    is_thumbnail = tiff.numbers(rows.get(_SUBFILE_TYPE)) == (1,)
    return _DNG_VERSION in rows or (is_thumbnail and _SUB_DIRECTORIES in rows)


def find_preview(source: BinaryIO) -> Preview | None:
    """Return the largest JPEG in the file; None where there is none above a thumbnail's size."""
    source.seek(0)
    head = source.read(_FUJI_JPEG_AT + 8)
    if head.startswith(_FUJI):
        start, length = struct.unpack(">II", head[_FUJI_JPEG_AT:].ljust(8, b"\0"))
        return _largest(source, [(start, start + length)])
    if head[:2] not in (b"II", b"MM") or len(head) < 8:
        return None
    tiff = _Tiff(source, "<" if head[:2] == b"II" else ">")
    main_at = tiff.number_at(4)
    best = _largest(source, list(_jpegs(tiff, main_at, is_panasonic=head[2:4] == b"U\0")))
    orientation = next(iter(tiff.numbers(tiff.directory(main_at)[0].get(_ORIENTATION))), 0)
    if best is None or not 1 <= orientation <= 8:
        return best
    source.seek(0)
    plain = b"II*\0" if head[:2] == b"II" else b"MM\0*"  # Olympus and Panasonic write their own
    exif = plain + source.read(_EXIF_BYTES)[4:]
    return Preview(best.start, best.end, best.size, orientation, exif)


def tell_exif(image: Image.Image, preview: Preview) -> None:
    """Let the opened JPEG say what the RAW file says: its own EXIF is poor, or missing."""
    if preview.orientation is None:
        return
    exif = image.getexif()
    try:
        exif.load(preview.exif)
        image.info["exif"] = preview.exif
    except Exception:
        # Broken EXIF raises anything, and a picture is worth showing without it.
        exif.clear()
    exif[ExifTags.Base.Orientation] = preview.orientation


def _largest(source: BinaryIO, ranges: list[_Range]) -> Preview | None:
    found = [(start, end, _jpeg_size(source, start, end)) for start, end in ranges]
    sound = [Preview(start, end, size) for start, end, size in found if size]
    large = [each for each in sound if max(each.size) > _LARGEST_THUMBNAIL_PX]
    return max(large, key=lambda each: each.size[0] * each.size[1], default=None)


def _jpegs(tiff: _Tiff, main_at: int, *, is_panasonic: bool) -> Iterator[_Range]:
    """Yield where JPEGs are said to lie, in all directories that can be reached."""
    waiting, seen = [main_at], {0}
    while waiting and len(seen) <= _MOST_DIRECTORIES:
        at = waiting.pop(0)
        if at in seen:
            continue
        seen.add(at)
        rows, next_at = tiff.directory(at)
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
        waiting += [*tiff.numbers(rows.get(_SUB_DIRECTORIES)), *tiff.numbers(rows.get(_EXIF))]
        waiting.append(next_at)


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


def _jpeg_size(source: BinaryIO, start: int, end: int) -> Size | None:
    """Return the size that the JPEG's frame header tells; None for what Pillow can't decode."""
    source.seek(start)
    if source.read(2) != b"\xff\xd8":
        return None
    at = start + 2
    for _ in range(_MOST_SEGMENTS):
        source.seek(at)
        head = source.read(9)
        if at + 9 > end or len(head) < 9 or head[0] != 0xFF or head[1] in _OTHER_JPEG_ENDS:
            return None
        length, height, width = struct.unpack_from(">HxHH", head, 2)
        if head[1] in _PLAIN_JPEG_FRAMES:
            return (width, height) if width and height and head[4] == 8 else None
        at += 1 if head[1] == 0xFF else 2 + length  # 0xFF fills the space between segments
    return None
