"""Claims: what a file says its colours are, by profile, by number, or by its EXIF alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, BinaryIO

from PIL import ExifTags, Image

from pixelcraft_desktop.imaging.colour.chromaticity import Primaries
from pixelcraft_desktop.imaging.colour.code_points import (
    SRGB_PRIMARIES,
    CodePoints,
    code_point_profile,
    power_light,
    srgb_light,
)
from pixelcraft_desktop.imaging.colour.profiles import adobe_rgb, grey_profile, rgb_profile
from pixelcraft_desktop.imaging.colour.samples import Samples, read_samples
from pixelcraft_desktop.imaging.containers import heif, jpeg2000
from pixelcraft_desktop.imaging.metadata.blocks import exif_blocks
from pixelcraft_desktop.imaging.metadata.exif import ExifBlocks, open_exif
from pixelcraft_desktop.imaging.notes import Notes
from pixelcraft_desktop.model import Note

_GREYS = {"1", "L", "LA", "La", "I", "F"}
_ADOBE_RGB, _UNCALIBRATED = 2, 65_535  # of EXIF's ColorSpace; 2 is not in the standard
_INTEROPERABILITY_INDEX = 1
# gAMA of 1/2.2 stands for sRGB's own curve, whoever wrote it: so did libpng from the beginning.
_SRGB_GAMMA, _SLACK = 1 / 2.2, 0.05
_GAMMAS = (0.1, 10.0)  # what is believed; a screen's is 0.45, light itself 1


@dataclass(frozen=True)
class Claim:
    """What a file says its pixels are: their profile, and what their numbers mean."""

    profile: bytes | None
    samples: Samples


def read_claim(image: Image.Image, data: bytes, bit_depth: int, notes: Notes) -> Claim:
    """Return what the file says of its colours, before it is decoded and Pillow lets go of it.

    `data` is the whole file.
    """
    profile = find_profile(image, data, notes)
    return Claim(profile, read_samples(image, bit_depth, profile))


def find_profile(image: Image.Image, data: bytes, notes: Notes) -> bytes | None:
    """Return the profile that the picture carries, or the one that it names in another way."""
    profile = image.info.get("icc_profile")
    embedded = profile if isinstance(profile, bytes) and profile else None
    if image.format == "PNG":
        embedded = _png_claim(image, embedded, notes)
        if isinstance(image.info.get("srgb"), int):
            return embedded
    if embedded is None and image.format == "JPEG2000":
        embedded = _read(image, jpeg2000.read_profile)
    if embedded is None and image.format in {"AVIF", "HEIF"}:
        points = _read(image, heif.read_code_points)
        embedded = _of_code_points(points, image, notes) if points else None
    return embedded or _exif_claim(image, data, notes)


def _read(image: Image.Image, read: Callable[[BinaryIO], Any]) -> Any:
    """Return what is read of the image's file, which is left where it stood."""
    source = getattr(image, "fp", None)
    if source is None:
        return None
    at = source.tell()
    try:
        return read(source)
    finally:
        source.seek(at)


def _png_claim(image: Image.Image, embedded: bytes | None, notes: Notes) -> bytes | None:
    """Return what of cICP, iCCP, sRGB, gAMA and cHRM counts (PNG, third edition, section 4.3)."""
    info = image.info
    points = info.get("cicp")
    # The third number has to be 0 in a PNG: RGB. Texts may bear the names used here, as strings.
    if isinstance(points, bytes) and len(points) == 4 and points[2] == 0:
        said = CodePoints(points[0], points[1], is_full_range=points[3] != 0)
        profile = _of_code_points(said, image, notes)
        if profile:
            return profile
    if embedded or isinstance(info.get("srgb"), int):
        return embedded
    gamma, chromaticity = info.get("gamma"), info.get("chromaticity")
    return _plain_profile(
        gamma if isinstance(gamma, float) and _GAMMAS[0] <= gamma <= _GAMMAS[1] else None,
        chromaticity if isinstance(chromaticity, tuple) else None,
        _is_grey(image),
    )


@lru_cache(maxsize=32)
def _plain_profile(
    gamma: float | None, chromaticity: tuple[float, ...] | None, is_grey: bool
) -> bytes | None:
    """Return a profile of gAMA and cHRM; None where they say no more than sRGB."""
    is_usual = gamma is None or abs(gamma / _SRGB_GAMMA - 1) < _SLACK
    light = srgb_light if is_usual or gamma is None else power_light(1 / gamma)
    if is_grey:
        return None if is_usual else grey_profile(light)
    if chromaticity is not None and len(chromaticity) == 8:
        x, y = chromaticity[::2], chromaticity[1::2]
        white, red, green, blue = zip(x, y, strict=True)
        try:
            return rgb_profile(Primaries(red, green, blue, white), light)
        except ValueError:
            pass  # as if nothing were said of them
    return None if is_usual else rgb_profile(SRGB_PRIMARIES, light)


def _of_code_points(points: CodePoints, image: Image.Image, notes: Notes) -> bytes | None:
    profile = code_point_profile(points, _is_grey(image))
    if profile is None:
        notes.add(Note.BAD_PROFILE)
    elif points.hdr:
        notes.add(Note.HDR_TRANSFER, points.hdr)
    return profile


def _is_grey(image: Image.Image) -> bool:
    return image.mode in _GREYS or image.mode.startswith("I;16")


def _exif_claim(image: Image.Image, data: bytes, notes: Notes) -> bytes | None:
    if image.mode in {"RGB", "RGBA"} and _says_adobe_rgb(exif_blocks(image, data)):
        notes.add(Note.ADOBE_RGB_BY_EXIF)
        return adobe_rgb()
    return None


def _says_adobe_rgb(blocks: ExifBlocks) -> bool:
    """Tell whether a camera wrote Adobe RGB, the way DCF 2.0 has it (section 3.2.1) or shorter."""
    if not blocks.main:
        return False
    try:
        detail = open_exif(blocks).detail
        space = next(iter(detail.numbers(ExifTags.Base.ColorSpace)), _UNCALIBRATED)
        index = detail.directory(ExifTags.IFD.Interop).data(_INTEROPERABILITY_INDEX)
    except Exception:
        return False  # broken EXIF raises anything, see `orientation`
    return space == _ADOBE_RGB or (space == _UNCALIBRATED and index.rstrip(b"\0 ") == b"R03")
