"""Of a TIFF's pages the first that is no thumbnail is shown, and only pages are counted."""

from __future__ import annotations

import io
import struct
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import Studio, encoded, gradient
from PIL import Image

from pixelcraft_desktop.imaging.containers.tiff import count_pages
from pixelcraft_desktop.model import Cause, KnownFailure

THUMBNAIL, MASK, PAGE = 1, 4, 2
Page = tuple[int, tuple[int, int], int]  # kind (NewSubfileType), size, grey


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def tiff_of(*pages: Page, big: bool = False, order: str = "<", kind_tag: int = 254) -> bytes:
    """Return a TIFF of these pages, one strip each."""
    place, count = ("Q", "Q") if big else ("I", "H")
    mark = {"<": b"II", ">": b"MM"}[order]
    head = struct.pack(order + "HHH", 43, 8, 0) if big else struct.pack(order + "H", 42)
    place_bytes, data = struct.calcsize("=" + place), bytearray(mark + head)
    link = len(data)
    data += bytes(place_bytes)
    for kind, (width, height), grey in pages:
        at = len(data)
        data += bytes([grey]) * (width * height)
        rows = [(kind_tag, kind), (256, width), (257, height), (258, 8), (259, 1), (262, 1)]
        rows += [(273, at), (277, 1), (278, height), (279, width * height)]
        start = len(data)
        data[link : link + place_bytes] = struct.pack(order + place, start)
        data += struct.pack(order + count, len(rows))
        for tag, value in sorted(rows):
            own = struct.pack(order + "I", value).ljust(place_bytes, b"\0")
            data += struct.pack(order + "HH" + place, tag, 4, 1) + own
        link = len(data)
        data += bytes(place_bytes)
    return bytes(data)


@pytest.mark.parametrize(("big", "order"), [(False, "<"), (False, ">"), (True, "<")])
@pytest.mark.parametrize(
    ("kinds", "shown", "notes"),
    [
        ([0], 0, ()),
        ([0, 0, 0], 0, ("pages:3",)),
        ([0, THUMBNAIL, THUMBNAIL], 0, ()),
        ([THUMBNAIL, 0], 1, ()),
        ([THUMBNAIL, THUMBNAIL, 0, 0], 2, ("pages:2",)),
        ([MASK, 0], 1, ()),
        ([PAGE, PAGE], 0, ("pages:2",)),
        ([THUMBNAIL], 0, ()),
        ([THUMBNAIL, MASK], 0, ()),
    ],
)
def test_the_picture_is_shown_and_not_its_thumbnail(
    studio: Studio, big: bool, order: str, kinds: list[int], shown: int, notes: tuple[str, ...]
) -> None:
    pages = [(kind, (8 + number, 6), 40 * number + 20) for number, kind in enumerate(kinds)]
    rendering = studio.render(tiff_of(*pages, big=big, order=order))
    assert (rendering.width, rendering.height) == (8 + shown, 6)
    assert studio.rendition("preview").convert("L").getpixel((4, 3)) == pytest.approx(
        40 * shown + 20, abs=2
    )
    assert rendering.notes == notes


def test_the_one_kind_that_is_not_read_is_named(studio: Studio) -> None:
    data = tiff_of((0, (8, 6), 20), (0, (8, 6), 20), big=True, order=">")
    assert count_pages(io.BytesIO(data), 1_000) == 2
    with pytest.raises(KnownFailure, match="Big-endian BigTIFF") as caught:
        studio.render(data)
    assert caught.value.cause == Cause.UNSUPPORTED_FORMAT


def test_the_old_way_to_say_thumbnail_is_understood(studio: Studio) -> None:
    # SubfileType, 255: 1 is the picture, 2 its small copy, 3 a page.
    pages: list[Page] = [(2, (8, 6), 20), (1, (16, 12), 90)]
    assert studio.render(tiff_of(*pages, kind_tag=255)).width == 16


def test_a_short_value_says_the_same(studio: Studio) -> None:
    for order in "<>":
        data = tiff_of((THUMBNAIL, (8, 6), 20), (0, (16, 12), 90), order=order)
        row = struct.pack(order + "HHII", 254, 4, 1, 1)
        short = struct.pack(order + "HHIHH", 254, 3, 1, 1, 0)
        assert studio.render(data.replace(row, short)).width == 16


def test_a_thumbnail_before_many_more_is_shown_itself() -> None:
    pages: list[Page] = [(THUMBNAIL, (8, 6), 20)] * 40
    begun = time.perf_counter()
    assert count_pages(io.BytesIO(tiff_of(*pages)), 1_000) == 0
    assert time.perf_counter() - begun < 0.05


def test_the_second_page_may_be_what_is_damaged(studio: Studio) -> None:
    data = tiff_of((0, (8, 6), 20), (0, (16, 12), 90))
    assert studio.render(data[:-20]).width == 8


@pytest.mark.parametrize("options", [{}, {"big_tiff": True}])
def test_pages_as_pillow_writes_them(studio: Studio, options: dict[str, bool]) -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    data = encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:], **options)
    assert studio.colour(data)[0] > 250
    assert count_pages(io.BytesIO(data), 1_000) == 3


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_every_compression(studio: Studio, compression: str) -> None:
    data = encoded(gradient((60, 40)), "TIFF", compression=compression)
    assert studio.render(data).width == 60
    top, bottom = (studio.rendition("preview").convert("L").getpixel((30, y)) for y in (1, 38))
    assert isinstance(top, int)
    assert isinstance(bottom, int)
    assert top < 16
    assert bottom > 240


@pytest.mark.parametrize("big", [False, True])
def test_tiles(studio: Studio, big: bool) -> None:
    # Two tiles of 16 × 16 beside each other, of which the second is cut by the picture's edge.
    file = Image.new("L", (20, 16))
    file.paste(200, (16, 0, 20, 16))
    plain = tiff_of((0, (20, 16), 0), big=big)
    at = len(plain)
    tiles = b"\0" * 256 + b"\xc8" * 256
    many = [(256, 20), (257, 16), (258, 8), (259, 1), (262, 1), (277, 1), (322, 16), (323, 16)]
    form, count = ("Q", "Q") if big else ("I", "H")
    places_at = at + len(tiles)
    lists = struct.pack(f"<4{form}", at, at + 256, 256, 256)
    size = struct.calcsize("<" + form)
    rows = struct.pack("<" + count, len(many) + 2)
    for tag, value in many:
        rows += struct.pack(f"<HH{form}", tag, 4, 1) + struct.pack("<I", value).ljust(size, b"\0")
    kind = 16 if big else 4
    for tag, where in ((324, places_at), (325, places_at + 2 * size)):
        rows += struct.pack(f"<HH2{form}", tag, kind, 2, where)
    first_at = 8 if big else 4
    start = struct.pack("<" + form, places_at + len(lists))
    data = plain[:first_at] + start + plain[first_at + size :] + tiles + lists + rows + bytes(size)
    rendering = studio.render(data)
    assert (rendering.width, rendering.height) == (20, 16)
    shown = studio.rendition("preview").convert("L")
    assert [shown.getpixel((x, 8)) for x in (4, 18)] == pytest.approx([0, 200], abs=3)


@given(st.binary(max_size=60), st.sampled_from([b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"]))
def test_no_bytes_are_too_strange(data: bytes, head: bytes) -> None:
    assert 0 <= count_pages(io.BytesIO(head + data), 50) <= 50
