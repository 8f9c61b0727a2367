"""What a picture says about itself is joined from its blocks, whatever format it comes in."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from metadata_files import (
    EXIF_FACTS,
    IPTC_FACTS,
    MAIN,
    XMP_FACTS,
    Base,
    carrier,
    digest_of,
    exif,
    iim,
    packet,
    photoshop,
    profile,
    read,
    with_iptc,
    with_segment,
    xmp,
)
from pictures import Studio, encoded, gradient, png_chunk
from PIL import Image
from profiles import display_p3
from test_raw import RawFile, jpeg, pointer, raw, told

from pixelcraft_desktop.imaging.metadata.summary import MOST_KEYWORDS
from pixelcraft_desktop.imaging.metadata.texts import LONGEST_TEXT
from pixelcraft_desktop.model import Limits

FORMATS = ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIC"]
WITH_IPTC = {"JPEG", "TIFF"}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


@pytest.mark.parametrize("plugin", FORMATS)
def test_everything_told_is_read(studio: Studio, plugin: str) -> None:
    rendering = studio.render(carrier(plugin, exif(), xmp(), iim(), profile()))
    only_xmp = {key: XMP_FACTS[key] for key in ("title", "keywords", "rating")}
    assert rendering.metadata == {**EXIF_FACTS, **only_xmp, "icc_profile": "sRGB built-in"}
    assert rendering.notes == ()


@pytest.mark.parametrize("plugin", FORMATS)
def test_each_block_is_read_alone(studio: Studio, plugin: str) -> None:
    assert studio.render(carrier(plugin, exif=exif())).metadata == EXIF_FACTS
    assert studio.render(carrier(plugin, xmp=xmp())).metadata == XMP_FACTS
    wanted = IPTC_FACTS if plugin in WITH_IPTC else {}
    assert studio.render(carrier(plugin, iptc=iim())).metadata == wanted


@pytest.mark.parametrize("plugin", FORMATS)
def test_known_content_is_read_again(studio: Studio, plugin: str) -> None:
    data = carrier(plugin, exif(), xmp(), iim())
    first = studio.render(data)
    again = studio.render(data, known_sha256=first.sha256)
    assert again.unchanged
    assert again.metadata == first.metadata != {}


@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIC"])
def test_nothing_told_is_nothing_read(studio: Studio, plugin: str) -> None:
    data = carrier("HEIC") if plugin == "HEIC" else encoded(gradient(), plugin)
    assert studio.render(data).metadata == {}


def test_what_lies_behind_the_pixels_of_a_png_is_read_too(studio: Studio) -> None:
    png = carrier("PNG", exif=exif())
    text = png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp())
    data = png[:-12] + text + png[-12:]
    rendering = studio.render(data)
    assert rendering.metadata["title"] == XMP_FACTS["title"]
    assert studio.render(data, known_sha256=rendering.sha256).metadata == rendering.metadata


def test_a_png_by_imagemagick_is_read() -> None:
    def raw_profile(name: bytes, block: bytes, digits: str = "") -> bytes:
        content = b"\n%b\n%8d\n%b\n" % (name, len(block), (digits or block.hex()).encode())
        return png_chunk(b"tEXt", b"Raw profile type " + name + b"\0" + content)

    blocks = raw_profile(b"exif", exif()) + raw_profile(b"iptc", photoshop(iim()))
    png = encoded(gradient(), "PNG")
    assert read(png[:33] + blocks + png[33:]) == ({**IPTC_FACTS, **EXIF_FACTS}, ())
    plain = png[:33] + raw_profile(b"iptc", iim()) + raw_profile(b"xmp", xmp()) + png[33:]
    assert read(plain) == ({**IPTC_FACTS, **XMP_FACTS}, ())
    broken = png[:33] + raw_profile(b"exif", b"", "no digits") + png[33:]
    assert read(broken) == ({}, ("bad_metadata:exif",))


def test_a_compressed_tiff_is_read_as_well(studio: Studio) -> None:
    tags = Image.Exif()
    tags.update({**MAIN, Base.Orientation: 6})
    data = encoded(gradient(), "TIFF", exif=tags, compression="tiff_lzw")
    assert studio.render(data).metadata["make"] == "Maker"


def test_a_big_tiff_is_read_as_well() -> None:
    tags = Image.Exif()
    tags.load(exif())
    tags[700] = xmp()
    data = encoded(gradient(), "TIFF", exif=tags, big_tiff=True)
    assert data[:4] == b"II+\0"
    assert read(data) == ({**XMP_FACTS, **EXIF_FACTS}, ())


def test_exif_goes_before_xmp_and_xmp_before_iptc() -> None:
    data = carrier("JPEG", xmp=packet("<dc:title>By XMP</dc:title>"), iptc=iim())
    assert read(data)[0] == {**IPTC_FACTS, "title": "By XMP"}
    assert read(carrier("JPEG", exif(), xmp(), iim()))[0]["caption"] == EXIF_FACTS["caption"]


@pytest.mark.parametrize(
    ("digest", "winner"),
    [
        (digest_of(iim()), XMP_FACTS),
        (digest_of(b"as it was before"), IPTC_FACTS),
        (bytes(16), XMP_FACTS),
        (b"", XMP_FACTS),
    ],
)
def test_iptc_that_was_changed_without_xmp_goes_before_it(
    digest: bytes, winner: dict[str, Any]
) -> None:
    found, _ = read(with_iptc(carrier("JPEG", xmp=xmp()), iim(), digest))
    assert {key: found[key] for key in IPTC_FACTS} == {key: winner[key] for key in IPTC_FACTS}
    assert found["rating"] == 4


def test_iptc_in_a_tiff_is_filled_up_and_still_the_same() -> None:
    tags = Image.Exif()
    tags.update({700: xmp(), 33723: iim() + bytes(3), 34377: photoshop(b"", digest_of(iim()))})
    assert read(encoded(gradient(), "TIFF", exif=tags))[0] == XMP_FACTS


def test_the_time_of_a_change_is_the_last_resort() -> None:
    tags = Image.Exif()
    tags[Base.DateTime] = "2025:01:01 00:00:00"
    changed = tags.tobytes()
    assert read(carrier("JPEG", changed))[0]["taken_at"] == "2025-01-01T00:00:00"
    assert read(carrier("JPEG", changed, xmp()))[0]["taken_at"] == XMP_FACTS["taken_at"]


@pytest.mark.parametrize("place", ["beside", "joined", "split"])
def test_photoshop_may_need_several_segments(place: str) -> None:
    block = photoshop(iim())
    parts = {"beside": [b"", block], "joined": [block], "split": [block[:50], block[50:]]}[place]
    jpeg = encoded(gradient(), "JPEG")
    for part in reversed(parts):
        jpeg = with_segment(jpeg, b"Photoshop 3.0\0" + part)
    assert read(jpeg) == (IPTC_FACTS, ())


@pytest.mark.parametrize("family", ["CR2", "CR3", "NEF", "DNG", "ORF", "RW2"])
def test_a_raw_file_tells_by_itself(studio: Studio, family: str) -> None:
    rendering = studio.render(raw(family))
    assert rendering.metadata["make"] == "Maker"
    assert not [note for note in rendering.notes if "metadata" in note]


def test_a_raw_file_is_rated_by_itself(studio: Studio) -> None:
    file, picture = RawFile(), jpeg()
    sensor = file.directory((259, 3, (32_767,)))
    rows = [(254, 4, (1,)), (330, 4, (sensor,)), *pointer(file.put(picture), len(picture))]
    data = file.finish(file.directory(*rows, *told(1), (700, 1, xmp())))
    assert studio.render(data).metadata == {"make": "Maker", **XMP_FACTS}
    # The same further back than what the JPEG is told to say.
    row, at = struct.pack("<HHI", 700, 1, len(xmp())), struct.pack("<I", 400_000)
    place = data.index(row) + len(row)
    far = (data[:place] + at + data[place + 4 :]).replace(xmp(), bytes(len(xmp())))
    rendering = studio.render(far.ljust(400_000, b"\0") + xmp())
    assert rendering.metadata == {"make": "Maker", **XMP_FACTS}
    assert not [note for note in rendering.notes if "metadata" in note]


def test_a_profile_without_a_name_is_no_fault() -> None:
    assert read(carrier("PNG", profile=display_p3())) == ({}, ())


# One block after the other is broken, and the others still count.
BROKEN = {
    "exif": {"exif": b"Exif\0\0garbage, as of a broken editor"},
    "xmp": {"xmp": packet("<dc:title>never closed")},
    "iptc": {"iptc": iim()[:-4]},
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_block_is_a_note(studio: Studio, broken: str) -> None:
    blocks = {"exif": exif(), "xmp": xmp(), "iptc": iim(), **BROKEN[broken]}
    rendering = studio.render(carrier("JPEG", profile=profile(), **blocks))
    assert rendering.notes == (f"bad_metadata:{broken}",)
    assert len(rendering.renditions) == 2
    found = rendering.metadata
    assert found["icc_profile"] == "sRGB built-in"
    assert found["title"] == (IPTC_FACTS if broken == "xmp" else XMP_FACTS)["title"]
    assert found["caption"] == (XMP_FACTS if broken == "exif" else EXIF_FACTS)["caption"]


def test_a_broken_profile_is_noted_once(studio: Studio) -> None:
    data = carrier("PNG", profile=b"no profile")
    assert studio.render(data).notes == ("bad_profile",)
    assert read(data) == ({}, ("bad_metadata:icc",))


def test_text_cannot_command_a_terminal_or_turn_a_line_around() -> None:
    properties = (
        "<dc:title>a\u202eb\u200b</dc:title><dc:description>one\n two\u2028 </dc:description>"
    )
    tags = Image.Exif()
    tags[Base.Make] = "\x1b[31mred\n\r\x07"
    found, _ = read(carrier("JPEG", tags.tobytes(), packet(properties)))
    assert found == {"title": r"a\u202eb\u200b", "caption": "one two", "make": r"\x1b[31mred \x07"}


def test_a_long_text_is_cut_with_a_note() -> None:
    for text, kept in (("A" * 5_000, "A" * LONGEST_TEXT), ("\x1b" * 1_000, r"\x1b" * 250)):
        tags = Image.Exif()
        tags[Base.Make] = text
        assert read(carrier("JPEG", tags.tobytes())) == ({"make": kept}, ("metadata_cut",))
    whole = packet(f"<dc:title>{'A' * LONGEST_TEXT}</dc:title>")
    assert read(carrier("JPEG", xmp=whole)) == ({"title": "A" * LONGEST_TEXT}, ())


def test_keywords_are_counted_each_once() -> None:
    def found(count: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        words = [(2, 25, b"%d" % number) for number in (*range(count), 0, 1)]
        return read(carrier("JPEG", iptc=iim(*words, (2, 25, b" "))))

    kept = [str(number) for number in range(MOST_KEYWORDS)]
    assert found(MOST_KEYWORDS) == ({"keywords": kept}, ())
    assert found(MOST_KEYWORDS + 1) == ({"keywords": kept}, ("metadata_cut",))


@pytest.mark.parametrize("most_bytes", [64_000, 8_000, 1_000, 500, 100, 2, 0])
def test_the_whole_is_cut_to_size(most_bytes: int) -> None:
    words = [(2, 25, b"%04d" % number + b"\xc3\xa9" * 400) for number in range(200)]
    data = carrier("TIFF", exif(), iptc=iim((1, 90, b"\x1b%G"), *words))
    found, notes = read(data, Limits(metadata_bytes=most_bytes))
    assert len(json.dumps(found)) <= max(2, most_bytes)
    assert notes == ("metadata_cut",)
    if most_bytes >= 1_000:  # numbers, and texts that are short, stay as they are
        assert found["gps"] == EXIF_FACTS["gps"]
        assert found["caption"] == EXIF_FACTS["caption"]
    if most_bytes == 64_000:  # each word counts 6 bytes for an é
        assert len(found["keywords"]) == 100
        assert found["keywords"][-1] == "0099" + "é" * 56
