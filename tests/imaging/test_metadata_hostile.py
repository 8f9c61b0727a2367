"""Whatever stands in a block, the picture keeps its pixels and its metadata stay JSON of a size."""

from __future__ import annotations

import json
import struct
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from metadata_files import exif, iim, photoshop, profile, xmp
from pictures import Studio, encoded, gradient, png_chunk
from PIL import Image

from pixelcraft_desktop.imaging.metadata.exif import ExifBlocks, read_exif
from pixelcraft_desktop.imaging.metadata.icc import read_icc
from pixelcraft_desktop.imaging.metadata.iptc import IptcBlock, read_iptc, read_photoshop
from pixelcraft_desktop.imaging.metadata.summary import read_metadata
from pixelcraft_desktop.imaging.metadata.xmp import read_xmp
from pixelcraft_desktop.imaging.notes import Notes
from pixelcraft_desktop.model import Limits

LIMITS = Limits(metadata_bytes=600)
# How fast examples are made and tried says how busy the machine is; costs have tests of their own.
ANY_PACE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOTES = {*(f"bad_metadata:{name}" for name in ("exif", "iptc", "xmp", "icc")), "metadata_cut"}
WHOLE = {
    "exif": exif(),
    "iptc": photoshop(iim(), bytes(range(16))),
    "xmp": xmp(),
    "icc_profile": profile(),
}
STARTS = {
    "exif": [b"Exif\0\0II*\0\x08\0\0\0", b"Exif\0\0MM\0*\0\0\0\x08", b"II+\0\x08\0\0\0"],
    "iptc": [b"8BIM\x04\x04\0\0", b"8BIM\x04\x04\0\0\0\0\0\x40\x1c\x02", b"\x1c\x02\x05"],
    "xmp": [b"<", b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>", b"<!DOCTYPE x ["],
    "icc_profile": [profile()[:128], profile()[:200]],
}
blocks = st.sampled_from(list(WHOLE))
edits = st.lists(
    st.tuples(st.integers(0, 2_000), st.integers(0, 8), st.binary(max_size=8)), max_size=6
)


def read_block(name: str, block: bytes) -> None:
    """Read one block, which may be refused in the ways its reader says."""
    try:
        if name == "exif":
            read_exif(ExifBlocks(block.removeprefix(b"Exif\0\0")))
        elif name == "iptc":
            read_iptc(read_photoshop(block))
            read_iptc(IptcBlock(block))
        elif name == "xmp":
            read_xmp(block)
        else:
            read_icc(block)
    except ValueError:
        assert name in {"exif", "xmp"}
    except SyntaxError:
        assert name == "xmp"
    except OSError:
        assert name == "icc_profile"


def check(image: Image.Image, data: bytes) -> dict[str, Any]:
    """Read, and require what holds for any metadata."""
    notes = Notes()
    found = read_metadata(image, data, notes, LIMITS)
    assert set(notes.codes) <= NOTES
    assert len(json.dumps(found, allow_nan=False)) <= LIMITS.metadata_bytes
    texts = [value for value in found.values() if isinstance(value, str)]
    assert all(text.isprintable() for text in (*texts, *found.get("keywords", [])))
    return found


def picture(name: str, block: bytes) -> Image.Image:
    """Return a picture that was opened from a JPEG with this block, and the others sound."""
    image = gradient((1, 1))
    image.format = "JPEG"
    every = {**WHOLE, name: block}
    segments = [("APP13", b"Photoshop 3.0\0" + every.pop("iptc"))]
    image.applist = segments  # type: ignore[attr-defined]  # as JpegImageFile has it
    image.info.update(every)
    return image


def damaged(block: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for place, length, new in changes:
        at = place % (len(block) + 1)
        block = block[:at] + new + block[at + length :]
    return block


@settings(ANY_PACE, max_examples=300)
@given(blocks, st.data(), st.binary(max_size=150))
def test_any_bytes_are_survived(name: str, data: st.DataObject, block: bytes) -> None:
    start = data.draw(st.sampled_from([b"", *STARTS[name]]))
    read_block(name, start + block)
    check(picture(name, start + block), b"")


@settings(ANY_PACE, max_examples=500)
@given(blocks, edits)
def test_any_damage_is_survived(name: str, changes: list[tuple[int, int, bytes]]) -> None:
    block = damaged(WHOLE[name], changes)
    read_block(name, block)
    check(picture(name, block), b"")


@settings(ANY_PACE, max_examples=200)
@given(edits)
def test_any_damage_to_a_tiff_or_raw_file_is_survived(
    changes: list[tuple[int, int, bytes]],
) -> None:
    tags = Image.Exif()
    tags.load(exif())
    tags.update({700: xmp(), 33723: iim(), 34377: photoshop(b"", bytes(16))})
    data = damaged(tags.tobytes()[6:], changes)
    image = gradient((1, 1))
    for kind in ("TIFF", "JPEG"):
        image.format = kind
        check(image, data)


@settings(ANY_PACE, max_examples=50)
@given(
    st.dictionaries(
        st.sampled_from(["exif", "xmp", "icc_profile", "Raw profile type exif"]),
        st.sampled_from([None, "", b"", 7, (b"II*\0",), ["text"]]),
    )
)
def test_what_pillow_hands_over_may_be_anything(info: dict[str, Any]) -> None:
    image = gradient((1, 1))
    image.info.update(info)
    assert check(image, b"") == {}


@settings(ANY_PACE, max_examples=100)
@given(st.lists(st.text(max_size=40), max_size=300), st.text())
def test_any_text_is_fit_to_keep(words: list[str], title: str) -> None:
    datasets = [(2, 25, word.encode("utf-8", "replace")) for word in words]
    block = photoshop(iim((1, 90, b"\x1b%G"), (2, 5, title.encode("utf-8", "replace")), *datasets))
    check(picture("iptc", block), b"")


def worst_exif(kind: int, count: int) -> bytes:
    """Return 1 MB of rows that each name a million values, with a place and details likewise."""
    rows = [struct.pack("<HHII", tag, kind, count, 8) for tag in range(65_534)]
    rows[0x8769] = struct.pack("<HHII", 0x8769, 4, 1, 8)
    rows[0x8825] = struct.pack("<HHII", 0x8825, 4, 1, 8)
    # The first 512 count: those that are asked for stand there.
    rows = [rows[0x8769], rows[0x8825], *rows[256:760]]
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(rows)) + b"".join(rows) + bytes(1_000_000)


@pytest.mark.parametrize("kind", [2, 3, 5, 7, 12])
def test_values_without_end_are_no_matter(kind: int) -> None:
    image = picture("exif", worst_exif(kind, 120_000))
    begun = time.process_time()
    check(image, b"")
    assert time.process_time() - begun < 0.2


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # unheard outside of tests
def test_a_png_full_of_everything_costs_its_metadata_alone(studio: Studio) -> None:
    png = encoded(gradient(), "PNG")
    chunks = png_chunk(b"eXIf", worst_exif(2, 10_000)) + png_chunk(
        b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b"<a>" * 300_000
    )
    rendering = studio.render(png[:33] + chunks + png[33:])
    assert len(rendering.renditions) == 2
    assert len(json.dumps(rendering.metadata)) <= 64_000
    assert "bad_metadata:xmp" in rendering.notes


@pytest.fixture
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(tmp_path_factory.mktemp("studio"))
