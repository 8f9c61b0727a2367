"""Colours that Pillow gets wrong by itself: its number where it is known, and ours.

Orientation is in test_orientation and test_formats_more, single pixels that are picked instead of
averaged in test_colour, RAW files in test_raw, second pictures and frames in test_notes.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from pictures import Studio, encoded
from PIL import Image
from profiles import display_p3
from raster import png, strip_tiff

from pixelcraft_desktop.imaging.colour.profiles import coated_cmyk

SIZE = (64, 64)
HALF_OF_32_BITS = bytes(8) + b"\xff" * 8 + b"\0\0\0\x80" * 252  # and the range they are of
CYAN = (0, 155, 228)  # FOGRA39 by an independent conversion; the profile in here is 6 off at most
MIDDLE = (128,) * 3


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def flat(mode: str, colour: Any, plugin: str, **options: Any) -> bytes:
    return encoded(Image.new(mode, SIZE, colour), plugin, **options)


def near(colour: tuple[int, ...], tolerance: int) -> Any:
    return pytest.approx(colour, abs=tolerance)


def sixteen_bit_tiff(value: int) -> bytes:
    return strip_tiff([16], 1, struct.pack("<H", value) * 256)


def half(mode: str, left: Any, right: Any) -> Image.Image:
    image = Image.new(mode, SIZE, left)
    image.paste(right, (32, 0, 64, 64))
    return image


# (what it is, file, what Pillow makes of it, what it is, how far off it may be)
COLOURS: list[tuple[str, bytes, tuple[int, ...] | None, tuple[int, ...], int]] = [
    *[
        (
            f"Display P3 red, {plugin}",
            flat("RGB", (234, 51, 35), plugin, icc_profile=display_p3(), quality=100, **options),
            (234, 51, 35),
            (255, 0, 0),
            3,
        )
        for plugin, options in (
            *[("JPEG", {}), ("PNG", {}), ("WEBP", {}), ("TIFF", {})],
            ("AVIF", {"subsampling": "4:4:4"}),
        )
    ],
    *[
        (
            f"cyan ink, {plugin}, profile: {bool(profile)}",
            flat("CMYK", (255, 0, 0, 0), plugin, icc_profile=profile, quality=100),
            (0, 255, 255),
            CYAN,
            6,
        )
        for plugin in ("JPEG", "TIFF")
        for profile in (None, coated_cmyk())
    ],
    ("half grey, 16 bits, PNG", png(16, 0, b"\x80\0"), (255, 255, 255), MIDDLE, 2),
    ("half grey, 16 bits, TIFF", sixteen_bit_tiff(32_768), (255, 255, 255), MIDDLE, 2),
    ("half grey, 16 bits, JPEG 2000", flat("I;16", 32_768, "JPEG2000"), None, MIDDLE, 2),
    ("half grey, float", flat("F", 0.5, "TIFF"), (0, 0, 0), MIDDLE, 2),
    ("half of 4,095", strip_tiff([12], 1, b"\x80\x08\0" * 128), (255, 255, 255), MIDDLE, 2),
    ("half of 2³²", strip_tiff([32], 1, HALF_OF_32_BITS), None, MIDDLE, 2),
    ("a quarter, white is zero", strip_tiff([16], 0, b"\0\x40" * 256), None, (191,) * 3, 2),
    (
        "half grey, float, packed, big-endian",
        strip_tiff([32], 1, struct.pack(">f", 0.5) * 256, kind=3, order=">", is_packed=True),
        (0, 0, 0),
        MIDDLE,
        2,
    ),
    ("linear light", png(8, 2, bytes(MIDDLE), (b"gAMA", b"\0\1\x86\xa0")), MIDDLE, (188,) * 3, 3),
]  # fmt: skip


@pytest.mark.parametrize(("data", "by_pillow", "colour", "tolerance"), [c[1:] for c in COLOURS],
                         ids=[c[0] for c in COLOURS])  # fmt: skip
def test_colours(
    studio: Studio,
    data: bytes,
    by_pillow: tuple[int, ...] | None,
    colour: tuple[int, ...],
    tolerance: int,
) -> None:
    with Image.open(studio.write(data)) as image:
        plain = image.convert("RGB").getpixel((8, 8))
    # Where Pillow learns it, ours may go.
    assert by_pillow is None or plain == near(by_pillow, 3)
    assert studio.colour(data) == near(colour, tolerance)


@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_rendition_says_no_profile_and_needs_none(studio: Studio, plugin: str) -> None:
    studio.render(flat("RGB", (234, 51, 35), plugin, icc_profile=display_p3()))
    for name in ("thumbnail", "preview"):
        assert not set(studio.rendition(name).info) & {"icc_profile", "exif", "xmp"}


@pytest.mark.parametrize(
    ("mode", "hidden", "shown", "options"),
    [
        ("RGBA", (255, 0, 0, 0), (0, 0, 255, 255), {}),
        ("LA", (255, 0), (0, 255), {}),
        ("P", 0, 1, {"transparency": 0}),
        ("RGB", (255, 0, 0), (0, 0, 255), {"transparency": (255, 0, 0)}),
    ],
)
@pytest.mark.parametrize("side", [64, 1600])
def test_hidden_colours_are_never_shown(
    studio: Studio, mode: str, hidden: Any, shown: Any, options: dict[str, Any], side: int
) -> None:
    image = half(mode, hidden, shown)
    if mode == "P":
        image.putpalette([255, 0, 0, 0, 0, 255])
    large = image.resize((side, side), Image.Resampling.NEAREST)
    studio.render(encoded(large, "PNG", **options))
    for name in ("thumbnail", "preview"):
        made = studio.rendition(name)
        assert made.mode == "RGBA"
        edge = made.width // 4
        assert made.convert("RGB").getpixel((edge, edge)) == near((0, 0, 0), 12)


@pytest.mark.parametrize("ground", [0, 255])
@pytest.mark.parametrize("plugin", ["PNG", "WEBP", "TIFF"])
def test_the_edge_of_a_clear_shape_has_no_fringe(studio: Studio, ground: int, plugin: str) -> None:
    # A grey disc, half transparent, cut out of black or white that can't be seen.
    image = Image.new("RGBA", (1600, 1600), (ground, ground, ground, 0))
    disc = Image.radial_gradient("L").resize((1600, 1600)).point([255] * 90 + [0] * 166)
    image.paste((128, 128, 128, 128), mask=disc)
    options = {"lossless": True, "exact": True} if plugin == "WEBP" else {}
    studio.render(encoded(image, plugin, **options))
    for name in ("thumbnail", "preview"):
        made = studio.rendition(name)
        alpha = made.getchannel("A")
        middle = made.width // 2
        assert (alpha.getpixel((2, 2)), alpha.getpixel((middle, middle))) == near((0, 128), 2)
        seen = made.convert("RGB").convert("L")
        # Where at least a tenth of it is seen, it is grey, but for what WebP does to it. Down to
        # 27 and up to 228 where the ground is mixed in.
        mask = alpha.point([0] * 26 + [255] * 230)
        low = Image.composite(seen, Image.new("L", seen.size, 255), mask).getextrema()[0]
        high = Image.composite(seen, Image.new("L", seen.size, 0), mask).getextrema()[1]
        assert (low, high) == near((128, 128), 20)


# Enlarged from the preview, 25 rows high, its lines would be a blur.
def test_a_thumbnail_of_a_panorama_is_cut_from_the_source(studio: Studio) -> None:
    image = Image.new("L", (12_000, 1500))
    for left in range(0, 12_000, 30):
        image.paste(255, (left, 0, left + 15, 1500))
    studio.render(encoded(image, "PNG"))
    assert studio.rendition("preview").size == (800, 100)
    low, high = studio.rendition("thumbnail").convert("L").getextrema()
    assert isinstance(low, int) and isinstance(high, int)  # noqa: PT018 - for the types alone
    assert high - low > 150
