"""What lies around a picture: frames after it, other files behind it, sizes that don't agree."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from heic import box
from mutations import end_of
from pictures import Studio, encoded, gradient
from PIL import Image

from pixelcraft_desktop.model import Cause, KnownFailure

FRAMES = [Image.new("RGB", (60, 60), colour) for colour in ("red", "green", "blue")]
RED = pytest.approx((255, 0, 0), abs=4)
LOSSLESS, BASELINE = 0xC3, 0xC0


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def animated_png(count: int | None = None, **options: bool) -> bytes:
    """Return three frames that say to be so many."""
    data = encoded(FRAMES[0], "PNG", save_all=True, append_images=FRAMES[1:], **options)
    if count is None:
        return data
    at = data.index(b"acTL")
    chunk = b"acTL" + struct.pack(">II", count, 0)
    return data[:at] + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[at + 16 :]


@pytest.mark.parametrize(
    ("data", "notes"),
    [
        (animated_png(), ("frames:3",)),
        # The picture that is no frame is what is shown, and it is counted in.
        (animated_png(default_image=True), ("frames:3",)),
        (animated_png(1), ()),
        (animated_png(2**31), ("frames:1000+",)),
    ],
)
def test_an_animated_png_shows_its_first_picture(
    studio: Studio, data: bytes, notes: tuple[str, ...]
) -> None:
    assert studio.colour(data) == RED
    assert studio.render(data).notes == notes


@pytest.mark.filterwarnings("ignore:Invalid APNG")  # and shown as a still picture all the same
@pytest.mark.parametrize("count", [0, 2**32 - 1])
def test_an_animation_of_an_impossible_length_is_a_picture(studio: Studio, count: int) -> None:
    assert studio.colour(animated_png(count)) == RED
    assert studio.render(animated_png(count)).notes == ()


@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "MPO"])
def test_what_lies_behind_a_picture_is_left_alone(studio: Studio, plugin: str) -> None:
    # A motion photograph is a JPEG with a film behind it.
    film = box(b"ftyp", b"mp42" + bytes(4) + b"isommp42") + box(b"mdat", b"\xff\xd8" * 5_000)
    assert studio.colour(encoded(FRAMES[0], plugin) + film) == RED
    assert studio.render(encoded(FRAMES[0], plugin) + film).notes == ()


@pytest.mark.parametrize("junk", [b"\0", b"\r\n", b"\xff", bytes(128)])
def test_what_begins_with_something_else_is_no_picture(studio: Studio, junk: bytes) -> None:
    assert end_of(studio, junk + encoded(FRAMES[0], "JPEG")) == Cause.NOT_AN_IMAGE


@pytest.mark.parametrize("side", [1, 16, 61, 16_000])
def test_a_webp_whose_canvas_is_another_is_damaged(studio: Studio, side: int) -> None:
    data = bytearray(encoded(FRAMES[0].convert("RGBA"), "WEBP", lossless=True, exif=b"MM\0*"))
    at = data.index(b"VP8X") + 12
    data[at : at + 3] = (side - 1).to_bytes(3, "little")
    assert end_of(studio, bytes(data)) in {Cause.DAMAGED, Cause.TOO_LARGE}


def framed(code: int, bits: int) -> bytes:
    """Return a JPEG that says to be coded so."""
    data = bytearray(encoded(gradient(), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 1], data[at + 4] = code, bits
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (framed(LOSSLESS, 8), "Lossless JPEG pictures"),
        (framed(LOSSLESS, 14), "Lossless JPEG pictures"),
        (framed(0xC1, 12), r"JPEG \(12-bit\) pictures"),
        (b"\xff\xd8\xff\xf7\0\x0b\x08" + bytes(40), "JPEG-LS pictures"),
    ],
)
def test_jpegs_for_doctors_are_named(studio: Studio, data: bytes, name: str) -> None:
    with pytest.raises(KnownFailure, match=f"^{name} can't be read yet") as caught:
        studio.render(data)
    assert caught.value.cause == Cause.UNSUPPORTED_FORMAT
    assert end_of(studio, framed(BASELINE, 8)) is None
