"""What a camera writes into its pictures: itself, the moment, the exposure, the place."""

from __future__ import annotations

from PIL.ExifTags import GPS, IFD, Base
from PIL.Image import Exif
from PIL.TiffImagePlugin import IFDRational

ON_ITS_SIDE = 6  # turn a quarter clockwise to see it upright


def exif(
    taken: str, exposure_s: IFDRational, aperture: float, iso: int, place: tuple[float, float]
) -> Exif:
    """Return the record of one photograph.

    The time is local and in EXIF's form (2026:05:31 05:42:10); the place is in degrees, north
    and east positive.
    """
    record = Exif()
    record[Base.Make] = "PixelCraft"
    record[Base.Model] = "PixelCraft Easel II"
    record[Base.Software] = "Easel 1.4"
    record[Base.DateTime] = taken
    record[Base.Artist] = "PixelCraft Desktop contributors"
    record.get_ifd(IFD.Exif).update(
        {
            Base.DateTimeOriginal: taken,
            Base.DateTimeDigitized: taken,
            Base.OffsetTimeOriginal: "+02:00",
            Base.ExposureTime: exposure_s,
            Base.FNumber: IFDRational(round(aperture * 10), 10),
            Base.ISOSpeedRatings: iso,
            Base.FocalLength: IFDRational(35, 1),
            Base.FocalLengthIn35mmFilm: 35,
            Base.LensMake: "PixelCraft",
            Base.LensModel: "Easel 35mm F1.8",
        }
    )
    latitude, longitude = place
    record.get_ifd(IFD.GPSInfo).update(
        {
            GPS.GPSVersionID: b"\x02\x03\x00\x00",
            GPS.GPSLatitudeRef: "N" if latitude >= 0 else "S",
            GPS.GPSLatitude: _sexagesimal(abs(latitude)),
            GPS.GPSLongitudeRef: "E" if longitude >= 0 else "W",
            GPS.GPSLongitude: _sexagesimal(abs(longitude)),
        }
    )
    return record


def on_its_side(record: Exif) -> Exif:
    """Return the record with the note that the camera was held upright."""
    record[Base.Orientation] = ON_ITS_SIDE
    return record


def _sexagesimal(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    hundredths = round(degrees * 360000)
    return (
        IFDRational(hundredths // 360000, 1),
        IFDRational(hundredths // 6000 % 60, 1),
        IFDRational(hundredths % 6000, 100),
    )
