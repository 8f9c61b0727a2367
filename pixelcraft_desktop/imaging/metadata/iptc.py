"""What IPTC tells (IIM 4.2): title, caption, keywords, byline, copyright, date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from pixelcraft_desktop.imaging.metadata.reading import MOST_BLOCK_BYTES, Reading, told
from pixelcraft_desktop.imaging.metadata.texts import decode
from pixelcraft_desktop.imaging.metadata.times import iso_time

MOST_PHOTOSHOP_BYTES = 4_000_000  # beside IPTC: thumbnails, paths; of the smallest, 0.3 s
_IPTC_RESOURCE, _DIGEST_RESOURCE = 0x0404, 0x0425
_SIGNATURES = {b"8BIM", b"AgHg", b"DCSR", b"MeSa", b"PHUT"}
_MARKER, _EXTENDED = 0x1C, 0x8000
_UTF_8 = b"\x1b%G"
_CHARSET = (1, 90)
_TITLE, _KEYWORD, _DATE, _TIME, _BYLINE = (2, 5), (2, 25), (2, 55), (2, 60), (2, 80)
_COPYRIGHT, _CAPTION = (2, 116), (2, 120)
_Key = tuple[int, int]


@dataclass(frozen=True)
class IptcBlock:
    """The datasets as they lie in the file, and the digest of them that is kept beside."""

    data: bytes = b""
    digest: bytes = b""
    is_broken: bool = False  # what it lies in

    @property
    def is_newer_than_xmp(self) -> bool:
        """Tell whether a program changed it that knows no XMP.

        Who writes both leaves the MD5 of this block; zeros mean that nobody did.
        """
        if not self.digest.strip(b"\0"):
            return False
        states = (self.data, self.data.rstrip(b"\0"))  # in a TIFF, it is filled up to whole words
        digests = [hashlib.md5(state, usedforsecurity=False).digest() for state in states]
        return self.digest not in digests


class _Broken(Exception):
    """It doesn't go on as it should."""


def read_photoshop(data: bytes) -> IptcBlock:
    """Find IPTC among Photoshop's image resources; those before a break count.

    Of what is longer than `MOST_PHOTOSHOP_BYTES` the beginning is looked at, and no fault found.
    """
    found: dict[int, bytes] = {}
    is_broken = False
    try:
        for number, resource in _resources(data[:MOST_PHOTOSHOP_BYTES]):
            found.setdefault(number, resource)
    except _Broken:
        is_broken = len(data) <= MOST_PHOTOSHOP_BYTES
    return IptcBlock(found.get(_IPTC_RESOURCE, b""), found.get(_DIGEST_RESOURCE, b""), is_broken)


def read_iptc(block: IptcBlock) -> Reading:
    """Read the datasets; those before a break count."""
    found: dict[_Key, list[bytes]] = {}
    is_broken = block.is_broken
    try:
        for key, value in _datasets(block.data[:MOST_BLOCK_BYTES]):
            found.setdefault(key, []).append(value)
    except _Broken:
        is_broken = True
    is_utf_8 = _UTF_8 in found.get(_CHARSET, [])

    def texts(key: _Key) -> list[str]:
        values = found.get(key, [])
        read = [value.decode("utf-8", "replace") if is_utf_8 else decode(value) for value in values]
        return [text for text in read if text.strip()]

    facts = told(
        title=" ".join(texts(_TITLE)[:1]),
        caption=" ".join(texts(_CAPTION)[:1]),
        keywords=texts(_KEYWORD),
        creator="; ".join(texts(_BYLINE)),
        copyright=" ".join(texts(_COPYRIGHT)[:1]),
        taken_at=_time("".join(texts(_DATE)[:1]), "".join(texts(_TIME)[:1])),
    )
    is_cut = len(block.data) > MOST_BLOCK_BYTES
    return Reading(facts, is_broken and not is_cut, is_cut)


def _resources(block: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and data of each; raises _Broken where they end early."""
    at = 0
    while block[at : at + 4].strip(b"\0"):
        name_bytes = block[at + 6] if at + 6 < len(block) else 0
        size_at = at + 6 + (name_bytes + 2) // 2 * 2  # the name, its length included, is padded
        start = size_at + 4
        end = start + int.from_bytes(block[size_at:start], "big")
        if block[at : at + 4] not in _SIGNATURES or not start <= end <= len(block):
            raise _Broken
        yield int.from_bytes(block[at + 4 : at + 6], "big"), block[start:end]
        at = end + end % 2


def _datasets(block: bytes) -> Iterator[tuple[_Key, bytes]]:
    at = 0
    while block[at : at + 5].strip(b"\0"):
        if block[at] != _MARKER or at + 5 > len(block):
            raise _Broken
        start = at + 5
        size = int.from_bytes(block[at + 3 : start], "big")
        if size & _EXTENDED:  # so many bytes more tell the size
            start += size - _EXTENDED
            if start > at + 9:
                raise _Broken
            size = int.from_bytes(block[at + 5 : start], "big")
        if start + size > len(block):
            raise _Broken
        yield (block[at + 1], block[at + 2]), block[start : start + size]
        at = start + size


def _time(date: str, time: str) -> str | None:
    """Return the time of CCYYMMDD and HHMMSS±HHMM; a day without a time is none."""
    day = f"{date[:4]}-{date[4:6]}-{date[6:8]}"
    clock = f"{time[:2]}:{time[2:4]}:{time[4:6]}"
    offset = f"{time[6:9]}:{time[9:11]}" if len(time) > 6 else ""
    return iso_time(f"{day}T{clock}{offset}") or iso_time(f"{day}T{clock}")
