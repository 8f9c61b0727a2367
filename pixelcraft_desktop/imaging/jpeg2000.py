"""JPEG 2000: what its codestream says of itself (ISO 15444-1, annexes A.5.1 and I)."""

from __future__ import annotations

import struct
from typing import BinaryIO

_CODESTREAM = b"\xff\x4f\xff\x51"
_MOST_BOXES = 1_000


def read_extent(source: BinaryIO) -> tuple[int, int, int] | None:
    """Return width, height and number of channels; None where it can't be found.

    The file's outer header says them too, and may lie: the decoder believes this one.
    """
    start = _codestream_start(source)
    if start is None:
        return None
    source.seek(start)
    head = source.read(42)
    if len(head) < 42 or not head.startswith(_CODESTREAM):
        return None
    right, bottom, left, top = struct.unpack_from(">4I", head, 8)
    (channels,) = struct.unpack_from(">H", head, 40)
    return right - left, bottom - top, channels


def _codestream_start(source: BinaryIO) -> int | None:
    source.seek(0)
    if source.read(4) == _CODESTREAM:
        return 0
    at = 0
    for _ in range(_MOST_BOXES):
        source.seek(at)
        head = source.read(16)
        if len(head) < 8:
            return None
        size, head_bytes = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, head_bytes = int.from_bytes(head[8:], "big"), 16
        if head[4:8] == b"jp2c":
            return at + head_bytes
        if size < head_bytes or at + size >= 2**63:
            return None
        at += size
    return None
