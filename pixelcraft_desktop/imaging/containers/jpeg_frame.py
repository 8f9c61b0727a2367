"""JPEG frame headers (ITU-T T.81, annex B): how a picture is coded, its depth and its size."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from pixelcraft_desktop.imaging.geometry import Size

_MOST_SEGMENTS = 200  # before it; real files have up to 30
_BASELINE, _EXTENDED, _PROGRESSIVE, _LOSSLESS = 0xC0, 0xC1, 0xC2, 0xC3
_OTHER_FRAMES = {_LOSSLESS, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_ENDS = {0xD8, 0xD9, 0xDA}  # of what may stand before a frame


@dataclass(frozen=True)
class Frame:
    """What the frame's header tells."""

    code: int
    bits: int
    size: Size

    @property
    def is_common(self) -> bool:
        """Whether it is baseline or progressive, of 8 bits: what everybody can show."""
        return self.code in {_BASELINE, _EXTENDED, _PROGRESSIVE} and self.bits == 8

    @property
    def is_lossless(self) -> bool:
        """Whether it is as cameras store what the sensor saw, and scanners for doctors."""
        return self.code == _LOSSLESS


def read_frame(source: BinaryIO, start: int, end: int) -> Frame | None:
    """Return the first frame of the JPEG in [start, end); None where there is none to be found."""
    source.seek(start)
    if source.read(2) != b"\xff\xd8":
        return None
    at = start + 2
    for _ in range(_MOST_SEGMENTS):
        source.seek(at)
        head = source.read(9)
        if at + 9 > end or len(head) < 9 or head[0] != 0xFF or head[1] in _ENDS:
            return None
        length, bits, height, width = struct.unpack_from(">HBHH", head, 2)
        code = head[1]
        if code in {_BASELINE, _EXTENDED, _PROGRESSIVE} | _OTHER_FRAMES:
            return Frame(code, bits, (width, height)) if width and height else None
        at += 1 if code == 0xFF else 2 + length  # 0xFF fills the space between segments
    return None
