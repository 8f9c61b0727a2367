"""A part of a file reads as a file of its own."""

from __future__ import annotations

import io
import os

from hypothesis import given
from hypothesis import strategies as st

from pixelcraft_desktop.imaging.containers.part import open_part

steps = st.tuples(st.integers(0, 30), st.sampled_from([os.SEEK_SET, os.SEEK_CUR, os.SEEK_END]))


@given(
    st.binary(max_size=40), st.integers(0, 50), st.integers(0, 50), st.lists(steps), st.integers(-1)
)
def test_it_reads_what_a_copy_would(
    data: bytes, start: int, end: int, jumps: list[tuple[int, int]], many: int
) -> None:
    part, copy = open_part(io.BytesIO(data), start, end), io.BytesIO(data[start : max(start, end)])
    assert part.read() == copy.read()
    for place, _ in jumps:
        assert part.seek(place) == copy.seek(place)
        assert part.read(min(many, 100)) == copy.read(min(many, 100))


def test_its_places_count_from_its_own_beginning() -> None:
    part = open_part(io.BytesIO(b"0123456789"), 2, 8)
    assert (part.seek(0, os.SEEK_END), part.tell()) == (6, 6)
    assert part.seek(-2, os.SEEK_END) == 4
    assert part.read() == b"67"
    assert part.seek(1) == 1
    assert part.seek(2, os.SEEK_CUR) == 3
    assert part.read(1) == b"5"


def test_closing_it_leaves_the_file_open() -> None:
    whole = io.BytesIO(b"0123456789")
    with open_part(whole, 2, 8) as part:
        part.read()
    assert not whole.closed
