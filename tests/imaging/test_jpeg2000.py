"""JPEG 2000 of every depth and colour, decoded no larger than it is needed."""

from __future__ import annotations

import base64
import io
import struct
from pathlib import Path
from typing import Any

import pytest
from heic import box
from hypothesis import example, given
from hypothesis import strategies as st
from pictures import Studio, encoded, gradient
from PIL import Image
from profiles import display_p3, linear_grey
from test_orientation import difference

from pixelcraft_desktop.imaging.colour.profiles import coated_cmyk
from pixelcraft_desktop.imaging.containers.jpeg2000 import (
    read_codestream,
    shrink,
    tells_too_many_packets,
)
from pixelcraft_desktop.imaging.header import estimate_memory, open_image
from pixelcraft_desktop.model import Cause, KnownFailure, Limits, standard_recipe

SRGB_RED_IN_P3, RED = (234, 51, 35), (255, 0, 0)
PROFILE, ANY_PROFILE = 2, 3  # methods of a colr box; 1: by number
# 32 × 32 pixels of one colour, made with OpenJPEG 2.5 (opj_compress -F), which Pillow can't write.
_HEAD = "AAAADGpQICANCocKAAAAFGZ0eXBqcDIgAAAAAGpwMiAAAAAtanAyaAAAABZpaGRyAAAAIAAAACAAA"
MADE_ELSEWHERE = {
    "sRGB, 16 bits": (
        "w8HAAAAAAAPY29scgEAAAAAABAAAAC6anAyY/9P/1EALwAAAAAAIAAAACAAAAAAAAAAAAAAACAAAAAgAAAAAAAAAAAA"
        "Aw8BAQ8BAQ8BAf9SAAwAAAABAQUEBAAB/1wAE0CAiIiQiIiQiIiQiIiQiIiQ/2QAJQABQ3JlYXRlZCBieSBPcGVuSlBF"
        "RyB2ZXJzaW9uIDIuNS4w/5AACgAAAAAAMwAB/5PH/gwGBh6/w/8AAYAJrd/f+JAYBEfngICAgICAgICAgICAgICA/9k="
    ),
    "sYCC, 4:2:0": (
        "wcHAAAAAAAPY29scgEAAAAAABIAAACzanAyY/9P/1EALwAAAAAAIAAAACAAAAAAAAAAAAAAACAAAAAgAAAAAAAAAAAA"
        "AwcBAQcCAgcCAv9SAAwAAAABAAUEBAAB/1wAE0BASEhQSEhQSEhQSEhQSEhQ/2QAJQABQ3JlYXRlZCBieSBPcGVuSlBF"
        "RyB2ZXJzaW9uIDIuNS4w/5AACgAAAAAALAAB/5PH1AQF38PnBAh/z7QIAr+AgICAgICAgICAgICAgID/2Q=="
    ),
    "grey, 4 bits": (
        "QMHAAAAAAAPY29scgEAAAAAABEAAACVanAyY/9P/1EAKQAAAAAAIAAAACAAAAAAAAAAAAAAACAAAAAgAAAAAAAAAAAA"
        "AQMBAf9SAAwAAAABAAUEBAAB/1wAE0AgKCgwKCgwKCgwKCgwKCgw/2QAJQABQ3JlYXRlZCBieSBPcGVuSlBFRyB2ZXJz"
        "aW9uIDIuNS4w/5AACgAAAAAAFAAB/5OAgICAgID/2Q=="
    ),
    "grey, 12 bits": (
        "QsHAAAAAAAPY29scgEAAAAAABEAAACZanAyY/9P/1EAKQAAAAAAIAAAACAAAAAAAAAAAAAAACAAAAAgAAAAAAAAAAAA"
        "AQsBAf9SAAwAAAABAAUEBAAB/1wAE0BgaGhwaGhwaGhwaGhwaGhw/2QAJQABQ3JlYXRlZCBieSBPcGVuSlBFRyB2ZXJz"
        "aW9uIDIuNS4w/5AACgAAAAAAGAAB/5PAHyAQBICAgICA/9k="
    ),
}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def near(wanted: tuple[int, ...], tolerance: int = 3) -> Any:
    return pytest.approx(wanted, abs=tolerance)


def jp2(mode: str, colour: Any, size: tuple[int, int] = (40, 40), **options: Any) -> bytes:
    return encoded(Image.new(mode, size, colour), "JPEG2000", **options)


def made_elsewhere(name: str) -> bytes:
    return base64.b64decode(_HEAD + MADE_ELSEWHERE[name])


def with_boxes(data: bytes, *colours: bytes) -> bytes:
    """Return the file with these boxes in place of the one that tells its colours."""
    start = data.index(b"jp2h") - 4
    (length,) = struct.unpack_from(">I", data, start)
    image_header = data[start + 8 : start + 8 + 22]
    header = box(b"jp2h", image_header + b"".join(colours))
    return data[:start] + header + data[start + length :]


def colour_box(method: int, data: bytes) -> bytes:
    return box(b"colr", bytes((method, 0, 0)) + data)


def colours_by_number(number: int) -> bytes:
    return colour_box(1, struct.pack(">I", number))


@pytest.mark.parametrize(
    ("name", "depth", "colour"),
    [
        ("sRGB, 16 bits", 16, (200, 50, 20)),
        ("sYCC, 4:2:0", 8, (199, 32, 39)),
        ("grey, 4 bits", 4, (136,) * 3),
        ("grey, 12 bits", 12, (128,) * 3),
    ],
)
def test_every_depth_reaches_from_black_to_white(
    studio: Studio, name: str, depth: int, colour: tuple[int, ...]
) -> None:
    rendering = studio.render(made_elsewhere(name))
    assert rendering.bit_depth == depth
    assert rendering.notes == ((f"bit_depth:{depth}",) if depth > 8 else ())
    assert studio.rendition("preview").getpixel((16, 16)) == near(colour)


@pytest.mark.parametrize("value", [0, 257, 32_896, 65_535])
@pytest.mark.parametrize("is_signed", [False, True])
def test_signed_numbers_begin_at_black(studio: Studio, value: int, is_signed: bool) -> None:
    data = bytearray(jp2("I;16", value))
    sign_at = data.index(b"\xff\x4f\xff\x51") + 42
    # The standard shifts unsigned numbers by half their range before it codes them (annex G.1):
    # said to be signed, the same stream holds numbers less by 32,768, and shows the same.
    data[sign_at] |= 0x80 if is_signed else 0
    assert studio.colour(bytes(data)) == near((value // 257,) * 3)


@pytest.mark.parametrize(
    ("mode", "value", "colours", "shown", "notes"),
    [
        ("RGB", SRGB_RED_IN_P3, [colours_by_number(16)], SRGB_RED_IN_P3, ()),
        ("RGB", SRGB_RED_IN_P3, [colour_box(PROFILE, display_p3())], RED, ("wide_gamut",)),
        ("RGB", SRGB_RED_IN_P3, [colour_box(ANY_PROFILE, display_p3())], RED, ("wide_gamut",)),
        ("RGBA", (*SRGB_RED_IN_P3, 128), [colour_box(PROFILE, display_p3())], (*RED, 128), None),
        ("L", 55, [colour_box(PROFILE, linear_grey())], (128,) * 3, ()),
        ("L", 55, [colours_by_number(17)], (55,) * 3, ()),
        (
            "RGB",
            (200, 50, 20),
            [colour_box(PROFILE, b"no profile")],
            (200, 50, 20),
            ("bad_profile",),
        ),
        ("CMYK", (255, 0, 0, 0), [colours_by_number(12)], (0, 160, 229), ("cmyk_assumed",)),
        (
            "CMYK",
            (255, 0, 0, 0),
            [colour_box(ANY_PROFILE, coated_cmyk())],
            (0, 160, 229),
            ("cmyk",),
        ),
    ],
)
def test_colours_are_what_their_box_says(
    studio: Studio,
    mode: str,
    value: Any,
    colours: list[bytes],
    shown: tuple[int, ...],
    notes: tuple[str, ...] | None,
) -> None:
    rendering = studio.render(with_boxes(jp2(mode, value), *colours))
    preview = studio.rendition("preview")
    assert preview.getpixel((20, 20)) == near(shown, 4)
    assert notes in (None, rendering.notes)


def test_lab_is_refused_before_it_is_shown_as_rgb(studio: Studio) -> None:
    with pytest.raises(KnownFailure) as caught:
        studio.render(with_boxes(jp2("RGB", (1, 2, 3)), colours_by_number(14)))
    assert caught.value.cause is Cause.UNSUPPORTED_FORMAT
    assert "CIELab" in caught.value.message


def test_a_palette_has_its_colours(studio: Studio) -> None:
    entries = bytes((0, 0, 0, 200, 50, 20))
    palette = box(b"pclr", struct.pack(">HB3B", 2, 3, 7, 7, 7) + entries)
    table = box(b"cmap", b"".join(struct.pack(">HBB", 0, 1, column) for column in range(3)))
    data = with_boxes(jp2("L", 1), colours_by_number(16), palette, table)
    assert studio.colour(data) == near((200, 50, 20))


def shrunk(data: bytes, wanted: tuple[int, int]) -> tuple[Image.Image, tuple[int, int]]:
    """Return the picture decoded for that size, and its own size."""
    image, header = open_image(io.BytesIO(data), b"", Limits())
    shrink(image, wanted)
    image.load()
    return image, header.size


@pytest.mark.parametrize(
    ("size", "wanted", "decoded"),
    [
        ((1600, 1200), (800, 600), (800, 600)),
        ((1600, 1200), (801, 600), (1600, 1200)),
        ((1601, 1203), (401, 301), (401, 301)),
        ((1601, 1203), (400, 300), (401, 301)),
        ((1601, 1203), (800, 602), (801, 602)),
        ((1601, 1203), (1, 1), (51, 38)),  # five times is what the file offers
        ((37, 21), (5, 3), (5, 3)),
        ((37, 1), (3, 1), (37, 1)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
@pytest.mark.parametrize("options", [{}, {"no_jp2": True}, {"tile_size": (512, 512)}])
def test_it_is_decoded_at_the_smallest_size_that_covers(
    size: tuple[int, int], wanted: tuple[int, int], decoded: tuple[int, int], options: Any
) -> None:
    image, whole = shrunk(encoded(gradient(size), "JPEG2000", **options), wanted)
    assert (image.size, whole) == (decoded, size)


@pytest.mark.parametrize("levels", [1, 2, 4])
def test_no_more_halvings_are_asked_for_than_there_are(levels: int) -> None:
    data = encoded(gradient((512, 512)), "JPEG2000", num_resolutions=levels)
    side = 512 >> (levels - 1)
    assert shrunk(data, (8, 8))[0].size == (side, side)


# The last tile is a pixel high, or wide, and begins at an odd one.
@example(width=40, height=38, wide=1, high=1, tile=(100, 37), levels=3)
@example(width=260, height=2, wide=1, high=1, tile=(37, 100), levels=2)
@given(
    st.integers(1, 300), st.integers(1, 300), st.integers(1, 300), st.integers(1, 300),
    st.sampled_from([None, (64, 64), (100, 37)]), st.integers(1, 7),
)  # fmt: skip
def test_whatever_the_size_it_covers_and_can_be_decoded(
    width: int, height: int, wide: int, high: int, tile: tuple[int, int] | None, levels: int
) -> None:
    wanted = min(wide, width), min(high, height)
    options: dict[str, Any] = {"tile_size": tile} if tile else {}
    size = min(width, height, *(tile or (300,)))
    levels = min(levels, size.bit_length())
    data = encoded(gradient((width, height), "L"), "JPEG2000", num_resolutions=levels, **options)
    image, _ = shrunk(data, wanted)
    assert image.width >= wanted[0]
    assert image.height >= wanted[1]


@pytest.mark.parametrize(
    ("size", "mode"), [((1600, 300), "RGBA"), ((1601, 1203), "L"), ((3203, 599), "L")]
)
def test_a_shrunk_one_shows_everything_where_it_was(
    studio: Studio, size: tuple[int, int], mode: str
) -> None:
    clouds = Image.effect_noise((200, 200 * size[1] // size[0]), 80)
    picture = clouds.resize(size, Image.Resampling.BICUBIC)
    rendering = studio.render(encoded(picture.convert(mode), "JPEG2000"))
    assert (rendering.width, rendering.height) == size
    preview = studio.rendition("preview")
    wanted = picture.resize(preview.size, Image.Resampling.LANCZOS)
    # WebP alone makes 2.6 of it; 4.7 to 7.7 where all stood half a pixel beside its place.
    assert difference(preview, wanted) < 3.3


def test_parts_that_lead_in_circles_are_not_followed() -> None:
    data = bytearray(encoded(gradient((256, 256)), "JPEG2000", tile_size=(64, 64), no_jp2=True))
    at = data.index(b"\xff\x90", data.index(b"\xff\x90") + 2)
    data[at + 6 : at + 10] = struct.pack(">I", 12)
    image, _ = open_image(io.BytesIO(bytes(data)), b"", Limits())
    shrink(image, (32, 32))
    assert image.size == (256, 256)


@pytest.mark.parametrize("cut", range(4, 120, 9))
def test_a_beginning_alone_says_nothing(cut: int) -> None:
    data = encoded(gradient((64, 64)), "JPEG2000", no_jp2=True)
    stream = read_codestream(io.BytesIO(data[:cut]))
    assert stream is None or (stream.size == (64, 64) and stream.depths == (8, 8, 8))


def tiled(layers: int, tiles: int = 6) -> bytes:
    """Return a JPEG 2000 of some tiles that says it has so many layers."""
    data = bytearray(
        encoded(gradient((16 * tiles, 16)), "JPEG2000", tile_size=(16, 16), no_jp2=True)
    )
    at = data.index(b"\xff\x52\0") + 6
    data[at : at + 2] = struct.pack(">H", layers)
    return bytes(data)


@pytest.mark.parametrize(("layers", "is_too_many"), [(1, False), (50, False), (65_280, True)])
def test_packets_for_which_there_is_no_room_are_damage(
    studio: Studio, layers: int, is_too_many: bool
) -> None:
    data = tiled(layers)
    stream = read_codestream(io.BytesIO(data))
    assert stream is not None
    assert stream.tiles == 6
    assert tells_too_many_packets(io.BytesIO(data), stream) == is_too_many
    if is_too_many:
        with pytest.raises(KnownFailure, match="damaged: it ends early"):
            studio.render(data)
    else:
        assert studio.render(data).width == 96


def test_layers_may_be_said_by_a_tile_or_after_a_channel() -> None:
    data = tiled(1)
    at = data.index(b"\xff\x52\0")
    style = data[at : at + 14]
    second = data.index(b"\xff\x90", data.index(b"\xff\x90") + 2)
    said = style[:6] + b"\xff\0" + style[8:]
    length = int.from_bytes(data[second + 6 : second + 10], "big") + len(said)
    tile = data[second : second + 6] + struct.pack(">I", length) + data[second + 10 : second + 12]
    hostile = data[:second] + tile + said + data[second + 12 :]
    stream = read_codestream(io.BytesIO(hostile))
    assert stream is not None
    assert tells_too_many_packets(io.BytesIO(hostile), stream)


def saying_size(data: bytes, width: int, height: int) -> bytes:
    """Return the file, of one tile, with both its headers saying another size."""
    changed = bytearray(data)
    struct.pack_into(">II", changed, data.index(b"ihdr") + 4, height, width)
    for place in (6, 22):  # of the picture, of its tile
        struct.pack_into(">II", changed, data.index(b"\xff\x51") + place, width, height)
    return bytes(changed)


@pytest.mark.parametrize(
    ("options", "least", "most"),
    [
        # 132 million bytes for three channels in half a megapixel, not 26 for each of 12 millions.
        ({}, 32_000_000, 80_000_000),
        ({"codeblock_size": (4, 4)}, 1_000_000_000, 1_150_000_000),
        ({"num_resolutions": 1}, 312_000_000, 360_000_000),
    ],
)
def test_what_it_takes_is_told_for_the_size_it_is_decoded_at(
    options: dict[str, Any], least: int, most: int
) -> None:
    # The header alone counts, and 12 megapixels in blocks of 4 × 4 are encoded for 20 s.
    source = io.BytesIO(
        saying_size(encoded(gradient((400, 300)), "JPEG2000", **options), 4_000, 3_000)
    )
    wanted = standard_recipe().renditions
    asked = estimate_memory(source, b"", Limits(), wanted)
    assert least < asked < most
    assert open_image(source, b"", Limits(), wanted)[1].memory_bytes == asked
    assert estimate_memory(source, b"", Limits()) >= 26 * 12_000_000
