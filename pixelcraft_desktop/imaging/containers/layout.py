"""Layouts: how a TIFF arranges its numbers, where Pillow does not know it or mistakes it."""

from __future__ import annotations

import os
from typing import Any, BinaryIO

from PIL import Image, ImageFile, TiffImagePlugin

_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC = 256, 257, 258, 262
_STRIP_STARTS, _TILE_STARTS, _FORMAT = 273, 324, 339
# TIFF 6.0, its technical notes and DNG 1.7: greys, colours, palette, mask, ink, YCbCr, Lab, LogLuv.
_PHOTOMETRICS = {0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 32844, 32845, 34892}
_FORMATS = {2: ", signed", 3: ", float", 5: ", complex", 6: ", complex"}
_MOST_BITS = 64
_COMPRESSION = 259
# What Pillow's libtiff is built without, or Pillow has no name for: registered, and of no damage.
_UNREAD_COMPRESSIONS = {
    **{32908: "PIXAR", 32909: "PIXAR log", 34661: "JBIG", 34712: "JPEG 2000"},
    **{34887: "LERC", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL"},
}
_LITTLE, _BIG = TiffImagePlugin.II, TiffImagePlugin.MM
# What Pillow 13 decodes in the other byte order, or at other lengths, and leaves out here:
# byte order, photometric, format, order of bits, bits, what else there is → mode, layout.
_MORE_LAYOUTS: dict[Any, tuple[str, str]] = {
    (_BIG, 0, (1,), 1, (16,), ()): ("I;16B", "I;16B"),
    (_BIG, 1, (1,), 1, (32,), ()): ("I", "I;32B"),
    (_BIG, 0, (1,), 1, (12,), ()): ("I;16", "I;12"),
    (_BIG, 1, (1,), 1, (12,), ()): ("I;16", "I;12"),
    (_LITTLE, 0, (1,), 1, (12,), ()): ("I;16", "I;12"),
    (_LITTLE, 1, (3,), 1, (64,), ()): ("F", "F;64F"),
    (_BIG, 1, (3,), 1, (64,), ()): ("F", "F;64BF"),
}
# libtiff gives numbers out in the machine's own order. Pillow 13 turns these once more.
_TURNED_TWICE = {
    "I;16BS": "I;16NS",
    "I;32B": "I;32N",
    "I;32BS": "I;32NS",
    "F;32BF": "F;32NF",
    "F;64BF": "F;64NF",
}


def learn_layouts() -> None:
    """Let Pillow open what it can decode."""
    TiffImagePlugin.OPEN_INFO.update(_MORE_LAYOUTS)


def keep_byte_order(image: Image.Image) -> None:
    """Let no number of an opened TIFF be turned around twice: 0.5 would become 5e-41."""
    if not isinstance(image, ImageFile.ImageFile):
        return
    for number, tile in enumerate(image.tile):
        if tile.codec_name == "libtiff" and isinstance(tile.args, tuple):
            layout, *others = tile.args
            args = (_TURNED_TWICE.get(layout, layout), *others)
            image.tile[number] = tile._replace(args=args)


def name_compression(tags: Any) -> str | None:
    """Return the name of the compression that a directory tells of; None if it can be read."""
    return _UNREAD_COMPRESSIONS.get(_one(tags.get(_COMPRESSION)))


def _one(value: Any) -> Any:
    first = value[0] if isinstance(value, tuple) and value else value
    return first if isinstance(first, int) else None


def name_layout(source: BinaryIO) -> str | None:
    """Return the layout, or compression, of a TIFF sound in itself: "3 × 32 bits, float".

    None where the file is broken, or no TIFF.
    """
    try:
        tags = _first_directory(source)
        bits, starts = tags.get(_BITS, (1,)), tags.get(_STRIP_STARTS) or tags.get(_TILE_STARTS)
        is_sound = (
            min(tags[_WIDTH], tags[_HEIGHT], *bits, *starts) > 0
            and max(bits) <= _MOST_BITS
            and max(starts) < source.seek(0, os.SEEK_END)
            and tags.get(_PHOTOMETRIC, 0) in _PHOTOMETRICS
        )
        form = _FORMATS.get(max(tags.get(_FORMAT, (1,))), "")
    except MemoryError:
        raise
    except Exception:
        return None  # what is broken raises anything
    if not is_sound:
        return None
    compression = name_compression(tags)
    if compression is not None:
        return compression
    times = f"{len(bits)} × " if len(bits) > 1 else ""
    return f"{times}{max(bits)} bits{form}"


def _first_directory(source: BinaryIO) -> Any:
    source.seek(0)
    head = source.read(8)
    if head[2:4] in (b"+\0", b"\0+"):
        head += source.read(8)
    tags = TiffImagePlugin.ImageFileDirectory_v2(head)
    source.seek(tags.next)
    tags.load(source)
    return tags
