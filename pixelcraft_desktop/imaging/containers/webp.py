"""WebP: what its first bytes tell of its size (RFC 9649, sections 2.5 to 2.7)."""

from __future__ import annotations

import os
from typing import BinaryIO

from pixelcraft_desktop.imaging.geometry import Size

HEAD_BYTES = 30


def ends_early(source: BinaryIO) -> bool:
    """Tell whether the file is shorter than it says at its beginning."""
    source.seek(4)
    told_bytes = 8 + int.from_bytes(source.read(4), "little")
    return source.seek(0, os.SEEK_END) < told_bytes


def read_size(head: bytes) -> Size | None:
    """Return the size of the canvas from the file's first 30 bytes; None where they don't tell.

    Pillow sets aside 8 bytes a pixel before it says one.
    """
    kind, data = head[12:16], head[20:HEAD_BYTES]
    if len(data) < HEAD_BYTES - 20:
        return None
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little")
    if kind == b"VP8L" and data[0] == 0x2F:
        sides = int.from_bytes(data[1:5], "little")
        return 1 + (sides & 0x3FFF), 1 + (sides >> 14 & 0x3FFF)
    if kind == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(data[at : at + 2], "little") for at in (6, 8))
        return width & 0x3FFF, height & 0x3FFF
    return None
