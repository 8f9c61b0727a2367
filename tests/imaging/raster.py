"""TIFF and PNG files written number by number, in kinds that Pillow does not write."""

from __future__ import annotations

import struct
import zlib

from pictures import png_chunk

SIDE = 16
PIXELS = SIDE * SIDE
_FORMS = {1: "B", 3: "H", 4: "I"}
_Tag = tuple[int, int, list[int]]


def strip_tiff(
    bits: list[int],
    photometric: int,
    *planes: bytes,
    kind: int | None = None,
    extra: int | None = None,
    order: str = "<",
    is_packed: bool = False,
    palette: list[int] | None = None,
) -> bytes:
    """Return a TIFF of 16 × 16 pixels, a strip for each plane.

    `kind` is its SampleFormat, `extra` what the last channel is (ExtraSamples), `order` that of
    the bytes, and packed it is by zlib (through libtiff, where Pillow reads plain ones itself).
    """
    strips = [zlib.compress(plane) if is_packed else plane for plane in planes]
    tags: list[_Tag] = [
        (256, 3, [SIDE]),
        (257, 3, [SIDE]),
        (258, 3, bits),
        (259, 3, [8 if is_packed else 1]),
        (262, 3, [photometric]),
        (277, 3, [len(bits)]),
        (278, 3, [SIDE]),
        (279, 4, [len(strip) for strip in strips]),
        (284, 3, [2 if len(planes) > 1 else 1]),
    ]
    tags += [(320, 3, palette)] if palette else []
    tags += [] if extra is None else [(338, 3, [extra])]
    tags += [] if kind is None else [(339, 3, [kind] * len(bits))]
    return _file(tags, strips, order)


def _file(tags: list[_Tag], strips: list[bytes], order: str) -> bytes:
    at = 8 + 2 + 12 * (len(tags) + 1) + 4
    starts, data = [], b""
    for strip in strips:
        starts.append(at + len(data))
        data += strip + bytes(len(strip) % 2)
    rows = b""
    for tag, form, values in sorted([*tags, (273, 4, starts)]):
        value = struct.pack(f"{order}{len(values)}{_FORMS[form]}", *values)
        if len(value) > 4:
            place = struct.pack(order + "I", at + len(data))
            data += value + bytes(len(value) % 2)
        else:
            place = value.ljust(4, b"\0")
        rows += struct.pack(order + "HHI", tag, form, len(values)) + place
    mark = b"II*\0" if order == "<" else b"MM\0*"
    head = mark + struct.pack(order + "IH", 8, len(tags) + 1)
    return head + rows + bytes(4) + data


def png(depth: int, kind: int, pixel: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG of 16 × 16 pixels of one colour, these chunks before it.

    `kind` is its colour type; of less than 8 bits, `pixel` is a byte full of them.
    """
    row = b"\0" + pixel * (SIDE * depth // 8 if depth < 8 else SIDE)
    header = struct.pack(">IIBBBBB", SIDE, SIDE, depth, kind, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + b"".join(png_chunk(name, data) for name, data in chunks)
        + png_chunk(b"IDAT", zlib.compress(row * SIDE))
        + png_chunk(b"IEND", b"")
    )
