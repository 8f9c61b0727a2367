"""JPEG 2000: what its codestream and its boxes say of themselves (ISO 15444-1, annexes A and I)."""

from __future__ import annotations

import os
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
_USUAL_BLOCK_PX = 4_096
# 410 measured on 4,000 × 4,000 in blocks of 4 × 4, counting those of the finest resolution.
_BYTES_PER_BLOCK = 450
_PACKETS_FOR_ANY = 1_000_000  # whatever the file's length: 0.1 s
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
    tiles: int
    samplings: tuple[Size, ...]  # of each channel: how many pixels a sample is wide and high
    tile_size: Size
    tile_origin: Size

    @property
    def is_subsampled(self) -> bool:
        """Whether a channel has fewer samples than the picture has pixels."""
        return any(each != (1, 1) for each in self.samplings)

    @property
    def is_laid_out_right(self) -> bool:
        """Whether Pillow 13 puts all samples where they belong.

        It rounds the sizes of halved channels down, of each tile, where the standard has them
        rounded up: in a picture 97 pixels wide colours drift a pixel to the side with each row.
        """
        if not self.is_subsampled:
            return True
        sides = (*self.size, *self.tile_size)
        is_even = not any(side % 2 for side in sides) or (
            self.tiles == 1 and not any(side % 2 for side in self.size)
        )
        is_usual = self.channels == 3 and self.samplings[0] == (1, 1)
        is_halved = all(max(each) <= 2 for each in self.samplings)
        at_origin = self.is_at_origin and self.tile_origin == (0, 0)
        return is_even and is_usual and is_halved and at_origin

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
    right, bottom, left, top, *tile, channels = struct.unpack_from(">8IH", head, 8)
    told = source.read(3 * channels)
    depths = tuple((each & 0x7F) + 1 for each in told[::3])
    if len(depths) != channels or not all(tile[:2]):
        return None
    columns, rows = -(-(right - tile[2]) // tile[0]), -(-(bottom - tile[3]) // tile[1])
    size, is_at_origin = (right - left, bottom - top), (left, top) == (0, 0)
    samplings = tuple(zip(told[1::3], told[2::3], strict=False))
    tile_size, tile_origin = (tile[0], tile[1]), (tile[2], tile[3])
    tiles = columns * rows
    return Codestream(size, depths, start, is_at_origin, tiles, samplings, tile_size, tile_origin)


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


def tells_too_many_packets(source: BinaryIO, stream: Codestream) -> bool:
    """Tell whether the file can't be whole: each of the packets that it tells of takes a byte.

    The decoder prepares for all of them at 0.1 µs each, though they never come: 65,280 layers in
    six tiles took 0.8 s.
    """
    pixels = stream.size[0] * stream.size[1]
    most = max((each.packets(stream.tiles, pixels) for each in _read_styles(source)), default=0)
    return most * stream.channels > max(_PACKETS_FOR_ANY, source.seek(0, os.SEEK_END))


def block_bytes(source: BinaryIO) -> int:
    """Return what the decoder keeps of the blocks in which the picture is coded, at any size."""
    stream = read_codestream(source)
    if stream is None:
        return 0
    pixels = stream.size[0] * stream.size[1]
    smallest_px = min((each.block_px for each in _read_styles(source)), default=_USUAL_BLOCK_PX)
    return _BYTES_PER_BLOCK * stream.channels * pixels // smallest_px


def count_halvings(image: Image.Image, size: Size) -> int:
    """Return how often `shrink` halves the picture; 0 for other formats than JPEG 2000."""
    if not isinstance(image, Jpeg2KImagePlugin.Jpeg2KImageFile) or image.mode in {"P", "PA"}:
        return 0
    times = _halvings(image.size, size)
    if not times or image.fp is None:
        return 0
    source = cast("BinaryIO", image.fp)
    stream = read_codestream(source)
    if stream is None or not stream.is_at_origin or stream.is_subsampled:
        return 0
    styles = list(_read_styles(source))
    if not styles:
        return 0
    sides = list(zip(stream.size, stream.tile_size, strict=True))
    times = min(times, *(each.halvings for each in styles))
    return next(t for t in range(times, -1, -1) if all(_leaves_all_tiles(*s, t) for s in sides))


def shrink(image: Image.Image, size: Size) -> None:
    """Have an opened JPEG 2000 decoded at 1/2, 1/4 … of its size, as long as that covers `size`.

    Other formats, palettes, and files in which a size can't be foretold stay as they are.
    """
    times = count_halvings(image, size)
    if not times or not isinstance(image, Jpeg2KImagePlugin.Jpeg2KImageFile):
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


def _leaves_all_tiles(side: int, tile: int, times: int) -> bool:
    """Tell whether something is left of each tile along a side that is halved so often.

    Of one that begins at an odd pixel and ends right after it, half is nothing (annex B.5), and
    the decoder refuses the whole picture.
    """
    step, last = 1 << times, (side - 1) // tile * tile
    return last == 0 or (step <= tile and -(-side // step) > -(-last // step))


def _halvings(whole: Size, wanted: Size) -> int:
    times = 0
    while all(-(-a // (2 << times)) >= b for a, b in zip(whole, wanted, strict=True)):
        if min(whole) < 2 << times:
            break
        times += 1
    return times


@dataclass(frozen=True)
class _Style:
    """How tiles are coded, or one channel of them."""

    halvings: int
    layers: int = 1
    block_px: int = _USUAL_BLOCK_PX
    precincts: bytes = b""  # of each resolution, the smallest first: exponents of its two sides

    def packets(self, tiles: int, pixels: int) -> int:
        """Return how many packets a channel has, if tiles and pixels are as many."""
        count = 0
        for number, sides in enumerate(self.precincts or bytes((0xFF,) * (self.halvings + 1))):
            area = pixels >> 2 * max(0, self.halvings - number)
            count += max(tiles, area >> (sides & 15) + (sides >> 4))
        return self.layers * count


def _read_styles(source: BinaryIO) -> Iterator[_Style]:
    """Yield the styles that the headers tell of; the last never halves if it isn't known."""
    stream = read_codestream(source)
    if stream is None:
        return
    source.seek(stream.start + 2)
    id_bytes = 1 if stream.channels < 257 else 2
    layers = 1
    for part in range(_MOST_PARTS):
        following = None
        for marker, data in _segments(source):
            if marker == _CODING_STYLE and len(data) > 7:
                layers = int.from_bytes(data[2:4], "big")
                yield _style(data[0], data[5:], layers)
            if marker == _CHANNEL_STYLE and len(data) > id_bytes + 3:
                yield _style(data[id_bytes], data[id_bytes + 1 :], layers)
            if marker == _TILE and len(data) >= 6:
                part_bytes = int.from_bytes(data[2:6], "big")
                following = source.tell() - 12 + part_bytes if part_bytes else 0
        if following == 0 or (part and following is None):  # the last one
            return
        if following is None or following < source.tell():
            break  # there is none, or it would lead in circles
        source.seek(following)
    yield _Style(0)


def _style(flags: int, data: bytes, layers: int) -> _Style:
    halvings = data[0]
    precincts = data[5 : 6 + halvings] if flags & 1 else b""
    # A block ends with its precinct, which of the finer resolutions has four parts.
    sides = (precincts or b"\xff")[-1]
    width = min((data[1] & 15) + 2, max(0, (sides & 15) - 1))
    height = min((data[2] & 15) + 2, max(0, (sides >> 4) - 1))
    return _Style(halvings, layers, 1 << width + height, precincts)


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
