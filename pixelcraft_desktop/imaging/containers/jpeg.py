"""JPEG markers (ITU-T T.81, annex B): where scans begin, and where the picture ends.

Walked as libjpeg walks them, at the speed of a search for a byte: nothing is decoded.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

SOF0, SOF1, SOI, EOI, SOS = 0xC0, 0xC1, 0xD8, 0xD9, 0xDA
EOI_BYTES = b"\xff\xd9"
# No marker that matters: what is stuffed (00) or fills space (FF), TEM (01) and restarts (D0–D7).
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")


@dataclass(frozen=True)
class Marker:
    """A marker, and where its two bytes begin."""

    code: int
    at: int


def walk_markers(data: bytes, start: int = 0, end: int = sys.maxsize) -> Iterator[Marker]:
    """Yield the markers of the picture that begins at `start`, the end marker last.

    Passed over are restarts and whatever lies inside of segments, so thumbnails too. Ends
    without an end marker where the bytes end, or at `end`.
    """
    found = _MARKER.search(data, start, end)
    while found:
        at, code = found.start(), data[found.start() + 1]
        yield Marker(code, at)
        if code == EOI:
            return
        after = at + 2
        if code != SOI:
            after += max(2, int.from_bytes(data[after : after + 2], "big"))
        found = _MARKER.search(data, after, end)


def count_scans(data: bytes, most: int, start: int = 0, end: int = sys.maxsize) -> int:
    """Return how many scans a decoder would read; `most` + 1 where there are more than `most`.

    Of a sequential picture with all channels in its first scan, which a camera writes, only that
    one is read. So nothing is searched: 16 MB would cost 5 ms.
    """
    scans, channels = 0, 0
    for marker in walk_markers(data, start, end):
        if marker.code in {SOF0, SOF1}:
            channels = _byte_at(data, marker.at + 9)
        if marker.code == SOS:
            scans += 1
            if scans > most or (channels and _byte_at(data, marker.at + 4) == channels):
                break
    return scans


def find_end(data: bytes) -> int | None:
    """Return where the picture's end marker begins; None where it has none."""
    return next((marker.at for marker in walk_markers(data) if marker.code == EOI), None)


def _byte_at(data: bytes, at: int) -> int:
    return data[at] if at < len(data) else 0
