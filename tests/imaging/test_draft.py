"""A JPEG is decoded at a fraction of its size, but never right down to the size that is wanted."""

from __future__ import annotations

import io

import pytest
from pictures import encoded, gradient
from PIL import Image

from pixelcraft_desktop.imaging.draft import draft

WANTED = (100, 75)


def drafted(size: tuple[int, int], plugin: str = "JPEG") -> tuple[int, int]:
    image = Image.open(io.BytesIO(encoded(gradient(size), plugin)), formats=[plugin])
    draft(image, WANTED)
    image.load()
    return image.size


@pytest.mark.parametrize(
    ("size", "decoded"),
    [
        ((100, 75), (100, 75)),
        ((240, 180), (240, 180)),
        ((300, 225), (150, 113)),
        ((480, 360), (240, 180)),
        ((500, 375), (125, 94)),
        ((880, 660), (220, 165)),
        ((900, 675), (113, 85)),
        ((900, 180), (900, 180)),
    ],
    ids=["same", "2.4", "3", "4.8", "5", "8.8", "9", "flat"],
)
def test_something_is_left_to_shrink(size: tuple[int, int], decoded: tuple[int, int]) -> None:
    assert drafted(size) == decoded


def test_other_formats_are_decoded_whole() -> None:
    assert drafted((900, 675), "PNG") == (900, 675)


def test_a_line_of_one_pixel_stays_one() -> None:
    image = Image.open(io.BytesIO(encoded(gradient((900, 1)), "JPEG")), formats=["JPEG"])
    draft(image, (100, 1))
    image.load()
    assert image.size == (900, 1)
