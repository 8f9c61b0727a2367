"""Colours arrive as they were meant, whatever they were written as."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pictures import Studio, encoded, gradient
from PIL import ExifTags, Image, ImageCms
from profiles import display_p3, linear_grey

from pixelcraft_desktop.imaging.colour.conversion import drop_idle_alpha, to_srgb
from pixelcraft_desktop.imaging.colour.profiles import adobe_rgb, coated_cmyk
from pixelcraft_desktop.imaging.colour.samples import to_eight_bit
from pixelcraft_desktop.imaging.notes import Notes

SIZE = (40, 40)
# What Display P3 calls the reddest red of sRGB.
SRGB_RED_IN_P3 = (234, 51, 35)
SRGB_RED_IN_ADOBE_RGB = (219, 0, 0)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def near(wanted: tuple[int, ...], tolerance: int) -> Any:
    return pytest.approx(wanted, abs=tolerance)


def near_one(value: int, tolerance: int = 1) -> Any:
    return pytest.approx(value, abs=tolerance)


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
    assert to_srgb(image, profile, Notes()) is image


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_without_a_profile_nothing_is_copied(mode: str) -> None:
    image = Image.new(mode, SIZE)
    assert to_eight_bit(image, Notes()) is image
    assert to_srgb(image, None, Notes()) is image


@pytest.mark.parametrize("profile", [b"\0", b"no profile at all", display_p3()[:200], bytes(400)])
@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "WEBP"])
def test_a_bad_profile_keeps_the_pixels(studio: Studio, plugin: str, profile: bytes) -> None:
    data = encoded(Image.new("RGB", SIZE, (10, 200, 90)), plugin, icc_profile=profile, quality=100)
    assert studio.colour(data) == near((10, 200, 90), 4)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK", "LA"])
@pytest.mark.parametrize("profile", [display_p3(), linear_grey()])
def test_a_profile_of_another_family_harms_no_mode(mode: str, profile: bytes) -> None:
    image = Image.new(mode, SIZE, 128 if mode == "L" else (128,) * len(mode))
    assert to_srgb(image, profile, Notes()).mode == {"LA": "RGBA", "CMYK": "RGB"}.get(mode, mode)


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
    assert to_eight_bit(Image.new(mode, (1, 1), value), Notes()).getpixel((0, 0)) == grey


@pytest.mark.parametrize(
    ("mode", "low", "high", "note"),
    [
        ("F", 0.0, 0.5, ()),
        ("F", -0.0005, 1.0005, ()),
        ("F", 0.0, 4.0, ("range_stretched:0..4",)),
        ("F", -3.0, 1200.0, ("range_stretched:-3..1200",)),
        ("F", -3e38, 3e38, ("range_stretched:-3e+38..3e+38",)),
        ("I", 0, 65_535, ()),
        ("I", 0, 1_000_000, ("range_stretched:0..1e+06",)),
        ("I", -500, 500, ("range_stretched:-500..500",)),
    ],
)
def test_other_ranges_are_stretched_and_noted(
    mode: str, low: float, high: float, note: tuple[str, ...]
) -> None:
    notes = Notes()
    grey = to_eight_bit(halves(mode, low, high), notes)
    assert grey.getpixel((5, 5)) == 0
    assert grey.getpixel((35, 5)) == near_one(128 if high == 0.5 else 255)
    assert notes.codes == note


@pytest.mark.parametrize(("value", "grey"), [(7.0, 255), (-7.0, 0), (float("inf"), 255)])
def test_one_number_all_over_is_black_or_white(value: float, grey: int) -> None:
    assert to_eight_bit(Image.new("F", SIZE, value), Notes()).getpixel((0, 0)) == grey


@pytest.mark.parametrize("odd", [float("inf"), float("-inf"), float("nan")])
def test_numbers_that_are_none_leave_the_others_alone(odd: float) -> None:
    notes = Notes()
    grey = to_eight_bit(halves("F", odd, 0.5), notes)
    assert grey.getpixel((35, 5)) == near_one(128)
    assert notes.codes == ("range_cut",)


# What FOGRA39 prints; the profiles of the press differ by as much among each other.
INKS = [
    ((255, 0, 0, 0), (0, 155, 228)),
    ((0, 255, 0, 0), (230, 0, 126)),
    ((0, 0, 255, 0), (255, 237, 0)),
    ((0, 255, 255, 0), (227, 10, 25)),
    ((255, 0, 255, 0), (0, 150, 66)),
    ((255, 255, 0, 0), (49, 40, 132)),
    ((0, 0, 0, 0), (255, 255, 255)),
    ((0, 0, 0, 255), (29, 29, 31)),
    ((255, 255, 255, 255), (0, 0, 0)),
    ((0, 0, 0, 128), (157, 157, 157)),
    ((128, 96, 96, 0), (148, 147, 148)),
]


@pytest.mark.parametrize(("ink", "colour"), INKS)
@pytest.mark.parametrize("plugin", ["JPEG", "TIFF"])
@pytest.mark.parametrize("profile", [None, coated_cmyk(), b"no profile"])
def test_ink_looks_as_printed(
    studio: Studio,
    plugin: str,
    ink: tuple[int, ...],
    colour: tuple[int, ...],
    profile: bytes | None,
) -> None:
    data = encoded(Image.new("CMYK", SIZE, ink), plugin, quality=100, icc_profile=profile)
    assert studio.colour(data) == near(colour, 6)


def exif_calling_it(space: int, index: str) -> bytes:
    exif = Image.Exif()
    detail = exif.get_ifd(ExifTags.IFD.Exif)
    detail[ExifTags.Base.ColorSpace] = space
    if index:
        detail[ExifTags.IFD.Interop] = {1: index, 2: b"0100"}
    return exif.tobytes()


@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("space", "index", "is_adobe"),
    [
        (65_535, "R03", True),
        (65_535, "R98", False),
        (1, "R98", False),
        (1, "R03", False),
        (2, "", True),
        (2, "R98", True),
    ],
)
def test_adobe_rgb_may_stand_in_exif_alone(
    studio: Studio, plugin: str, space: int, index: str, is_adobe: bool
) -> None:
    data = encoded(
        Image.new("RGB", SIZE, SRGB_RED_IN_ADOBE_RGB),
        plugin,
        quality=100,
        exif=exif_calling_it(space, index),
    )
    wanted = (255, 0, 0) if is_adobe else SRGB_RED_IN_ADOBE_RGB
    assert studio.colour(data) == near(wanted, 4)
    assert ("adobe_rgb_by_exif" in studio.render(data).notes) == is_adobe


def test_an_embedded_profile_outweighs_exif(studio: Studio) -> None:
    image = Image.new("RGB", SIZE, SRGB_RED_IN_P3)
    exif = exif_calling_it(65_535, "R03")
    data = encoded(image, "PNG", icc_profile=display_p3(), exif=exif)
    assert studio.colour(data) == near((255, 0, 0), 3)


@pytest.mark.parametrize(
    ("value", "colour"),
    [((219, 0, 0), (255, 0, 0)), ((144, 255, 60), (0, 255, 0)), ((128, 128, 128), (127,) * 3)],
)
def test_adobe_rgb_by_numbers(value: tuple[int, ...], colour: tuple[int, ...]) -> None:
    image = to_srgb(Image.new("RGB", (1, 1), value), adobe_rgb(), Notes())
    assert image.getpixel((0, 0)) == near(colour, 2)


@pytest.mark.parametrize("plugin", ["PNG", "TIFF", "BMP"])
@pytest.mark.parametrize("mode", ["1", "P"])
def test_two_colours_mix_where_they_get_smaller(studio: Studio, plugin: str, mode: str) -> None:
    tile = Image.new("L", (2, 2), 0)
    tile.putpixel((0, 0), 255)
    tile.putpixel((1, 1), 255)
    board = Image.new("L", (1600, 1600))
    for at in range(0, 1600, 2):
        board.paste(tile, (at, 0))
    for height in (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024):
        board.paste(board.crop((0, 0, 1600, height)), (0, height))
    studio.render(encoded(board.convert(mode), plugin))
    for name in ("thumbnail", "preview"):
        low, high = studio.rendition(name).convert("L").getextrema()
        assert (low, high) == near((128, 128), 8)


@pytest.mark.parametrize("side", [40, 1600])
@pytest.mark.parametrize("plugin", ["PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("profile", [None, display_p3()])
def test_a_hidden_colour_never_shows(
    studio: Studio, side: int, plugin: str, profile: bytes | None
) -> None:
    image = Image.new("RGBA", (side, side), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (side // 2, 0, side, side))
    options: dict[str, Any] = {"lossless": True, "exact": True} if plugin == "WEBP" else {}
    studio.render(encoded(image, plugin, icc_profile=profile, **options))
    for name in ("thumbnail", "preview"):
        made = studio.rendition(name)
        seen = Image.new("RGB", made.size)
        seen.paste(made, mask=made.getchannel("A"))
        # What lossy WebP leaves at the edge of the blue; 53 and 255 where the red was still there.
        assert seen.getchannel("R").getextrema()[1] == near_one(0, 12)
        assert made.convert("RGB").getchannel("R").getextrema()[1] == near_one(0, 40)


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
    assert to_eight_bit(Image.new(mode, SIZE), Notes()).mode in {"RGB", "RGBA"}


@pytest.mark.parametrize(("mode", "opaque_mode"), [("RGBA", "RGB"), ("LA", "L")])
def test_an_alpha_channel_goes_only_if_it_hides_nothing(mode: str, opaque_mode: str) -> None:
    image = gradient((8, 8), mode)
    assert drop_idle_alpha(image).mode == opaque_mode
    assert drop_idle_alpha(image).tobytes() == image.convert(opaque_mode).tobytes()
    image.putpixel((3, 3), (9, 254) if mode == "LA" else (9, 9, 9, 254))
    assert drop_idle_alpha(image) is image
