"""HEIC files made in code, around one still picture: `test_orientation.pattern()`, 64 × 64 grey.

Nothing here can encode HEVC. The stream was made with libheif 1.15 (`heif-enc -q 60`); the boxes
around it (ISO 14496-12, ISO 23008-12) are written below, with whatever turns are wanted.
"""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass

_CONFIGURATION = base64.b64decode(
    """
AQQIAAAAAAAAAAAAHvAA/Pz4+AAADwMgAAEAF0ABDAH//wQIAAADAJ/4AAADAAAeugJAIQABACZCAQEECAAAAwCf
+AAAAwAAHsCCBBZbqSSmubAgAAADACAAAAMAISIAAQAHRAHBcrAiQA==
"""
)
_STREAM = base64.b64decode(
    """
AAAAwCgBrhPA8PSbKQPof0j5L2KQSkzpbVPIAOhvbL79LwQfWt9YMjzpaNyI5RIZbOaaGvMs6Cew60vEh5wj6bgb
sh8OwAwEB7ZdMAl2vDLnAiWU7uvaTb0sTsYUPxZRyeucQYIFumFXKMZ0knpS6dZq5dUN90T9f7bRcbjK+2d6cjQU
UEKepDsUAzx6azuPetIMzPTrthVG2dmyaMZiGq/kX4nixN4aJI8Gtb5k8td7p2OPq2v1FLT8xp0wRd9cE3t9Mg==
"""
)


@dataclass(frozen=True)
class Item:
    """A picture or a block of a HEIC file. `properties` are boxes, of which all are essential."""

    kind: bytes
    data: bytes
    properties: tuple[bytes, ...] = ()
    is_hidden: bool = False


def box(name: bytes, data: bytes) -> bytes:
    """Return a box of ISO 14496-12."""
    return struct.pack(">I", 8 + len(data)) + name + data


def full_box(name: bytes, data: bytes, version: int = 0) -> bytes:
    """Return a box with a version and no flags."""
    return box(name, bytes((version, 0, 0, 0)) + data)


def heic(
    *turns: bytes,
    exif: bytes = b"",
    profile: bytes = b"",
    size: tuple[int, int] = (64, 64),
    brand: bytes = b"heic",
) -> bytes:
    """Return the picture with these turns (boxes `irot`, `imir`), which a reader must carry out."""
    colour = (box(b"colr", b"prof" + profile),) if profile else ()
    items = [still(*colour, *turns, size=size)]
    if exif:
        items.append(Item(b"Exif", bytes(4) + exif))
    return container(items, [reference(b"cdsc", 2, 1)] if exif else [], brand=brand)


def still(*properties: bytes, size: tuple[int, int] = (64, 64), is_hidden: bool = False) -> Item:
    """Return the picture as one of the pictures of a file."""
    extent = full_box(b"ispe", struct.pack(">II", *size))
    own = (box(b"hvcC", _CONFIGURATION), extent, *properties)
    return Item(b"hvc1", _STREAM, own, is_hidden)


def grid(columns: int, rows: int, size: tuple[int, int], *properties: bytes) -> Item:
    """Return a picture put together of others, to which it refers by `dimg`."""
    data = bytes((0, 0, rows - 1, columns - 1)) + struct.pack(">HH", *size)
    extent = full_box(b"ispe", struct.pack(">II", *size))
    return Item(b"grid", data, (extent, *properties))


def kind_of_extra(name: bytes) -> bytes:
    """Return the property that says what a picture is good for which isn't shown by itself."""
    return full_box(b"auxC", name + b"\0")


def reference(kind: bytes, start: int, *ends: int) -> bytes:
    """Return that one item refers to others: thmb, auxl, dimg, cdsc."""
    numbers = struct.pack(f">HH{len(ends)}H", start, len(ends), *ends)
    return box(kind, numbers)


def container(
    items: list[Item],
    references: list[bytes] | None = None,
    *,
    primary: int = 1,
    brand: bytes = b"heic",
    brands: bytes = b"mif1heic",
) -> bytes:
    """Return a file of these items, numbered from 1; one of them is the picture to show."""
    start = box(b"ftyp", brand + bytes(4) + brands)
    meta_bytes = len(_meta(0, items, references or [], primary))
    return (
        start
        + _meta(len(start) + meta_bytes + 8, items, references or [], primary)
        + box(b"mdat", b"".join(item.data for item in items))
    )


def _meta(at: int, items: list[Item], references: list[bytes], primary: int) -> bytes:
    places, entries, belongs = b"", b"", b""
    properties: list[bytes] = []
    for number, item in enumerate(items, 1):
        places += struct.pack(">HHHII", number, 0, 1, at, len(item.data))
        at += len(item.data)
        entry = bytes((2, 0, 0, item.is_hidden)) + struct.pack(">HH", number, 0)
        entries += box(b"infe", entry + item.kind + b"\0")
        first = len(properties) + 1
        properties += item.properties
        if item.properties:
            numbers = bytes(0x80 | each for each in range(first, len(properties) + 1))
            belongs += struct.pack(">HB", number, len(numbers)) + numbers
    described = sum(bool(item.properties) for item in items)
    return full_box(
        b"meta",
        full_box(b"hdlr", bytes(4) + b"pict" + bytes(13))
        + full_box(b"pitm", struct.pack(">H", primary))
        + full_box(b"iloc", struct.pack(">BBH", 0x44, 0, len(items)) + places)
        + full_box(b"iinf", struct.pack(">H", len(items)) + entries)
        + box(
            b"iprp",
            box(b"ipco", b"".join(properties))
            + full_box(b"ipma", struct.pack(">I", described) + belongs),
        )
        + (full_box(b"iref", b"".join(references)) if references else b""),
    )
