"""Samples: the numbers a picture is stored in, of any kind → 8-bit L, LA, RGB, RGBA or CMYK."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO, cast

from PIL import Image, Jpeg2KImagePlugin, PngImagePlugin, TiffImagePlugin

from pixelcraft_desktop.imaging.containers import jpeg2000
from pixelcraft_desktop.imaging.notes import Notes
from pixelcraft_desktop.model import Note

_SIXTEEN_BIT = {"I;16", "I;16L", "I;16B", "I;16N"}
_WHITE_IS_ZERO, _UNSIGNED = 0, 1  # of TIFF's PhotometricInterpretation and SampleFormat
_BITS_TAG, _PHOTOMETRIC_TAG, _FORMAT_TAG = 258, 262, 339
_PNG_GREYS = {2: 85, 4: 17}  # how far apart Pillow sets greys of so many bits
_PROBE_PX = 512  # of a side: among so many pixels the range is looked for where some are no numbers


@dataclass(frozen=True)
class Samples:
    """What Pillow knows of the numbers in a file, and has forgotten once it has decoded them."""

    white: int = 65_535  # in pictures of mode I;16
    is_inverted: bool = False  # and Pillow has not turned it yet
    is_unsigned: bool = False  # 32 bits, given out as signed
    is_ink: bool = False  # CMYK, given out as RGBA
    depths: tuple[int, ...] = ()  # of channels under 8 bits, given out with zeros behind
    clear: object = None  # the colour that PNG calls transparent, as it will be given out


def read_samples(image: Image.Image, bit_depth: int, profile: bytes | None) -> Samples:
    """Return what has to be known of the picture's numbers before it is decoded."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return _tiff_samples(image)
    if isinstance(image, PngImagePlugin.PngImageFile):
        return Samples(clear=_clear_colour(image, bit_depth))
    if isinstance(image, Jpeg2KImagePlugin.Jpeg2KImageFile) and image.fp is not None:
        is_ink = image.mode == "RGBA" and profile is not None and profile[16:20] == b"CMYK"
        stream = jpeg2000.read_codestream(cast("BinaryIO", image.fp))
        depths = stream.depths if stream and min(stream.depths, default=8) < 8 else ()
        return Samples(is_ink=is_ink, depths=depths)
    return Samples()


def _tiff_samples(image: TiffImagePlugin.TiffImageFile) -> Samples:
    tags = image.tag_v2
    bits, formats = tags.get(_BITS_TAG), tags.get(_FORMAT_TAG, (_UNSIGNED,))
    is_inverted = tags.get(_PHOTOMETRIC_TAG) == _WHITE_IS_ZERO
    return Samples(
        white=4095 if bits == (12,) else 65_535,
        is_inverted=is_inverted and image.mode in _SIXTEEN_BIT | {"I", "F"},
        is_unsigned=image.mode == "I" and bits == (32,) and formats == (_UNSIGNED,),
    )


def _clear_colour(image: Image.Image, bit_depth: int) -> object:
    """Return the colour that is transparent, on the scale on which Pillow gives out pixels."""
    clear = image.info.get("transparency")
    if isinstance(clear, int) and image.mode == "L":
        return clear * _PNG_GREYS.get(bit_depth, 1)
    if isinstance(clear, tuple) and bit_depth == 16:
        return tuple(value >> 8 for value in clear)  # as Pillow cuts the pixels
    return clear


def to_eight_bit(image: Image.Image, notes: Notes, samples: Samples | None = None) -> Image.Image:
    """Return the decoded picture in L, LA, RGB, RGBA or CMYK, with 8 bits a channel."""
    samples = samples or Samples()
    if image.mode in _SIXTEEN_BIT:
        return _from_sixteen_bit(image, samples)
    if image.mode in {"I", "F"}:
        numbers = _without_sign(image) if samples.is_unsigned else image
        grey = _to_grey(numbers, *_range(numbers, notes, is_whole=image.mode == "I"))
        return grey.point(lambda value: 255 - value) if samples.is_inverted else grey
    if samples.depths:
        image = _widened(image, samples.depths)
    if samples.is_ink:
        return Image.merge("CMYK", image.split())
    if image.mode in {"La", "RGBa"}:
        return image.convert(image.mode.upper())
    if image.mode in {"P", "PA"} or "transparency" in image.info:
        return _with_alpha(image, samples.clear)
    if image.mode == "1":
        return image.convert("L")
    if image.mode in {"L", "LA", "RGB", "RGBA", "CMYK"}:
        return image
    return image.convert("RGB")


def _from_sixteen_bit(image: Image.Image, samples: Samples) -> Image.Image:
    # convert("L") clips at 255, which turns a 16-bit grey picture white.
    numbers = image.convert("I")
    grey = numbers.point(_shades(samples.white, samples.is_inverted), "L")
    if isinstance(samples.clear, int):
        opaque = [255] * 65_536
        opaque[samples.clear & 0xFFFF] = 0
        grey.putalpha(numbers.point(opaque, "L"))
    return grey


@lru_cache(maxsize=4)
def _shades(white: int, is_inverted: bool) -> list[int]:
    shades = [min(255, (510 * value + white) // (2 * white)) for value in range(65_536)]
    return [255 - shade for shade in shades] if is_inverted else shades


def _without_sign(image: Image.Image) -> Image.Image:
    return Image.frombytes("F", image.size, image.tobytes(), "raw", "F;32N")


def _range(image: Image.Image, notes: Notes, *, is_whole: bool) -> tuple[float, float]:
    """Return which number is black and which is white: 0 and 1, or 65,535 for whole numbers."""
    white = 65_535 if is_whole else 1
    extrema = image.getextrema()
    low, high = (float(value) for value in extrema if isinstance(value, int | float))
    is_finite = math.isfinite(low) and math.isfinite(high)
    if not is_finite:
        low, high = _finite_range(image)
    slack = white / 1000  # what rounding leaves is no other range
    if -slack <= low and high <= white + slack:
        if not is_finite:
            notes.add(Note.RANGE_CUT)
        return 0, white
    notes.add(Note.RANGE_STRETCHED, f"{low:g}..{high:g}")
    return (low, high) if low < high else (0, abs(high))


def _finite_range(image: Image.Image) -> tuple[float, float]:
    """Return the least and the greatest of what are numbers, among some of the pixels."""
    size = min(image.width, _PROBE_PX), min(image.height, _PROBE_PX)
    probe = image.resize(size, Image.Resampling.NEAREST)
    numbers = [each for (each,) in struct.iter_unpack("=f", probe.tobytes()) if math.isfinite(each)]
    return min(numbers, default=0.0), max(numbers, default=0.0)


def _to_grey(image: Image.Image, black: float, white: float) -> Image.Image:
    scale = 255 / (white - black)
    # Pillow takes this apart by calling it: it has to be "value × a + b", each a plain number.
    offset = 0.5 - black * scale
    return image.point(lambda value: value * scale + offset).convert("L")


def _widened(image: Image.Image, depths: tuple[int, ...]) -> Image.Image:
    """Return the picture with white at 255, where a channel of 4 bits ends at 240."""
    if image.mode not in {"L", "LA", "RGB", "RGBA", "CMYK"}:
        return image
    table: list[int] = []
    for band in range(len(image.getbands())):
        depth = min(8, depths[band]) if band < len(depths) else 8
        top = (1 << depth) - 1 << 8 - depth
        table += [min(255, round(value * 255 / top)) for value in range(256)]
    return image.point(table)


def _with_alpha(image: Image.Image, clear: object) -> Image.Image:
    """Return the picture as RGB or RGBA, by its palette and the colour that is transparent."""
    clear = image.info.get("transparency") if clear is None else clear
    is_colour = _is_clear_colour(clear, image.mode)
    if is_colour:
        image.info["transparency"] = clear
    else:
        image.info.pop("transparency", None)
    if is_colour or image.mode == "PA":
        return image.convert("RGBA")
    return image.convert("RGB" if image.mode == "P" else image.mode.replace("1", "L"))


def _is_clear_colour(clear: object, mode: str) -> bool:
    """Tell whether Pillow understands it: a text in a PNG may be called "transparency" too."""
    if mode == "RGB":
        return isinstance(clear, tuple) and all(0 <= value <= 255 for value in clear)
    return isinstance(clear, bytes) or (isinstance(clear, int) and 0 <= clear <= 255)
