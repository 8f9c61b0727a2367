"""What EXIF tells (EXIF 3.0): camera, lens, time, exposure, place."""

from __future__ import annotations

import math
import re
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
_TIMES = (
    (Base.DateTimeOriginal, Base.SubsecTimeOriginal, Base.OffsetTimeOriginal),
    (Base.DateTimeDigitized, Base.SubsecTimeDigitized, Base.OffsetTimeDigitized),
)


def read_exif(block: bytes) -> Reading:
    """Read a TIFF with EXIF in it. Raises ValueError where it is none.

    `modified_at` is when the file was last changed: the time of taking, where nothing else is.
    """
    tiff = Tiff(block)
    main = tiff.main
    detail = _sub_directory(tiff, IFD.Exif)
    place = _sub_directory(tiff, IFD.GPSInfo)
    facts = {
        **_camera(tiff, main, detail),
        **_exposure(tiff, detail),
        **_times(tiff, main, detail),
        "caption": _caption(tiff, main),
        "creator": _text(tiff, main, Base.Artist),
        "copyright": _copyright(tiff, main),
        "software": _text(tiff, main, Base.Software),
        "gps": _gps(tiff, place),
    }
    return Reading(told(**facts), is_broken=tiff.is_broken)


def _sub_directory(tiff: Tiff, tag: int) -> Directory:
    return tiff.directory(tiff.numbers(tiff.main[tag])) if tag in tiff.main else {}


def _camera(tiff: Tiff, main: Directory, detail: Directory) -> dict[str, Any]:
    return {
        "make": _text(tiff, main, Base.Make),
        "model": _text(tiff, main, Base.Model),
        "lens": _text(tiff, detail, Base.LensModel) or _lens(tiff, detail),
        "lens_make": _text(tiff, detail, Base.LensMake),
    }


def _lens(tiff: Tiff, detail: Directory) -> str | None:
    """Return "24-70 mm f/2.8" of a lens that has no name; unknown parts are left out."""
    values = tiff.numbers(detail.get(Base.LensSpecification))
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


def _exposure(tiff: Tiff, detail: Directory) -> dict[str, Any]:
    iso = _positive(tiff, detail, Base.ISOSpeedRatings)
    if iso == _ISO_BEYOND:
        others = (Base.RecommendedExposureIndex, Base.ISOSpeed)
        iso = next(filter(None, (_positive(tiff, detail, tag) for tag in others)), iso)
    flash = tiff.numbers(detail.get(Base.Flash))
    return {
        "exposure_time_s": _positive(tiff, detail, Base.ExposureTime),
        "f_number": _positive(tiff, detail, Base.FNumber),
        "iso": iso,
        "focal_length_mm": _positive(tiff, detail, Base.FocalLength),
        "focal_length_35mm": _positive(tiff, detail, Base.FocalLengthIn35mmFilm),
        "flash": bool(int(flash[0]) & 1) if flash and math.isfinite(flash[0]) else None,
    }


def _times(tiff: Tiff, main: Directory, detail: Directory) -> dict[str, Any]:
    """Return when it was taken, or else when the file was changed.

    Where a camera says that it doesn't know, the time of a later change is not the answer.
    """
    for clock, fraction, offset in _TIMES:
        if clock in detail:
            return {"taken_at": _time(tiff, (detail, clock), (detail, fraction), (detail, offset))}
    changed = (main, Base.DateTime), (detail, Base.SubsecTime), (detail, Base.OffsetTime)
    return {"modified_at": _time(tiff, *changed)}


def _time(tiff: Tiff, *places: tuple[Directory, int]) -> str | None:
    clock, fraction, offset = (_text(tiff, *place) or "" for place in places)
    match = _CLOCK.match(clock)
    if match is None:
        return None
    part = f".{fraction}" if _FRACTION.fullmatch(fraction) else ""
    local = "{}-{}-{}T{}{}".format(*match.groups(), part)
    return iso_time(local + offset) or iso_time(local)


def _gps(tiff: Tiff, place: Directory) -> dict[str, Any] | None:
    """Return degrees (north and east positive), metres above the sea, the satellites' time."""
    latitude = _degrees(tiff.numbers(place.get(GPS.GPSLatitude)), 90)
    longitude = _degrees(tiff.numbers(place.get(GPS.GPSLongitude)), 180)
    if latitude is None or longitude is None:
        return None
    is_south = _text(tiff, place, GPS.GPSLatitudeRef) == "S"
    is_west = _text(tiff, place, GPS.GPSLongitudeRef) == "W"
    altitude = _number(tiff.numbers(place.get(GPS.GPSAltitude)))
    reference = tiff.data(place.get(GPS.GPSAltitudeRef))[:1]
    if altitude is not None and reference and reference[0] in _BELOW_SEA:
        altitude = -altitude
    return told(
        latitude=-latitude if is_south and latitude else latitude,
        longitude=-longitude if is_west and longitude else longitude,
        altitude_m=altitude,
        time=_gps_time(tiff, place),
    )


def _degrees(parts: tuple[float, ...], largest: float) -> float | None:
    if len(parts) != 3:
        return None
    total = parts[0] + parts[1] / 60 + parts[2] / 3600
    return round(total, 7) if 0 <= total <= largest else None  # no number is in no range


def _gps_time(tiff: Tiff, place: Directory) -> str | None:
    date = _DATE.fullmatch(_text(tiff, place, GPS.GPSDateStamp) or "")
    parts = tiff.numbers(place.get(GPS.GPSTimeStamp))
    if date is None or len(parts) != 3 or not all(0 <= part < 60 for part in parts):
        return None
    clock = ":".join(f"{int(part):02}" for part in parts)
    return iso_time("{}-{}-{}T{}Z".format(*date.groups(), clock))


def _caption(tiff: Tiff, main: Directory) -> str | None:
    text = _text(tiff, main, Base.ImageDescription)
    return None if text is None or _NO_CAPTION.fullmatch(text[:100]) else text


def _copyright(tiff: Tiff, main: Directory) -> str | None:
    """Return the photographer's and the editor's, which a NUL parts; a blank means none."""
    parts = decode(tiff.data(main.get(Base.Copyright))).split("\0")[:2]
    return "; ".join(filter(None, (part.strip() for part in parts))) or None


def _text(tiff: Tiff, directory: Directory, tag: int) -> str | None:
    return decode(tiff.data(directory.get(tag)).split(b"\0", 1)[0]).strip() or None


def _positive(tiff: Tiff, directory: Directory, tag: int) -> float | None:
    """Return the number; cameras write 0 for what they don't know, such as an adapted lens."""
    number = _number(tiff.numbers(directory.get(tag)))
    return number if number is not None and number > 0 else None


def _number(values: tuple[float, ...]) -> float | None:
    if not values or not math.isfinite(values[0]):
        return None
    number = float(values[0])
    return int(number) if number.is_integer() else round(number, 9)
