"""Boxes are found where they are, and a file can't lead the walk astray."""

from __future__ import annotations

import io
import struct
import time

import pytest
from heic import box, full_box
from hypothesis import given
from hypothesis import strategies as st

from pixelcraft_desktop.imaging.containers.iso_media import (
    Box,
    count_samples,
    find_box,
    find_boxes,
    first_sample,
    read_box,
    walk_boxes,
)


def track(sizes: bytes, places: bytes) -> bytes:
    return box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", sizes + places))))


def sizes(each: int, *own: int) -> bytes:
    return full_box(b"stsz", struct.pack(f">II{len(own)}I", each, max(1, len(own)), *own))


def places(at: int) -> bytes:
    return full_box(b"stco", struct.pack(">II", 1, at))


def far_places(at: int) -> bytes:
    return full_box(b"co64", struct.pack(">IQ", 1, at))


def kinds(data: bytes) -> list[bytes]:
    return [each.kind for each in walk_boxes(io.BytesIO(data))]


def test_boxes_lie_side_by_side_and_in_each_other() -> None:
    data = box(b"ftyp", b"abcd") + box(b"moov", box(b"free", b"") + box(b"trak", b"xy"))
    source = io.BytesIO(data)
    assert list(walk_boxes(source)) == [Box(b"ftyp", 8, 12), Box(b"moov", 20, 38)]
    found = find_box(source, b"moov", b"trak")
    assert found is not None
    assert read_box(source, found, 99) == b"xy"
    assert read_box(source, found, 1) == b"x"
    assert find_box(source, b"trak") is None


def test_every_box_at_the_end_of_the_first_path_is_found() -> None:
    data = box(b"moov", box(b"trak", b"1") + box(b"trak", b"2")) + box(b"moov", box(b"trak", b"3"))
    source = io.BytesIO(data)
    found = [read_box(source, each, 9) for each in find_boxes(source, b"moov", b"trak")]
    assert found == [b"1", b"2"]


def test_a_long_size_and_an_open_end() -> None:
    long = struct.pack(">I4sQ", 1, b"mdat", 20) + b"abcd"
    assert kinds(long + box(b"free", b"")) == [b"mdat", b"free"]
    assert kinds(box(b"ftyp", b"") + b"\0\0\0\0mdat" + bytes(50)) == [b"ftyp", b"mdat"]


@pytest.mark.parametrize("size", [2, 7, 0xFFFFFFFF])
def test_a_size_that_can_not_be_ends_the_walk(size: int) -> None:
    data = struct.pack(">I4s", size, b"moov") + bytes(20)
    assert [each.end for each in walk_boxes(io.BytesIO(data))] == ([28] if size > 7 else [])


def test_a_long_size_that_can_not_be_ends_the_walk() -> None:
    for size in (0, 15, 2**64 - 1):
        data = struct.pack(">I4sQ", 1, b"moov", size) + bytes(20)
        assert all(each.end == 36 for each in walk_boxes(io.BytesIO(data)))


def test_a_million_boxes_end_at_once() -> None:
    data = box(b"moov", box(b"trak", b"") * 1_000_000)
    begun = time.perf_counter()
    assert sum(1 for _ in find_boxes(io.BytesIO(data), b"moov", b"trak")) == 2_000
    assert time.perf_counter() - begun < 0.1


def test_a_maze_of_boxes_is_left_at_once() -> None:
    tables = box(b"minf", box(b"free", b"") * 100) * 100
    data = box(b"trak", box(b"mdia", tables) * 100)
    (found,) = walk_boxes(io.BytesIO(data))
    begun = time.perf_counter()
    assert first_sample(io.BytesIO(data), found) is None
    assert time.perf_counter() - begun < 0.02


@pytest.mark.parametrize("where", [places(300), far_places(300)])
def test_the_first_sample_of_a_track(where: bytes) -> None:
    for many, count in ((sizes(12), 1), (sizes(0, 12, 99, 7), 3)):
        data = track(many, where)
        source = io.BytesIO(data + bytes(300))
        (found,) = walk_boxes(io.BytesIO(data))
        assert first_sample(source, found) == (300, 312)
        assert count_samples(source, found) == (12, count)


@pytest.mark.parametrize(
    "data",
    [
        track(b"", b""),
        track(sizes(12), b""),
        track(b"", places(8)),
        track(sizes(0, 0), places(8)),
        track(sizes(12), far_places(2**63)),
        track(sizes(12), far_places(2**64 - 1)),
        track(full_box(b"stsz", b"\0\0\0\1"), full_box(b"stco", b"\0")),
        box(b"trak", b""),
    ],
)
def test_a_track_that_tells_no_sample(data: bytes) -> None:
    (found,) = walk_boxes(io.BytesIO(data))
    assert first_sample(io.BytesIO(data), found) is None


@given(st.binary(max_size=80), st.integers(0, 3))
def test_no_bytes_are_too_strange(data: bytes, wraps: int) -> None:
    for kind in (b"stsz", b"stbl", b"minf", b"mdia")[:wraps]:
        data = box(kind, data)
    source = io.BytesIO(box(b"trak", data) + data)
    for each in walk_boxes(source):
        assert 8 <= each.start <= each.end <= len(source.getvalue())
        first_sample(source, each)
