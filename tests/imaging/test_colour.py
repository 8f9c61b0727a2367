"""Colours arrive as they were meant, whatever they were written as."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pictures import Studio, encoded
from PIL import Image, ImageCms
from profiles import display_p3, linear_grey

from pixelcraft_desktop.imaging.colour import to_eight_bit, to_srgb

SIZE = (40, 40)
# What Display P3 calls the reddest red of sRGB.
SRGB_RED_IN_P3 = (234, 51, 35)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def near(wanted: tuple[int, ...], tolerance: int) -> Any:
    return pytest.approx(wanted, abs=tolerance)


def halves(mode: str, left: Any, right: Any) -> Image.Image:
    image = Image.new(mode, SIZE, left)
    image.paste(right, (SIZE[0] // 2, 0, *SIZE))
    return image


@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("colour", [SRGB_RED_IN_P3, (255, 0, 0)])
def test_red_in_display_p3_is_red(
    studio: Studio, plugin: str, colour: tuple[int, int, int]
) -> None:
    options = {"subsampling": "4:4:4"} if plugin == "AVIF" else {}
    data = encoded(
        Image.new("RGB", SIZE, colour), plugin, icc_profile=display_p3(), quality=100, **options
    )
    assert studio.colour(data) == near((255, 0, 0), 3)


def test_a_profile_that_is_srgb_changes_nothing() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", SIZE, (10, 200, 90))
    assert to_srgb(image, profile) is image


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_without_a_profile_nothing_is_copied(mode: str) -> None:
    image = Image.new(mode, SIZE)
    assert to_eight_bit(image) is image
    assert to_srgb(image, None) is image


@pytest.mark.parametrize("profile", [b"\0", b"no profile at all", display_p3()[:200], bytes(400)])
@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "WEBP"])
def test_a_bad_profile_keeps_the_pixels(studio: Studio, plugin: str, profile: bytes) -> None:
    data = encoded(Image.new("RGB", SIZE, (10, 200, 90)), plugin, icc_profile=profile, quality=100)
    assert studio.colour(data) == near((10, 200, 90), 4)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK", "LA"])
@pytest.mark.parametrize("profile", [display_p3(), linear_grey()])
def test_a_profile_of_another_family_harms_no_mode(mode: str, profile: bytes) -> None:
    image = Image.new(mode, SIZE, 128 if mode == "L" else (128,) * len(mode))
    assert to_srgb(image, profile).mode == {"LA": "RGBA", "CMYK": "RGB"}.get(mode, mode)


@pytest.mark.parametrize(("mode", "grey"), [("L", 55), ("LA", (55, 255))])
def test_linear_grey_is_made_lighter_with_and_without_alpha(
    studio: Studio, mode: str, grey: Any
) -> None:
    # 55/255 of the light is 0.216 of it: middle grey, 128 in sRGB.
    data = encoded(Image.new(mode, SIZE, grey), "PNG", icc_profile=linear_grey())
    assert studio.colour(data)[:3] == near((128, 128, 128), 2)


@pytest.mark.parametrize(
    ("plugin", "mode", "value"),
    [("PNG", "I;16", 32_768), ("TIFF", "I;16", 32_768), ("TIFF", "F", 0.5)],
)
def test_half_grey_is_128(studio: Studio, plugin: str, mode: str, value: float) -> None:
    assert studio.colour(encoded(Image.new(mode, SIZE, value), plugin)) == near((128,) * 3, 2)


@pytest.mark.parametrize(("value", "grey"), [(0, 0), (257, 1), (65_535, 255)])
@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I"])
def test_sixteen_bits_reach_from_black_to_white(mode: str, value: int, grey: int) -> None:
    assert to_eight_bit(Image.new(mode, (1, 1), value)).getpixel((0, 0)) == grey


@pytest.mark.parametrize(
    ("ink", "colour"),
    [
        ((255, 0, 0, 0), (0, 255, 255)),
        ((0, 0, 0, 0), (255, 255, 255)),
        ((0, 0, 0, 255), (0, 0, 0)),
        ((0, 128, 0, 0), (255, 127, 255)),
    ],
)
@pytest.mark.parametrize("plugin", ["JPEG", "TIFF"])
def test_cmyk_without_a_profile_is_no_negative(
    studio: Studio, plugin: str, ink: tuple[int, ...], colour: tuple[int, ...]
) -> None:
    data = encoded(Image.new("CMYK", SIZE, ink), plugin, quality=100)
    assert studio.colour(data) == near(colour, 4)


@pytest.mark.parametrize(
    ("mode", "clear", "half"),
    [("LA", (90, 0), (90, 128)), ("RGBA", (200, 30, 30, 0), (200, 30, 30, 128))],
)
@pytest.mark.parametrize("profile", [None, display_p3(), linear_grey()])
def test_alpha_is_kept(
    studio: Studio, mode: str, clear: Any, half: Any, profile: bytes | None
) -> None:
    studio.render(encoded(halves(mode, clear, half), "PNG", icc_profile=profile))
    alpha = studio.rendition("preview").getchannel("A")
    assert (alpha.getpixel((5, 20)), alpha.getpixel((35, 20))) == (0, 128)
    assert studio.rendition("thumbnail").mode == "RGBA"


@pytest.mark.parametrize("plugin", ["PNG", "GIF"])
@pytest.mark.parametrize("mode", ["P", "L", "1"])
def test_a_transparent_colour_stays_transparent(studio: Studio, plugin: str, mode: str) -> None:
    data = encoded(halves(mode, 0, 1 if mode != "L" else 255), plugin, transparency=0)
    studio.render(data)
    alpha = studio.rendition("preview").getchannel("A")
    assert (alpha.getpixel((5, 20)), alpha.getpixel((35, 20))) == (0, 255)


def test_a_palette_may_be_half_transparent(studio: Studio) -> None:
    image = halves("P", 0, 1)
    image.putpalette([200, 30, 30, 30, 30, 200])
    studio.render(encoded(image, "PNG", transparency=b"\x80\xff"))
    preview = studio.rendition("preview")
    assert preview.getpixel((5, 20)) == near((200, 30, 30, 128), 8)
    assert preview.getpixel((35, 20)) == near((30, 30, 200, 255), 8)


def test_an_opaque_palette_has_its_colours(studio: Studio) -> None:
    image = Image.new("P", SIZE, 1)
    image.putpalette([0, 0, 0, 20, 180, 60])
    assert studio.colour(encoded(image, "GIF")) == near((20, 180, 60), 4)


@pytest.mark.parametrize("mode", ["LAB", "YCbCr", "HSV", "PA", "RGBa", "RGBX"])
def test_modes_out_of_the_way_become_rgb(mode: str) -> None:
    assert to_eight_bit(Image.new(mode, SIZE)).mode in {"RGB", "RGBA"}
