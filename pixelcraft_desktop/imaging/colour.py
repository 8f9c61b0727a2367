"""Colours: every mode Pillow opens → 8-bit L, LA, RGB, RGBA or CMYK → sRGB."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image, ImageCms

_SIXTEEN_BIT = {"I", "I;16", "I;16L", "I;16B", "I;16N"}
# Corners and middles of the cube: where a profile that only calls itself sRGB would differ.
_PATCHES = [0, 1, 32, 96, 128, 160, 224, 255]


def to_eight_bit(image: Image.Image) -> Image.Image:
    """Return the picture in L, LA, RGB, RGBA or CMYK, with 8 bits a channel."""
    if image.mode in _SIXTEEN_BIT:
        # convert("L") clips at 255, which turns a 16-bit grey picture white.
        return image.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    if image.mode == "F":
        return image.point(lambda value: value * 255.0 + 0.5).convert("L")
    if image.mode in {"P", "PA", "RGBa", "La"} or "transparency" in image.info:
        has_alpha = image.mode != "P" or "transparency" in image.info
        return image.convert("RGBA" if has_alpha else "RGB")
    if image.mode == "1":
        return image.convert("L")
    if image.mode in {"L", "LA", "RGB", "RGBA", "CMYK"}:
        return image
    return image.convert("RGB")


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in sRGB as L, RGB or RGBA; without a usable profile as it is.

    Relative colorimetric with black point compensation (ICC.1:2022, annex D).
    """
    opaque_mode = image.mode.removesuffix("A")
    transform = _transform(profile, opaque_mode) if profile else None
    opaque = image if image.mode == opaque_mode else image.convert(opaque_mode)
    converted = ImageCms.applyTransform(opaque, transform) if transform else None
    if converted is None:
        plain_mode = {"LA": "RGBA", "CMYK": "RGB"}.get(image.mode)
        return image.convert(plain_mode) if plain_mode else image
    if opaque is not image:
        converted.putalpha(image.getchannel("A"))
    return converted.convert("L") if image.mode == "L" else converted


@lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return the transform to sRGB; None for a bad profile and for one that changes nothing."""
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return None if mode == "RGB" and _changes_nothing(transform) else transform


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Tell whether test colours survive unchanged: most profiles in the wild are sRGB."""
    patches = bytes(v for r in _PATCHES for g in _PATCHES for b in _PATCHES for v in (r, g, b))
    before = Image.frombytes("RGB", (len(_PATCHES) ** 2, len(_PATCHES)), patches)
    after = ImageCms.applyTransform(before, transform)
    if after is None:
        return False
    return all(abs(a - b) <= 1 for a, b in zip(patches, after.tobytes(), strict=True))
