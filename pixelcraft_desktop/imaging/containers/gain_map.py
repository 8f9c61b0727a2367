"""HDR gain maps: a second picture that tells a bright screen where to shine."""

from __future__ import annotations

from typing import BinaryIO

from PIL import Image

from pixelcraft_desktop.imaging.containers.iso_media import (
    find_box,
    find_boxes,
    read_box,
    skip,
    walk_boxes,
)
from pixelcraft_desktop.imaging.containers.jpeg import EOI_BYTES, find_end

_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_ULTRA_HDR = b"hdrgm:Version"  # Android's Ultra HDR format 1.1, in XMP
_ISO = b"urn:iso:std:iso:ts:21496:-1\0"
_APPLE = b"urn:com:apple:photo:2020:aux:hdrgainmap"
_JPEG = b"\xff\xd8\xff"
_FULL_BYTES = 4  # version and flags of a full box
_ITEM_TYPE_AT = 8  # in an entry of version 2, behind its version, number and protection
_TONE_MAP = b"tmap"  # ISO 23008-12: a picture made of the plain one and its gain map


def has_jpeg_gain_map(image: Image.Image, data: bytes) -> bool:
    """Tell whether a JPEG says that it has one, and really has a picture behind its own end.

    Services that make pictures smaller often keep the words and drop the map.
    """
    is_said = any(
        (name == "APP1" and content.startswith(_XMP) and _ULTRA_HDR in content)
        or (name == "APP2" and content.startswith(_ISO))
        for name, content in getattr(image, "applist", [])
    )
    if not is_said and image.format != "MPO":
        return False
    end = find_end(data)
    behind = -1 if end is None else data.find(_JPEG, end + len(EOI_BYTES))
    return behind >= 0 and (is_said or _APPLE in data[behind:])


def has_iso_media_gain_map(source: BinaryIO) -> bool:
    """Tell whether a HEIC or AVIF has one: as a tone-mapped picture, or as Apple's extra one."""
    meta = find_box(source, b"meta")
    if meta is None:
        return False
    inside = skip(meta, _FULL_BYTES)
    extras = find_boxes(source, b"iprp", b"ipco", b"auxC", within=inside)
    if any(_APPLE in read_box(source, box, 4 + len(_APPLE)) for box in extras):
        return True
    items = find_box(source, b"iinf", within=inside)
    if items is None:
        return False
    version = read_box(source, items, 1)
    listed = skip(items, _FULL_BYTES + (2 if version == b"\0" else 4))
    heads = (read_box(source, box, 12) for box in walk_boxes(source, listed.start, listed.end))
    return any(head[_ITEM_TYPE_AT:] == _TONE_MAP for head in heads)
