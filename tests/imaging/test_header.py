"""The first bytes decide: whether we read it, how large it is, what decoding will cost."""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from pictures import READABLE, encoded, gradient, pictures_made, tiff
from PIL import Image

from pixelcraft_desktop.imaging.header import estimate_memory, open_image
from pixelcraft_desktop.model import Cause, KnownFailure, Limits

# A single grey pixel, uncompressed, as TIFF rows: width, height, bits, compression, …
PIXEL = [
    (256, 3, 1, 1),
    (257, 3, 1, 1),
    (258, 3, 1, 8),
    (259, 3, 1, 1),
    (262, 3, 1, 1),
    (273, 4, 1, 8),
    (277, 3, 1, 1),
    (278, 4, 1, 1),
    (279, 4, 1, 1),
]
DNG_VERSION = (50706, 1, 4, 0x0104)
IS_THUMBNAIL = (254, 4, 1, 1)
SUB_PICTURES = (330, 4, 1, 8)
# A PNG of 65,000 × 65,000 pixels that ends after its header.
HUGE_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xfd\xe8\0\0\xfd\xe8\x08\0\0\0\0"


def failure_of(data: bytes, name: bytes = b"", limits: Limits | None = None) -> KnownFailure:
    with pytest.raises(KnownFailure) as caught:
        open_image(io.BytesIO(data), name, limits or Limits())
    with pytest.raises(KnownFailure) as again:
        estimate_memory(io.BytesIO(data), name, limits or Limits())
    assert again.value.message == caught.value.message
    return caught.value


@pytest.mark.parametrize("plugin", READABLE)
def test_the_header_is_read_from_anywhere_in_the_file(plugin: str) -> None:
    source = io.BytesIO(encoded(gradient((30, 20)), plugin))
    source.seek(7)
    _, header = open_image(source, b"", Limits())
    assert header.size == header.upright == (30, 20)
    assert header.format.upper() == plugin
    assert header.memory_bytes == estimate_memory(source, b"", Limits())


@pytest.mark.parametrize("plugin", READABLE)
def test_nothing_is_decoded_for_the_estimate(plugin: str) -> None:
    source = io.BytesIO(encoded(gradient((500, 500)), plugin))
    before = pictures_made()
    assert estimate_memory(source, b"", Limits()) > 500 * 500 * 4
    assert pictures_made() == before


@pytest.mark.parametrize("plugin", READABLE)
def test_the_limit_of_pixels_holds(plugin: str) -> None:
    data = encoded(gradient((30, 20)), plugin)
    open_image(io.BytesIO(data), b"", Limits(pixels=600))
    assert failure_of(data, limits=Limits(pixels=599)).cause == Cause.TOO_LARGE


@pytest.mark.parametrize("data", [HUGE_PNG, HUGE_PNG + b"\0\0\0\0"])
def test_a_bomb_is_refused_or_damaged_before_its_pixels(data: bytes) -> None:
    assert failure_of(data).cause == Cause.DAMAGED


def test_a_bomb_with_a_sound_header_is_too_large() -> None:
    # The largest side of a BMP needs no more than its header to be told.
    data = bytearray(encoded(gradient((1, 1)), "BMP"))
    data[18:26] = (60_000).to_bytes(4, "little") * 2
    failure = failure_of(bytes(data))
    assert (failure.cause, failure.message) == (
        Cause.TOO_LARGE,
        "3,600 megapixels; the limit is 200.",
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (b"/a/letter.txt", "This is not a picture."),
        (b"/a/letter", "This is not a picture."),
        (b"/a/letter.JPG", "This is not a picture, though its name says .jpg."),
        (b"/a/caf\xe9.png", "This is not a picture, though its name says .png."),
        (b"/a/caf.\xe9", "This is not a picture."),
    ],
)
def test_what_is_no_picture_says_so(name: bytes, message: str) -> None:
    failure = failure_of(b"Dear sir,", name)
    assert (failure.cause, failure.message) == (Cause.NOT_AN_IMAGE, message)


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"8BPS\0\x01", b"a", "Photoshop"),
        (b"%PDF-1.7", b"a", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", b"a.png", "EPS"),
        (b"\xff\x0a\xfa\x7f", b"a", "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", b"a.jpg", "JPEG XL"),
        (b"<svg>", b"a.png", "SVG"),
        (gzip.compress(b"<svg>"), b"a.svgz", "SVG"),
        (b"P7\nWIDTH 2\n", b"a.pam", "PAM"),
        (b"Pf 3 2 1\n", b"a.pfm", "PFM"),
        (b"v/1\x01\x02\0\0\0", b"a.exr", "OpenEXR"),
        (b"gimp xcf file\0", b"a", "GIMP"),
        (bytes(128) + b"DICM", b"a", "DICOM"),
        (b"\0\0\x02\0\0\0", b"a.TGA", "TGA"),
    ],
)
def test_a_format_we_cannot_read_is_named(data: bytes, name: bytes, kind: str) -> None:
    failure = failure_of(data, name)
    assert failure.cause == Cause.UNSUPPORTED_FORMAT
    assert failure.message == f"{kind} pictures can't be read yet."


@pytest.mark.parametrize(
    "data",
    [
        b"II*\0\x10\0\0\0CR\x02\0",
        tiff(*PIXEL, DNG_VERSION, data=b"\x80"),
        tiff(IS_THUMBNAIL, *PIXEL, SUB_PICTURES, data=b"\x80"),
    ],
)
def test_camera_raw_is_told_from_tiff(data: bytes) -> None:
    failure = failure_of(data, b"a.tif")
    assert failure.cause == Cause.UNSUPPORTED_FORMAT
    assert failure.message.startswith("Camera RAW pictures without a large preview")


@pytest.mark.parametrize("more", [[], [IS_THUMBNAIL], [SUB_PICTURES]])
def test_a_plain_tiff_is_no_camera_raw(more: list[tuple[int, int, int, int]]) -> None:
    rows = sorted([*PIXEL, *more])
    _, header = open_image(io.BytesIO(tiff(*rows, data=b"\x80")), b"a.dng", Limits())
    assert header.format == "TIFF"


@pytest.mark.parametrize("plugin", READABLE)
def test_a_signature_alone_is_damaged(plugin: str) -> None:
    assert failure_of(encoded(gradient(), plugin)[:20]).cause == Cause.DAMAGED


@pytest.mark.parametrize(
    ("plugin", "mode", "bits", "options"),
    [
        ("PNG", "1", 1, {}),
        ("PNG", "I;16", 16, {}),
        ("TIFF", "I;16", 16, {}),
        ("TIFF", "F", 32, {}),
        ("TIFF", "CMYK", 8, {}),
        ("JPEG", "L", 8, {}),
        ("WEBP", "RGB", 8, {"lossless": True}),
    ],
)
def test_mode_and_depth_are_told(
    plugin: str, mode: str, bits: int, options: dict[str, Any]
) -> None:
    data = encoded(gradient(mode="L").convert(mode), plugin, **options)
    _, header = open_image(io.BytesIO(data), b"", Limits())
    assert (header.mode, header.bit_depth) == (mode, bits)


def test_a_drive_that_gives_no_bytes_is_told() -> None:
    # The kernel answers reads of the speed of a network without wires with an error.
    path = Path("/sys/class/net/lo/speed")
    if not path.exists():
        pytest.skip("a file that opens and refuses to be read is found on Linux alone")
    with path.open("rb") as source, pytest.raises(KnownFailure) as caught:
        estimate_memory(source, b"a.jpg", Limits())
    assert caught.value.cause == Cause.DAMAGED
    assert "can't be read from its drive" in caught.value.message


@pytest.mark.parametrize(
    ("mode", "depth"), [("L", 8), ("RGB", 8), ("P", 8), ("1", 1), ("I;16", 16)]
)
def test_depths_of_png_as_pillow_writes_them(mode: str, depth: int) -> None:
    file = io.BytesIO()
    Image.new(mode, (4, 4)).save(file, "PNG")
    assert open_image(file, b"a.png", Limits())[1].bit_depth == depth


@pytest.mark.parametrize(
    ("bits", "colour", "channels"), [(2, 0, 1), (4, 0, 1), (16, 2, 3), (16, 6, 4)]
)
def test_depths_of_png_that_pillow_opens_in_eight_bits(
    bits: int, colour: int, channels: int
) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    row = bytes(1 + bits * channels * 8 // 8)  # eight pixels, unfiltered
    png = b"\x89PNG\r\n\x1a\n"
    png += chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 1, bits, colour, 0, 0, 0))
    png += chunk(b"IDAT", zlib.compress(row)) + chunk(b"IEND", b"")
    assert open_image(io.BytesIO(png), b"a.png", Limits())[1].bit_depth == bits
