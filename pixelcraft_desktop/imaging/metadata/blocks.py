"""Where in a picture its metadata lie: the bytes of each block, empty where there are none."""

from __future__ import annotations

import io
from dataclasses import replace

from PIL import Image
from PIL.ExifTags import Base

from pixelcraft_desktop.imaging.containers import cr3
from pixelcraft_desktop.imaging.metadata.directory import Tiff
from pixelcraft_desktop.imaging.metadata.exif import ExifBlocks
from pixelcraft_desktop.imaging.metadata.iptc import (
    MOST_PHOTOSHOP_BYTES,
    IptcBlock,
    read_photoshop,
)
from pixelcraft_desktop.imaging.metadata.reading import MOST_BLOCK_BYTES

_EXIF_SIGN = b"Exif\0\0"
_PHOTOSHOP_SIGN = b"Photoshop 3.0\0"
_IPTC_SIGN = b"\x1c"
_CANON = b"ftypcrx "
_RAW_PROFILE = "Raw profile type "  # ImageMagick's way to keep a block in a PNG, in hexadecimal


def exif_blocks(image: Image.Image, data: bytes) -> ExifBlocks:
    """Return EXIF; of a TIFF or a RAW file it is the file itself, or lies there in three blocks.

    `data` is the whole file.
    """
    if image.format == "TIFF" or _names_camera(data):
        return ExifBlocks(data)
    if data[4:12] == _CANON:
        return ExifBlocks(*cr3.read_blocks(io.BytesIO(data)))
    block = image.info.get("exif") or _raw_profile(image, "exif")
    if not isinstance(block, bytes):
        return ExifBlocks(b"")
    while block.startswith(_EXIF_SIGN):  # some programs write it twice
        block = block.removeprefix(_EXIF_SIGN)
    return ExifBlocks(block)


def iptc_block(image: Image.Image, data: bytes) -> IptcBlock:
    """Return IPTC, which lies in Photoshop's block or, in a TIFF, beside it."""
    if image.format == "TIFF":
        photoshop = read_photoshop(_tag(data, Base.ImageResources, MOST_PHOTOSHOP_BYTES))
        iptc = _tag(data, Base.IPTCNAA)
        return replace(photoshop, data=iptc) if iptc else photoshop
    block = _raw_profile(image, "iptc") or _raw_profile(image, "8bim") or _app_13(image)
    return IptcBlock(block) if block.startswith(_IPTC_SIGN) else read_photoshop(block)


def xmp_block(image: Image.Image, data: bytes) -> bytes:
    """Return XMP; in a TIFF or a RAW file it is a tag."""
    block = image.info.get("xmp") or _raw_profile(image, "xmp")
    if isinstance(block, bytes) and block:
        return block
    return _tag(exif_blocks(image, data).main, Base.XMLPacket)


def _names_camera(data: bytes) -> bool:
    """Tell whether this is a RAW file that knows more than the JPEG in it."""
    return bool(data[:2] in {b"II", b"MM"} and _tag(data, Base.Make))


def _tag(block: bytes, tag: int, most_bytes: int = MOST_BLOCK_BYTES) -> bytes:
    """Return the tag's bytes; one more than wanted shows that there are more."""
    try:
        tiff = Tiff(block)
    except ValueError:
        return b""
    return tiff.main.data(tag, most_bytes + 1)


def _app_13(image: Image.Image) -> bytes:
    """Return Photoshop's block, which goes on in a further segment where one is too small."""
    segments: list[tuple[str, bytes]] = getattr(image, "applist", [])
    return b"".join(
        data.removeprefix(_PHOTOSHOP_SIGN)
        for name, data in segments
        if name == "APP13" and data.startswith(_PHOTOSHOP_SIGN)
    )


def _raw_profile(image: Image.Image, name: str) -> bytes:
    """Return a block as ImageMagick keeps it: after its name and length, in hexadecimal."""
    text = image.info.get(_RAW_PROFILE + name)
    if not isinstance(text, str):
        return b""
    try:
        return bytes.fromhex("".join(text.split("\n")[3:]))
    except ValueError:
        return b"\0"  # there is one, and nobody can read it
