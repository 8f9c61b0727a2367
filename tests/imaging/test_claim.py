"""A file's colours are what it says they are, in whichever of the ways it says so."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from heic import Item, box, container, full_box, grid, heic, reference, still
from pictures import Studio, encoded
from PIL import Image
from profiles import display_p3, linear_grey
from raster import png

from pixelcraft_desktop.imaging.colour.claim import find_profile
from pixelcraft_desktop.imaging.notes import Notes

Chunk = tuple[bytes, bytes]
GREY, RGB, PALETTE = 0, 2, 3
SRGB_RED_IN_P3 = (234, 51, 35)
# What sRGB's red is called in BT.2020 (ITU-R BT.2087 and IEC 61966-2-1).
SRGB_RED_IN_2020 = (207, 74, 35)
SRGB_GREEN_IN_2020 = (147, 246, 81)
RED = (255, 0, 0)

_P3 = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
_SRGB = (0.3127, 0.3290, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060)
P3_PRIMARIES = (b"cHRM", struct.pack(">8I", *(round(100_000 * v) for v in _P3)))
SRGB_PRIMARIES = (b"cHRM", struct.pack(">8I", *(round(100_000 * v) for v in _SRGB)))
ON_A_LINE = (b"cHRM", struct.pack(">8I", 31_270, 32_900, *[50_000, 20_000] * 3))
DARK = (b"cHRM", bytes(32))
IS_SRGB = (b"sRGB", b"\0")

# 64 × 64 pixels of SRGB_RED_IN_P3 in HEVC, made with libheif 1.15 (heif-enc -q 90 -p chroma=444).
_RED_CONFIGURATION = base64.b64decode(
    "AQQIAAAAAAAAAAAAHvAA/P/4+AAADwMgAAEAF0ABDAH//wQIAAADAJ44AAADAAAeugJAIQABACpC"
    "AQEECAAAAwCeOAAAAwAAHpAEECCy3UklNc3AgIGBAAADAAEAAAMAAQgiAAEACEQBwXKGDAIk"
)
_RED_STREAM = base64.b64decode("AAAAGigBrwY4Wvz9N/J43///Fxvof6mMSq8QmP1+")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def near(wanted: tuple[int, ...], tolerance: int = 3) -> Any:
    return pytest.approx(wanted, abs=tolerance)


def gamma(value: float) -> Chunk:
    return b"gAMA", struct.pack(">I", round(100_000 * value))


def code_points(primaries: int, transfer: int, matrix: int = 0, full: int = 1) -> Chunk:
    return b"cICP", bytes((primaries, transfer, matrix, full))


def profile(data: bytes) -> Chunk:
    return b"iCCP", b"name\0\0" + zlib.compress(data)


def nclx(primaries: int, transfer: int, matrix: int = 6, full: int = 0x80) -> bytes:
    return box(b"colr", b"nclx" + struct.pack(">HHHB", primaries, transfer, matrix, full))


MIDDLE, LIGHT = (128,) * 3, (188,) * 3  # half of the light
CHUNKS: list[tuple[tuple[int, ...], list[Chunk], tuple[int, ...]]] = [
    # a gamma, and primaries
    (MIDDLE, [gamma(1.0)], LIGHT),
    (MIDDLE, [gamma(1 / 1.8)], (144,) * 3),
    (MIDDLE, [gamma(0.45455)], MIDDLE),
    (MIDDLE, [gamma(0.45)], MIDDLE),
    (MIDDLE, [gamma(0.0)], MIDDLE),
    (MIDDLE, [gamma(40_000.0)], MIDDLE),
    (MIDDLE, [gamma(1.0), SRGB_PRIMARIES], LIGHT),
    (SRGB_RED_IN_P3, [P3_PRIMARIES], RED),
    (SRGB_RED_IN_P3, [gamma(0.45455), P3_PRIMARIES], RED),
    ((210, 8, 4), [gamma(1.0), P3_PRIMARIES], RED),
    (MIDDLE, [gamma(1.0), P3_PRIMARIES], LIGHT),
    (SRGB_RED_IN_P3, [ON_A_LINE], SRGB_RED_IN_P3),
    (MIDDLE, [gamma(1.0), ON_A_LINE], LIGHT),
    (SRGB_RED_IN_P3, [DARK], SRGB_RED_IN_P3),
    # code points
    (SRGB_RED_IN_P3, [code_points(12, 13)], RED),
    (SRGB_RED_IN_2020, [code_points(9, 14)], RED),
    (SRGB_GREEN_IN_2020, [code_points(9, 1)], (0, 255, 0)),
    (MIDDLE, [code_points(1, 8)], LIGHT),
    (MIDDLE, [code_points(1, 13, full=0)], (131,) * 3),
    ((16, 16, 16), [code_points(1, 13, full=0)], (0, 0, 0)),
    ((235, 235, 235), [code_points(12, 13, full=0)], (255, 255, 255)),
    # who is believed: cICP, then iCCP, then sRGB, then the others
    (SRGB_RED_IN_P3, [profile(display_p3()), gamma(1.0)], RED),
    (SRGB_RED_IN_P3, [IS_SRGB, gamma(1.0), P3_PRIMARIES], SRGB_RED_IN_P3),
    (SRGB_RED_IN_P3, [code_points(12, 13), IS_SRGB], RED),
    (SRGB_RED_IN_P3, [code_points(1, 13), profile(display_p3())], SRGB_RED_IN_P3),
    (SRGB_RED_IN_P3, [code_points(99, 13), profile(display_p3())], RED),
    (SRGB_RED_IN_P3, [code_points(12, 13, matrix=9), IS_SRGB], SRGB_RED_IN_P3),
]


@pytest.mark.parametrize(("value", "chunks", "colour"), CHUNKS)
def test_what_the_chunks_of_a_png_say(
    studio: Studio,
    value: tuple[int, ...],
    chunks: list[Chunk],
    colour: tuple[int, ...],
) -> None:
    assert studio.colour(png(8, RGB, bytes(value), *chunks)) == near(colour)


@pytest.mark.parametrize(
    ("depth", "kind", "pixel", "chunks", "colour"),
    [
        (8, GREY, b"\x80", [gamma(1.0)], LIGHT),
        (16, GREY, b"\x80\x80", [gamma(1.0)], LIGHT),
        (8, GREY, b"\x80", [gamma(1.0), P3_PRIMARIES], LIGHT),
        (8, GREY, b"\x80", [P3_PRIMARIES], MIDDLE),
        (8, GREY, b"\x80", [code_points(9, 8)], LIGHT),
        (1, GREY, b"\xff", [gamma(1.0)], (255,) * 3),
        (8, GREY, b"\x80", [profile(linear_grey())], LIGHT),
        (16, GREY, b"\x80\x80", [profile(linear_grey())], LIGHT),
        (8, PALETTE, b"\1", [gamma(1.0), (b"PLTE", bytes((0, 0, 0, *MIDDLE)))], LIGHT),
        (8, PALETTE, b"\1", [profile(display_p3()), (b"PLTE", bytes((0, 0, 0, 234, 51, 35)))], RED),
    ],
)
def test_greys_and_palettes_are_meant_too(
    studio: Studio,
    depth: int,
    kind: int,
    pixel: bytes,
    chunks: list[Chunk],
    colour: tuple[int, ...],
) -> None:
    assert studio.colour(png(depth, kind, pixel, *chunks)) == near(colour)


@pytest.mark.parametrize(
    ("chunks", "notes"),
    [
        ([gamma(1.0)], ()),
        ([code_points(1, 13)], ()),
        ([code_points(12, 13)], ("wide_gamut",)),
        ([code_points(9, 18)], ("hdr_transfer:HLG", "wide_gamut")),
        ([code_points(9, 16)], ("hdr_transfer:PQ", "wide_gamut")),
        ([code_points(1, 99)], ("bad_profile",)),
        ([profile(b"nothing")], ("bad_profile",)),
    ],
)
def test_what_was_done_is_noted(
    studio: Studio, chunks: list[Chunk], notes: tuple[str, ...]
) -> None:
    assert studio.render(png(8, RGB, bytes(MIDDLE), *chunks)).notes == notes


# PQ of 0, 1, 10, 100, 203 and 1,000 cd/m² (SMPTE ST 2084), HLG of the same (ITU-R BT.2100).
@pytest.mark.parametrize(
    ("transfer", "value", "grey"),
    [
        *[(16, 0, 0), (16, 38, 15), (16, 77, 63), (16, 130, 186), (16, 148, 229), (16, 192, 255)],
        *[(16, 255, 255), (18, 0, 0), (18, 96, 97), (18, 191, 229), (18, 255, 255)],
    ],
)
def test_hdr_stays_what_it_is_up_to_where_it_is_brighter_than_paper(
    studio: Studio, transfer: int, value: int, grey: int
) -> None:
    data = png(8, RGB, bytes([value] * 3), code_points(9, transfer))
    assert studio.colour(data) == near((grey,) * 3, 4)


def red_heic(*properties: bytes) -> bytes:
    extent = full_box(b"ispe", struct.pack(">II", 64, 64))
    own = (box(b"hvcC", _RED_CONFIGURATION), extent, *properties)
    return container([Item(b"hvc1", _RED_STREAM, own)])


@pytest.mark.parametrize(
    ("properties", "colour", "notes"),
    [
        ((), SRGB_RED_IN_P3, ()),
        ((nclx(1, 13),), SRGB_RED_IN_P3, ()),
        ((nclx(2, 2, 2),), SRGB_RED_IN_P3, ()),
        ((nclx(12, 13),), RED, ("wide_gamut",)),
        ((nclx(12, 1, full=0),), None, ("wide_gamut",)),
        ((box(b"colr", b"prof" + display_p3()),), RED, ("wide_gamut",)),
        ((box(b"colr", b"prof" + display_p3()), nclx(9, 16)), RED, ("wide_gamut",)),
        ((nclx(9, 16),), None, ("hdr_transfer:PQ", "wide_gamut")),
        ((nclx(1, 11),), SRGB_RED_IN_P3, ("bad_profile",)),
    ],
)
def test_what_the_boxes_of_a_heic_say(
    studio: Studio, properties: tuple[bytes, ...], colour: tuple[int, ...] | None, notes: Any
) -> None:
    rendering = studio.render(red_heic(*properties))
    assert rendering.notes == notes
    if colour:
        assert studio.rendition("preview").getpixel((32, 32)) == near(colour)


def test_only_the_box_of_the_picture_that_is_shown_counts(studio: Studio) -> None:
    other = still(nclx(9, 16), is_hidden=True)
    first = container([still(nclx(1, 13)), other])
    assert studio.render(first).notes == ()
    second = container([still(nclx(1, 13)), still(nclx(9, 16))], primary=2)
    assert studio.render(second).notes == ("hdr_transfer:PQ",)


def test_a_picture_put_together_has_the_colours_of_the_whole(studio: Studio) -> None:
    tiles = [still(is_hidden=True) for _ in range(4)]
    items = [*tiles, grid(2, 2, (128, 128), nclx(1, 18))]
    data = container(items, [reference(b"dimg", 5, 1, 2, 3, 4)], primary=5)
    assert studio.render(data).notes == ("hdr_transfer:HLG",)


@pytest.mark.parametrize("cut", range(1, 60, 4))
def test_a_broken_table_of_properties_says_nothing(studio: Studio, cut: int) -> None:
    data = bytearray(heic(nclx(9, 16)))
    at = data.index(b"ipma") + 4
    data[at : at + cut] = b"\xff" * cut
    path = studio.write(bytes(data))
    with path.open("rb") as source:
        image = Image.new("L", (8, 8))
        image.format = "HEIF"
        vars(image)["fp"] = source
        assert find_profile(image, bytes(data), Notes()) is None


def avif(colour: tuple[int, ...], primaries: int, transfer: int, **options: Any) -> bytes:
    data = encoded(
        Image.new("RGB", (64, 64), colour), "AVIF", quality=100, subsampling="4:4:4", **options
    )
    at = data.index(b"nclx") + 4
    return data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]


@pytest.mark.parametrize("range_", ["full", "limited"])
@pytest.mark.parametrize(
    ("value", "primaries", "transfer", "colour"),
    [
        (SRGB_RED_IN_P3, 1, 13, SRGB_RED_IN_P3),
        (SRGB_RED_IN_P3, 12, 13, RED),
        (SRGB_GREEN_IN_2020, 9, 1, (0, 255, 0)),
        (MIDDLE, 1, 8, LIGHT),
        ((148,) * 3, 9, 16, (229,) * 3),
        ((191,) * 3, 9, 18, (229,) * 3),
    ],
)
def test_what_the_boxes_of_an_avif_say(
    studio: Studio,
    value: tuple[int, ...],
    primaries: int,
    transfer: int,
    colour: tuple[int, ...],
    range_: str,
) -> None:
    assert studio.colour(avif(value, primaries, transfer, range=range_)) == near(colour, 4)


@pytest.mark.parametrize(
    ("mode", "profile", "colour", "notes"),
    [
        ("L", linear_grey(), LIGHT, ()),
        ("L", display_p3(), MIDDLE, ()),
        ("LA", display_p3(), (*MIDDLE, 128), ()),
        ("RGB", linear_grey(), MIDDLE, ("bad_profile",)),
    ],
)
def test_a_grey_picture_may_carry_a_profile_of_colours(
    studio: Studio, mode: str, profile: bytes, colour: tuple[int, ...], notes: tuple[str, ...]
) -> None:
    value = 128 if mode == "L" else (128,) * len(mode)
    data = encoded(Image.new(mode, (40, 40), value), "PNG", icc_profile=profile)
    assert studio.render(data).notes == notes
    assert studio.colour(data) == near(colour)
