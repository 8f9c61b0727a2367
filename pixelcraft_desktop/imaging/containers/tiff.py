"""TIFF pages: how many there are, and which is the picture and not its thumbnail."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from PIL import Image

_MOST_THUMBNAILS = 8  # before the picture; what is seen has one
_SUBFILE_TYPE, _OLD_SUBFILE_TYPE = 254, 255  # TIFF 6.0: always the first rows
_REDUCED, _MASK, _OLD_REDUCED = 1, 4, 2
_SHORT = 3
# (byte order, place of the first directory, layout of a count, of a row and of a place)
_LAYOUTS = {
    b"II*\0": ("<", 4, "H", "HH4xI", "I"),
    b"MM\0*": (">", 4, "H", "HH4xI", "I"),
    b"II+\0": ("<", 8, "Q", "HH8xQ", "Q"),
    b"MM\0+": (">", 8, "Q", "HH8xQ", "Q"),
}


def count_pages(source: BinaryIO, most: int) -> int:
    """Return how many pages the file has, thumbnails and masks left out; at most `most`."""
    return sum(islice(_walk_pages(source), most))


def show_first_page(image: Image.Image, source: BinaryIO) -> None:
    """Turn the opened file to its first page that is no thumbnail or mask, if it has one."""
    for number, is_page in enumerate(islice(_walk_pages(source), _MOST_THUMBNAILS + 1)):
        if is_page:
            if number:
                image.seek(number)
            return


def _walk_pages(source: BinaryIO) -> Iterator[bool]:
    """Yield of each directory whether it is a page; their chain may be a ring, without an end."""
    source.seek(0)
    layout = _LAYOUTS.get(source.read(4))
    if layout is None:
        return
    order, first_at, *forms = layout
    count, row, place = (struct.Struct(order + form) for form in forms)
    source.seek(first_at)
    at = _read(source, place)
    while at and at[0]:
        if not _seek(source, at[0]):
            return
        rows = _read(source, count)
        if rows is None:
            return
        first = source.read(row.size)
        yield len(first) < row.size or _is_page(first, order, row, row.size - place.size)
        if not _seek(source, at[0] + count.size + row.size * rows[0]):
            return
        at = _read(source, place)


def _is_page(first: bytes, order: str, row: struct.Struct, value_at: int) -> bool:
    tag, kind, value = row.unpack(first)
    if kind == _SHORT:  # it stands at the beginning of its place
        (value,) = struct.unpack_from(order + "H", first, value_at)
    if tag == _SUBFILE_TYPE:
        return not value & (_REDUCED | _MASK)
    return not (tag == _OLD_SUBFILE_TYPE and value == _OLD_REDUCED)


def _seek(source: BinaryIO, at: int) -> bool:
    if at >= 1 << 63:
        return False
    source.seek(at)
    return True


def _read(source: BinaryIO, form: struct.Struct) -> tuple[int, ...] | None:
    data = source.read(form.size)
    return form.unpack(data) if len(data) == form.size else None
