"""What EXIF tells (EXIF 3.0): camera, lens, time, exposure, place."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from PIL.ExifTags import GPS, IFD, Base

from pixelcraft_desktop.imaging.metadata.directory import Directory, Tiff
from pixelcraft_desktop.imaging.metadata.reading import Reading, told
from pixelcraft_desktop.imaging.metadata.texts import decode
from pixelcraft_desktop.imaging.metadata.times import iso_time

_CLOCK = re.compile(r"(\d{4}):(\d\d):(\d\d)[ T](\d\d:\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"(\d{4}):(\d\d):(\d\d)", re.ASCII)
_FRACTION = re.compile(r"\d{1,9}", re.ASCII)
_ISO_BEYOND = 65_535  # the tag has no room for more, and others tell
# What cameras write by themselves where people put a caption; it would hide the one in XMP.
_NO_CAPTION = re.compile(r"(\w+ )*DIGITAL CAMERA|SONY DSC|SAMSUNG( CAMERA PICTURES)?", re.ASCII)
_BELOW_SEA = (1, 3)
_NS, _EW = ("N", "S"), ("E", "W")
_TIMES = (
    (Base.DateTimeOriginal, Base.SubsecTimeOriginal, Base.OffsetTimeOriginal),
    (Base.DateTimeDigitized, Base.SubsecTimeDigitized, Base.OffsetTimeDigitized),
)


@dataclass(frozen=True)
class ExifBlocks:
    """EXIF as TIFFs: of all its directories, or each of its own as Canon's CR3 has them."""

    main: bytes
    detail: bytes = b""
    place: bytes = b""


@dataclass(frozen=True)
class Exif:
    """EXIF's three directories: of the picture, of how it was taken, and of where."""

    main: Directory
    detail: Directory
    place: Directory

    @property
    def is_broken(self) -> bool:
        """Whether something that was asked for can't be read."""
        return any(each.tiff.is_broken for each in (self.main, self.detail, self.place))


def open_exif(blocks: ExifBlocks) -> Exif:
    """Return EXIF's directories. Raises ValueError where there are none."""
    main = Tiff(blocks.main).main
    detail = Tiff(blocks.detail).main if blocks.detail else main.directory(IFD.Exif)
    place = Tiff(blocks.place).main if blocks.place else main.directory(IFD.GPSInfo)
    return Exif(main, detail, place)


def read_exif(blocks: ExifBlocks) -> Reading:
    """Read what EXIF tells; nothing where there is none. Raises ValueError where it is no TIFF.

    `modified_at` is when the file was last changed: the time of taking, where nothing else is.
    """
    if not blocks.main:
        return Reading()
    exif = open_exif(blocks)
    main, detail = exif.main, exif.detail
    facts = {
        **_camera(main, detail),
        **_exposure(detail),
        **_times(main, detail),
        "caption": _caption(main),
        "creator": _text(main, Base.Artist),
        "copyright": _copyright(main),
        "software": _text(main, Base.Software),
        "gps": _gps(exif.place),
    }
    return Reading(told(**facts), is_broken=exif.is_broken)


def _camera(main: Directory, detail: Directory) -> dict[str, Any]:
    return {
        "make": _text(main, Base.Make),
        "model": _text(main, Base.Model),
        "lens": _text(detail, Base.LensModel) or _lens(detail),
        "lens_make": _text(detail, Base.LensMake),
    }


def _lens(detail: Directory) -> str | None:
    """Return "24-70 mm f/2.8" of a lens that has no name; unknown parts are left out."""
    values = detail.numbers(Base.LensSpecification)
    if len(values) != 4:
        return None
    lengths = _from_to(values[0], values[1])
    stops = _from_to(values[2], values[3])
    if not lengths:
        return None
    return f"{lengths} mm f/{stops}" if stops else f"{lengths} mm"


def _from_to(low: float, high: float) -> str:
    known = [f"{value:g}" for value in (low, high) if math.isfinite(value) and value > 0]
    return "-".join(dict.fromkeys(known))


def _exposure(detail: Directory) -> dict[str, Any]:
    iso = _positive(detail, Base.ISOSpeedRatings)
    if iso == _ISO_BEYOND:
        others = (Base.RecommendedExposureIndex, Base.ISOSpeed)
        iso = next(filter(None, (_positive(detail, tag) for tag in others)), iso)
    flash = detail.numbers(Base.Flash)
    return {
        "exposure_time_s": _positive(detail, Base.ExposureTime),
        "f_number": _positive(detail, Base.FNumber),
        "iso": iso,
        "focal_length_mm": _positive(detail, Base.FocalLength),
        "focal_length_35mm": _positive(detail, Base.FocalLengthIn35mmFilm),
        "flash": bool(int(flash[0]) & 1) if flash and math.isfinite(flash[0]) else None,
    }


def _times(main: Directory, detail: Directory) -> dict[str, Any]:
    """Return when it was taken, or else when the file was changed.

    Where a camera says that it doesn't know, the time of a later change is not the answer.
    """
    for clock, fraction, offset in _TIMES:
        if clock in detail:
            return {"taken_at": _time((detail, clock), (detail, fraction), (detail, offset))}
    changed = (main, Base.DateTime), (detail, Base.SubsecTime), (detail, Base.OffsetTime)
    return {"modified_at": _time(*changed)}


def _time(*places: tuple[Directory, int]) -> str | None:
    clock, fraction, offset = (_text(*place) or "" for place in places)
    match = _CLOCK.match(clock)
    if match is None:
        return None
    part = f".{fraction}" if _FRACTION.fullmatch(fraction) else ""
    local = "{}-{}-{}T{}{}".format(*match.groups(), part)
    return iso_time(local + offset) or iso_time(local)


def _gps(place: Directory) -> dict[str, Any] | None:
    """Return degrees (north and east positive), metres above the sea, the satellites' time.

    Nothing without the letters that say which half of the world: degrees alone fit four places.
    """
    latitude = _degrees(place.numbers(GPS.GPSLatitude), 90)
    longitude = _degrees(place.numbers(GPS.GPSLongitude), 180)
    north_south = (_text(place, GPS.GPSLatitudeRef) or "").upper()
    east_west = (_text(place, GPS.GPSLongitudeRef) or "").upper()
    if latitude is None or longitude is None or north_south not in _NS or east_west not in _EW:
        return None
    altitude = _number(place.numbers(GPS.GPSAltitude))
    reference = place.data(GPS.GPSAltitudeRef)[:1]
    if altitude is not None and reference and reference[0] in _BELOW_SEA:
        altitude = -altitude
    return told(
        latitude=-latitude if north_south == "S" and latitude else latitude,
        longitude=-longitude if east_west == "W" and longitude else longitude,
        altitude_m=altitude,
        time=_gps_time(place),
    )


def _degrees(parts: tuple[float, ...], largest: float) -> float | None:
    if len(parts) != 3:
        return None
    total = parts[0] + parts[1] / 60 + parts[2] / 3600
    if not 0 <= total <= largest:  # no number is in no range
        return None
    return _number((round(total, 7),))


def _gps_time(place: Directory) -> str | None:
    date = _DATE.fullmatch(_text(place, GPS.GPSDateStamp) or "")
    parts = place.numbers(GPS.GPSTimeStamp)
    if date is None or len(parts) != 3 or not all(0 <= part < 60 for part in parts):
        return None
    clock = ":".join(f"{int(part):02}" for part in parts)
    return iso_time("{}-{}-{}T{}Z".format(*date.groups(), clock))


def _caption(main: Directory) -> str | None:
    text = _text(main, Base.ImageDescription)
    return None if text is None or _NO_CAPTION.fullmatch(text[:100]) else text


def _copyright(main: Directory) -> str | None:
    """Return the photographer's and the editor's, which a NUL parts; a blank means none."""
    parts = decode(main.data(Base.Copyright)).split("\0")[:2]
    return "; ".join(filter(None, (part.strip() for part in parts))) or None


def _text(directory: Directory, tag: int) -> str | None:
    return decode(directory.data(tag).split(b"\0", 1)[0]).strip() or None


def _positive(directory: Directory, tag: int) -> float | None:
    """Return the number; cameras write 0 for what they don't know, such as an adapted lens."""
    number = _number(directory.numbers(tag))
    return number if number is not None and number > 0 else None


def _number(values: tuple[float, ...]) -> float | None:
    if not values or not math.isfinite(values[0]):
        return None
    number = float(values[0])
    return int(number) if number.is_integer() else round(number, 9)
