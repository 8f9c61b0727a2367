"""What was lost or assumed is told, and nothing is told of a plain picture."""

from __future__ import annotations

import io
import struct
import time
from pathlib import Path

import pytest
from pictures import READABLE, Studio, encoded, gradient, listen, tiff
from PIL import Image
from profiles import display_p3, linear_grey

from pixelcraft_desktop.imaging.notes import (
    MOST_COUNTED,
    Notes,
    count_gif_frames,
    count_tiff_pages,
)
from pixelcraft_desktop.imaging.profiles import adobe_rgb, coated_cmyk
from pixelcraft_desktop.imaging.render import render
from pixelcraft_desktop.model import Note

GIF_FRAME = b"\x21\xf9\x04\0\0\0\0\0\x2c" + bytes(4) + b"\1\0\1\0\0\x02\x02\x44\x01\0"
XMP = b'http://ns.adobe.com/xap/1.0/\0<x hdrgm:Version="1.0"/>'


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def notes_of(studio: Studio, data: bytes) -> tuple[str, ...]:
    return studio.render(data).notes


def animation(plugin: str, frames: int) -> bytes:
    pictures = [Image.new("L", (8, 8), 20 * number) for number in range(frames)]
    return encoded(pictures[0], plugin, save_all=True, append_images=pictures[1:])


def with_segment(jpeg: bytes, marker: int, data: bytes) -> bytes:
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data + jpeg[2:]


@pytest.mark.parametrize("plugin", READABLE)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_plain_picture_has_no_note(studio: Studio, plugin: str, mode: str) -> None:
    assert notes_of(studio, encoded(gradient(mode=mode), plugin)) == ()


@pytest.mark.parametrize(
    ("mode", "profile", "notes"),
    [
        ("RGB", display_p3(), ("wide_gamut",)),
        ("RGBA", display_p3(), ("wide_gamut",)),
        ("RGB", adobe_rgb(), ("wide_gamut",)),
        ("L", linear_grey(), ()),
        ("RGB", b"no profile", ("bad_profile",)),
        ("L", display_p3(), ("bad_profile",)),
        ("CMYK", None, ("cmyk_assumed",)),
        ("CMYK", coated_cmyk(), ("cmyk",)),
        ("CMYK", display_p3(), ("bad_profile", "cmyk_assumed")),
    ],
)
def test_colours(studio: Studio, mode: str, profile: bytes | None, notes: tuple[str, ...]) -> None:
    image = Image.new(mode, (40, 40))
    assert notes_of(studio, encoded(image, "TIFF", icc_profile=profile)) == notes


@pytest.mark.parametrize(
    ("plugin", "mode", "value", "notes"),
    [
        ("PNG", "I;16", 9, ("bit_depth:16",)),
        ("TIFF", "I;16", 9, ("bit_depth:16",)),
        ("TIFF", "F", 0.5, ("bit_depth:32",)),
        ("TIFF", "F", 3.0, ("bit_depth:32", "range_stretched:3..3")),
        ("PNG", "1", 1, ()),
    ],
)
def test_depths(
    studio: Studio, plugin: str, mode: str, value: float, notes: tuple[str, ...]
) -> None:
    assert notes_of(studio, encoded(Image.new(mode, (40, 40), value), plugin)) == notes


@pytest.mark.parametrize("plugin", ["GIF", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("frames", [1, 2, 5])
def test_frames_are_counted(studio: Studio, plugin: str, frames: int) -> None:
    wanted = (f"frames:{frames}",) if frames > 1 else ()
    assert notes_of(studio, animation(plugin, frames)) == wanted


def test_pages_are_counted(studio: Studio) -> None:
    assert notes_of(studio, animation("TIFF", 3)) == ("pages:3",)


def test_a_photograph_with_a_second_picture_is_no_animation(studio: Studio) -> None:
    data = encoded(gradient(), "MPO", save_all=True, append_images=[gradient((8, 8))])
    assert notes_of(studio, data) == ()


def test_a_gif_of_300_000_frames_is_counted_at_once(studio: Studio) -> None:
    data = encoded(Image.new("P", (1, 1)), "GIF")[:-1] + GIF_FRAME * 300_000 + b";"
    begun = time.perf_counter()
    assert count_gif_frames(data) == MOST_COUNTED
    assert time.perf_counter() - begun < 0.1
    assert notes_of(studio, data) == ("frames:1000+",)


def test_a_tiff_whose_pages_form_a_ring_is_counted_at_once() -> None:
    data = tiff((256, 3, 1, 16))[:-4] + struct.pack("<I", 8)
    assert count_tiff_pages(data) == MOST_COUNTED


def test_a_thumbnail_is_no_page() -> None:
    first = tiff((256, 3, 1, 16))
    thumbnail = tiff((254, 4, 1, 1), (256, 3, 1, 4), data=bytes(len(first) - 8))[len(first) :]
    assert count_tiff_pages(first[:-4] + struct.pack("<I", len(first)) + thumbnail) == 1


@pytest.mark.parametrize("cut", range(0, 60, 3))
def test_what_ends_early_is_counted_so_far(cut: int) -> None:
    gif, pages = animation("GIF", 3), animation("TIFF", 3)
    assert 0 <= count_gif_frames(gif[: len(gif) * cut // 60]) <= 3
    assert 0 <= count_tiff_pages(pages[: len(pages) * cut // 60]) <= 3


@pytest.mark.parametrize(
    ("marker", "data"),
    [(0xE1, XMP), (0xE2, b"urn:iso:std:iso:ts:21496:-1\0" + bytes(4))],
)
def test_a_gain_map_is_told(studio: Studio, marker: int, data: bytes) -> None:
    jpeg = with_segment(encoded(gradient(), "JPEG"), marker, data)
    assert notes_of(studio, jpeg) == ("hdr_gain_map",)


def test_a_gain_map_may_lie_in_a_box(studio: Studio) -> None:
    sign = b"urn:com:apple:photo:2020:aux:hdrgainmap"
    box = struct.pack(">I4s", len(sign) + 8, b"free") + sign
    assert notes_of(studio, encoded(gradient(), "AVIF") + box) == ("hdr_gain_map",)


def test_the_gain_map_of_a_phone_is_told(studio: Studio) -> None:
    second = io.BytesIO()
    image = gradient((32, 32), "L")
    image.save(second, "JPEG")
    data = encoded(gradient(), "MPO", save_all=True, append_images=[image])
    sign = b"http://ns.adobe.com/xap/1.0/\0urn:com:apple:photo:2020:aux:hdrgainmap"
    assert notes_of(studio, data + with_segment(second.getvalue(), 0xE1, sign)) == ("hdr_gain_map",)


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("a.jpg", ()),
        ("a.JPEG", ()),
        ("a.jfif", ()),
        ("a.png", ("extension:png",)),
        ("a.b.HEIC", ("extension:heic",)),
        ("a.cr2", ("extension:cr2",)),
        ("a", ()),
        ("a.1", ()),
        ("png", ()),
        ("a.txt", ()),
    ],
)
def test_an_extension_is_told_where_it_names_another_format(
    studio: Studio, name: str, notes: tuple[str, ...]
) -> None:
    order = studio.order(studio.write(encoded(gradient(), "JPEG"), name))
    assert render(order, listen([])).notes == notes


def test_known_content_is_not_noted_again(studio: Studio) -> None:
    data = animation("GIF", 3)
    rendering = studio.render(data)
    assert rendering.notes == ("frames:3",)
    assert studio.render(data, known_sha256=rendering.sha256).notes == ()


def test_each_is_noted_once_in_order() -> None:
    notes = Notes()
    for number in (3, 3, 4):
        notes.add(Note.FRAMES, number)
    notes.add(Note.CMYK)
    notes.add(Note.CMYK)
    assert notes.codes == ("frames:3", "frames:4", "cmyk")
