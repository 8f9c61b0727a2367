"""A gain map is told where there is one, and not where only its words are left."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from heic import Item, box, container, heic, kind_of_extra, reference, still
from hypothesis import given
from hypothesis import strategies as st
from pictures import Studio, encoded, gradient

from pixelcraft_desktop.imaging.containers.gain_map import has_iso_media_gain_map

XMP = b"http://ns.adobe.com/xap/1.0/\0"
ULTRA_HDR = (0xE1, XMP + b'<x hdrgm:Version="1.0"/>')
ISO = (0xE2, b"urn:iso:std:iso:ts:21496:-1\0" + bytes(4))
APPLE_SIGN = b"urn:com:apple:photo:2020:aux:hdrgainmap"
APPLE = (0xE1, XMP + APPLE_SIGN)
MAP = encoded(gradient((16, 16), "L"), "JPEG")
PLAIN = encoded(gradient(), "JPEG")
TONE_MAP = Item(b"tmap", bytes(4))
EXTRA = [reference(b"auxl", 2, 1)]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def marked(jpeg: bytes, *segments: tuple[int, bytes]) -> bytes:
    """Return the JPEG with these segments in front."""
    packed = (struct.pack(">BBH", 0xFF, code, len(data) + 2) + data for code, data in segments)
    return jpeg[:2] + b"".join(packed) + jpeg[2:]


def pair() -> bytes:
    return encoded(gradient(), "MPO", save_all=True, append_images=[gradient((8, 8))])


@pytest.mark.parametrize(
    ("data", "is_told"),
    [
        (marked(PLAIN, ULTRA_HDR) + MAP, True),
        (marked(PLAIN, ISO) + MAP, True),
        (marked(PLAIN, ULTRA_HDR, ISO) + bytes(64) + marked(MAP, ULTRA_HDR, ISO), True),
        (marked(PLAIN, ULTRA_HDR) + marked(MAP, ULTRA_HDR) + box(b"ftyp", b"mp42"), True),
        (pair() + marked(MAP, APPLE), True),
        (PLAIN, False),
        (PLAIN + MAP, False),
        (pair(), False),
        # The words alone: in what a service made smaller, in a comment, or in a caption.
        (marked(PLAIN, ULTRA_HDR, ISO), False),
        (marked(PLAIN, ULTRA_HDR) + box(b"ftyp", b"mp42"), False),
        (marked(PLAIN, ULTRA_HDR, (0xE1, b"Exif\0\0" + MAP)), False),
        (marked(PLAIN, (0xFE, ULTRA_HDR[1])) + MAP, False),
        (marked(PLAIN, (0xE1, b"hdrgm:Version")) + MAP, False),
        (marked(PLAIN, (0xED, ISO[1])) + MAP, False),
    ],
)
def test_a_jpeg_has_one_if_it_says_so_and_a_picture_follows(
    studio: Studio, data: bytes, is_told: bool
) -> None:
    assert ("hdr_gain_map" in studio.render(data).notes) == is_told


@pytest.mark.parametrize(
    ("data", "is_told"),
    [
        (container([still(), still(kind_of_extra(APPLE_SIGN))], EXTRA), True),
        (container([still(), still(), TONE_MAP], [reference(b"dimg", 3, 1, 2)]), True),
        (heic(), False),
        (container([still(), still()]), False),
        (container([still(), still(kind_of_extra(b"urn:mpeg:hevc:2015:auxid:2"))], EXTRA), False),
        (container([still(), still(kind_of_extra(b"x" + APPLE_SIGN))], EXTRA), False),
        (heic() + box(b"free", APPLE_SIGN + b"tmap"), False),
        (heic(exif=APPLE_SIGN), False),
    ],
)
def test_a_heic_has_one_if_it_lists_one(studio: Studio, data: bytes, is_told: bool) -> None:
    assert has_iso_media_gain_map(io.BytesIO(data)) == is_told
    assert ("hdr_gain_map" in studio.render(data).notes) == is_told


def test_a_plain_avif_has_none(studio: Studio) -> None:
    data = encoded(gradient(), "AVIF")
    assert studio.render(data + box(b"free", APPLE_SIGN)).notes == ()
    # As it is written by the reference encoder: the tone-mapped picture is one more item.
    other = data.replace(b"av01Color", b"tmapColor")
    assert has_iso_media_gain_map(io.BytesIO(other)) == (other != data)


@given(st.binary(max_size=60), st.integers(0, 3))
def test_no_boxes_are_too_strange(data: bytes, wraps: int) -> None:
    for kind in (b"auxC", b"ipco", b"iprp")[:wraps]:
        data = box(kind, data)
    has_iso_media_gain_map(io.BytesIO(box(b"meta", bytes(4) + data + box(b"iinf", data))))
