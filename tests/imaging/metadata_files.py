"""Metadata as cameras and editors write them, and files of every format that carry them."""

from __future__ import annotations

import hashlib
import io
import struct
from typing import Any

from heic import Item, box, container, reference, still
from pictures import encoded, exif_with, gradient
from PIL import ExifTags, Image, ImageCms, PngImagePlugin
from PIL.TiffImagePlugin import IFDRational

from pixelcraft_desktop.imaging.metadata.summary import read_metadata
from pixelcraft_desktop.imaging.notes import Notes
from pixelcraft_desktop.model import Limits

Base, GPS = ExifTags.Base, ExifTags.GPS
MAIN: dict[int, Any] = {
    Base.Make: "Maker",
    Base.Model: "Mark II ",
    Base.Software: "Firmware 1.2",
    Base.Artist: "Ada Example",
    Base.Copyright: "(c) Ada Example",
    Base.ImageDescription: "A view of the harbour",
}
DETAIL: dict[int, Any] = {
    Base.LensMake: "Glassworks",
    Base.LensModel: "35mm f/2",
    Base.DateTimeOriginal: "2024:02:29 23:59:58",
    Base.SubsecTimeOriginal: "07",
    Base.OffsetTimeOriginal: "+05:45",
    Base.ExposureTime: IFDRational(1, 250),
    Base.FNumber: IFDRational(28, 10),
    Base.ISOSpeedRatings: 400,
    Base.FocalLength: IFDRational(35, 1),
    Base.FocalLengthIn35mmFilm: 52,
    Base.Flash: 0x19,
}
PLACE: dict[int, Any] = {
    GPS.GPSLatitudeRef: "S",
    GPS.GPSLatitude: (IFDRational(33), IFDRational(51), IFDRational(3606, 100)),
    GPS.GPSLongitudeRef: "W",
    GPS.GPSLongitude: (IFDRational(70), IFDRational(30), IFDRational(0)),
    GPS.GPSAltitudeRef: b"\x01",
    GPS.GPSAltitude: IFDRational(825, 10),
    GPS.GPSDateStamp: "2024:02:29",
    GPS.GPSTimeStamp: (IFDRational(18), IFDRational(14), IFDRational(585, 10)),
}
EXIF_FACTS: dict[str, Any] = {
    "caption": "A view of the harbour",
    "creator": "Ada Example",
    "copyright": "(c) Ada Example",
    "taken_at": "2024-02-29T23:59:58.07+05:45",
    "gps": {
        "latitude": -33.8600167,
        "longitude": -70.5,
        "altitude_m": -82.5,
        "time": "2024-02-29T18:14:58+00:00",
    },
    "make": "Maker",
    "model": "Mark II",
    "lens": "35mm f/2",
    "lens_make": "Glassworks",
    "exposure_time_s": 0.004,
    "f_number": 2.8,
    "iso": 400,
    "focal_length_mm": 35,
    "focal_length_35mm": 52,
    "flash": True,
    "software": "Firmware 1.2",
}
XMP_FACTS: dict[str, Any] = {
    "title": "Harbour & café",
    "caption": "What XMP says",
    "keywords": ["boats", "Zürich"],
    "rating": 4,
    "creator": "Ada Example; Bob",
    "copyright": "XMP's rights",
    "taken_at": "2023-01-02T03:04:05+01:00",
}
_RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
NAMES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
    'xmlns:exif="http://ns.adobe.com/exif/1.0/"'
)
_PROPERTIES = """
<dc:title><rdf:Alt><rdf:li xml:lang="de">Hafen</rdf:li>
 <rdf:li xml:lang="x-default">Harbour &amp; café</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">What XMP says</rdf:li></rdf:Alt>
</dc:description>
<dc:subject><rdf:Bag><rdf:li>boats</rdf:li><rdf:li>Zürich</rdf:li></rdf:Bag></dc:subject>
<dc:creator><rdf:Seq><rdf:li>Ada Example</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></dc:creator>
<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">XMP's rights</rdf:li></rdf:Alt></dc:rights>
"""
_DATASETS = [
    *[(1, 90, b"\x1b%G"), (2, 5, "Títle".encode()), (2, 120, b"What IPTC says")],
    *[(2, 25, b"one"), (2, 25, "dvě".encode()), (2, 80, b"Ada"), (2, 80, b"Bob")],
    *[(2, 116, b"IPTC's rights"), (2, 55, b"20220102"), (2, 60, b"030405-0330")],
]
IPTC_FACTS: dict[str, Any] = {
    "title": "Títle",
    "caption": "What IPTC says",
    "keywords": ["one", "dvě"],
    "creator": "Ada; Bob",
    "copyright": "IPTC's rights",
    "taken_at": "2022-01-02T03:04:05-03:30",
}


def exif() -> bytes:
    """Return EXIF that tells `EXIF_FACTS`."""
    return exif_with(MAIN, DETAIL, PLACE)


def profile() -> bytes:
    """Return a profile that is called "sRGB built-in"."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def packet(properties: str, attributes: str = "") -> bytes:
    """Return XMP with these properties, as Adobe's programs write it."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {_RDF}>'
        f'<rdf:Description rdf:about="" {NAMES} {attributes}>{properties}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta>\n<?xpacket end="w"?>'
    ).encode()


def xmp() -> bytes:
    """Return XMP that tells `XMP_FACTS`."""
    return packet(_PROPERTIES, 'xmp:Rating="4" photoshop:DateCreated="2023-01-02T03:04:05+01:00"')


def iim(*datasets: tuple[int, int, bytes]) -> bytes:
    """Return IPTC of these datasets: record, number, value."""
    return b"".join(
        struct.pack(">BBBH", 0x1C, record, number, len(value)) + value
        for record, number, value in datasets or _DATASETS
    )


def photoshop(iptc: bytes, digest: bytes = b"") -> bytes:
    """Return Photoshop's resources with this IPTC, among others."""
    return (
        _resource(0x03ED, bytes(16), b"name")
        + _resource(0x0404, iptc)
        + (_resource(0x0425, digest) if digest else b"")
    )


def digest_of(iptc: bytes) -> bytes:
    """Return what stands beside IPTC when XMP says the same."""
    return hashlib.md5(iptc, usedforsecurity=False).digest()


def _resource(number: int, data: bytes, name: bytes = b"") -> bytes:
    called = bytes((len(name),)) + name
    padded = called + bytes(len(called) % 2)
    return (
        b"8BIM" + struct.pack(">H", number) + padded + struct.pack(">I", len(data)) + data
        + bytes(len(data) % 2)
    )  # fmt: skip


def with_segment(jpeg: bytes, data: bytes, marker: int = 0xED) -> bytes:
    """Return the JPEG with this segment at its beginning."""
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data + jpeg[2:]


def with_iptc(jpeg: bytes, iptc: bytes, digest: bytes = b"") -> bytes:
    """Return the JPEG with IPTC in it."""
    return with_segment(jpeg, b"Photoshop 3.0\0" + photoshop(iptc, digest))


def carrier(
    plugin: str, exif: bytes = b"", xmp: bytes = b"", iptc: bytes = b"", profile: bytes = b""
) -> bytes:
    """Return a picture of this format with these blocks; IPTC only where it can be."""
    image = gradient()
    if plugin == "HEIC":
        return _heic(exif, xmp, profile)
    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    if plugin == "TIFF":
        tags = Image.Exif()
        tags.load(exif)
        tags.update({700: xmp} if xmp else {})
        tags.update({33723: iptc} if iptc else {})
        return encoded(image, "TIFF", exif=tags, **options)
    options |= {"exif": exif} if exif else {}
    if plugin == "PNG":
        text = PngImagePlugin.PngInfo()
        if xmp:
            text.add_itxt("XML:com.adobe.xmp", xmp.decode())
        return encoded(image, "PNG", pnginfo=text, **options)
    data = encoded(image, plugin, **options, **({"xmp": xmp} if xmp else {}))
    return with_iptc(data, iptc) if iptc and plugin == "JPEG" else data


def _heic(exif: bytes, xmp: bytes, profile: bytes) -> bytes:
    colour = (box(b"colr", b"prof" + profile),) if profile else ()
    items = [still(*colour)]
    items += [Item(b"Exif", bytes(4) + exif)] if exif else []
    items += [Item(b"mime\0application/rdf+xml", xmp)] if xmp else []
    return container(items, [reference(b"cdsc", n, 1) for n in range(2, len(items) + 1)])


def read(data: bytes, limits: Limits | None = None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what is read of the file, and the notes, without its pixels."""
    notes = Notes()
    with Image.open(io.BytesIO(data)) as image:
        return read_metadata(image, data, notes, limits or Limits()), notes.codes
