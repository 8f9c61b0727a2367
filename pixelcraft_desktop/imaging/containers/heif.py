"""HEIF: what pi-heif and Pillow don't tell, or stumble over (ISO 14496-12, ISO 23008-12)."""

from __future__ import annotations

import struct
from typing import BinaryIO

from pixelcraft_desktop.imaging.colour.code_points import CodePoints
from pixelcraft_desktop.imaging.containers.iso_media import (
    Box,
    find_box,
    read_box,
    skip,
    walk_boxes,
)

_MOST_ASSOCIATIONS = 100_000  # bytes: a phone's 48 tiles take 400
_META_BYTES = 16_000_000
_TYPE_AT = {2: 8, 3: 10}  # in an item's entry, by the entry's version


def has_sound_items(source: BinaryIO) -> bool:
    """Tell whether every item says in readable letters what it is.

    pi-heif 1.4 makes Python strings of them without looking, and a wrong one kills the process.
    """
    box = find_box(source, b"meta")
    meta = read_box(source, box, _META_BYTES) if box else b""
    at = meta.find(b"infe")
    while at >= 0:
        end = at - 4 + int.from_bytes(meta[max(0, at - 4) : at], "big")
        entry = meta[at + 4 : end]
        kind_at = _TYPE_AT.get(entry[0] if entry else 0)
        if kind_at is not None and not _is_text(entry[kind_at:]):
            return False
        at = meta.find(b"infe", at + 4)
    return True


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def read_code_points(source: BinaryIO) -> CodePoints | None:
    """Return how the primary picture of a HEIC or AVIF says its colours without a profile.

    None where it does not. The decoder has used the third number, and the range, by itself.
    """
    meta = find_box(source, b"meta")
    within = skip(meta, 4) if meta else None
    store = find_box(source, b"iprp", b"ipco", within=within) if within else None
    if within is None or store is None:
        return None
    own = _properties_of_primary(source, within)
    for number, box in enumerate(walk_boxes(source, store.start, store.end), 1):
        if box.kind == b"colr" and number in own:
            data = read_box(source, box, 10)
            if data.startswith(b"nclx") and len(data) >= 8:
                return CodePoints(*struct.unpack_from(">HH", data, 4))
    return None


def _properties_of_primary(source: BinaryIO, meta: Box) -> set[int]:
    primary = find_box(source, b"pitm", within=meta)
    table = find_box(source, b"iprp", b"ipma", within=meta)
    if primary is None or table is None:
        return set()
    head = read_box(source, primary, 8)
    wide_item = bool(head and head[0])
    item = int.from_bytes(head[4:8] if wide_item else head[4:6], "big")
    return _associations(read_box(source, table, _MOST_ASSOCIATIONS), item)


def _associations(table: bytes, item: int) -> set[int]:
    """Return the numbers of the properties that a table `ipma` gives to the item."""
    if len(table) < 8:
        return set()
    id_bytes = 4 if table[0] else 2
    number_bytes = 2 if table[3] & 1 else 1
    at = 8
    while at + id_bytes < len(table):
        many = table[at + id_bytes]
        end = at + id_bytes + 1 + many * number_bytes
        if int.from_bytes(table[at : at + id_bytes], "big") == item:
            places = range(at + id_bytes + 1, min(end, len(table)), number_bytes)
            unflagged = (1 << (8 * number_bytes - 1)) - 1  # the first bit: must be understood
            return {int.from_bytes(table[p : p + number_bytes], "big") & unflagged for p in places}
        at = end
    return set()
