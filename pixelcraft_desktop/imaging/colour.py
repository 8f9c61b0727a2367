"""Colours: every mode Pillow opens → 8-bit L, LA, RGB, RGBA or CMYK → sRGB."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import lru_cache

from PIL import ExifTags, Image, ImageCms

from pixelcraft_desktop.imaging.notes import Notes
from pixelcraft_desktop.imaging.profiles import adobe_rgb, coated_cmyk
from pixelcraft_desktop.model import Note

_SIXTEEN_BIT = {"I;16", "I;16L", "I;16B", "I;16N"}
# Corners and middles of the cube: where a profile that only calls itself sRGB would differ.
_PATCHES = [0, 1, 32, 96, 128, 160, 224, 255]
_PRIMARIES = bytes((255, 0, 0, 0, 255, 0, 0, 0, 255))
# A space as large as sRGB writes its primaries as 255; Display P3 234, 246 and 245.
_WIDE_BELOW = 250
_UNCALIBRATED = 65_535
_INTEROPERABILITY_INDEX = 1


@dataclass(frozen=True)
class _Conversion:
    """What a profile asks for: a transform, or None where it would change nothing."""

    transform: ImageCms.ImageCmsTransform | None
    is_wide: bool = False


def to_eight_bit(image: Image.Image, notes: Notes) -> Image.Image:
    """Return the picture in L, LA, RGB, RGBA or CMYK, with 8 bits a channel."""
    if image.mode in _SIXTEEN_BIT:
        # convert("L") clips at 255, which turns a 16-bit grey picture white.
        return _to_grey(image.convert("I"), 0, 65_535)
    if image.mode in {"I", "F"}:
        return _to_grey(image, *_range(image, notes))
    if image.mode in {"P", "PA", "RGBa", "La"} or "transparency" in image.info:
        has_alpha = image.mode != "P" or "transparency" in image.info
        return image.convert("RGBA" if has_alpha else "RGB")
    if image.mode == "1":
        return image.convert("L")
    if image.mode in {"L", "LA", "RGB", "RGBA", "CMYK"}:
        return image
    return image.convert("RGB")


def _range(image: Image.Image, notes: Notes) -> tuple[float, float]:
    """Return which number is black and which is white in a picture of mode I or F."""
    white = 65_535 if image.mode == "I" else 1
    extrema = image.getextrema()
    low, high = (float(value) for value in extrema if isinstance(value, int | float))
    if not (math.isfinite(low) and math.isfinite(high)):
        notes.add(Note.RANGE_CUT)
        return 0, white
    slack = white / 1000  # what rounding leaves is no other range
    if -slack <= low and high <= white + slack:
        return 0, white
    notes.add(Note.RANGE_STRETCHED, f"{low:g}..{high:g}")
    return (low, high) if low < high else (0, abs(high))


def _to_grey(image: Image.Image, black: float, white: float) -> Image.Image:
    scale = 255 / (white - black)
    # Pillow takes this apart by calling it: it has to be "value × a + b", each a plain number.
    offset = 0.5 - black * scale
    return image.point(lambda value: value * scale + offset).convert("L")


def hide(image: Image.Image) -> Image.Image:
    """Return the picture with no colour left where nothing is to be seen."""
    premultiplied = {"RGBA": "RGBa", "LA": "La"}.get(image.mode)
    return image.convert(premultiplied).convert(image.mode) if premultiplied else image


def find_profile(image: Image.Image, notes: Notes) -> bytes | None:
    """Return the profile that the picture carries, or the one that its EXIF names."""
    profile = image.info.get("icc_profile")
    if isinstance(profile, bytes) and profile:
        return profile
    if image.mode in {"RGB", "RGBA"} and _says_adobe_rgb(image):
        notes.add(Note.ADOBE_RGB_BY_EXIF)
        return adobe_rgb()
    return None


def _says_adobe_rgb(image: Image.Image) -> bool:
    """Tell whether a camera wrote Adobe RGB the way DCF 2.0 has it (section 3.2.1)."""
    try:
        exif = image.getexif()
        space = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.ColorSpace, _UNCALIBRATED)
        index = exif.get_ifd(ExifTags.IFD.Interop).get(_INTEROPERABILITY_INDEX)
    except Exception:
        return False  # broken EXIF raises anything, see `orientation`
    return space == _UNCALIBRATED and str(index).rstrip("\0 ") == "R03"


def to_srgb(image: Image.Image, profile: bytes | None, notes: Notes) -> Image.Image:
    """Return the picture in sRGB as L, RGB or RGBA; without a usable profile as it is.

    Relative colorimetric with black point compensation (ICC.1:2022, annex D). CMYK without a
    usable profile is read as printed on coated paper.
    """
    opaque_mode = image.mode.removesuffix("A")
    conversion = _conversion(profile, opaque_mode) if profile else None
    if profile and conversion is None:
        notes.add(Note.BAD_PROFILE)
    if opaque_mode == "CMYK":
        notes.add(Note.CMYK if conversion else Note.CMYK_ASSUMED)
        conversion = conversion or _conversion(coated_cmyk(), "CMYK")
    if conversion and conversion.is_wide:
        notes.add(Note.WIDE_GAMUT)
    transform = conversion.transform if conversion else None
    opaque = image if image.mode == opaque_mode else image.convert(opaque_mode)
    converted = ImageCms.applyTransform(opaque, transform) if transform else None
    if converted is None:
        plain_mode = {"LA": "RGBA", "CMYK": "RGB"}.get(image.mode)
        return image.convert(plain_mode) if plain_mode else image
    if opaque is not image:
        converted.putalpha(image.getchannel("A"))
    return converted.convert("L") if image.mode == "L" else converted


@lru_cache(maxsize=16)
def _conversion(profile: bytes, mode: str) -> _Conversion | None:
    """Return what the profile asks for in this mode; None for a bad profile."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = _transform(source, _srgb(), mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    if mode != "RGB":
        return _Conversion(transform)
    if _changes_nothing(transform):
        return _Conversion(None)
    return _Conversion(transform, _is_wide(source))


def _transform(
    source: ImageCms.ImageCmsProfile, target: ImageCms.ImageCmsProfile, mode: str
) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        source,
        target,
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _is_wide(profile: ImageCms.ImageCmsProfile) -> bool:
    """Tell whether a primary of sRGB lies well inside of what the profile can say."""
    try:
        transform = _transform(_srgb(), profile, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return False  # a camera's or scanner's profile may know one direction only
    after = ImageCms.applyTransform(Image.frombytes("RGB", (3, 1), _PRIMARIES), transform)
    values = after.tobytes() if after else b"\xff" * 9
    return any(max(values[at : at + 3]) < _WIDE_BELOW for at in (0, 3, 6))


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Tell whether test colours survive unchanged: most profiles in the wild are sRGB."""
    patches = bytes(v for r in _PATCHES for g in _PATCHES for b in _PATCHES for v in (r, g, b))
    before = Image.frombytes("RGB", (len(_PATCHES) ** 2, len(_PATCHES)), patches)
    after = ImageCms.applyTransform(before, transform)
    if after is None:
        return False
    return all(abs(a - b) <= 1 for a, b in zip(patches, after.tobytes(), strict=True))
