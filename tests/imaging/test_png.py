"""Metadata of a PNG, however broken or swollen, costs no picture; damaged pixels do."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import pytest
from pictures import Studio, png_chunk
from PIL import Image, PngImagePlugin
from poison import inflating, png, png_many_texts

from pixelcraft_desktop.imaging.header import open_image
from pixelcraft_desktop.model import KnownFailure, Limits

BOMB = inflating(1)


def opened(data: bytes) -> Image.Image:
    image, _ = open_image(io.BytesIO(data), b"a.png", Limits())
    image.load()
    return image


@pytest.mark.parametrize(
    "chunk",
    [
        png_chunk(b"zTXt", b"Comment\0\0" + BOMB),
        png_chunk(b"zTXt", b"Comment\0\x07" + BOMB),
        png_chunk(b"zTXt", b"Comment\0\0no stream"),
        png_chunk(b"iTXt", b"Comment\0\1\0\0\0" + BOMB),
        png_chunk(b"iTXt", b"Comment"),
        png_chunk(b"iTXt", b"Comment\0\1"),
        png_chunk(b"iCCP", b"p\0\x09" + BOMB),
        png_chunk(b"iCCP", b""),
        png_chunk(b"tEXt", bytes(2_000_000)),
    ],
)
def test_a_bad_block_costs_no_picture(chunk: bytes) -> None:
    image = opened(png(9, 7, chunk))
    assert (image.size, image.getpixel((4, 4))) == ((9, 7), 0)
    assert sum(len(str(value)) for value in image.info.values()) < 2_100_000


def test_a_good_block_is_read_as_before() -> None:
    text = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"sunset"))
    profile = png_chunk(b"iCCP", b"p\0\0" + zlib.compress(b"a profile"))
    image = opened(png(9, 7, text, profile))
    assert (image.info["Comment"], image.info["icc_profile"]) == ("sunset", b"a profile")


def test_a_profile_of_megabytes_is_one() -> None:
    profile = bytes(range(256)) * 12_000
    image = opened(png(9, 7, png_chunk(b"iCCP", b"p\0\0" + zlib.compress(profile))))
    assert image.info["icc_profile"] == profile


@pytest.mark.parametrize("content", [b"p\0\0" + BOMB, b"p\0\0no stream", b"p\0\x09x", b""])
def test_a_bad_profile_stays_to_be_noted(content: bytes) -> None:
    image = opened(png(9, 7, png_chunk(b"iCCP", content)))
    assert image.info["icc_profile"] == b"unreadable"


def test_many_texts_are_read_up_to_a_sum() -> None:
    image = opened(png_many_texts())
    kept = sum(len(str(value)) for value in image.info.values())
    assert 60_000_000 < kept < PngImagePlugin.MAX_TEXT_MEMORY + 2_000_000


def test_a_block_that_ends_early_is_still_damage() -> None:
    data = png(9, 7, png_chunk(b"zTXt", b"Comment\0\0" + BOMB))
    with pytest.raises(Exception, match="damaged"):
        opened(data[: len(data) // 2])


@pytest.mark.parametrize("name", [b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"acTL", b"fcTL"])
def test_a_block_that_is_cut_short_is_noted(tmp_path: Path, name: bytes) -> None:
    rendering = Studio(tmp_path).render(png(9, 7, png_chunk(name, b"")))
    assert rendering.notes == (f"bad_metadata:{name.decode().lower()}",)


def test_a_text_may_bear_any_name(tmp_path: Path) -> None:
    texts = (png_chunk(b"tEXt", name + b"\0sunset") for name in (b"forgiven", b"bbox"))
    assert Studio(tmp_path).render(png(9, 7, *texts)).notes == ()


def test_the_first_frame_is_the_whole_picture(tmp_path: Path) -> None:
    assert Studio(tmp_path).render(png(9, 7, png_chunk(b"fcTL", bytes(26)))).notes == ()


def test_transparency_that_is_cut_short_is_damage() -> None:
    with pytest.raises(KnownFailure, match="beginning"):
        opened(png(9, 7, png_chunk(b"tRNS", b"")))
