"""Pictures made in code, and the way from a file to its renditions, for every test in here."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, _imaging

from pixelcraft_desktop.imaging.render import Order, Reporter, render
from pixelcraft_desktop.model import Limits, Rendering, Stage, standard_recipe

READABLE = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"]
Told = list[tuple[Stage, int]]


def gradient(size: tuple[int, int] = (64, 64), mode: str = "RGB") -> Image.Image:
    """Return grey from black to white, darker at the top."""
    return Image.linear_gradient("L").resize(size).convert(mode)


def encoded(image: Image.Image, plugin: str, **options: Any) -> bytes:
    """Return the picture as a file of the format."""
    buffer = io.BytesIO()
    image.save(buffer, plugin, **options)
    return buffer.getvalue()


def pictures_made() -> int:
    """Return how many pictures Pillow has set aside memory for."""
    return int(_imaging.get_stats()["new_count"])


def exif_with(main: dict[int, Any], detail: dict[int, Any], gps: dict[int, Any]) -> bytes:
    """Return EXIF with these tags in its three directories."""
    exif = Image.Exif()
    exif.update(main)
    exif.get_ifd(ExifTags.IFD.Exif).update(detail)
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
    return exif.tobytes()


def tiff(*tags: tuple[int, int, int, int], data: bytes = b"") -> bytes:
    """Return a little-endian TIFF: `data` from byte 8 on, then (tag, type, count, value) rows."""
    rows = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return (
        b"II*\0"
        + struct.pack("<I", 8 + len(data))
        + data
        + struct.pack("<H", len(tags))
        + rows
        + bytes(4)
    )


def png_chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def targets_in(folder: Path) -> dict[str, str]:
    """Return where the standard recipe's renditions go."""
    return {name: str(folder / f"{name}.tmp") for name in ("thumbnail", "preview")}


def listen(told: Told) -> Reporter:
    """Return a reporter that writes down the stages and grants any memory."""
    return Reporter(lambda stage, progress: told.append((stage, progress)), lambda _: None)


class Studio:
    """Renders pictures in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: Told = []

    def write(self, data: bytes, name: str = "picture") -> Path:
        """Write the file, named without an extension: formats are told by content."""
        path = self.folder / name
        path.write_bytes(data)
        return path

    def order(self, path: Path, **options: Any) -> Order:
        """Return the order for the standard recipe."""
        options = {"limits": Limits(), "targets": targets_in(self.folder), **options}
        return Order(source=os.fsencode(path), recipe=standard_recipe(), **options)

    def render(self, data: bytes, **options: Any) -> Rendering:
        """Render the bytes as the file of a user."""
        self.told.clear()
        return render(self.order(self.write(data), **options), listen(self.told))

    def rendition(self, name: str) -> Image.Image:
        """Return a rendition that was made."""
        with Image.open(self.folder / f"{name}.tmp", formats=["WEBP"]) as image:
            image.load()
        return image

    def colour(self, data: bytes, **options: Any) -> tuple[int, ...]:
        """Render the bytes and return the colour in the middle of the preview."""
        self.render(data, **options)
        preview = self.rendition("preview")
        colour = preview.getpixel((preview.width // 2, preview.height // 2))
        assert isinstance(colour, tuple)
        return colour
