"""Icons and cursors of every depth, each seen through its mask."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from pictures import Studio, encoded
from PIL import Image

ICON, CURSOR = 1, 2
COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
SIDE = 32


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def packed_row(bits: int) -> bytes:
    """Return a row of four stripes in red, green, blue and white."""
    stripes = [x * 4 // SIDE for x in range(SIDE)]
    if bits <= 8:
        value = 0
        for stripe in stripes:
            value = value << bits | (stripe if bits > 1 else stripe % 2)
        return value.to_bytes(SIDE * bits // 8, "big")
    pixels = b""
    for red, green, blue in (COLOURS[stripe] for stripe in stripes):
        if bits == 16:
            pixels += struct.pack("<H", red >> 3 << 10 | green >> 3 << 5 | blue >> 3)
        else:
            pixels += bytes([blue, green, red]) + b"\xff" * (bits == 32)
    return pixels


def bitmap(bits: int) -> bytes:
    """Return a bitmap whose upper quarter is masked out; 32 bits say it in their alpha."""
    header = struct.pack("<IiiHHIIiiII", 40, SIDE, 2 * SIDE, 1, bits, 0, 0, 0, 0, 0, 0)
    palette = b""
    if bits <= 8:
        colours = [COLOURS[number % 4] for number in range(1 << bits)]
        palette = b"".join(bytes([blue, green, red, 0]) for red, green, blue in colours)
    row = packed_row(bits)
    top = row if bits < 32 else bytes(len(row))
    quarter = SIDE // 4
    rows = row * (SIDE - quarter) + top * quarter  # from the bottom up
    mask = bytes(4) * (SIDE - quarter) + b"\xff" * 4 * quarter
    return header + palette + rows + mask


def icon(kind: int, bits: int, piece: bytes) -> bytes:
    spots = (1, bits) if kind == ICON else (7, 9)
    entry = struct.pack("<BBBBHHII", SIDE, SIDE, 0, 0, *spots, len(piece), 22)
    return struct.pack("<HHH", 0, kind, 1) + entry + piece


def check(studio: Studio, data: bytes, colours: list[tuple[int, int, int]]) -> None:
    rendering = studio.render(data)
    assert (rendering.format, rendering.width, rendering.height) == ("ICO", SIDE, SIDE)
    shown = studio.rendition("preview").convert("RGBA")
    for stripe, colour in enumerate(colours):
        at = SIDE * (2 * stripe + 1) // 8
        assert shown.getpixel((at, 24)) == pytest.approx((*colour, 255), abs=24)
        assert shown.getchannel("A").getpixel((at, 3)) == 0


@pytest.mark.parametrize("kind", [ICON, CURSOR])
@pytest.mark.parametrize("bits", [1, 4, 8, 16, 24, 32])
def test_every_depth_is_seen_through_its_mask(studio: Studio, kind: int, bits: int) -> None:
    colours = COLOURS if bits > 1 else [COLOURS[0], COLOURS[1]] * 2
    check(studio, icon(kind, bits, bitmap(bits)), colours)


@pytest.mark.parametrize("kind", [ICON, CURSOR])
def test_a_png_inside(studio: Studio, kind: int) -> None:
    image = Image.new("RGBA", (SIDE, SIDE))
    for stripe, colour in enumerate(COLOURS):
        left = SIDE * stripe // 4
        image.paste((*colour, 255), (left, SIDE // 4, left + SIDE // 4, SIDE))
    check(studio, icon(kind, 32, encoded(image, "PNG")), COLOURS)
