"""HEIF: what has to be sound in the file before pi-heif may open it (ISO 14496-12)."""

from __future__ import annotations

from typing import BinaryIO

_MOST_BOXES = 100
_META_BYTES = 16_000_000
_TYPE_AT = {2: 8, 3: 10}  # in an item's entry, by the entry's version


def has_sound_items(source: BinaryIO) -> bool:
    """Tell whether every item says in readable letters what it is.

    pi-heif 1.4 makes Python strings of them without looking, and a wrong one kills the process.
    """
    meta = _read_meta(source)
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


def _read_meta(source: BinaryIO) -> bytes:
    at = 0
    for _ in range(_MOST_BOXES):
        source.seek(at)
        head = source.read(16)
        size = int.from_bytes(head[:4], "big")
        if size == 1:
            size = int.from_bytes(head[8:], "big")
        if head[4:8] == b"meta":
            source.seek(at)
            return source.read(min(size, _META_BYTES) if size else _META_BYTES)
        if size < 8 or at + size >= 2**63:
            break
        at += size
    return b""
