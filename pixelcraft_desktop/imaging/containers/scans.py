"""Scans: what those of a JPEG without an end marker have told by where it breaks off (T.81, G)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pixelcraft_desktop.imaging.containers.jpeg import EOI_BYTES, SOI, SOS, find_end, walk_markers

# Sequential and progressive, by Huffman or arithmetic; what else there is has other scans.
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_COEFFICIENTS = 64
# A download that broke off may have its full length already, the rest of it still empty.
_LEAST_EMPTY_BYTES = 16
# Stands in for what is missing: neither 00 nor FF, which would be stuffing and markers.
_FILLER = bytes((number * 73 + 29) % 254 + 1 for number in range(254))
_FILLERS = (_FILLER, bytes(byte ^ 0xFF for byte in _FILLER))


@dataclass
class Scans:
    """The scans of a JPEG. `stream` is the file up to where it breaks off.

    `precision` has for each component, by its id, how many bits of each coefficient are still to
    come; what no scan has told of yet is not in it.
    """

    stream: bytes
    components: tuple[int, ...]
    restarts: int = 0  # in the last scan
    is_first_pass: bool = True  # the last scan is the first that tells of brightness
    precision: dict[int, dict[int, int]] = field(default_factory=dict)

    @property
    def have_told_all(self) -> bool:
        """Whether nothing is to come after the last scan, if that is whole."""
        complete = dict.fromkeys(range(_COEFFICIENTS), 0)
        return all(self.precision.get(each) == complete for each in self.components)

    def closed(self) -> bytes:
        """Return the stream with an end marker."""
        return self.stream + EOI_BYTES

    def continued(self) -> tuple[bytes, bytes]:
        """Return the stream twice, going on in two ways that differ in every bit.

        Whatever of the last scan is missing will be decoded from that: the two pictures differ
        from there on. If nothing is, decoders pass over it. It goes on after a restart, too.
        """
        restart = bytes((0xFF, 0xD0 + self.restarts % 8))
        first, second = (self.stream + filler + restart + filler + EOI_BYTES for filler in _FILLERS)
        return first, second


def has_end(data: bytes) -> bool:
    """Tell whether a JPEG has its end marker; nothing is searched where that comes last."""
    return data.endswith(EOI_BYTES) or find_end(data) is not None


def read_scans(data: bytes) -> Scans | None:
    """Return what the scans have told; None where there is none, or the file has its end marker.

    Raises IndexError on nonsense.
    """
    data = _without_empty_end(data)
    found: Scans | None = None
    for code, at, end in _segments(data):
        if end > len(data):  # the file breaks off inside of it
            data = data[:at]
            break
        body = data[at + 4 : end]
        if code in _FRAMES and found is None:
            found = Scans(b"", tuple(body[6 + 3 * n] for n in range(body[5])))
        elif code == SOS and found is not None:
            _tell(found, body)
            found.restarts = end  # where its data begins; counted when it turns out to be the last
        elif code == EOI_BYTES[1]:
            return None
    if found is None or not found.precision:
        return None
    found.restarts = sum(1 for _ in _RESTART.finditer(data, found.restarts))
    found.stream = data
    return found


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield code, begin and end of every segment; the end may lie beyond that of the data."""
    for marker in walk_markers(data):
        end = marker.at + 2
        if marker.code not in {SOI, EOI_BYTES[1]}:
            length = data[end : end + 2]
            end += max(2, int.from_bytes(length, "big")) if len(length) == 2 else 3
        yield marker.code, marker.at, end


def _tell(scans: Scans, header: bytes) -> None:
    count = header[0]
    ids = {header[1 + 2 * number] for number in range(count)} & set(scans.components)
    first, last, bits = header[1 + 2 * count], header[2 + 2 * count], header[3 + 2 * count]
    scans.is_first_pass = scans.components[0] not in scans.precision
    for each in ids:
        known = scans.precision.setdefault(each, {})
        for coefficient in range(first, min(last, _COEFFICIENTS - 1) + 1):
            known[coefficient] = bits & 15


def _without_empty_end(data: bytes) -> bytes:
    """Return the data without bytes that were never written, or that only begin a marker."""
    filled = data.rstrip(b"\x00")
    if len(data) - len(filled) >= _LEAST_EMPTY_BYTES:
        # A data byte FF is followed by a 00 that belongs to it.
        data = filled + b"\x00" if filled.endswith(b"\xff") else filled
    return data.rstrip(b"\xff")
