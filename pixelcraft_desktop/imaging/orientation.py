"""EXIF orientation: how a camera was held, 1–8 (EXIF 2.32, tag 0x0112)."""

from __future__ import annotations

from PIL import ExifTags, Image

from pixelcraft_desktop.imaging.geometry import Size
from pixelcraft_desktop.imaging.metadata.blocks import exif_blocks
from pixelcraft_desktop.imaging.metadata.exif import open_exif

_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_orientation(image: Image.Image) -> int:
    """Return 1–8; 1 where nothing, or nonsense, is said.

    XMP's own is not asked: programs that turn the pixels often leave it behind.
    """
    if image.format == "TIFF":
        return 1  # Pillow turns TIFF by itself as it loads, and gives the size already turned
    try:
        main = open_exif(exif_blocks(image, b"")).main
        found = main.numbers(ExifTags.Base.Orientation)
    except Exception:
        # What is broken raises anything, and a picture is worth showing without it.
        found = ()
    return next((int(value) for value in found if 1 <= value <= 8), 1)


def swap_sides(size: Size, orientation: int) -> Size:
    """Return the size with its sides swapped where the orientation turns by 90°."""
    return (size[1], size[0]) if orientation >= 5 else size


def turn_upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return the picture as it should be seen."""
    method = _TRANSPOSE.get(orientation)
    return image if method is None else image.transpose(method)
