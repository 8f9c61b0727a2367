"""Notes: what was lost or assumed on the way to the pixels, as facts without sentences."""

from __future__ import annotations

import struct

from PIL import Image

from pixelcraft_desktop.imaging.formats import PICTURE_EXTENSIONS
from pixelcraft_desktop.imaging.header import Header
from pixelcraft_desktop.model import Note

MOST_COUNTED = 1_000  # frames; an 11 MB TIFF may have 100,000 pages, a GIF 300,000 frames
_EXTENSIONS = {
    "JPEG": b".jpg .jpeg .jpe .jfif .mpo",
    "PNG": b".png .apng",
    "WebP": b".webp",
    "GIF": b".gif",
    "BMP": b".bmp .dib",
    "TIFF": b".tif .tiff",
    "AVIF": b".avif .avifs .heif .hif",
    "HEIC": b".heic .heif .hif",
    "JPEG 2000": b".jp2 .j2k .jpf .jpx .j2c",
    "ICO": b".ico",
    "PPM/PGM": b".ppm .pgm .pbm .pnm",
}
_HEAD_BYTES = 1_000_000  # metadata come first, also the long ones
# Ultra HDR and ISO 21496-1 say so at the beginning, Apple at the second picture.
_GAIN_MAP_SIGNS = (b"hdrgm:Version", b"urn:iso:std:iso:ts:21496:-1")
_APPLE_GAIN_MAP = b"hdrgainmap"


class Notes:
    """Collects notes in the order in which they come up, each once."""

    def __init__(self) -> None:
        self._codes: dict[str, None] = {}

    def add(self, note: Note, value: object = None) -> None:
        """Note it, with its value if it has one."""
        self._codes[note.value if value is None else f"{note.value}:{value}"] = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The notes as they are stored: "cmyk", "frames:24"."""
        return tuple(self._codes)


def note_file(image: Image.Image, header: Header, name: bytes, data: bytes, notes: Notes) -> None:
    """Note what the file has and its renditions won't. Never raises for a broken file."""
    extension = name[name.rfind(b".") :].lower() if b"." in name else b""
    own = _EXTENSIONS.get(header.format, b"").split()
    if own and extension in PICTURE_EXTENSIONS and extension not in own:
        notes.add(Note.EXTENSION, extension[1:].decode("ascii"))
    if header.bit_depth > 8:
        notes.add(Note.BIT_DEPTH, header.bit_depth)
    _note_frames(image, header.format, data, notes)
    if _has_gain_map(image, header.format, data):
        notes.add(Note.HDR_GAIN_MAP)


def _note_frames(image: Image.Image, kind: str, data: bytes, notes: Notes) -> None:
    frames = 1
    if kind == "GIF":
        frames = count_gif_frames(data)
    elif kind in {"PNG", "WebP", "AVIF"}:  # they say it in their headers
        frames = getattr(image, "n_frames", 1)
    if frames > 1:
        notes.add(Note.FRAMES, _capped(frames))
    pages = count_tiff_pages(data) if kind == "TIFF" else 1
    if pages > 1:
        notes.add(Note.PAGES, _capped(pages))


def _capped(count: int) -> str:
    return f"{MOST_COUNTED}+" if count >= MOST_COUNTED else str(count)


def count_gif_frames(data: bytes) -> int:
    """Return how many frames a GIF has (GIF89a), none of them decoded; at most `MOST_COUNTED`."""
    frames = 0
    try:
        at = 13 + _colour_table_bytes(data[10])
        while frames < MOST_COUNTED and data[at] in b"\x21\x2c":
            if data[at] == 0x2C:
                frames += 1
                at += 11 + _colour_table_bytes(data[at + 9])
            else:
                at += 2
            while data[at]:
                at += data[at] + 1
            at += 1
    except IndexError:
        pass  # it ends early, and decoding will tell
    return frames


def _colour_table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def count_tiff_pages(data: bytes) -> int:
    """Return how many pages a TIFF has, thumbnails left out; at most `MOST_COUNTED`."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None:
        return 1
    pages = 0
    try:
        (at,) = struct.unpack_from(f"{order}I", data, 4)
        for _ in range(MOST_COUNTED):  # a chain of pages may also be a ring
            if not at:
                break
            tags, first_tag, value = struct.unpack_from(f"{order}HH6xI", data, at)
            is_reduced = first_tag == 254 and value & 1  # NewSubfileType, always the first
            pages += not is_reduced
            (at,) = struct.unpack_from(f"{order}I", data, at + 2 + 12 * tags)
    except struct.error:
        pass
    return pages


def _has_gain_map(image: Image.Image, kind: str, data: bytes) -> bool:
    if kind == "JPEG":
        head = data[:_HEAD_BYTES]
        is_said = any(sign in head for sign in _GAIN_MAP_SIGNS)
        return is_said or (image.format == "MPO" and _APPLE_GAIN_MAP in data)
    if kind in {"HEIC", "AVIF"}:
        brands = data[8 : min(int.from_bytes(data[:4], "big"), 512)]
        return b"tmap" in brands or _APPLE_GAIN_MAP in data[:_HEAD_BYTES]
    return False
