"""Segments of a JPEG as Pillow reads them, but for metadata: a broken one costs no picture."""

from __future__ import annotations

import struct

from PIL import JpegImagePlugin

from pixelcraft_desktop.imaging.containers.forgiven import forgive

_APPLICATION = range(0xFFE0, 0xFFF0)
_EXIF_MARKER, _EXIF = 0xFFE1, b"Exif\0\0"
# One segment has 64 KB at most. Pillow copies all it has for each that follows: 800 took 10 s.
_MOST_EXIF_BYTES = 1_000_000
_PROFILE, _PROFILE_HEAD_BYTES = b"ICC_PROFILE\0", 14  # with its number and how many there are
# What a bad profile becomes: bytes that no reader takes for one, so that it is noted.
_NO_PROFILE = b"unreadable"
_NAMES = {b"JFIF": "jfif", b"Phot": "iptc", b"Adob": "adobe"}
_DPI = 72, 72


def forgive_metadata() -> None:
    """Let Pillow pass over segments that it stumbles over, and over EXIF beyond 1 MB."""
    for code in _APPLICATION:
        # Pillow looks up here how to read a segment, and has no other way in.
        name, meaning, _ = JpegImagePlugin.MARKER[code]
        JpegImagePlugin.MARKER[code] = (
            name,
            meaning,
            _read_segment,  # type: ignore[assignment]  # Pillow's own calls them otherwise
        )


def _read_segment(image: JpegImagePlugin.JpegImageFile, code: int) -> None:
    if code == _EXIF_MARKER and _has_enough_exif(image):
        JpegImagePlugin.Skip(image, code)
        return
    many = len(image.applist)
    try:
        JpegImagePlugin.APP(image, code)
    except (IndexError, struct.error):
        if len(image.applist) == many:
            raise  # the file ends within the segment
        forgive(image.info, _NAMES.get(image.applist[-1][1][:4], "jpeg"))
    if "exif" in image.info:
        # Else Pillow makes numbers of all EXIF to find this one: 0.5 s for 20,000 rows.
        image.info.setdefault("dpi", _DPI)
    if image.icclist and len(image.icclist[-1]) < _PROFILE_HEAD_BYTES:
        image.icclist.pop()
        image.info["icc_profile"] = _NO_PROFILE


def _has_enough_exif(image: JpegImagePlugin.JpegImageFile) -> bool:
    if len(image.info.get("exif", b"")) < _MOST_EXIF_BYTES or image.fp is None:
        return False
    head = image.fp.read(2 + len(_EXIF))
    image.fp.seek(-len(head), 1)
    return head[2:] == _EXIF
