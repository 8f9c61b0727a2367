"""What the camera tells is read, and nothing it tells can harm."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import Studio, encoded, exif_with, gradient
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from pixelcraft_desktop.imaging.metadata import LONGEST_TEXT, read_metadata

Base, GPS = ExifTags.Base, ExifTags.GPS
MAIN: dict[int, Any] = {Base.Make: "Maker", Base.Model: "Mark II ", Base.Software: "not told"}
DETAIL: dict[int, Any] = {
    Base.LensModel: "35mm f/2",
    Base.DateTimeOriginal: "2024:02:29 23:59:58",
    Base.OffsetTimeOriginal: "+05:45",
    Base.ExposureTime: IFDRational(1, 250),
    Base.FNumber: IFDRational(28, 10),
    Base.ISOSpeedRatings: 400,
    Base.FocalLength: IFDRational(35, 1),
}
PLACE: dict[int, Any] = {
    GPS.GPSLatitudeRef: "S",
    GPS.GPSLatitude: (IFDRational(33), IFDRational(51), IFDRational(3606, 100)),
    GPS.GPSLongitudeRef: "W",
    GPS.GPSLongitude: (IFDRational(70), IFDRational(30), IFDRational(0)),
    GPS.GPSAltitudeRef: b"\x01",
    GPS.GPSAltitude: IFDRational(825, 10),
}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def told(main: dict[int, Any], detail: dict[int, Any], gps: dict[int, Any]) -> dict[str, Any]:
    """Return what is read of a JPEG with this EXIF."""
    data = encoded(gradient(), "JPEG", exif=exif_with(main, detail, gps))
    with Image.open(io.BytesIO(data)) as image:
        return read_metadata(image)


@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_everything_told_is_read(studio: Studio, plugin: str, orientation: int) -> None:
    main = {**MAIN, Base.Orientation: orientation}
    data = encoded(gradient(), plugin, exif=exif_with(main, DETAIL, PLACE))
    assert studio.render(data).metadata == {
        "make": "Maker",
        "model": "Mark II",
        "lens": "35mm f/2",
        "taken_at": "2024-02-29T23:59:58+05:45",
        "exposure_time_s": 0.004,
        "f_number": 2.8,
        "iso": 400,
        "focal_length_mm": 35,
        "gps": {"latitude": -33.8600167, "longitude": -70.5, "altitude_m": -82.5},
    }


def test_a_compressed_tiff_is_read_as_well(studio: Studio) -> None:
    exif = Image.Exif()
    exif.update({**MAIN, Base.Orientation: 6})
    data = encoded(gradient(), "TIFF", exif=exif, compression="tiff_lzw")
    assert studio.render(data).metadata == {"make": "Maker", "model": "Mark II"}


@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_nothing_told_is_nothing_read(studio: Studio, plugin: str) -> None:
    assert studio.render(encoded(gradient(), plugin)).metadata == {}


@pytest.mark.parametrize(
    ("detail", "taken_at"),
    [
        ({Base.DateTimeOriginal: "2024:02:29 23:59:58"}, "2024-02-29T23:59:58"),
        ({Base.DateTimeOriginal: "2024:02:29T23:59:58"}, "2024-02-29T23:59:58"),
        ({}, "2020-01-01T00:00:00"),
        ({Base.OffsetTimeOriginal: "-03:30 "}, "2020-01-01T00:00:00-03:30"),
        ({Base.OffsetTimeOriginal: "+99:00"}, "2020-01-01T00:00:00"),
        ({Base.OffsetTimeOriginal: "  :  "}, "2020-01-01T00:00:00"),
        ({Base.DateTimeOriginal: "0000:00:00 00:00:00"}, None),
        ({Base.DateTimeOriginal: "2023:02:29 10:00:00"}, None),
        ({Base.DateTimeOriginal: "2024:01:01 24:00:01"}, None),
        ({Base.DateTimeOriginal: "    :  :     :  :  "}, None),
        ({Base.DateTimeOriginal: "yesterday"}, None),
        ({Base.DateTimeOriginal: "1"}, None),
    ],
)
def test_a_time_is_a_time_or_left_out(detail: dict[int, Any], taken_at: str | None) -> None:
    assert told({Base.DateTime: "2020:01:01 00:00:00"}, detail, {}).get("taken_at") == taken_at


@pytest.mark.parametrize(
    "change",
    [
        {GPS.GPSLatitude: (IFDRational(91), IFDRational(0), IFDRational(0))},
        {GPS.GPSLongitude: (IFDRational(181), IFDRational(0), IFDRational(0))},
        {GPS.GPSLatitude: (IFDRational(0, 0), IFDRational(0), IFDRational(0))},
        {GPS.GPSLatitude: (IFDRational(10), IFDRational(0))},
    ],
)
def test_a_place_that_is_none_is_left_out(change: dict[int, Any]) -> None:
    assert "gps" not in told({}, {}, {**PLACE, **change})


def test_a_place_needs_no_height() -> None:
    place = {tag: value for tag, value in PLACE.items() if tag != GPS.GPSAltitude}
    assert told({}, {}, {**place, GPS.GPSLatitudeRef: "N"})["gps"] == {
        "latitude": 33.8600167,
        "longitude": -70.5,
    }


@pytest.mark.parametrize("value", [IFDRational(1, 0), IFDRational(0, 0), "fast"])
def test_a_number_that_is_none_is_left_out(value: object) -> None:
    assert told({}, {Base.ExposureTime: value, Base.ISOSpeedRatings: 200}, {}) == {"iso": 200}


def test_text_cannot_command_a_terminal() -> None:
    main: dict[int, Any] = {
        Base.Make: "\x1b[31mred\n\r\x07",
        Base.Model: "a\0hidden",
        Base.Copyright: "x",
    }
    assert told(main, {}, {}) == {"make": r"\x1b[31mred\n\r\x07", "model": "a"}


def test_text_is_capped() -> None:
    found = told({Base.Make: "A" * 20_000, Base.Model: "\x1b" * 20_000}, {}, {})
    assert found["make"] == "A" * LONGEST_TEXT
    assert found["model"] == r"\x1b" * LONGEST_TEXT


BLOCKS = [
    b"",
    b"II",
    b"II*\0\xff\xff\xff\x7f",
    b"II*\0\x08\0\0\0\xff\xff",
    b"MM\0*\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x08\0\0\0\x08",  # points at itself
    b"II*\0\x08\0\0\0\x01\0\x0f\x01\x02\0\xff\xff\xff\xff\x08\0\0\0\0\0\0\0",
    b"II*\0\x08\0\0\0\x01\0\x12\x01\xee\xee\x01\0\0\0\x08\0\0\0\0\0\0\0",
    b"garbage, as of a broken editor",
]


# Outside of tests, what Pillow warns of goes unheard: the values count, not the warning.
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("block", BLOCKS)
def test_broken_exif_costs_the_metadata_alone(studio: Studio, plugin: str, block: bytes) -> None:
    rendering = studio.render(encoded(gradient(), plugin, exif=b"Exif\0\0" + block))
    assert rendering.metadata == {}
    assert len(rendering.renditions) == 2


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(st.binary(max_size=120), st.sampled_from([b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]))
def test_any_block_is_survived(block: bytes, start: bytes) -> None:
    image = gradient()
    image.info["exif"] = b"Exif\0\0" + start + block
    json.dumps(read_metadata(image), allow_nan=False)


texts = st.one_of(
    st.text(max_size=40), st.binary(max_size=40), st.floats(), st.integers(), st.none()
)
values = st.one_of(texts, st.lists(texts, max_size=4).map(tuple))


@given(st.dictionaries(st.sampled_from([*MAIN, *DETAIL, Base.DateTime]), values), values, values)
def test_any_value_is_text_or_number_in_the_end(
    tags: dict[int, Any], latitude: object, altitude: object
) -> None:
    image = gradient((1, 1))
    exif = image.getexif()
    exif.update(tags)
    exif.get_ifd(ExifTags.IFD.Exif).update(tags)
    place = {**PLACE, GPS.GPSLatitude: latitude, GPS.GPSAltitude: altitude}
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(place)
    found = read_metadata(image)
    json.dumps(found, allow_nan=False)
    for key in ("make", "model", "lens", "taken_at"):
        assert str(found.get(key, "")).isprintable()
