"""One picture of every kind, made in code from a camera-like scene."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from PIL import ExifTags, Image, ImageCms

from benchmarks.photographs import SIZE_12_MP, SIZE_24_MP, make_scene
from pixelcraft_desktop.imaging.colour.profiles import adobe_rgb, coated_cmyk

SIZE = (2000, 1500)
FRAMES = 3
# Display P3's primaries adapted to D50, as in the profile that Apple ships.
_P3_PRIMARIES = {
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}


@dataclass(frozen=True)
class Specimen:
    """A file in memory, under the heading it is reported by."""

    kind: str
    name: str
    data: bytes


def make_specimens() -> list[Specimen]:
    """Return a picture of every kind: 3 MP each, and two JPEGs of cameras' sizes."""
    cameras = [
        Specimen(f"JPEG, {title}", title, _jpeg(make_scene(seed, size)))
        for title, seed, size in (("12 MP", 2, SIZE_12_MP), ("24 MP", 3, SIZE_24_MP))
    ]
    return make_kinds(make_scene(1, SIZE)) + cameras


def make_kinds(scene: Image.Image) -> list[Specimen]:
    """Return the scene, an RGB picture, as a file of every kind."""
    made = [
        Specimen(kind, f"{number:02}-{kind}".replace(" ", "-").replace(",", ""), make(scene))
        for number, (kind, make) in enumerate(_KINDS)
    ]
    turned = [
        Specimen("JPEG, turned 1–8", f"turned-{value}", _jpeg(scene, exif=_orientation(value)))
        for value in range(1, 9)
    ]
    return made + turned


def _saved(image: Image.Image, plugin: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, plugin, **options)
    return buffer.getvalue()


def _jpeg(scene: Image.Image, **options: Any) -> bytes:
    return _saved(scene, "JPEG", **({"quality": 90} | options))


def _orientation(value: int) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = value
    return exif.tobytes()


def _inked(scene: Image.Image) -> Image.Image:
    """Return the scene in CMYK with much of its darkness in black ink, as printers have it."""
    plain = scene.convert("RGB")
    black = plain.convert("L").point(lambda value: max(0, 180 - value))
    cyan, magenta, yellow = (
        band.point(lambda value: (255 - value) * 7 // 10) for band in plain.split()
    )
    return Image.merge("CMYK", (cyan, magenta, yellow, black))


def _display_p3() -> bytes:
    """Return Adobe RGB's profile with the primaries of Display P3 in place of its own."""
    profile = adobe_rgb()
    for name, values in _P3_PRIMARIES.items():
        entry = profile.index(name)
        at = struct.unpack(">I", profile[entry + 4 : entry + 8])[0] + 8
        numbers = struct.pack(">3i", *(round(value * 65_536) for value in values))
        profile = profile[:at] + numbers + profile[at + 12 :]
    ImageCms.ImageCmsProfile(io.BytesIO(profile))
    return profile


@cache
def _printing() -> bytes:
    """Return PixelCraft's profile of print with its table told for the perceptual intent as well.

    sharp asks for that one, and would put a profile of its own in the place of one without it.
    """
    profile = coated_cmyk()
    count, row_bytes = int.from_bytes(profile[128:132], "big"), 12
    at, end = 132, 132 + row_bytes * count
    rows = [profile[start : start + row_bytes] for start in range(at, end, row_bytes)]
    rows += [b"A2B0" + row[4:] for row in rows if row[:4] == b"A2B1"]
    moved = b"".join(
        row[:4] + struct.pack(">I", int.from_bytes(row[4:8], "big") + row_bytes) + row[8:]
        for row in rows
    )
    head = struct.pack(">I", len(profile) + row_bytes) + profile[4:128]
    return head + struct.pack(">I", len(rows)) + moved + profile[end:]


def _faded(scene: Image.Image) -> Image.Image:
    """Return the scene fading to nothing towards its corners."""
    faded = scene.convert("RGBA")
    faded.putalpha(Image.radial_gradient("L").resize(scene.size).point(lambda value: 255 - value))
    return faded


def _sixteen_bit(scene: Image.Image) -> bytes:
    """Return an RGB PNG of 16 bits, which Pillow cannot write."""
    data = scene.tobytes()
    row_bytes = scene.width * 6
    wide = bytearray(2 * len(data))
    wide[0::2] = wide[1::2] = data
    rows = b"".join(b"\0" + wide[at : at + row_bytes] for at in range(0, len(wide), row_bytes))
    header = struct.pack(">2I5B", *scene.size, 16, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def _grey_sixteen_bit(scene: Image.Image) -> Image.Image:
    return scene.convert("L").convert("I").point(lambda value: value * 257).convert("I;16")


def _frames(scene: Image.Image) -> list[Image.Image]:
    return [scene.rotate(90 * turn) for turn in range(1, FRAMES)]


def _animated(scene: Image.Image, plugin: str) -> bytes:
    return _saved(scene, plugin, save_all=True, append_images=_frames(scene))


_KINDS: tuple[tuple[str, Callable[[Image.Image], bytes]], ...] = (
    ("JPEG, baseline", _jpeg),
    ("JPEG, full colour", lambda scene: _jpeg(scene, subsampling=0)),
    ("JPEG, progressive", lambda scene: _jpeg(scene, progressive=True)),
    ("JPEG, grey", lambda scene: _jpeg(scene.convert("L"))),
    ("JPEG, Adobe RGB", lambda scene: _jpeg(scene, icc_profile=adobe_rgb())),
    ("JPEG, Display P3", lambda scene: _jpeg(scene, icc_profile=_display_p3())),
    ("JPEG, CMYK, profile", lambda scene: _jpeg(_inked(scene), icc_profile=_printing())),
    ("JPEG, CMYK, none", lambda scene: _jpeg(_inked(scene))),
    ("PNG, 8 bits", lambda scene: _saved(scene, "PNG", compress_level=1)),
    ("PNG, 16 bits", _sixteen_bit),
    ("PNG, grey 16 bits", lambda scene: _saved(_grey_sixteen_bit(scene), "PNG")),
    ("PNG, palette", lambda scene: _saved(scene.quantize(256), "PNG")),
    ("PNG, alpha", lambda scene: _saved(_faded(scene), "PNG", compress_level=1)),
    ("WebP, lossy", lambda scene: _saved(scene, "WEBP", quality=90, method=2)),
    ("WebP, lossless", lambda scene: _saved(scene, "WEBP", lossless=True, quality=10, method=0)),
    ("WebP, alpha", lambda scene: _saved(_faded(scene), "WEBP", quality=90, method=2)),
    ("WebP, animated", lambda scene: _animated(scene, "WEBP")),
    ("GIF, animated", lambda scene: _animated(scene.quantize(256), "GIF")),
    ("TIFF, plain", lambda scene: _saved(scene, "TIFF")),
    ("TIFF, LZW", lambda scene: _saved(scene, "TIFF", compression="tiff_lzw")),
    ("TIFF, JPEG", lambda scene: _saved(scene, "TIFF", compression="jpeg", quality=90)),
    ("TIFF, grey 16 bits", lambda scene: _saved(_grey_sixteen_bit(scene), "TIFF")),
    ("TIFF, CMYK, profile", lambda s: _saved(_inked(s), "TIFF", icc_profile=_printing())),
    ("AVIF", lambda scene: _saved(scene, "AVIF", quality=80, speed=9)),
)
