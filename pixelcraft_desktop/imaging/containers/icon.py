"""Windows icons: the largest of the pictures in one, by its own header and not the icon's."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import BinaryIO

from pixelcraft_desktop.imaging.containers.part import open_part

_MOST_PICTURES = 64  # as many as `formats` takes for an icon; real ones have under 20
_LARGEST_SIDE_PX = 256  # of one that is not a PNG: the icon's own table ends there
_BITMAP_BYTES = 400_000  # 256 × 256 × 4, its mask, palette and header, and some
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class _Picture:
    start: int
    end: int
    width: int
    height: int
    bits: int
    is_png: bool

    @property
    def rank(self) -> tuple[int, int]:
        return self.width * self.height, self.bits


def largest_picture(source: BinaryIO) -> tuple[BinaryIO, str] | None:
    """Return the largest picture and Pillow's name of its format; None where there is none.

    Pillow decodes an icon as it opens it, whatever the size. So it gets the icon with nothing in
    it but one small bitmap, and a PNG, which may have any size, as the PNG that it is.
    """
    source.seek(4)
    count = min(int.from_bytes(source.read(2), "little"), _MOST_PICTURES)
    table = source.read(16 * count)
    places = [struct.unpack_from("<II", table, at + 8) for at in range(0, len(table) - 15, 16)]
    found = [_look(source, start, start + length) for length, start in places]
    best = max((each for each in found if each), key=lambda each: each.rank, default=None)
    if best is None:
        return None
    if best.is_png:
        return open_part(source, best.start, best.end), "PNG"
    return io.BytesIO(_alone(source, best)), "ICO"


def _look(source: BinaryIO, start: int, end: int) -> _Picture | None:
    source.seek(start)
    head = source.read(min(40, max(0, end - start)))
    if head.startswith(_PNG) and len(head) >= 24:
        width, height = struct.unpack_from(">II", head, 16)
        return _Picture(start, end, width, height, 32, is_png=True)
    if len(head) < 40:
        return None
    header_bytes, width, height, _, bits = struct.unpack_from("<IiiHH", head)
    height //= 2  # the mask is counted in
    fits = 0 < width <= _LARGEST_SIDE_PX and 0 < height <= _LARGEST_SIDE_PX
    if header_bytes < 40 or not fits:
        return None
    return _Picture(start, end, width, height, bits, is_png=False)


def _alone(source: BinaryIO, picture: _Picture) -> bytes:
    """Return an icon with this bitmap alone."""
    source.seek(picture.start)
    bitmap = source.read(min(_BITMAP_BYTES, picture.end - picture.start))
    bits = picture.bits
    if bits == 32:
        # Old programs left the fourth byte empty and meant the mask; Windows asks the same.
        pixels = bitmap[int.from_bytes(bitmap[:4], "little") :]
        bits = 32 if any(pixels[3 : 4 * picture.width * picture.height : 4]) else 24
    sides = bytes((picture.width % 256, picture.height % 256))
    entry = sides + struct.pack("<BBHHII", 0, 0, 1, bits, len(bitmap), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + bitmap
