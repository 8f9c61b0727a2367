"""HEIC files made in code, around one still picture: `test_orientation.pattern()`, 64 × 64 grey.

Nothing here can encode HEVC. The stream was made with libheif 1.15 (`heif-enc -q 60`); the boxes
around it (ISO 14496-12, ISO 23008-12) are written below, with whatever turns are wanted.
"""

from __future__ import annotations

import base64
import struct

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
    block = bytes(4) + exif if exif else b""
    start = box(b"ftyp", brand + bytes(4) + b"mif1heic")
    meta_bytes = len(_meta(0, turns, len(block), profile, size))
    return (
        start
        + _meta(len(start) + meta_bytes + 8, turns, len(block), profile, size)
        + box(b"mdat", _STREAM + block)
    )


def _meta(
    at: int, turns: tuple[bytes, ...], block_bytes: int, profile: bytes, size: tuple[int, int]
) -> bytes:
    places = [(1, at, len(_STREAM))]
    items = [(1, b"hvc1")]
    if block_bytes:
        places.append((2, at + len(_STREAM), block_bytes))
        items.append((2, b"Exif"))
    colour = [box(b"colr", b"prof" + profile)] if profile else []
    properties = [
        box(b"hvcC", _CONFIGURATION),
        full_box(b"ispe", struct.pack(">II", *size)),
        *colour,
        *turns,
    ]
    location = b"".join(struct.pack(">HHHII", n, 0, 1, start, many) for n, start, many in places)
    entries = b"".join(
        full_box(b"infe", struct.pack(">HH", n, 0) + kind + b"\0", 2) for n, kind in items
    )
    numbers = bytes(0x80 | n for n in range(1, len(properties) + 1))
    belongs = struct.pack(">IHB", 1, 1, len(numbers)) + numbers
    refers = full_box(b"iref", box(b"cdsc", struct.pack(">HHH", 2, 1, 1))) if block_bytes else b""
    return full_box(
        b"meta",
        full_box(b"hdlr", bytes(4) + b"pict" + bytes(13))
        + full_box(b"pitm", struct.pack(">H", 1))
        + full_box(b"iloc", struct.pack(">BBH", 0x44, 0, len(places)) + location)
        + full_box(b"iinf", struct.pack(">H", len(items)) + entries)
        + box(b"iprp", box(b"ipco", b"".join(properties)) + full_box(b"ipma", belongs))
        + refers,
    )
