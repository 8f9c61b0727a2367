"""What is left of a picture, in no more memory than was asked for, and of nonsense nothing."""

from __future__ import annotations

import gc
import io
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import encoded, gradient
from PIL import Image

from pixelcraft_desktop.imaging.containers.scans import has_end, read_scans
from pixelcraft_desktop.imaging.damage import fill_between, find_remains, paint_missing

JPEG = encoded(gradient(), "JPEG", progressive=True)


@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "BMP", "TIFF"])
def test_only_what_is_returned_is_kept(plugin: str) -> None:
    data = encoded(Image.effect_noise((80, 60), 80), plugin)
    opened: list[weakref.ref[Image.Image]] = []

    def open_image(data: bytes) -> Image.Image:
        image = Image.open(io.BytesIO(data), formats=[plugin])
        opened.append(weakref.ref(image))
        return image

    gc.disable()  # a picture that waits for it is memory that is not there
    try:
        remains = find_remains(data[: len(data) // 2], plugin, open_image, is_cut_off=True)
    finally:
        gc.enable()
    assert remains is not None
    assert len(opened) == (3 if plugin == "JPEG" else 2)
    assert [ref() for ref in opened if ref() is not None] == [remains.image]


def test_an_open_that_fails_leaves_nothing_to_show() -> None:
    def refuse(_data: bytes) -> Image.Image:
        raise ValueError("no picture")

    assert find_remains(JPEG[:-2], "JPEG", refuse, is_cut_off=True) is None
    assert find_remains(b"", "PNG", refuse, is_cut_off=True) is None
    assert find_remains(b"", "WebP", refuse, is_cut_off=True) is None


def test_too_little_memory_is_said() -> None:
    def refuse(_data: bytes) -> Image.Image:
        raise MemoryError

    with pytest.raises(MemoryError):
        find_remains(JPEG[:-2], "JPEG", refuse, is_cut_off=True)


@given(st.binary(max_size=80))
def test_scans_of_nonsense_are_none_or_nonsense(tail: bytes) -> None:
    for data in (tail, b"\xff\xd8\xff" + tail, JPEG[: len(tail) * 8] + tail):
        try:
            scans = read_scans(data)
        except IndexError:
            continue
        assert scans is None or not has_end(data)


def test_where_the_end_is_looked_for() -> None:
    assert has_end(JPEG)
    assert has_end(JPEG + b"more")
    assert not has_end(JPEG[:-1])
    assert not has_end(JPEG[:-2] + bytes(100))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_missing_rows_are_painted_opaque_and_grey(mode: str) -> None:
    missing = Image.new("L", (1, 4))
    missing.paste(255, (0, 2, 1, 4))
    painted = paint_missing(Image.new(mode, (6, 8)), missing).convert("RGBA")
    assert [painted.getpixel((3, row)) for row in (4, 7)] == [(128, 128, 128, 255)] * 2
    assert painted.getpixel((3, 3)) == (0, 0, 0, 0 if mode.endswith("A") else 255)


def test_gaps_are_filled_as_far_as_eight_pixels() -> None:
    missing = Image.new("L", (64, 64), 255)
    missing.putpixel((0, 0), 0)
    picture = Image.new("L", (64, 64), 200)
    filled, still_missing = fill_between(picture, missing, (64, 64))
    assert filled.getpixel((3, 3)) == pytest.approx(200, abs=4)
    assert still_missing.getpixel((3, 3)) == 0
    assert still_missing.crop((16, 16, 64, 64)).getextrema() == (255, 255)
