"""Numbers of every kind mean what their format says, from black to white."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from pictures import Studio, png_chunk
from PIL import Image
from raster import PIXELS, png, strip_tiff

from pixelcraft_desktop.imaging.colour.samples import Samples, to_eight_bit
from pixelcraft_desktop.imaging.notes import Notes
from pixelcraft_desktop.model import Cause, KnownFailure

INFINITE, NONE = float("inf"), float("nan")
GREY, RGB, PALETTE, INK, LAB = 1, 2, 3, 5, 8  # PhotometricInterpretation; 0: white is zero
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
CYAN = (0, 160, 229)  # as printed, see test_colour


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def near(wanted: tuple[int, ...], tolerance: int = 3) -> Any:
    return pytest.approx(wanted, abs=tolerance)


# (form, bits, photometric, format, the number in the middle, others at the edge, the grey)
NUMBERS = [
    ("B", 8, 0, UNSIGNED, 50, (), 205),
    ("H", 16, GREY, UNSIGNED, 0x8000, (), 128),
    ("H", 16, 0, UNSIGNED, 50 * 257, (), 205),
    ("h", 16, GREY, SIGNED, 0x3210, (), 50),
    ("h", 16, GREY, SIGNED, 0x3000, (-0x1000, 0x7000), 128),
    ("i", 32, GREY, SIGNED, 0x3210, (), 50),
    ("I", 32, GREY, UNSIGNED, 0x3210, (), 50),
    ("I", 32, GREY, UNSIGNED, 0xC0001000, (0, 0xF0000000), 204),
    ("f", 32, GREY, FLOAT, 0.25, (), 64),
    ("f", 32, 0, FLOAT, 0.25, (), 191),
    ("d", 64, GREY, FLOAT, 0.25, (), 64),
    ("f", 32, GREY, FLOAT, 3.0, (0.0, 4.0), 191),
    ("f", 32, GREY, FLOAT, 0.25, (NONE, 1.0), 64),
    ("f", 32, GREY, FLOAT, 3.0, (NONE, 0.0, 4.0), 191),
    ("f", 32, GREY, FLOAT, 3.0, (INFINITE, -4.0, 4.0), 223),
    ("f", 32, GREY, FLOAT, NONE, (), 0),
]


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize(("form", "bits", "photometric", "kind", "middle", "edge", "grey"), NUMBERS)
def test_every_number_of_a_tiff_has_its_grey(
    studio: Studio,
    form: str,
    bits: int,
    photometric: int,
    kind: int,
    middle: float,
    edge: tuple[float, ...],
    grey: int,
    order: str,
    is_packed: bool,
) -> None:
    numbers = [*edge, *[middle] * (PIXELS - len(edge))]
    pixels = struct.pack(f"{order}{PIXELS}{form}", *numbers)
    data = strip_tiff([bits], photometric, pixels, kind=kind, order=order, is_packed=is_packed)
    assert studio.colour(data) == near((grey,) * 3)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(("photometric", "grey"), [(GREY, 50), (0, 205)])
def test_twelve_bits_end_at_4095(studio: Studio, order: str, photometric: int, grey: int) -> None:
    pair = bytes((0x32, 0x13, 0x21))  # 0x321 twice
    rendering = studio.render(strip_tiff([12], photometric, pair * (PIXELS // 2), order=order))
    assert (rendering.bit_depth, rendering.notes) == (12, ("bit_depth:12",))
    assert studio.rendition("preview").getpixel((8, 8)) == near((grey,) * 3)


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize(
    ("bits", "photometric", "pixel", "colour"),
    [
        (8, RGB, (200, 50, 20), (200, 50, 20)),
        (16, RGB, (200, 50, 20), (200, 50, 20)),
        (8, INK, (255, 0, 0, 0), CYAN),
        (16, INK, (255, 0, 0, 0), CYAN),
    ],
)
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("is_planar", [False, True])
def test_channels_side_by_side_or_in_planes(
    studio: Studio,
    bits: int,
    photometric: int,
    pixel: tuple[int, ...],
    colour: tuple[int, ...],
    order: str,
    is_packed: bool,
    is_planar: bool,
) -> None:
    numbers = [struct.pack(f"{order}H", 257 * v) if bits == 16 else bytes([v]) for v in pixel]
    planes = [n * PIXELS for n in numbers] if is_planar else [b"".join(numbers) * PIXELS]
    data = strip_tiff([bits] * len(pixel), photometric, *planes, order=order, is_packed=is_packed)
    assert studio.colour(data) == near(colour)


# CIE L*a*b* of these colours for an eye that is used to D50.
@pytest.mark.parametrize(
    ("lab", "colour"),
    [
        ((49.3, 36.1, 29.1), (180, 90, 70)),
        ((55.4, -39.8, 28.5), (60, 150, 80)),
        ((36.5, 14.9, -45.6), (70, 80, 160)),
        ((53.6, 0.0, 0.0), (128, 128, 128)),
    ],
)
def test_lab_is_seen_in_its_colours(
    studio: Studio, lab: tuple[float, ...], colour: tuple[int, ...]
) -> None:
    pixel = struct.pack("Bbb", round(lab[0] * 2.55), round(lab[1]), round(lab[2]))
    assert studio.colour(strip_tiff([8] * 3, LAB, pixel * PIXELS)) == near(colour, 4)


STRAIGHT, PREMULTIPLIED, UNKNOWN = 2, 1, 0


@pytest.mark.parametrize(
    ("bits", "extra", "photometric", "pixel", "colour"),
    [
        (8, STRAIGHT, RGB, (200, 50, 20, 128), (200, 50, 20, 128)),
        (8, PREMULTIPLIED, RGB, (100, 25, 10, 128), (200, 50, 20, 128)),
        (8, UNKNOWN, RGB, (200, 50, 20, 128), (200, 50, 20)),
        (16, STRAIGHT, RGB, (200, 50, 20, 128), (200, 50, 20, 128)),
        (16, PREMULTIPLIED, RGB, (100, 25, 10, 128), (200, 50, 20, 128)),
        (16, UNKNOWN, RGB, (200, 50, 20, 128), (200, 50, 20)),
        (8, STRAIGHT, GREY, (90, 128), (90, 90, 90, 128)),
        (8, PREMULTIPLIED, GREY, (45, 128), (90, 90, 90, 128)),
        (8, UNKNOWN, GREY, (90, 128), (90, 90, 90)),
        (8, STRAIGHT, PALETTE, (1, 128), (200, 50, 20, 128)),
    ],
)
def test_alpha_is_straight_premultiplied_or_something_else(
    studio: Studio,
    bits: int,
    extra: int,
    photometric: int,
    pixel: tuple[int, ...],
    colour: tuple[int, ...],
) -> None:
    palette = [0] * 768
    palette[1::256] = [200 * 257, 50 * 257, 20 * 257]
    numbers = b"".join(bytes([v]) * (bits // 8) for v in pixel)
    data = strip_tiff(
        [bits] * len(pixel),
        photometric,
        numbers * PIXELS,
        extra=extra,
        palette=palette if photometric == PALETTE else None,
    )
    assert studio.colour(data) == near(colour)


@pytest.mark.parametrize(
    ("bits", "photometric", "kind", "order", "name"),
    [
        ([32] * 3, RGB, FLOAT, "<", "3 × 32 bits, float"),
        ([16], GREY, FLOAT, "<", "16 bits, float"),
        ([16] * 2, GREY, None, "<", "2 × 16 bits"),
        ([14], GREY, None, "<", "14 bits"),
        ([16] * 3, LAB, None, "<", "3 × 16 bits"),
        ([4] * 3, RGB, None, ">", "3 × 4 bits"),
    ],
)
def test_a_layout_that_is_not_known_is_named(
    studio: Studio, bits: list[int], photometric: int, kind: int | None, order: str, name: str
) -> None:
    data = strip_tiff(bits, photometric, bytes(PIXELS * 16), kind=kind, order=order)
    with pytest.raises(KnownFailure) as caught:
        studio.render(data)
    assert caught.value.cause is Cause.UNSUPPORTED_FORMAT
    assert caught.value.message == f"TIFF ({name}) pictures can't be read yet."


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (struct.pack("<HHII", 256, 3, 1, 16), struct.pack("<HHII", 256, 3, 1, 0)),
        (struct.pack("<HHII", 262, 3, 1, 2), struct.pack("<HHII", 262, 3, 1, 777)),
        (struct.pack("<HHI", 273, 4, 1), struct.pack("<HHI", 999, 4, 1)),
    ],
)
def test_a_broken_layout_is_damage(studio: Studio, old: bytes, new: bytes) -> None:
    data = strip_tiff([32] * 3, RGB, bytes(PIXELS * 12), kind=FLOAT)
    assert data.count(old) == 1
    with pytest.raises(KnownFailure) as caught:
        studio.render(data.replace(old, new))
    assert caught.value.cause is Cause.DAMAGED


PNG_GREY, PNG_RGB, PNG_PALETTE = 0, 2, 3


@pytest.mark.parametrize(
    ("depth", "kind", "pixel", "clear", "alpha"),
    [
        (1, PNG_GREY, b"\xff", (1,), 0),
        (1, PNG_GREY, b"\xff", (0,), 255),
        (2, PNG_GREY, b"\xaa", (2,), 0),
        (2, PNG_GREY, b"\xaa", (1,), 255),
        (4, PNG_GREY, b"\x77", (7,), 0),
        (4, PNG_GREY, b"\x77", (8,), 255),
        (8, PNG_GREY, b"\x80", (128,), 0),
        (8, PNG_GREY, b"\x80", (127,), 255),
        (8, PNG_GREY, b"\x80", (128 + 256,), 255),
        (16, PNG_GREY, b"\x80\x01", (0x8001,), 0),
        (16, PNG_GREY, b"\x80\x02", (0x8001,), 255),
        (8, PNG_RGB, b"\xc8\x32\x14", (200, 50, 20), 0),
        (8, PNG_RGB, b"\xc8\x32\x14", (200, 50, 21), 255),
        (8, PNG_RGB, b"\xc8\x32\x14", (200 + 256, 50, 20), 255),
        (16, PNG_RGB, b"\xc8\x01\x32\x02\x14\x03", (0xC801, 0x3202, 0x1403), 0),
        (16, PNG_RGB, b"\xc8\x01\x32\x02\x14\x03", (200, 50, 20), 255),
    ],
)
def test_the_clear_colour_of_a_png_is_clear_at_every_depth(
    studio: Studio, depth: int, kind: int, pixel: bytes, clear: tuple[int, ...], alpha: int
) -> None:
    chunk = (b"tRNS", struct.pack(f">{len(clear)}H", *clear))
    studio.render(png(depth, kind, pixel, chunk))
    preview = studio.rendition("preview").convert("RGBA")
    assert preview.getchannel("A").getpixel((8, 8)) == alpha


@pytest.mark.parametrize("kind", [PNG_GREY, PNG_RGB, PNG_PALETTE])
@pytest.mark.parametrize("name", [b"transparency", b"gamma", b"srgb", b"cicp", b"chromaticity"])
def test_a_text_with_a_name_of_ours_is_a_text(studio: Studio, kind: int, name: bytes) -> None:
    text = (b"tEXt", name + b"\0" + b"0.1")
    palette = [(b"PLTE", bytes((1, 2, 3, 200, 50, 20)))] if kind == PNG_PALETTE else []
    pixel = {PNG_GREY: b"\x80", PNG_RGB: bytes((200, 50, 20)), PNG_PALETTE: b"\1"}[kind]
    wanted = (128,) * 3 if kind == PNG_GREY else (200, 50, 20)
    assert studio.colour(png(8, kind, pixel, text, *palette)) == near(wanted)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK", "LA"])
def test_eight_bits_are_left_alone(mode: str) -> None:
    image = Image.new(mode, (4, 4))
    assert to_eight_bit(image, Notes(), Samples()) is image


def test_a_chunk_of_code_points_cut_short_is_passed_over(studio: Studio) -> None:
    data = png(8, PNG_RGB, bytes((200, 50, 20)), (b"cICP", bytes((12, 13))))
    assert studio.colour(data) == near((200, 50, 20))
    assert png_chunk(b"cICP", bytes((12, 13))) in data
