"""Metadata of a JPEG, however broken or swollen, costs no picture and next to no time."""

from __future__ import annotations

import io
import struct
import time
from pathlib import Path

import pytest
from metadata_files import with_segment
from pictures import Studio, encoded, exif_with, gradient
from PIL import ExifTags
from poison import exif_bomb, exif_of_many_segments
from profiles import display_p3

from pixelcraft_desktop.imaging.header import open_image
from pixelcraft_desktop.model import KnownFailure, Limits

PLAIN = encoded(gradient((48, 32)), "JPEG")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


@pytest.mark.parametrize(
    ("marker", "data", "notes"),
    [
        (0xE0, b"JFIF", ("bad_metadata:jfif",)),
        (0xE0, b"JFIF\0\1", ("bad_metadata:jfif",)),
        (0xE0, b"JFIF\0\1\1", ()),
        (0xEE, b"Adobe", ("bad_metadata:adobe",)),
        (0xEE, b"Adobe\0\x64", ()),
        (0xE2, b"ICC_PROFILE\0", ("bad_profile",)),
        (0xE2, b"ICC_PROFILE\0\1", ("bad_profile",)),
        (0xED, b"Photoshop 3.0\x008BIM\4\4", ("bad_metadata:iptc",)),
    ],
)
def test_a_segment_that_ends_early_costs_no_picture(
    studio: Studio, marker: int, data: bytes, notes: tuple[str, ...]
) -> None:
    rendering = studio.render(with_segment(PLAIN, data, marker))
    assert (rendering.width, rendering.height, rendering.notes) == (48, 32, notes)


def test_a_sound_profile_beside_a_broken_one_counts(studio: Studio) -> None:
    data = with_segment(
        encoded(gradient(), "JPEG", icc_profile=display_p3()), b"ICC_PROFILE\0", 0xE2
    )
    image, _ = open_image(io.BytesIO(data), b"", Limits())
    assert image.info["icc_profile"] == display_p3()


@pytest.mark.parametrize("cut", range(3, 8))
def test_a_file_that_ends_within_a_segment_is_still_damaged(cut: int) -> None:
    data = with_segment(PLAIN, b"JFIF", 0xE0)[:cut]
    with pytest.raises(KnownFailure, match="damaged"):
        open_image(io.BytesIO(data), b"", Limits())


def test_52_megabytes_of_exif_cost_next_to_nothing() -> None:
    segment = b"\xff\xe1" + struct.pack(">H", 65_008) + b"Exif\0\0MM\0*" + bytes(64_996)
    assert cost_s(PLAIN[:2] + segment * 800 + PLAIN[2:]) < 0.5  # 0.05 measured, 10 before


@pytest.mark.parametrize("data", [exif_of_many_segments(), exif_bomb()])
def test_no_row_is_read_that_nobody_asks_for(data: bytes) -> None:
    assert cost_s(data) < 0.1  # 0.002 measured


def cost_s(data: bytes) -> float:
    """Return the least of three times that opening took."""
    costs = []
    for _ in range(3):
        began = time.thread_time()
        open_image(io.BytesIO(data), b"", Limits())
        costs.append(time.thread_time() - began)
    return min(costs)


def test_exif_is_kept_up_to_a_megabyte() -> None:
    image, _ = open_image(io.BytesIO(exif_of_many_segments()), b"", Limits())
    assert 1_000_000 <= len(image.info["exif"]) < 1_066_000


def test_10_megabytes_of_exif_still_tell_adobe_rgb(studio: Studio) -> None:
    exif = exif_with({}, {ExifTags.Base.ColorSpace: 2}, {})
    data = encoded(gradient((8, 8)), "WEBP", exif=exif + bytes(10_000_000))
    began = time.thread_time()
    assert "adobe_rgb_by_exif" in studio.render(data).notes
    assert time.thread_time() - began < 0.5
