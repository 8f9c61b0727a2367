"""Canon's RAW files since 2018: ISO media with JPEGs in a box and in the first tracks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from pixelcraft_desktop.imaging.containers.iso_media import (
    Box,
    find_box,
    find_boxes,
    first_sample,
    read_box,
    walk_boxes,
)

_SIZED_BYTES = 16  # from the picture's box on: nothing, its width and height, its length
_MOST_TRACKS = 8  # real files have 4 or 5
_UUID_BYTES = 16
_BLOCKS = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_PREVIEW = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
_BLOCK_BYTES = 262_144  # of one block of EXIF; real ones have under 64 KB


def find_jpegs(source: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yield where JPEGs may lie, [start, end): the preview's box, and each track's first sample.

    The full picture is the first track's; the sensor's samples are no JPEGs.
    """
    for preview in _uuid_boxes(source, _PREVIEW):
        # 8 bytes stand between the identifier and the box.
        for box in walk_boxes(source, preview.start + 8, preview.end):
            if box.kind == b"PRVW":
                head = read_box(source, box, _SIZED_BYTES)
                start = box.start + _SIZED_BYTES
                yield start, min(box.end, start + int.from_bytes(head[12:], "big"))
    for _, track in zip(range(_MOST_TRACKS), find_boxes(source, b"moov", b"trak"), strict=False):
        sample = first_sample(source, track)
        if sample is not None:
            yield sample


def read_blocks(source: BinaryIO) -> tuple[bytes, bytes, bytes]:
    """Return EXIF's main, detail and place directories, each a TIFF of its own or empty."""
    moov = find_box(source, b"moov")
    main, detail, place = b"", b"", b""
    for blocks in _uuid_boxes(source, _BLOCKS, moov) if moov else ():
        for box in walk_boxes(source, blocks.start, blocks.end):
            if box.kind == b"CMT1":
                main = read_box(source, box, _BLOCK_BYTES)
            elif box.kind == b"CMT2":
                detail = read_box(source, box, _BLOCK_BYTES)
            elif box.kind == b"CMT4":
                place = read_box(source, box, _BLOCK_BYTES)
    return main, detail, place


def _uuid_boxes(source: BinaryIO, identifier: bytes, within: Box | None = None) -> Iterator[Box]:
    for box in find_boxes(source, b"uuid", within=within):
        if read_box(source, box, _UUID_BYTES) == identifier:
            yield Box(box.kind, min(box.start + _UUID_BYTES, box.end), box.end)
