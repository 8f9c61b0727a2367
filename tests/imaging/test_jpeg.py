"""JPEG markers: scans are counted as a decoder would read them, and at no price."""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import encoded, gradient
from PIL import Image

from pixelcraft_desktop.imaging.containers.jpeg import (
    EOI,
    EOI_BYTES,
    SOI,
    SOS,
    count_scans,
    find_end,
)
from pixelcraft_desktop.imaging.containers.jpeg import walk_markers as walk

SEQUENTIAL = encoded(gradient(), "JPEG")
PROGRESSIVE = encoded(gradient(), "JPEG", progressive=True)
LAST_SCAN = PROGRESSIVE[PROGRESSIVE.rindex(b"\xff\xda") : -2]
# Three scans of one channel each, as old scanners' programs wrote them.
SEPARATE = (
    b"\xff\xd8\xff\xc0"
    + struct.pack(">HBHHB9B", 17, 8, 8, 8, 3, 1, 17, 0, 2, 17, 0, 3, 17, 0)
    + b"".join(b"\xff\xda\0\x08\x01" + bytes((n, 0, 0, 63, 0)) + b"\x12\xff\0" for n in (1, 2, 3))
    + b"\xff\xd9"
)


def segment(code: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, 2 + len(data)) + data


@pytest.mark.parametrize(
    ("data", "scans"),
    [
        (SEQUENTIAL, 1),
        (encoded(gradient(mode="L"), "JPEG"), 1),
        (encoded(gradient(mode="CMYK"), "JPEG"), 1),
        (encoded(gradient(), "JPEG", restart_marker_blocks=1), 1),
        (encoded(Image.effect_noise((300, 300), 90), "JPEG", quality=100), 1),
        (SEPARATE, 3),
        (PROGRESSIVE, 10),
        (PROGRESSIVE[:-2] + LAST_SCAN * 40 + EOI_BYTES, 50),
        (PROGRESSIVE[:-2] + LAST_SCAN * 40, 50),
        (PROGRESSIVE + PROGRESSIVE, 10),  # a second picture, as in MPO
        (PROGRESSIVE[:-2] + b"\xff\xd0" * 1000 + b"\xff\x00" * 1000 + LAST_SCAN, 11),
        (b"", 0),
        (b"\xff\xd8\xff", 0),
        (b"\xff\xd8\xff\xda", 1),
    ],
)
def test_scans_are_counted(data: bytes, scans: int) -> None:
    assert count_scans(data, 500) == scans


def test_a_thumbnail_inside_does_not_count() -> None:
    thumbnail = PROGRESSIVE[:-2] + LAST_SCAN * 300 + EOI_BYTES
    data = PROGRESSIVE[:2] + segment(0xE1, b"Exif\0\0" + thumbnail) + PROGRESSIVE[2:]
    assert thumbnail.count(b"\xff\xda") == 310
    assert count_scans(data, 500) == 10
    assert find_end(data) == len(data) - 2


def test_counting_ends_one_above_the_limit() -> None:
    data = PROGRESSIVE[:-2] + LAST_SCAN * 1000
    assert count_scans(data, 500) == 501
    assert count_scans(data, 1010) == 1010


def test_a_part_of_the_file_is_counted_alone() -> None:
    data = b"\xff\xda" * 9 + PROGRESSIVE + PROGRESSIVE
    assert count_scans(data, 500, 18, 18 + len(PROGRESSIVE) - 2) == 10
    assert count_scans(data, 500, 18, 30) == 0


def test_markers_come_in_order() -> None:
    codes = [marker.code for marker in walk(SEQUENTIAL)]
    assert (codes[0], codes[-2:]) == (SOI, [SOS, EOI])
    assert all(
        SEQUENTIAL[marker.at : marker.at + 2] == bytes((0xFF, marker.code))
        for marker in walk(SEQUENTIAL)
    )


@pytest.mark.parametrize("cut", [2, 3, 50])
def test_a_missing_end_is_told(cut: int) -> None:
    assert find_end(SEQUENTIAL) == len(SEQUENTIAL) - 2
    assert find_end(SEQUENTIAL[:-cut]) is None


@given(st.binary(max_size=200), st.integers(0, 5))
def test_anything_is_walked(tail: bytes, most: int) -> None:
    data = PROGRESSIVE[:100] + tail
    places = [marker.at for marker in walk(data)]
    assert places == sorted(set(places))
    assert 0 <= count_scans(data, most) <= most + 1


@pytest.mark.parametrize("start", [SEQUENTIAL, PROGRESSIVE])
def test_16_megabytes_cost_next_to_nothing(start: bytes) -> None:
    # As much as a photograph has of each byte: one in 256 is an FF, stuffed.
    noise = bytes(range(1, 255)) + b"\xff\x00"
    data = start[:-2] + noise * (16_000_000 // len(noise)) + EOI_BYTES
    costs = []
    for _ in range(5):
        began = time.thread_time()
        count_scans(data, 500)
        costs.append(time.thread_time() - began)
    # 0.01 ms and 5 ms measured; what is left is room for a busy machine.
    assert min(costs) < (0.001 if start is SEQUENTIAL else 0.020)
