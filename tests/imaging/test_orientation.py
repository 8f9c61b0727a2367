"""However the camera was held, people and houses stand on their feet."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from pictures import Studio, encoded, gradient, png_chunk
from PIL import ExifTags, Image, ImageChops, ImageDraw, ImageStat

from pixelcraft_desktop.imaging.orientation import read_orientation, swap_sides, turn_upright

Turn = Image.Transpose
# How the stored picture comes of the upright one: the inverse of what EXIF asks to be done.
STORED_BY = {
    2: Turn.FLIP_LEFT_RIGHT,
    3: Turn.ROTATE_180,
    4: Turn.FLIP_TOP_BOTTOM,
    5: Turn.TRANSPOSE,
    6: Turn.ROTATE_90,
    7: Turn.TRANSVERSE,
    8: Turn.ROTATE_270,
}
FORMATS = ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def pattern(size: tuple[int, int] = (64, 64)) -> Image.Image:
    """Return grey that looks different in each of the eight positions."""
    image = gradient(size, "L").point(lambda value: value // 2)
    draw = ImageDraw.Draw(image)
    draw.rectangle((4, 4, 23, 11), fill=255)
    draw.ellipse((36, 28, 55, 43), fill=200)
    return image


def exif_saying(orientation: object) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif


def stored(plugin: str, orientation: int, size: tuple[int, int] = (64, 64)) -> bytes:
    turn = STORED_BY.get(orientation)
    image = pattern(size) if turn is None else pattern(size).transpose(turn)
    return encoded(image, plugin, exif=exif_saying(orientation), quality=95)


def difference(one: Image.Image, other: Image.Image) -> float:
    return ImageStat.Stat(ImageChops.difference(one.convert("L"), other.convert("L"))).mean[0]


@pytest.mark.parametrize("plugin", FORMATS)
def test_all_eight_stand_upright(studio: Studio, plugin: str) -> None:
    for orientation in range(1, 9):
        rendering = studio.render(stored(plugin, orientation))
        assert (rendering.width, rendering.height) == (64, 64)
        preview = studio.rendition("preview")
        assert difference(preview, pattern()) < 2, orientation
        # The measure is strict enough to tell all the others apart.
        assert min(difference(preview, pattern().transpose(t)) for t in STORED_BY.values()) > 10


@pytest.mark.parametrize("plugin", FORMATS)
@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
def test_the_displayed_size_is_told_and_made(studio: Studio, plugin: str, orientation: int) -> None:
    rendering = studio.render(stored(plugin, orientation, (1600, 400)))
    assert (rendering.width, rendering.height) == (1600, 400)
    assert studio.rendition("preview").size == (800, 200)
    assert studio.rendition("thumbnail").size == (200, 200)


def test_a_png_may_tell_it_behind_its_pixels(studio: Studio) -> None:
    plain = encoded(pattern((64, 48)).transpose(STORED_BY[6]), "PNG")
    block = exif_saying(6).tobytes().removeprefix(b"Exif\0\0")
    rendering = studio.render(plain[:-12] + png_chunk(b"eXIf", block) + plain[-12:])
    assert (rendering.width, rendering.height) == (64, 48)
    assert difference(studio.rendition("preview"), pattern((64, 48))) < 2


@pytest.mark.parametrize("nonsense", [0, 9, 65_535])
@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_nonsense_turns_nothing(studio: Studio, plugin: str, nonsense: int) -> None:
    studio.render(encoded(pattern(), plugin, exif=exif_saying(nonsense)))
    assert difference(studio.rendition("preview"), pattern()) < 2


def test_orientation_in_words_is_nonsense() -> None:
    image = pattern()
    image.info["exif"] = b"II*\0\x08\0\0\0" + struct.pack("<HHHI4s", 1, 274, 2, 4, b"top\0")
    assert read_orientation(image) == 1


def test_xmp_turns_nothing() -> None:
    image = pattern()
    image.info["xmp"] = b'<x tiff:Orientation="6"/>'
    assert read_orientation(image) == 1
    image.info["exif"] = exif_saying(3).tobytes()
    assert read_orientation(image) == 3


def test_sides_are_swapped_by_quarter_turns_alone() -> None:
    for orientation in range(1, 9):
        turned = turn_upright(Image.new("L", (3, 2)), orientation)
        assert turned.size == swap_sides((3, 2), orientation)
