"""Kinds of pictures by what they cost: the catalog's formats, or a guess from the file's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

OTHER = "other"


@dataclass(frozen=True)
class Kind:
    """What is taken for granted of a kind before any of it was measured.

    `seconds_per_mp` is lane time for a megapixel, beside what every picture costs;
    `mp_per_mb` how many megapixels a megabyte of file holds.
    """

    seconds_per_mp: float
    mp_per_mb: float


# Measured: 74 generated pictures and 137 wallpapers, two lanes on two cores, standard recipe. HEIC
# and Camera RAW are rough: of those, one sample each. A wrong guess is mended by a few pictures.
KINDS: Mapping[str, Kind] = {
    "JPEG": Kind(0.015, 3.0),
    "PNG": Kind(0.05, 1.2),
    "WebP": Kind(0.055, 6.0),
    "AVIF": Kind(0.05, 5.0),
    "HEIC": Kind(0.05, 6.0),
    "TIFF": Kind(0.03, 0.33),
    "BMP": Kind(0.03, 0.33),
    "GIF": Kind(0.03, 1.6),
    "JPEG 2000": Kind(0.07, 0.8),
    "PPM/PGM": Kind(0.025, 0.33),
    "Camera RAW": Kind(0.02, 0.6),
    OTHER: Kind(0.04, 1.0),
}
_NAMES: Mapping[str, bytes] = {
    "JPEG": b".jpg .jpeg .jpe .jfif .mpo",
    "PNG": b".png .apng",
    "WebP": b".webp",
    "AVIF": b".avif .avifs",
    "HEIC": b".heic .heif .hif",
    "TIFF": b".tif .tiff",
    "BMP": b".bmp .dib",
    "GIF": b".gif",
    "JPEG 2000": b".jp2 .j2k .jpf .jpx .j2c",
    "PPM/PGM": b".ppm .pgm .pbm .pnm",
    "Camera RAW": b".cr2 .cr3 .crw .nef .nrw .arw .sr2 .dng .raf .orf .rw2 .pef .srw",
}
_BY_EXTENSION = {extension: kind for kind, names in _NAMES.items() for extension in names.split()}


def kind_of(path: bytes, format_name: str | None = None) -> str:
    """Return the kind of a picture: its true format where that is known, else by its name."""
    if format_name is not None:
        return format_name if format_name in KINDS else OTHER
    return _BY_EXTENSION.get(path[path.rfind(b".") :].lower(), OTHER)
