"""JPEG 2000: what its codestream and its boxes say of themselves (ISO 15444-1, annexes A and I)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

from PIL import Image, Jpeg2KImagePlugin

from pixelcraft_desktop.imaging.containers.iso_media import find_box, find_boxes, read_box
from pixelcraft_desktop.imaging.geometry import Box, Size

_CODESTREAM = b"\xff\x4f\xff\x51"
_CODING_STYLE, _CHANNEL_STYLE, _TILE, _DATA = 0xFF52, 0xFF53, 0xFF90, 0xFF93
# Of one tile each, in which other steps may be said; pictures of more are decoded as a whole.
_MOST_PARTS, _MOST_SEGMENTS = 10_000, 100
_LARGEST_PROFILE_BYTES = 16_000_000  # those of printers have 2 MB
_ENUMERATED, _RESTRICTED_PROFILE, _ANY_PROFILE = 1, 2, 3
# Colours that the decoder gives out as they are stored, though they are neither RGB nor ink.
_LAB_SPACES = {14: "CIELab", 19: "CIEJab"}


@dataclass(frozen=True)
class Codestream:
    """What the decoder goes by, whatever the boxes around it say."""

    size: Size
    depths: tuple[int, ...]  # bits of each channel
    start: int
    is_at_origin: bool

    @property
    def channels(self) -> int:
        """How many channels there are."""
        return len(self.depths)


def read_codestream(source: BinaryIO) -> Codestream | None:
    """Return what the codestream says of itself; None where it can't be found."""
    start = _codestream_start(source)
    if start is None:
        return None
    source.seek(start)
    head = source.read(42)
    if len(head) < 42 or not head.startswith(_CODESTREAM):
        return None
    right, bottom, left, top = struct.unpack_from(">4I", head, 8)
    (channels,) = struct.unpack_from(">H", head, 40)
    rows = source.read(3 * channels)
    depths = tuple((row & 0x7F) + 1 for row in rows[::3])
    if len(depths) != channels:
        return None
    return Codestream((right - left, bottom - top), depths, start, (left, top) == (0, 0))


def read_profile(source: BinaryIO) -> bytes | None:
    """Return the ICC profile that the file carries; None where it names its colours instead."""
    for box in find_boxes(source, b"jp2h", b"colr"):
        data = read_box(source, box, _LARGEST_PROFILE_BYTES)
        if data[:1] and data[0] in (_RESTRICTED_PROFILE, _ANY_PROFILE):
            return data[3:]
    return None


def unreadable_colours(source: BinaryIO) -> str | None:
    """Return the name of the file's colours where nobody here can make RGB of them."""
    box = find_box(source, b"jp2h", b"colr")
    data = read_box(source, box, 7) if box else b""
    if len(data) < 7 or data[0] != _ENUMERATED:
        return None
    return _LAB_SPACES.get(int.from_bytes(data[3:7], "big"))


def shrink(image: Image.Image, size: Size) -> None:
    """Have an opened JPEG 2000 decoded at 1/2, 1/4 … of its size, as long as that covers `size`.

    Other formats, palettes, and files in which a size can't be foretold stay as they are.
    """
    if not isinstance(image, Jpeg2KImagePlugin.Jpeg2KImageFile) or image.mode in {"P", "PA"}:
        return
    times = _halvings(image.size, size)
    if times and image.fp is not None:
        times = min(times, _count_halvings(cast("BinaryIO", image.fp)))
    if not times:
        return
    # Pillow 13 rounds the new size, where the standard has it rounded up (annex B.5), and then
    # calls its own picture broken: 1601 px make 401 at 1/4, not 400.
    step = 1 << times
    width, height = image.size
    image._size = (-(-width // step) * step, -(-height // step) * step)
    image.reduce = times


def align(image: Image.Image, decoded: Image.Image, whole: Size) -> tuple[Image.Image, Box | None]:
    """Return the picture, and which part of it is what the picture of size `whole` shows.

    `image` was made of `decoded`, which may have been shrunk. Half of a JPEG 2000 is no mean of
    pairs, but what lies around every other pixel: at 1/4 it stands 1.5 px to the left and above.
    Left so, previews of four photographs had an SSIM of 0.68 to 0.97 to those of a whole decode;
    moved, 0.98 to 1.00. The edge is repeated, so that there is something to move in.
    """
    times = decoded._reduce if isinstance(decoded, Jpeg2KImagePlugin.Jpeg2KImageFile) else 0
    if not times:
        return image, None
    width, height = image.size
    padded = Image.new(image.mode, (width + 1, height + 1))
    padded.paste(image, (1, 1))  # the last column and row are of this one
    padded.paste(image, (1, 0))
    padded.paste(image, (0, 1))
    padded.paste(image, (0, 0))
    step = 1 << times
    offset = 0.5 - 0.5 / step
    return padded, (offset, offset, offset + whole[0] / step, offset + whole[1] / step)


def _halvings(whole: Size, wanted: Size) -> int:
    times = 0
    while all(-(-a // (2 << times)) >= b for a, b in zip(whole, wanted, strict=True)):
        if min(whole) < 2 << times:
            break
        times += 1
    return times


def _count_halvings(source: BinaryIO) -> int:
    """Return how often every channel of every tile can be halved."""
    stream = read_codestream(source)
    if stream is None or not stream.is_at_origin:
        return 0
    source.seek(stream.start + 2)
    id_bytes = 1 if stream.channels < 257 else 2
    fewest: list[int] = []
    for part in range(_MOST_PARTS):
        following = None
        for marker, data in _segments(source):
            if marker == _CODING_STYLE and len(data) > 5:
                fewest.append(data[5])
            if marker == _CHANNEL_STYLE and len(data) > id_bytes + 1:
                fewest.append(data[id_bytes + 1])
            if marker == _TILE and len(data) >= 6:
                part_bytes = int.from_bytes(data[2:6], "big")
                following = source.tell() - 12 + part_bytes if part_bytes else 0
        if not fewest or (part == 0 and following is None):
            return 0
        if not following:  # the last one
            return min(fewest)
        if following < source.tell():
            return 0  # it would lead in circles
        source.seek(following)
    return 0


def _segments(source: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield marker segments up to the data of a tile."""
    for _ in range(_MOST_SEGMENTS):
        head = source.read(2)
        marker = int.from_bytes(head, "big")
        if len(head) < 2 or marker == _DATA or marker < 0xFF4F:
            return
        length = int.from_bytes(source.read(2), "big")
        if length < 2:
            return
        yield marker, source.read(length - 2)


def _codestream_start(source: BinaryIO) -> int | None:
    source.seek(0)
    if source.read(4) == _CODESTREAM:
        return 0
    box = find_box(source, b"jp2c")
    return box.start if box else None
