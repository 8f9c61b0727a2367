"""What a picture says about itself: camera, lens, time, exposure, place. Best effort."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from PIL import ExifTags, Image

from pixelcraft_desktop.filenames import printable

LONGEST_TEXT = 1_000  # characters; real makers, models and lenses have under 100

_Tags = Mapping[int, Any]
_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d)[ T](\d\d):(\d\d):(\d\d)", re.ASCII)
_OFFSET = re.compile(r"[+-]\d\d:\d\d", re.ASCII)


def read_metadata(image: Image.Image) -> dict[str, Any]:
    """Return what EXIF tells (EXIF 2.32), keys left out where nothing is told.

    Text is data from a stranger: control characters escaped, length capped. Never raises:
    real pictures exist that are sound in every pixel and broken in their EXIF.
    """
    try:
        exif = image.getexif()
        main: _Tags = dict(exif)
        detail: _Tags = exif.get_ifd(ExifTags.IFD.Exif)
        place: _Tags = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except Exception:
        # Broken blocks raise anything: struct.error, KeyError, SyntaxError, TypeError …
        return {}
    found = {**_camera(main, detail), **_exposure(detail), "gps": _gps(place)}
    return {key: value for key, value in found.items() if value is not None}


def _camera(main: _Tags, detail: _Tags) -> dict[str, Any]:
    return {
        "make": _text(main.get(ExifTags.Base.Make)),
        "model": _text(main.get(ExifTags.Base.Model)),
        "lens": _text(detail.get(ExifTags.Base.LensModel)),
        "taken_at": _time(main, detail),
    }


def _exposure(detail: _Tags) -> dict[str, Any]:
    iso = detail.get(ExifTags.Base.ISOSpeedRatings)
    return {
        "exposure_time_s": _number(detail.get(ExifTags.Base.ExposureTime)),
        "f_number": _number(detail.get(ExifTags.Base.FNumber)),
        "iso": _number(iso[0] if isinstance(iso, tuple) and iso else iso),
        "focal_length_mm": _number(detail.get(ExifTags.Base.FocalLength)),
    }


def _time(main: _Tags, detail: _Tags) -> str | None:
    """Return ISO 8601 local time, with its offset where the camera knew it."""
    taken = detail.get(ExifTags.Base.DateTimeOriginal) or main.get(ExifTags.Base.DateTime)
    match = _TIME.match(taken) if isinstance(taken, str) else None
    if match is None:
        return None
    text = "{}-{}-{}T{}:{}:{}".format(*match.groups())
    offset = detail.get(ExifTags.Base.OffsetTimeOriginal)
    is_known = isinstance(offset, str) and _OFFSET.fullmatch(offset.strip())
    zone = str(offset).strip() if is_known else ""
    return next(filter(_is_moment, (text + zone, text)), None)


def _is_moment(text: str) -> bool:
    """Tell ISO 8601 from its like: a camera whose clock was never set writes 0000:00:00."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _gps(place: _Tags) -> dict[str, float] | None:
    """Return latitude and longitude in decimal degrees, altitude in metres."""
    latitude = _degrees(place.get(ExifTags.GPS.GPSLatitude), 90)
    longitude = _degrees(place.get(ExifTags.GPS.GPSLongitude), 180)
    if latitude is None or longitude is None:
        return None
    if place.get(ExifTags.GPS.GPSLatitudeRef) == "S":
        latitude = -latitude
    if place.get(ExifTags.GPS.GPSLongitudeRef) == "W":
        longitude = -longitude
    found = {"latitude": latitude, "longitude": longitude}
    altitude = _number(place.get(ExifTags.GPS.GPSAltitude))
    if altitude is not None:
        below = place.get(ExifTags.GPS.GPSAltitudeRef) in (1, b"\x01")
        found["altitude_m"] = -altitude if below else altitude
    return found


def _degrees(value: object, largest: float) -> float | None:
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    parts = [_number(part) for part in value]
    if any(part is None for part in parts):
        return None
    degrees, minutes, seconds = (part or 0.0 for part in parts)
    total = degrees + minutes / 60 + seconds / 3600
    return round(total, 7) if 0 <= total <= largest else None


def _number(value: object) -> float | None:
    """Return a finite number; EXIF rationals may be 1/0 or any other type."""
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever it is, it may refuse
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else round(number, 9)


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return None
    clean = value.split("\0", 1)[0].strip()[:LONGEST_TEXT]
    return printable(clean) or None
