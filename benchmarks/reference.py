"""What a preview should look like: all of the picture decoded, and one Lanczos step."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from pixelcraft_desktop.imaging.colour.profiles import coated_cmyk


def make_reference(path: Path, size: tuple[int, int]) -> Image.Image:
    """Return the picture upright, in sRGB and of this size, never encoded.

    Colours are taken to sRGB at full size, before the step down. CMYK without a profile is read as
    printed on coated paper, as PixelCraft does: sharp's own assumption is another.
    """
    with Image.open(path) as image:
        image.load()
        upright = ImageOps.exif_transpose(image)
        profile = image.info.get("icc_profile")
    plain = _eight_bit(upright)
    return _to_srgb(plain, profile).resize(size, Image.Resampling.LANCZOS)


def flatten(image: Image.Image) -> Image.Image:
    """Return the picture on white, where it has an alpha channel."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), seen).convert("RGB")


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    if image.mode in {"P", "LA"}:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode == "CMYK":
        profile = profile or coated_cmyk()
    if not profile:
        return image
    opaque = image.convert("RGB") if image.mode == "RGBA" else image
    converted = ImageCms.profileToProfile(
        opaque,
        io.BytesIO(profile),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert converted is not None
    if image.mode == "RGBA":
        converted.putalpha(image.getchannel("A"))
    return converted
