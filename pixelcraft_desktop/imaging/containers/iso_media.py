"""Boxes of ISO media files (ISO 14496-12), of which CR3, HEIC, AVIF and JPEG 2000 are made."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_HIGH_BIT_DEPTH, _TWELVE_BITS = 0x40, 0x20  # AV1 in ISO media 1.2, section 2.3.3
_MOST_BOXES = 2_000  # side by side; a phone's HEIC of 48 megapixels lists some 400 items


@dataclass(frozen=True)
class Box:
    """A box: its four letters, and where in the file its contents lie, `end` not included."""

    kind: bytes
    start: int
    end: int
    is_cut: bool = False  # it claims more than its surroundings have


def walk_boxes(source: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Yield the boxes that lie side by side between two places of the file.

    A box that claims more than its surroundings ends with them. At most 2,000 are read.
    """
    file_end = source.seek(0, os.SEEK_END)
    at, last = start, file_end if end is None else min(end, file_end)
    for _ in range(_MOST_BOXES):
        source.seek(at)
        head = source.read(min(16, max(0, last - at)))
        if len(head) < 8:
            return
        size, kind, head_bytes = int.from_bytes(head[:4], "big"), head[4:8], 8
        if size == 1 and len(head) == 16:
            size, head_bytes = int.from_bytes(head[8:], "big"), 16
        following = at + size if size else last  # 0: it is the last one
        if following < at + head_bytes:
            return
        yield Box(kind, at + head_bytes, min(following, last), following > last)
        if following >= last:
            return
        at = following


def find_boxes(source: BinaryIO, *kinds: bytes, within: Box | None = None) -> Iterator[Box]:
    """Yield the boxes at the end of this path: (b"moov", b"trak") yields every track.

    On the way there only the first of its kind is entered, so that the walk stays short.
    """
    if not kinds:
        if within is not None:
            yield within
        return
    start, end = (within.start, within.end) if within else (0, None)
    for box in walk_boxes(source, start, end):
        if box.kind == kinds[0]:
            yield from find_boxes(source, *kinds[1:], within=box)
            if len(kinds) > 1:
                return


def find_box(source: BinaryIO, *kinds: bytes, within: Box | None = None) -> Box | None:
    """Return the first box at the end of this path; None where there is none."""
    return next(find_boxes(source, *kinds, within=within), None)


def ends_early(source: BinaryIO) -> bool:
    """Tell whether a box goes on where the file has ended."""
    return any(box.is_cut for box in walk_boxes(source))


def skip(box: Box, many: int) -> Box:
    """Return the box without its first bytes: a full box begins with a version and flags, 4."""
    return Box(box.kind, min(box.start + many, box.end), box.end)


def read_box(source: BinaryIO, box: Box, most_bytes: int) -> bytes:
    """Return the contents of the box, or the beginning of them."""
    source.seek(box.start)
    return source.read(min(box.end - box.start, most_bytes))


def av1_depth(source: BinaryIO) -> int:
    """Return how many bits an AVIF's first coded picture has, by its `av1C` box; 8 if untold."""
    meta = find_box(source, b"meta")
    box = find_box(source, b"iprp", b"ipco", b"av1C", within=skip(meta, 4)) if meta else None
    data = read_box(source, box, 4) if box else b""
    if len(data) < 4 or not data[2] & _HIGH_BIT_DEPTH:
        return 8
    return 12 if data[2] & _TWELVE_BITS else 10


def first_sample(source: BinaryIO, track: Box) -> tuple[int, int] | None:
    """Return where in the file the track's first sample lies, [start, end); None if untold."""
    table = find_box(source, b"mdia", b"minf", b"stbl", within=track)
    if table is None:
        return None
    size = count_samples(source, track)[0]
    for kind, form in ((b"co64", ">Q"), (b"stco", ">I")):
        box = find_box(source, kind, within=table)
        data = read_box(source, box, 8 + struct.calcsize(form)) if box else b""
        if len(data) == 8 + struct.calcsize(form) and size:
            (start,) = struct.unpack_from(form, data, 8)
            is_inside = start < source.seek(0, os.SEEK_END)
            return (start, start + size) if is_inside else None
    return None


def count_samples(source: BinaryIO, track: Box) -> tuple[int, int]:
    """Return how many bytes the track's first sample has, and how many samples there are."""
    box = find_box(source, b"mdia", b"minf", b"stbl", b"stsz", within=track)
    data = read_box(source, box, 16) if box else b""
    if len(data) < 12:
        return 0, 0
    size, count = struct.unpack_from(">II", data, 4)
    return size or int.from_bytes(data[12:16], "big"), count
