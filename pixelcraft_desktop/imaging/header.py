"""What the first bytes of a picture tell: format, size, and what decoding it will cost."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import BinaryIO

from PIL import AvifImagePlugin, Image, PngImagePlugin

from pixelcraft_desktop.imaging import formats
from pixelcraft_desktop.imaging.geometry import Size
from pixelcraft_desktop.imaging.orientation import read_orientation, swap_sides
from pixelcraft_desktop.imaging.source import unreadable_source
from pixelcraft_desktop.model import Cause, KnownFailure, Limits

# Pillow's own bomb check only warns, and knows no memory budget; ours is `Limits` and the grant.
Image.MAX_IMAGE_PIXELS = None
# One thread a picture: there is a decoder for each core already.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1

_DNG_VERSION, _SUBFILE_TYPE, _SUB_IFDS = 50706, 254, 330
# Peak bytes a pixel while decoding, measured with resource.getrusage on Pillow 13, rounded up:
# the decoder's own buffers, Pillow's 4 bytes a pixel, and the copy that resizing alpha makes.
_BYTES_PER_PIXEL = {"JPEG": 8, "PNG": 9, "WebP": 14, "GIF": 9, "BMP": 9, "TIFF": 13, "AVIF": 16}
_FIXED_BYTES = 32_000_000
_PNG_DEPTH = re.compile(r";(\d+)")
_BIT_DEPTHS = {"1": 1, "I": 32, "F": 32}


@dataclass(frozen=True)
class Header:
    """A picture before it is decoded. `size` is the stored one, `upright` the displayed one."""

    format: str
    size: Size
    upright: Size
    orientation: int
    mode: str
    bit_depth: int
    memory_bytes: int


def estimate_memory(source: BinaryIO, name: bytes, limits: Limits) -> int:
    """Return about how many bytes decoding will take, without decoding anything yet.

    Raises KnownFailure as `open_image` does.
    """
    image, kind = _open(source, name, limits)
    return _memory_bytes(kind, image.size, source)


def open_image(source: BinaryIO, name: bytes, limits: Limits) -> tuple[Image.Image, Header]:
    """Return the picture and its header.

    It is not decoded yet, but for a PNG whose EXIF, if any, lies behind its pixels: ask for the
    memory first. Raises KnownFailure: not_an_image, unsupported_format, damaged, too_large.
    """
    image, kind = _open(source, name, limits)
    size = image.size
    bit_depth = _bit_depth(image)  # before anything is decoded: Pillow forgets it then
    orientation = read_orientation(image)
    return image, Header(
        format=kind.name,
        size=size,
        upright=swap_sides(size, orientation),
        orientation=orientation,
        mode=image.mode,
        bit_depth=bit_depth,
        memory_bytes=_memory_bytes(kind, size, source),
    )


def _open(source: BinaryIO, name: bytes, limits: Limits) -> tuple[Image.Image, formats.Format]:
    try:
        source.seek(0)
        head = source.read(formats.HEAD_BYTES)
        source.seek(0)
    except OSError as error:
        raise unreadable_source(error) from error
    kind, plugin = _require_readable(formats.sniff(head), name)
    try:
        image = Image.open(source, formats=[plugin])
        pixels = image.width * image.height
    except MemoryError:
        raise
    except Exception as error:
        # Not only OSError: real files raised ValueError, IndexError, TypeError, SyntaxError,
        # KeyError and struct.error.
        raise KnownFailure(
            Cause.DAMAGED, "The picture is damaged: its beginning can't be read."
        ) from error
    if kind is formats.TIFF and _is_raw(image):
        raise _unsupported("Camera RAW")
    if pixels > limits.pixels:
        raise KnownFailure(
            Cause.TOO_LARGE,
            f"{_megapixels(pixels)} megapixels; the limit is {_megapixels(limits.pixels)}.",
        )
    return image, kind


def _memory_bytes(kind: formats.Format, size: Size, source: BinaryIO) -> int:
    file_bytes = source.seek(0, os.SEEK_END)
    return _FIXED_BYTES + 2 * file_bytes + size[0] * size[1] * _BYTES_PER_PIXEL[kind.name]


def _megapixels(pixels: int) -> str:
    """Return the number as people say it: "3,600", and "1.04" where a rounded one would lie."""
    millions = pixels / 1e6
    return f"{millions:,.0f}" if millions >= 10 or millions.is_integer() else f"{millions:.2f}"


def _require_readable(kind: formats.Format | None, name: bytes) -> tuple[formats.Format, str]:
    extension = name[name.rfind(b".") :].lower() if b"." in name else b""
    if kind is None and extension == b".tga":
        raise _unsupported("TGA")  # it has no signature, and matches random bytes
    if kind is None:
        but = ""
        if extension in formats.PICTURE_EXTENSIONS:
            but = f", though its name says {extension.decode('ascii')}"
        raise KnownFailure(Cause.NOT_AN_IMAGE, f"This is not a picture{but}.")
    if kind.plugin is None:
        raise _unsupported(kind.name)
    return kind, kind.plugin


def _unsupported(name: str) -> KnownFailure:
    return KnownFailure(Cause.UNSUPPORTED_FORMAT, f"{name} pictures can't be read yet.")


def _is_raw(image: Image.Image) -> bool:
    """Tell camera RAW from TIFF: its first picture is a mere thumbnail beside the sensor's."""
    tags = getattr(image, "tag_v2", {})
    return _DNG_VERSION in tags or (tags.get(_SUBFILE_TYPE) == 1 and _SUB_IFDS in tags)


def _bit_depth(image: Image.Image) -> int:
    if image.mode.startswith("I;16"):
        return 16
    if isinstance(image, PngImagePlugin.PngImageFile) and image.mode != "P" and image.tile:
        stored = _PNG_DEPTH.search(str(image.tile[0].args))  # "RGB;16B", "L;4"; nothing means 8
        if stored:
            return int(stored[1])
    bits = getattr(image, "tag_v2", {}).get(258)  # TIFF BitsPerSample
    if isinstance(bits, tuple) and bits and all(isinstance(b, int) for b in bits):
        return int(max(bits))
    return _BIT_DEPTHS.get(image.mode, 8)
