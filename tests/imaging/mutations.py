"""Damage to files, in steps that can be told, repeated and made fewer."""

from __future__ import annotations

import functools
import random
import re
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from pictures import Studio

from pixelcraft_desktop.model import Cause, KnownFailure, Limits

SEED = "2026-11"
LIMITS = Limits(pixels=200_000)
# How a file may end that is not what it was; anything else is a fault of ours.
KNOWN_ENDS = {
    None,
    Cause.DAMAGED,
    Cause.EMPTY,
    Cause.NOT_AN_IMAGE,
    Cause.OUT_OF_MEMORY,
    Cause.TOO_LARGE,
    Cause.UNSUPPORTED_FORMAT,
}
# Sizes, counts and places that programs stumble over, in every width and order of bytes.
_NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 2**32 - 1)
EXTREMES = tuple(
    dict.fromkeys(
        number.to_bytes(width, order)
        for width in (2, 4, 8)
        for order in ("big", "little")
        for number in (*_NUMBERS, 2**63 - 1, 2**64 - 1)
        if number < 256**width
    )
)
_PNG = b"\x89PNG\r\n\x1a\n"
# A file's beginning, where sizes and places stand, is met as often as all the rest.
_REACHES = (16, 64, 256, 1_000_000, 1_000_000, 1_000_000)
_TAIL = 64
_NAME, _NAMES_BYTES = re.compile(rb"[A-Za-z][A-Za-z0-9 ]{3}"), 1_000
_LENGTHS = (1, 1, 2, 4, 4, 8, 16, 60, 250)


@dataclass(frozen=True)
class Step:
    """One change to a file; what `length` and `value` mean is the business of `how`."""

    how: str
    at: int
    length: int
    value: int


def _flip(data: bytes, step: Step) -> bytes:
    changed = bytearray(data)
    if step.at < len(data):
        changed[step.at] ^= 1 << step.value % 8
    return bytes(changed)


def _fill(data: bytes, step: Step) -> bytes:
    run = data[step.at : step.at + step.length]
    return data[: step.at] + bytes([step.value % 256]) * len(run) + data[step.at + len(run) :]


def _remove(data: bytes, step: Step) -> bytes:
    return data[: step.at] + data[step.at + step.length :]


def _insert(data: bytes, step: Step) -> bytes:
    return data[: step.at] + bytes([step.value % 256]) * step.length + data[step.at :]


def _repeat(data: bytes, step: Step) -> bytes:
    end = step.at + step.length
    return data[:end] + data[step.at : end] * (1 + step.value % 4) + data[end:]


def _swap(data: bytes, step: Step) -> bytes:
    changed, other = bytearray(data), step.value % max(1, len(data))
    here, there = slice(step.at, step.at + step.length), slice(other, other + step.length)
    if len(data[here]) == len(data[there]):
        changed[here], changed[there] = data[there], data[here]
    return bytes(changed)


def _number(data: bytes, step: Step) -> bytes:
    number = EXTREMES[step.value % len(EXTREMES)]
    return data[: step.at] + number + data[step.at + len(number) :]


def _cut(data: bytes, step: Step) -> bytes:
    return data[: step.at]


_HOWS = {
    **{"flip": _flip, "fill": _fill, "remove": _remove, "insert": _insert, "repeat": _repeat},
    **{"swap": _swap, "number": _number, "cut": _cut},
}
HOWS = (*_HOWS, "splice", "mend")


def apply(steps: Sequence[Step], data: bytes, others: Sequence[bytes]) -> bytes:
    """Return the file after these steps; `others` are what may be spliced to it."""
    for step in steps:
        if step.how == "splice":
            data = data[: step.at] + others[step.value % len(others)][step.length :]
        elif step.how == "mend":
            data = mend(data)
        else:
            data = _HOWS[step.how](data, step)
    return data


def mend(data: bytes) -> bytes:
    """Return the file with the checksums and total right again, so that damage gets further in."""
    if data.startswith(b"RIFF"):
        return data[:4] + struct.pack("<I", max(0, len(data) - 8)) + data[8:]
    if not data.startswith(_PNG):
        return data
    mended, at = bytearray(data), len(_PNG)
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        if end + 4 > len(data):
            break
        mended[end : end + 4] = struct.pack(">I", zlib.crc32(data[at + 4 : end]))
        at = end + 4
    return bytes(mended)


def random_steps(name: str, number: int, data: bytes) -> list[Step]:
    """Return the steps of one mutation: for the same name, number and file always the same."""
    chance = random.Random(f"{SEED} {name} {number}")
    count = chance.choice((1, 1, 1, 2, 2, 3, 5))
    steps = [_random_step(chance, _random_place(chance, data)) for _ in range(count)]
    return [*steps, Step("mend", 0, 0, 0)] if chance.random() < 0.5 else steps


def _random_place(chance: random.Random, data: bytes) -> int:
    way = chance.random()
    names = _places_of_names(data)
    if way < 0.3 and names:
        return max(0, chance.choice(names) + chance.randrange(-4, 24))
    if way < 0.4:  # some formats keep their directory at the end
        return max(0, len(data) - 1 - chance.randrange(_TAIL))
    return chance.randrange(min(len(data), chance.choice(_REACHES)))


@functools.cache
def _places_of_names(data: bytes) -> list[int]:
    """Return where boxes, chunks and tags may begin: beside their names stand sizes and places."""
    return [match.start() for match in _NAME.finditer(data, 0, _NAMES_BYTES)]


def _random_step(chance: random.Random, at: int) -> Step:
    how = chance.choice((*_HOWS, "flip", "fill", "number", "number", "splice"))
    value = chance.choice((0, 255, chance.randrange(2**31)))
    length = chance.randrange(2_000) if how == "splice" else chance.choice(_LENGTHS)
    return Step(how, at, length, chance.randrange(2**31) if how in ("number", "splice") else value)


def end_of(studio: Studio, data: bytes) -> Cause | None:
    """Return why the bytes could not be rendered in this very process, None where they could."""
    try:
        studio.render(data, limits=LIMITS)
    except KnownFailure as failure:
        return failure.cause
    except MemoryError:
        return Cause.OUT_OF_MEMORY
    return None
