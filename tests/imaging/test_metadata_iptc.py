"""IPTC is read in the characters it was written in, up to where it breaks."""

from __future__ import annotations

import struct

import pytest
from metadata_files import IPTC_FACTS, digest_of, iim, photoshop

from pixelcraft_desktop.imaging.metadata.iptc import (
    MOST_PHOTOSHOP_BYTES,
    IptcBlock,
    read_iptc,
    read_photoshop,
)
from pixelcraft_desktop.imaging.metadata.reading import MOST_BLOCK_BYTES, Reading

UTF_8 = (1, 90, b"\x1b%G")


def test_everything_told_is_read() -> None:
    assert read_iptc(IptcBlock(iim())) == Reading(IPTC_FACTS)
    assert read_photoshop(photoshop(iim(), b"digest")) == IptcBlock(iim(), b"digest")


@pytest.mark.parametrize(
    ("datasets", "title"),
    [
        ([UTF_8, (2, 5, "Größe".encode())], "Größe"),
        ([(2, 5, "Größe".encode())], "Größe"),
        ([(2, 5, "Größe".encode("latin-1"))], "Größe"),
        ([UTF_8, (2, 5, b"Gr\xf6")], "Gr\ufffd"),
        ([(2, 5, b"first"), (2, 5, b"second")], "first"),
    ],
)
def test_characters(datasets: list[tuple[int, int, bytes]], title: str) -> None:
    assert read_iptc(IptcBlock(iim(*datasets))).facts == {"title": title}


@pytest.mark.parametrize(
    ("date", "time", "taken_at"),
    [
        (b"20240229", b"235958+0545", "2024-02-29T23:59:58+05:45"),
        (b"20240229", b"235958", "2024-02-29T23:59:58"),
        (b"20240229", b"235958+9900", "2024-02-29T23:59:58"),
        (b"20240229", b"", None),
        (b"20230229", b"235958", None),
        (b"00000000", b"000000+0000", None),
        (b"", b"235958", None),
    ],
)
def test_a_date_and_a_time_are_a_time(date: bytes, time: bytes, taken_at: str | None) -> None:
    facts = read_iptc(IptcBlock(iim((2, 55, date), (2, 60, time)))).facts
    assert facts.get("taken_at") == taken_at


def test_a_long_text_says_its_length_in_more_bytes() -> None:
    long = b"\x1c\x02\x78\x80\x04" + struct.pack(">I", 40_000) + b"A" * 40_000
    assert read_iptc(IptcBlock(long + iim((2, 5, b"t")))) == Reading(
        {"title": "t", "caption": "A" * 40_000}
    )


@pytest.mark.parametrize("end", [b"", bytes(3), bytes(64)])
def test_zeros_end_it(end: bytes) -> None:
    assert read_iptc(IptcBlock(iim((2, 5, b"t")) + end)) == Reading({"title": "t"})


@pytest.mark.parametrize(
    "end",
    [
        b"x",
        b"\x1c\x02",
        b"garbage",
        b"\x1c\x02\x78\x00\x09short",
        b"\x1c\x02\x78\x80\x04\xff\xff\xff\xffx",
        b"\x1c\x02\x78\xff\xff" + bytes(40),
    ],
)
def test_what_comes_before_a_break_counts(end: bytes) -> None:
    reading = read_iptc(IptcBlock(iim((2, 5, b"t")) + end))
    assert reading == Reading({"title": "t"}, is_broken=True)


@pytest.mark.parametrize("cut", range(1, 20))
def test_resources_that_end_early(cut: int) -> None:
    block = photoshop(iim(), b"sixteen bytes ok")
    found = read_photoshop(block[:-cut])
    assert found == IptcBlock(iim(), b"", is_broken=True)
    assert read_iptc(found) == Reading(IPTC_FACTS, is_broken=True)


def test_resources_end_with_zeros() -> None:
    assert read_photoshop(photoshop(iim()) + bytes(9)) == IptcBlock(iim())
    assert read_photoshop(b"") == IptcBlock()


def test_who_wrote_it_last() -> None:
    assert IptcBlock(iim(), digest_of(b"else")).is_newer_than_xmp
    for digest in (digest_of(iim()), bytes(16), b""):
        assert not IptcBlock(iim(), digest).is_newer_than_xmp


def test_blanks_say_nothing() -> None:
    datasets = [(2, 5, b"  "), (2, 25, b""), (2, 25, b"word"), (2, 25, b" "), (2, 80, b" ")]
    assert read_iptc(IptcBlock(iim(*datasets))) == Reading({"keywords": ["word"]})


def test_long_resources_are_no_fault() -> None:
    rest = b"8BIM\x04\x05\0\0" + struct.pack(">I", MOST_PHOTOSHOP_BYTES)
    long = photoshop(iim()) + rest + bytes(MOST_PHOTOSHOP_BYTES)
    assert read_photoshop(long) == IptcBlock(iim())
    assert read_photoshop(long[:MOST_PHOTOSHOP_BYTES]).is_broken


def test_no_end_is_no_matter() -> None:
    many = iim((2, 25, b"word")) * (2 * MOST_BLOCK_BYTES // 9)
    reading = read_iptc(IptcBlock(many))
    assert reading.is_cut
    assert not reading.is_broken
    assert len(reading.facts["keywords"]) == MOST_BLOCK_BYTES // 9
