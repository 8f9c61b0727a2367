"""A PNG hurt in its middle never passes for a sound one, whoever looked at it first."""

from __future__ import annotations

import random
import struct
import zlib
from pathlib import Path

import pytest
from pictures import Studio, encoded, png_chunk
from PIL import Image

from pixelcraft_desktop.model import Cause, KnownFailure

WIDTH, HEIGHT = 64, 48
ADAM7 = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)


def noise(mode: str) -> Image.Image:
    pixels = random.Random(1).randbytes(WIDTH * HEIGHT * (2 if mode == "I;16" else 3))
    if mode == "P":
        return Image.frombytes("L", (WIDTH, HEIGHT), pixels[: WIDTH * HEIGHT]).quantize(64)
    return Image.frombytes(mode, (WIDTH, HEIGHT), pixels)


def interlaced() -> bytes:
    pixels = noise("RGB").convert("L").tobytes()
    rows = b"".join(
        b"\0" + pixels[y * WIDTH + left : (y + 1) * WIDTH : right]
        for left, top, right, down in ADAM7
        for y in range(top, HEIGHT, down)
    )
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 1)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


FILES = {
    "8 bits": encoded(noise("RGB"), "PNG"),
    "palette": encoded(noise("P"), "PNG"),
    "interlaced": interlaced(),
    "16 bits": encoded(noise("I;16"), "PNG"),
    "not packed": encoded(noise("RGB"), "PNG", compress_level=0),
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("tenth", range(10))
def test_one_bit_is_enough(tmp_path: Path, kind: str, tenth: int) -> None:
    data = bytearray(FILES[kind])
    start = data.index(b"IDAT") + 4
    length = int.from_bytes(data[start - 8 : start - 4], "big")
    data[start + 7 + (length - 7) * tenth // 10] ^= 0x10  # 7: before it, padding may be hit
    with pytest.raises(KnownFailure, match="The picture is damaged") as caught:
        Studio(tmp_path).render(bytes(data))
    assert caught.value.cause is Cause.DAMAGED


@pytest.mark.parametrize("kind", FILES)
def test_unhurt_they_are_sound(tmp_path: Path, kind: str) -> None:
    rendering = Studio(tmp_path).render(FILES[kind])
    assert not rendering.is_damaged
    assert not any(note.startswith("salvaged") for note in rendering.notes)
