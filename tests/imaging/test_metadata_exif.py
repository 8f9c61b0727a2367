"""What EXIF tells is told in numbers and times that are some."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from metadata_files import DETAIL, EXIF_FACTS, GPS, MAIN, PLACE, Base, exif
from pictures import exif_with
from PIL.TiffImagePlugin import IFDRational

from pixelcraft_desktop.imaging.metadata.directory import Tiff
from pixelcraft_desktop.imaging.metadata.exif import ExifBlocks, read_exif
from pixelcraft_desktop.imaging.metadata.reading import Reading


def told(
    main: dict[int, Any], detail: dict[int, Any], place: dict[int, Any] | None = None
) -> dict[str, Any]:
    """Return what is read of EXIF with these tags."""
    reading = read_exif(ExifBlocks(exif_with(main, detail, place or {})[6:]))
    assert not reading.is_broken
    return reading.facts


def test_both_byte_orders_are_read() -> None:
    for name, order in ((b"II", "<"), (b"MM", ">")):
        tags = struct.pack(order + "HIHHHI4sI", 42, 8, 1, 0x010F, 2, 4, b"abc\0", 0)
        assert read_exif(ExifBlocks(name + tags)) == Reading({"make": "abc"})
    assert read_exif(ExifBlocks(exif()[6:])) == Reading(EXIF_FACTS)


@pytest.mark.parametrize(
    ("detail", "taken_at"),
    [
        ({Base.DateTimeOriginal: "2024:02:29 23:59:58"}, "2024-02-29T23:59:58"),
        ({Base.DateTimeOriginal: "2024:02:29T23:59:58"}, "2024-02-29T23:59:58"),
        ({Base.DateTimeDigitized: "2024:02:29 23:59:58"}, "2024-02-29T23:59:58"),
        ({Base.SubsecTimeOriginal: "123 "}, "2021-01-01T00:00:00.123"),
        ({Base.SubsecTimeOriginal: "1.5"}, "2021-01-01T00:00:00"),
        ({Base.OffsetTimeOriginal: "-03:30 "}, "2021-01-01T00:00:00-03:30"),
        ({Base.OffsetTimeOriginal: "Z"}, "2021-01-01T00:00:00+00:00"),
        ({Base.OffsetTimeOriginal: "+99:00"}, "2021-01-01T00:00:00"),
        ({Base.OffsetTimeOriginal: "  :  "}, "2021-01-01T00:00:00"),
        ({Base.OffsetTime: "+01:00"}, "2021-01-01T00:00:00"),
        ({Base.DateTimeOriginal: "0000:00:00 00:00:00"}, None),
        ({Base.DateTimeOriginal: "2023:02:29 10:00:00"}, None),
        ({Base.DateTimeOriginal: "2024:01:01 24:00:01"}, None),
        ({Base.DateTimeOriginal: "    :  :     :  :  "}, None),
        ({Base.DateTimeOriginal: "yesterday"}, None),
        ({Base.DateTimeOriginal: "1"}, None),
    ],
)
def test_a_time_is_a_time_or_left_out(detail: dict[int, Any], taken_at: str | None) -> None:
    is_original = not detail.keys() & {Base.DateTimeOriginal, Base.DateTimeDigitized}
    clock: dict[int, Any] = {Base.DateTimeOriginal: "2021:01:01 00:00:00"} if is_original else {}
    facts = told({Base.DateTime: "2020:01:01 00:00:00"}, {**clock, **detail})
    assert facts.get("taken_at") == taken_at
    assert "modified_at" not in facts


def test_when_the_file_was_changed_is_another_time() -> None:
    detail: dict[int, Any] = {
        Base.OffsetTime: "+01:00",
        Base.OffsetTimeOriginal: "+02:00",
        Base.SubsecTime: "5",
    }
    facts = told({Base.DateTime: "2020:01:01 00:00:00"}, detail)
    assert facts == {"modified_at": "2020-01-01T00:00:00.5+01:00"}


@pytest.mark.parametrize(
    "change",
    [
        {GPS.GPSLatitude: (IFDRational(91), IFDRational(0), IFDRational(0))},
        {GPS.GPSLongitude: (IFDRational(181), IFDRational(0), IFDRational(0))},
        {GPS.GPSLatitude: (IFDRational(0, 0), IFDRational(0), IFDRational(0))},
        {GPS.GPSLatitude: (IFDRational(10), IFDRational(0))},
        {GPS.GPSLatitudeRef: ""},
        {GPS.GPSLongitudeRef: "?"},
    ],
)
def test_a_place_that_is_none_is_left_out(change: dict[int, Any]) -> None:
    assert "gps" not in told({}, {}, {**PLACE, **change})


@pytest.mark.parametrize(
    ("change", "told_anew"),
    [
        ({GPS.GPSLatitudeRef: "N", GPS.GPSLongitudeRef: "E"}, (33.8600167, 70.5, -82.5)),
        ({GPS.GPSAltitudeRef: b"\0"}, (-33.8600167, -70.5, 82.5)),
        ({GPS.GPSAltitudeRef: b"\x03"}, (-33.8600167, -70.5, -82.5)),
        ({GPS.GPSAltitude: IFDRational(0, 0)}, (-33.8600167, -70.5, None)),
        ({GPS.GPSLatitude: (IFDRational(0), IFDRational(0), IFDRational(0))}, (0, -70.5, -82.5)),
    ],
)
def test_a_place_is_north_or_south_and_high_or_low(
    change: dict[int, Any], told_anew: tuple[float | None, ...]
) -> None:
    place = told({}, {}, {**PLACE, **change})["gps"]
    assert (place["latitude"], place["longitude"], place.get("altitude_m")) == told_anew
    assert str(place["latitude"]) != "-0.0"


@pytest.mark.parametrize(
    "change",
    [
        {GPS.GPSDateStamp: "2024:02:30"},
        {GPS.GPSDateStamp: "today"},
        {GPS.GPSTimeStamp: (IFDRational(24), IFDRational(0), IFDRational(0))},
        {GPS.GPSTimeStamp: (IFDRational(0, 0), IFDRational(0), IFDRational(0))},
        {GPS.GPSTimeStamp: (IFDRational(1), IFDRational(2))},
    ],
)
def test_satellites_tell_a_time_or_none(change: dict[int, Any]) -> None:
    place = told({}, {}, {**PLACE, **change})["gps"]
    assert place["latitude"] == -33.8600167
    assert "time" not in place


@pytest.mark.parametrize("value", [IFDRational(1, 0), IFDRational(0, 0), IFDRational(0, 1), "fast"])
def test_a_number_that_is_none_is_left_out(value: object) -> None:
    assert told({}, {Base.ExposureTime: value, Base.ISOSpeedRatings: 200}) == {"iso": 200}


def test_a_sensitivity_beyond_its_tag_stands_in_another() -> None:
    detail: dict[int, Any] = {Base.ISOSpeedRatings: 65_535, Base.RecommendedExposureIndex: 102_400}
    assert told({}, detail) == {"iso": 102_400}
    assert told({}, {Base.ISOSpeedRatings: (640, 800)}) == {"iso": 640}


@pytest.mark.parametrize(("value", "fired"), [(0, False), (1, True), (0x10, False), (0x5F, True)])
def test_the_flash_fired_or_not(value: int, fired: bool) -> None:
    assert told({}, {Base.Flash: value}) == {"flash": fired}


@pytest.mark.parametrize(
    ("parts", "lens"),
    [
        ((24, 70, 2.8, 2.8), "24-70 mm f/2.8"),
        ((18, 55, 3.5, 5.6), "18-55 mm f/3.5-5.6"),
        ((50, 50, None, None), "50 mm"),
        ((4.25, 4.25, 1.8, 1.8), "4.25 mm f/1.8"),
        ((None, None, 2.8, 2.8), None),
        ((24, 70, 2.8), None),
    ],
)
def test_a_lens_without_a_name_is_told_by_its_measures(
    parts: tuple[float | None, ...], lens: str | None
) -> None:
    values = tuple(
        IFDRational(0, 0) if p is None else IFDRational(round(p * 100), 100) for p in parts
    )
    assert told({}, {Base.LensSpecification: values}).get("lens") == lens
    named: dict[int, Any] = {Base.LensSpecification: values, Base.LensModel: "Name"}
    assert told({}, named)["lens"] == "Name"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Zoë Müller".encode(), "Zoë Müller"),
        ("Zoë Müller".encode("latin-1"), "Zoë Müller"),
        (b" Ada \0hidden", "Ada"),
        (b"   \0", None),
    ],
)
def test_texts_are_utf_8_or_latin_1_and_end_at_a_nul(raw: bytes, text: str | None) -> None:
    block = exif_with({Base.Artist: "?" * len(raw)}, {}, {})[6:].replace(b"?" * len(raw), raw)
    assert read_exif(ExifBlocks(block)).facts.get("creator") == text


@pytest.mark.parametrize(
    ("text", "caption"),
    [
        ("OLYMPUS DIGITAL CAMERA         ", None),
        ("KONICA MINOLTA DIGITAL CAMERA", None),
        ("SONY DSC", None),
        ("My DIGITAL CAMERA and me", "My DIGITAL CAMERA and me"),
        ("A " * 40_000, ("A " * 8_000).strip()),
    ],
)
def test_what_a_camera_always_says_is_no_caption(text: str, caption: str | None) -> None:
    assert told({Base.ImageDescription: text}, {}).get("caption") == caption


@pytest.mark.parametrize(
    ("raw", "text"),
    [(b"Ada\0Editor", "Ada; Editor"), (b" \0Editor", "Editor"), (b"Ada \0\0x", "Ada")],
)
def test_rights_are_the_photographers_and_the_editors(raw: bytes, text: str) -> None:
    block = exif_with({Base.Copyright: "?" * len(raw)}, {}, {})[6:].replace(b"?" * len(raw), raw)
    assert read_exif(ExifBlocks(block)).facts == {"copyright": text}


def test_none_tells_nothing() -> None:
    assert read_exif(ExifBlocks(b"")) == Reading()


@pytest.mark.parametrize("block", [b"II", b"XX*\0\x08\0\0\0", b"II\x07\0\x08\0\0\0"])
def test_what_is_no_tiff_is_refused(block: bytes) -> None:
    with pytest.raises(ValueError, match="not a TIFF"):
        read_exif(ExifBlocks(block))


@pytest.mark.parametrize(
    "block",
    [
        b"II*\0\x08\0",
        b"II*\0\xff\xff\xff\x7f",
        b"II*\0\0\0\0\0",
        b"II*\0\x08\0\0\0\xff\xff",
        # Its directory of details begins where it begins itself, or nowhere.
        b"MM\0*\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\xff\0\x08\0\0\0\0",
        b"MM\0*\0\0\0\x08\0\x01\x87\x69\0\x02\0\0\0\x01\0\xff\0\x08\0\0\0\0",
        # A maker's name of 4 GB, and a number that lies behind the end.
        b"II*\0\x08\0\0\0\x01\0\x0f\x01\x02\0\xff\xff\xff\xff\x08\0\0\0\0\0\0\0",
    ],
)
def test_what_can_be_read_of_a_broken_one_counts(block: bytes) -> None:
    reading = read_exif(ExifBlocks(block))
    assert reading.is_broken
    assert reading.facts.keys() <= {"make"}


@pytest.mark.parametrize("cut", range(8, 700, 23))
def test_a_cut_one_is_broken_and_never_worse(cut: int) -> None:
    whole = exif()[6:]
    reading = read_exif(ExifBlocks(whole[:cut]))
    assert reading.is_broken == (cut < len(whole))
    assert reading.facts.keys() <= EXIF_FACTS.keys() | {"modified_at"}


def test_a_ring_of_directories_is_read_once() -> None:
    tags = struct.pack("<HHHIIHHII", 2, 0x8769, 4, 1, 8, 0x8825, 4, 1, 8)
    assert read_exif(ExifBlocks(b"II*\0\x08\0\0\0" + tags)) == Reading()


def test_rows_and_values_are_counted() -> None:
    """65,535 rows that each name the whole block are 47 GB to whoever reads them all."""
    rows = b"".join(struct.pack("<HHII", tag, 5, 90_000, 8) for tag in range(65_535))
    block = b"II*\0\x08\0\0\0" + struct.pack("<H", 65_535) + rows
    tiff = Tiff(block)
    assert tiff.is_broken
    assert len(tiff.main.rows) == 512
    assert len(tiff.main.numbers(271)) == 16
    assert len(tiff.main.data(271)) == 16_000
    read_exif(ExifBlocks(block))


def test_only_what_is_asked_for_has_to_be_sound() -> None:
    row = struct.pack("<HHII", 0x927C, 7, 1_000_000, 8)  # a maker note that was cut off
    assert not read_exif(ExifBlocks(b"II*\0\x08\0\0\0\x01\0" + row)).is_broken
    assert told(MAIN, {}) == {
        key: EXIF_FACTS[key]
        for key in ("make", "model", "software", "creator", "copyright", "caption")
    }
    assert told({}, DETAIL)["lens_make"] == "Glassworks"
