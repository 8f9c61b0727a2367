"""What the decoders would get wrong is refused by name, and how deep a picture is stays told."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from pictures import Studio, encoded, gradient
from PIL import Image

from pixelcraft_desktop.imaging.containers.iso_media import av1_depth
from pixelcraft_desktop.imaging.header import open_image
from pixelcraft_desktop.model import Cause, KnownFailure, Limits

HALVED = ((1, 1), (2, 2), (2, 2))


def subsampled(size: tuple[int, int], samplings: tuple[tuple[int, int], ...]) -> bytes:
    """Return a JPEG 2000 that says so of its channels."""
    data = bytearray(encoded(gradient(size), "JPEG2000", no_jp2=True))
    for channel, (wide, high) in enumerate(samplings):
        struct.pack_into("BB", data, 42 + 3 * channel + 1, wide, high)
    return bytes(data)


@pytest.mark.parametrize(
    ("size", "samplings"),
    [
        ((97, 64), HALVED),
        ((96, 65), HALVED),
        ((96, 64), ((2, 2),) * 3),
        ((96, 64), ((1, 1), (1, 1), (4, 4))),
    ],
)
def test_smaller_channels_are_refused(
    size: tuple[int, int], samplings: tuple[tuple[int, int], ...]
) -> None:
    with pytest.raises(KnownFailure, match="channels smaller than the picture") as caught:
        open_image(io.BytesIO(subsampled(size, samplings)), b"a.j2k", Limits())
    assert caught.value.cause is Cause.UNSUPPORTED_FORMAT


def test_halved_colours_of_even_sides_are_read() -> None:
    _, header = open_image(io.BytesIO(subsampled((96, 64), HALVED)), b"a.j2k", Limits())
    assert header.size == (96, 64)


@pytest.mark.parametrize(
    ("number", "name"), [(50_001, "WebP"), (34_887, "LERC"), (34_712, "JPEG 2000")]
)
def test_a_compression_is_named(tmp_path: Path, number: int, name: str) -> None:
    data = encoded(gradient((8, 8)), "TIFF")
    place = data.index(struct.pack("<HHIHH", 259, 3, 1, 1, 0)) + 8
    hurt = data[:place] + struct.pack("<H", number) + data[place + 2 :]
    with pytest.raises(KnownFailure) as caught:
        Studio(tmp_path).render(hurt)
    assert caught.value.cause is Cause.UNSUPPORTED_FORMAT
    assert caught.value.message == f"TIFF ({name}) pictures can't be read yet."


@pytest.mark.parametrize(("largest", "depth"), [(255, 8), (1023, 16), (65_535, 16)])
def test_a_ppm_of_two_bytes_is_deep(tmp_path: Path, largest: int, depth: int) -> None:
    pixels = bytes(8 * 8 * 3 * (2 if largest > 255 else 1))
    rendering = Studio(tmp_path).render(b"P6 8 8 %d\n" % largest + pixels)
    assert rendering.bit_depth == depth
    assert rendering.notes == ((f"bit_depth:{depth}",) if depth > 8 else ())


@pytest.mark.parametrize(("flags", "depth"), [(0, 8), (0x40, 10), (0x60, 12)])
def test_the_depth_of_an_avif_is_told(flags: int, depth: int) -> None:
    data = bytearray(encoded(Image.new("RGB", (16, 16)), "AVIF"))
    assert open_image(io.BytesIO(bytes(data)), b"a.avif", Limits())[1].bit_depth == 8
    data[data.index(b"av1C") + 6] |= flags  # Pillow makes none, and refuses one that isn't
    assert av1_depth(io.BytesIO(bytes(data))) == depth


@pytest.mark.parametrize("end", [0, 8, 60])
def test_no_depth_is_told_where_there_is_none(end: int) -> None:
    assert av1_depth(io.BytesIO(encoded(Image.new("RGB", (16, 16)), "AVIF")[:end])) == 8
