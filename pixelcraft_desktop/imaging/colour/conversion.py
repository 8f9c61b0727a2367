"""Colours: L, LA, RGB, RGBA or CMYK with the profile they are meant by → sRGB."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageCms

from pixelcraft_desktop.imaging.colour.profiles import coated_cmyk
from pixelcraft_desktop.imaging.notes import Notes
from pixelcraft_desktop.model import Note

# Corners and middles of the cube: where a profile that only calls itself sRGB would differ.
_PATCHES = [0, 1, 32, 96, 128, 160, 224, 255]
_PRIMARIES = bytes((255, 0, 0, 0, 255, 0, 0, 0, 255))
# A space as large as sRGB writes its primaries as 255; Display P3 234, 246 and 245.
_WIDE_BELOW = 250
_SPACE_AT = slice(16, 20)  # in a profile: the colours that it is of


@dataclass(frozen=True)
class _Conversion:
    """What a profile asks for: a transform, or None where it would change nothing."""

    transform: ImageCms.ImageCmsTransform | None
    is_wide: bool = False


def drop_idle_alpha(image: Image.Image) -> Image.Image:
    """Return the picture without its alpha channel if that hides nothing at all.

    Weighing colours by it takes a quarter of the time of a PNG of 15 megapixels.
    """
    opaque_mode = {"RGBA": "RGB", "LA": "L"}.get(image.mode)
    if opaque_mode and image.getchannel("A").getextrema() == (255, 255):
        return image.convert(opaque_mode)
    return image


def hide(image: Image.Image) -> Image.Image:
    """Return the picture with no colour left where nothing is to be seen."""
    premultiplied = {"RGBA": "RGBa", "LA": "La"}.get(image.mode)
    return image.convert(premultiplied).convert(image.mode) if premultiplied else image


def to_srgb(image: Image.Image, profile: bytes | None, notes: Notes) -> Image.Image:
    """Return the picture in sRGB as L, RGB or RGBA; without a usable profile as it is.

    Relative colorimetric with black point compensation (ICC.1:2022, annex D). CMYK without a
    usable profile is read as printed on coated paper.
    """
    opaque_mode = image.mode.removesuffix("A")
    if opaque_mode == "L" and profile and profile[_SPACE_AT] == b"RGB ":
        return _grey_by_rgb(image, profile, notes)
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


def _grey_by_rgb(image: Image.Image, profile: bytes, notes: Notes) -> Image.Image:
    """Return a grey picture with a profile of colours, as programs leave it that drop colour."""
    has_alpha = image.mode == "LA"
    spoken = Notes()
    converted = to_srgb(image.convert("RGBA" if has_alpha else "RGB"), profile, spoken)
    if Note.BAD_PROFILE in spoken.codes:  # that it knows colours wider than sRGB's says nothing
        notes.add(Note.BAD_PROFILE)
    return converted if has_alpha else converted.convert("L")


@lru_cache(maxsize=16)
def _conversion(profile: bytes, mode: str) -> _Conversion | None:
    """Return what the profile asks for in this mode; None for a bad profile."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = _transform(source, _srgb(), mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    if mode == "CMYK":
        return _Conversion(transform)
    if _changes_nothing(transform, mode):
        return _Conversion(None)
    return _Conversion(transform, mode == "RGB" and _is_wide(source))


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


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Tell whether test colours survive unchanged: most profiles in the wild are sRGB."""
    if mode == "RGB":
        patches = bytes(v for r in _PATCHES for g in _PATCHES for b in _PATCHES for v in (r, g, b))
        before = Image.frombytes("RGB", (len(_PATCHES) ** 2, len(_PATCHES)), patches)
    else:
        before = Image.frombytes("L", (256, 1), bytes(range(256)))
    after = ImageCms.applyTransform(before, transform)
    if after is None:
        return False
    wanted = before.convert("RGB").tobytes()
    return all(abs(a - b) <= 1 for a, b in zip(wanted, after.tobytes(), strict=True))
