"""Damage: how much of a picture can be read that can't be decoded to its end."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageChops, ImageFile, ImageOps

from pixelcraft_desktop.imaging.containers.scans import Scans, read_scans
from pixelcraft_desktop.imaging.geometry import Size

Open = Callable[[bytes], Image.Image]
Filled = tuple[Image.Image, Image.Image]
# Their decoders write what they have read so far, and nothing else.
_PIECEMEAL = {"JPEG", "PNG", "GIF", "BMP", "TIFF", "PPM/PGM"}
_GREY: dict[str, float | tuple[int, ...]] = {
    **{"L": 128, "LA": (128, 255), "RGB": (128, 128, 128), "RGBA": (128, 128, 128, 255)},
    **{"I": 32_768, "F": 0.5, "1": 255},
}
_STRIP_ROWS = 64
_INTERLACED_BY = 8
_FEWEST_CHANGES = 2  # from rows that are there to one that is there in part, and to those missing
_EXTREMES = [0] + [255] * 255  # for `point`: nothing stays nothing, anything becomes all


@dataclass(frozen=True)
class Remains:
    """What is left of a picture. It is decoded as far as it goes, or will be without complaint.

    `percent` is the part of it that can be read. `missing` is 255 where nothing could be read, in
    mode L and of any size: it is to be resized. Of one that is coarse everything was read but for
    its finer details; of one that is cut off, everything but the end of the file.
    """

    image: Image.Image
    percent: int = 100
    missing: Image.Image | None = None
    is_coarse: bool = False
    is_cut_off: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether every pixel is as it should be."""
        return self.missing is None and not self.is_coarse


def find_remains(data: bytes, kind: str, open_image: Open, is_cut_off: bool) -> Remains | None:
    """Return what can be read of the file, in which decoding failed; None where nothing can.

    `open_image` opens the bytes it is given without decoding them. `is_cut_off`: the decoder said
    that there are too few bytes, else that they are nonsense. Decodes up to three times, and
    needs the memory for two decoded pictures. Raises MemoryError, and nothing else.
    """
    try:
        scans = read_scans(data) if kind == "JPEG" else None
        if scans is not None:
            return _remains_of_scans(scans, open_image)
        return _remains_of_rows(data, open_image, is_cut_off) if kind in _PIECEMEAL else None
    except MemoryError:
        raise
    except Exception:
        return None  # what is broken raises anything, and its first failure stands


def fill_between(image: Image.Image, missing: Image.Image, size: Size) -> Filled:
    """Fill what is missing here and there from what is beside it, at `size` or up to twice that.

    Interlaced pictures come as every eighth pixel or row first: that far is reached, no farther.
    Returns the picture and what is missing yet. Nothing is done where whole rows are missing, or
    the picture is in another mode than L or RGB. What is given may be changed.
    """
    if missing.width == 1 or image.mode not in {"L", "RGB"}:
        return image, missing
    mode, reach = image.mode, _INTERLACED_BY
    image.putalpha(ImageChops.invert(missing))
    while reach > 1 and image.width >= 2 * size[0] and image.height >= 2 * size[1]:
        image, reach = _halved(image), reach // 2
    levels = [image]
    while reach > 1:
        levels.append(_halved(levels[-1]))
        reach //= 2
    filled = levels.pop()
    for finer in reversed(levels):
        beside = filled.resize(finer.size, Image.Resampling.BILINEAR)
        filled = Image.composite(finer, beside, finer.getchannel("A"))
    known = filled.getchannel("A").point(_EXTREMES)
    return filled.convert(mode), ImageChops.invert(known)


def _halved(image: Image.Image) -> Image.Image:
    """Return half the picture; each pixel counts in full of which any part was there.

    Or, after three times, the 64th part of a pixel would have six bits of its eight rounded away.
    """
    half = image.reduce(2)
    half.putalpha(half.getchannel("A").point(_EXTREMES))
    return half


def paint_missing(image: Image.Image, missing: Image.Image) -> Image.Image:
    """Return the picture, in mode L, LA, RGB or RGBA, in neutral grey where it is missing."""
    grey = Image.new(image.mode, image.size, _GREY[image.mode])
    return Image.composite(grey, image, missing.resize(image.size, Image.Resampling.BOX))


def _remains_of_scans(scans: Scans, open_image: Open) -> Remains | None:
    """Tell by two ways to go on from where a JPEG breaks off: both pictures agree up to there."""
    first, second = (_row_sums(open_image(stream)) for stream in scans.continued())
    height = len(first)
    rows = next((row for row in range(height) if first[row] != second[row]), height)
    closed = open_image(scans.closed())
    if rows == height and scans.have_told_all:
        return Remains(closed, is_cut_off=True)
    if rows == height or not scans.is_first_pass:
        return Remains(closed, is_coarse=True)
    if not rows:
        return None
    missing = Image.new("L", (1, height))
    missing.paste(255, (0, rows, 1, height))
    return Remains(closed, _percent(height - rows, height), missing)


def _row_sums(image: Image.Image) -> list[int]:
    """Return a sum of each row, to compare pictures of which only one fits into memory."""
    sums = []
    for strip in _strips(image):
        pixels = memoryview(strip.tobytes())
        row_bytes = len(pixels) // strip.height
        sums += [zlib.crc32(pixels[at : at + row_bytes]) for at in range(0, len(pixels), row_bytes)]
    return sums


def _remains_of_rows(data: bytes, open_image: Open, is_cut_off: bool) -> Remains | None:
    """Tell by decoding onto two grounds: where they can be seen, nothing was written."""
    image, area = _decode_onto(open_image(data), is_grey=True)
    other, _ = _decode_onto(open_image(data), is_grey=False)
    missing = _difference(image, other)
    count = missing.histogram()[255]
    if not count:  # all was read, and then something failed that is no pixel
        return Remains(image, is_cut_off=True) if is_cut_off else None
    if count >= area:
        return None
    rows = missing.resize((1, missing.height), Image.Resampling.BOX)
    changes = sum(first != second for first, second in pairwise(rows.tobytes()))
    if changes <= _FEWEST_CHANGES:  # a byte a pixel is much beside a large picture
        missing = rows
    return Remains(image, _percent(count, area), missing)


def _decode_onto(image: Image.Image, is_grey: bool) -> tuple[Image.Image, int]:
    """Decode as far as it goes, onto grey or onto nothing; return how many pixels there should be.

    Raises ValueError where the picture doesn't end up whole in size.
    """
    if not isinstance(image, ImageFile.ImageFile):
        raise ValueError("can't be decoded piecemeal")
    lefts, tops, rights, bottoms = zip(
        *(tile.extents for tile in image.tile if tile.extents is not None), strict=True
    )
    # A GIF's frame may be smaller than the picture. Once for all: a TIFF may have a million tiles.
    frame = min(lefts), min(tops), max(rights), max(bottoms)
    ink = _ground(image, is_grey)
    prepare = image.load_prepare

    def lay_ground() -> None:
        prepare()
        image.im.paste(ink, frame)

    # On this picture alone, after its own preparation: a GIF lays a ground of its own there.
    vars(image)["load_prepare"] = lay_ground
    _load_in_part(image)
    del vars(image)["load_prepare"]  # it holds on to the picture, and the picture to it
    if image.im.size != image.size:
        raise ValueError("no picture")
    return image, (frame[2] - frame[0]) * (frame[3] - frame[1])


def _load_in_part(image: ImageFile.ImageFile) -> None:
    try:
        image.load()
        return
    except MemoryError:
        raise
    except Exception:
        image.tile = []  # what is there counts as decoded from now on
    try:
        # What Pillow does after decoding: a PNG's texts, a TIFF's orientation.
        if image.format == "TIFF":
            ImageOps.exif_transpose(image, in_place=True)
        else:
            image.load_end()
    except MemoryError:
        raise
    except Exception:
        return  # it may fail there again


def _ground(image: Image.Image, is_grey: bool) -> float | tuple[int, ...]:
    bands, level = len(image.getbands()), 128 if is_grey else 0
    if is_grey and image.mode in _GREY:
        return _GREY[image.mode]
    return (level,) * bands if bands > 1 else level


def _difference(first: Image.Image, second: Image.Image) -> Image.Image:
    """Return 255 where the pictures, of the same mode and size, differ in any band; mode L."""
    found = Image.new("L", first.size)
    top = 0
    for strips in zip(_strips(first), _strips(second), strict=True):
        size = strips[0].size
        one, other = (_as_bytes(strip) for strip in strips)
        pixel_bytes = one.width // size[0]
        differs = ImageChops.difference(one, other).point(_EXTREMES)
        if pixel_bytes > 1:
            differs = differs.reduce((pixel_bytes, 1)).point(_EXTREMES)
        found.paste(differs, (0, top))
        top += size[1]
    return found


def _as_bytes(strip: Image.Image) -> Image.Image:
    """Return the strip's bytes as a grey picture, so many times as wide as a pixel has bytes."""
    pixels = (strip.convert("L") if strip.mode == "1" else strip).tobytes()
    size: Size = (len(pixels) // strip.height, strip.height)
    return Image.frombytes("L", size, pixels)


def _strips(image: Image.Image) -> Iterator[Image.Image]:
    for top in range(0, image.height, _STRIP_ROWS):
        yield image.crop((0, top, image.width, min(top + _STRIP_ROWS, image.height)))


def _percent(missing: int, total: int) -> int:
    """Return the part that is there, rounded down, but at least 1: there is something."""
    return max(1, 100 * (total - missing) // total)
