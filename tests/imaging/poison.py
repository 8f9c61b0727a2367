"""Files made to hurt: small ones that cost minutes, gigabytes or the program, unless refused."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from heic import heic
from pictures import encoded, gradient, png_chunk, tiff
from PIL import Image

from pixelcraft_desktop.model import Cause

PNG_START = b"\x89PNG\r\n\x1a\n"
# 12,000 × 11,000 × 3 of one colour, in 1,555 bytes. Encoding it takes a minute.
_JPEG_2000 = """
eNpjYGDgyQpQUODlaudiYGAQSSupLMgqMFIAshmgtC6QzgDSYpkZKUUMDFo/GBj0HjAws7OD1DDwJ+fnFDGCmQIMDKzHgIqT
//v/D2TQBwkBFYI1wAAan5mdkRGC/gcx8AAFGBlYWVgYGP/HMAg7OHh4BCCj/ykMqgyMzkWpiSWpKQpJlQr+Bal5XgGu7gpl
qUXFmfl5CkZ6pnom/ycwgHzCwGoPNGfy73+M8Qe0wcR/B+0frPUM6x+I/mHa3xD+gQsoikYcQFHxnwGoCKILIqv8g6Weof+B
4B8m+wYHwYCQ9f/rX3Ym1JPGurV7Tv3I1PtbkDgayBqNtdFYG401usRaAyr4fxMAy07XjQ==
"""


def repeated_scans(count: int, side: int = 4_096) -> bytes:
    """Return a progressive JPEG that says the same thing over and over, 36 bytes and 10 ms each."""
    data = encoded(Image.new("L", (side, side), 128), "JPEG", progressive=True)
    last_scan = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + last_scan * count + data[-2:]


def jpeg_scans_in_tiff() -> bytes:
    """Return such a JPEG as the only strip of a TIFF."""
    data, side = repeated_scans(20_000), 4_096
    rows = [(256, 3, 1, side), (257, 3, 1, side), (258, 3, 1, 8), (259, 3, 1, 7), (262, 3, 1, 1)]
    rows += [(273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, side), (279, 4, 1, len(data))]
    return tiff(*rows, data=data)


def raw_with_scans() -> bytes:
    """Return a DNG whose only picture is such a JPEG."""
    data = repeated_scans(20_000)
    rows = [(254, 4, 1, 1), (256, 3, 1, 16), (257, 3, 1, 16), (513, 4, 1, 8)]
    rows += [(514, 4, 1, len(data)), (50706, 1, 4, 0x0104)]
    return tiff(*rows, data=data)


def tiff_directories(count: int = 100_000, *more: tuple[int, int, int, int]) -> bytes:
    """Return a TIFF of one pixel and so many pages, 110 bytes each."""
    tags = [(256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    tags += [(273, 4, 1, 8), (278, 4, 1, 1), (279, 4, 1, 1), *more]
    body = struct.pack("<H", len(tags))
    body += b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags))
    size = len(body) + 4
    pages = (body + struct.pack("<I", 10 + size * (number + 1)) for number in range(count - 1))
    return b"II*\0" + struct.pack("<I", 10) + b"\x80\0" + b"".join(pages) + body + bytes(4)


def raw_directories() -> bytes:
    """Return the same as a camera might write it."""
    return tiff_directories(100_000, (50706, 1, 4, 0x0104))


def tiff_huge_tile() -> bytes:
    """Return a TIFF of 16 × 16 pixels in a tile of 1 GB."""
    side = 32_768
    rows = [(256, 3, 1, 16), (257, 3, 1, 16), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1)]
    rows += [(277, 3, 1, 1), (322, 4, 1, side), (323, 4, 1, side), (324, 4, 1, 8), (325, 4, 1, 8)]
    return tiff(*rows, data=bytes(8))


def tiff_deflate_bomb() -> bytes:
    """Return a TIFF of 16 × 16 pixels whose strip inflates to 4 GB."""
    data = inflating(4)
    rows = [(256, 3, 1, 16), (257, 3, 1, 16), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1)]
    rows += [(273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 16), (279, 4, 1, len(data))]
    return tiff(*rows, data=data)


def tiff_huge_strip() -> bytes:
    """Return a TIFF of 13,000 × 13,000 pixels in one deflated strip of 164 KB."""
    side = 13_000
    data = zlib.compress(bytes(side * side), 1)
    rows = [(256, 3, 1, side), (257, 3, 1, side), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1)]
    rows += [(273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, side), (279, 4, 1, len(data))]
    return tiff(*rows, data=data)


def tiff_rows() -> bytes:
    """Return a TIFF whose directory has 20,000 rows, each of which claims the whole file."""
    rows = [(number, 1, 240_000, 8) for number in range(1, 20_001)]
    return tiff(*rows)


def webp_lossless() -> bytes:
    """Return a lossless WebP of 16,383 × 5,373 pixels of one colour: 34 bytes."""
    return bytes.fromhex("524946461a000000574542505650384c0e0000002ffeff3e05071011fd0f4444ff03")


def webp_canvas() -> bytes:
    """Return an animated WebP of 2 frames on a canvas of 16,000 × 16,000."""
    frames = [gradient((16, 16)), gradient((16, 16)).rotate(90)]
    data = bytearray(encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:]))
    data[24:30] = (15_999).to_bytes(3, "little") * 2
    return bytes(data)


def png(width: int, height: int, *chunks: bytes, bits: int = 1, data: bytes | None = None) -> bytes:
    """Return a grey PNG, all of it black unless `data` says otherwise."""
    if data is None:
        data = zlib.compress(bytes((1 + (width * bits + 7) // 8) * height), 9)
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0))
    picture = png_chunk(b"IDAT", data)
    return PNG_START + header + b"".join(chunks) + picture + png_chunk(b"IEND", b"")


def inflating(gigabytes: int) -> bytes:
    """Return a deflated stream of so many gigabytes of nothing, 1 MB each."""
    packer = zlib.compressobj(9)
    start = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(10_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + block * (100 * gigabytes) + packer.flush()


def png_text_bomb() -> bytes:
    """Return a PNG with a comment that inflates to 4 GB."""
    return png(16, 16, png_chunk(b"zTXt", b"Comment\0\0" + inflating(4)))


def png_many_texts() -> bytes:
    """Return a PNG with 3,000 comments that inflate to 1 MB each."""
    text = zlib.compress(bytes(1_000_000), 9)
    return png(16, 16, *(png_chunk(b"zTXt", b"C%d\0\0" % n + text) for n in range(3_000)))


def png_profile_bomb() -> bytes:
    """Return a PNG with a colour profile that inflates to 4 GB."""
    return png(16, 16, png_chunk(b"iCCP", b"p\0\0" + inflating(4)))


def png_animation() -> bytes:
    """Return a PNG that says it has a million frames, and has one."""
    return png(16, 16, png_chunk(b"acTL", struct.pack(">II", 1_000_000, 0)))


def gif_frames(count: int = 300_000) -> bytes:
    """Return a GIF of so many frames of one pixel."""
    data = encoded(Image.new("P", (1, 1)), "GIF")
    at = data.index(b",")
    return data[:at] + data[at:-1] * count + b";"


def exif_bomb() -> bytes:
    """Return a JPEG whose EXIF runs in circles, and whose rows claim gigabytes."""
    rows = [(number, 2, 60_000, 8) for number in range(2_000, 6_000)]
    rows += [(34665, 4, 1, 8), (34853, 4, 1, 8), (282, 5, 0x1FFF_FFFF, 8), (271, 2, 2**32 - 1, 8)]
    block = tiff(*sorted(rows))
    return encoded(gradient(), "JPEG", exif=b"Exif\0\0" + block[:-4] + struct.pack("<I", 8))


def exif_of_many_segments() -> bytes:
    """Return a JPEG with 2 MB of EXIF in 30 pieces, 20,000 rows of which claim all of it."""
    rows = [(number, 7, 2_000_000, 8) for number in range(1, 20_001)]
    block = tiff(*rows) + bytes(1_760_000)
    pieces = [block[at : at + 65_500] for at in range(0, len(block), 65_500)]
    segments = [b"\xff\xe1" + struct.pack(">H", 8 + len(p)) + b"Exif\0\0" + p for p in pieces]
    data = encoded(gradient(), "JPEG")
    return data[:2] + b"".join(segments) + data[2:]


def avif_size() -> bytes:
    """Return an AVIF that says it is 60,000 × 60,000."""
    data = encoded(gradient(), "AVIF")
    return data.replace(struct.pack(">4xII", 64, 64), struct.pack(">4xII", 60_000, 60_000))


def icon_entries() -> bytes:
    """Return an icon of 65,535 pictures, all of them the same."""
    picture = encoded(gradient((16, 16)), "PNG")
    start = 6 + 16 * 65_535
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(picture), start)
    return struct.pack("<HHH", 0, 1, 65_535) + entry * 65_535 + picture


def jpeg_2000() -> bytes:
    """Return a JPEG 2000 of 132 megapixels in 1,555 bytes."""
    return zlib.decompress(base64.b64decode(_JPEG_2000))


def svg_laughs() -> bytes:
    """Return an SVG whose entities stand for a billion laughs."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return (
        f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY l0 "ha">{entities}]>'
        '<svg xmlns="http://www.w3.org/2000/svg"><text>&l9;</text></svg>'
    ).encode()


def png_block() -> bytes:
    """Return a PNG with 160 MB of EXIF, which are read and joined before its size is told."""
    return png(16, 16, png_chunk(b"eXIf", bytes(160_000_000)))


@dataclass(frozen=True)
class Poison:
    """A file, how it has to end (`cause` None: completed), and words of its sentence."""

    name: str
    make: Callable[[], bytes]
    cause: Cause | None
    says: str = ""


_SCANS = "This JPEG has more than 500 scans; the limit is 500."
_MEMORY = "MB of memory; the limit is "
_BEGINNING = "its beginning can't be read"
POISON = (
    Poison("scans.jpg", lambda: repeated_scans(20_000), Cause.TOO_LARGE, _SCANS),
    Poison("scans.tif", jpeg_scans_in_tiff, Cause.TOO_LARGE, _SCANS),
    Poison("scans.dng", raw_with_scans, Cause.TOO_LARGE, _SCANS),
    # Fourth, when every child is up: its start is not the picture's time, but is the attempt's.
    Poison("busy.jpg", lambda: repeated_scans(480, 8_192), Cause.TIMEOUT),
    Poison("pages.tif", tiff_directories, None),
    Poison("pages.dng", raw_directories, Cause.UNSUPPORTED_FORMAT, "without a large preview"),
    Poison("inflating.tif", tiff_deflate_bomb, None),
    Poison("strip.tif", tiff_huge_strip, Cause.TOO_LARGE, _MEMORY),
    Poison("tile.tif", tiff_huge_tile, Cause.OUT_OF_MEMORY, "Not enough memory"),
    Poison("rows.tif", tiff_rows, Cause.DAMAGED, _BEGINNING),
    Poison("block.png", png_block, Cause.OUT_OF_MEMORY, "Not enough memory"),
    Poison("lossless.webp", webp_lossless, Cause.TOO_LARGE, _MEMORY),
    Poison("canvas.webp", webp_canvas, Cause.TOO_LARGE, "256 megapixels; the limit is 200."),
    Poison("178_megapixels.png", lambda: png(13_344, 13_344), Cause.TOO_LARGE, _MEMORY),
    Poison("412_megapixels.png", lambda: png(20_300, 20_300), Cause.TOO_LARGE, "412 megapixels"),
    Poison("text.png", png_text_bomb, None),
    Poison("texts.png", png_many_texts, None),
    Poison("profile.png", png_profile_bomb, None),
    Poison("frames.png", png_animation, None),
    Poison("frames.gif", gif_frames, None),
    Poison("circles.jpg", exif_bomb, None),
    Poison("segments.jpg", exif_of_many_segments, None),
    Poison("size.heic", lambda: heic(size=(60_000, 60_000)), Cause.TOO_LARGE, "3,600 megapixels"),
    Poison("size.avif", avif_size, Cause.TOO_LARGE, "3,600 megapixels"),
    Poison("entries.ico", icon_entries, Cause.NOT_AN_IMAGE, "though its name says .ico"),
    Poison("size.jp2", jpeg_2000, None),
    Poison("size.ppm", lambda: b"P6 60000 60000 255\n", Cause.TOO_LARGE, "3,600 megapixels"),
    Poison("digits.ppm", lambda: b"P6 " + b"9" * 10_000_000, Cause.DAMAGED, _BEGINNING),
    Poison("laughs.svg", svg_laughs, Cause.UNSUPPORTED_FORMAT, "SVG pictures"),
)
