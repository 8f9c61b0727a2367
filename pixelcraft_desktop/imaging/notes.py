"""Notes: what was lost or assumed on the way to the pixels, as facts without sentences."""

from __future__ import annotations

import io

from PIL import Image

from pixelcraft_desktop.imaging.containers import gif, raw, tiff
from pixelcraft_desktop.imaging.containers.gain_map import has_iso_media_gain_map, has_jpeg_gain_map
from pixelcraft_desktop.imaging.containers.iso_media import count_samples, find_box
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
    "ICO": b".ico .cur",
    "PPM/PGM": b".ppm .pgm .pbm .pnm",
    # Many of them are TIFFs, and some cameras name them so.
    "Camera RAW": b".cr2 .cr3 .crw .nef .nrw .arw .sr2 .dng .raf .orf .rw2 .pef .srw .x3f .3fr "
    b".iiq .rwl .erf .kdc .mrw .tif .tiff",
}


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
    if header.format == "Camera RAW":
        _note_preview(data, notes)


def _note_preview(data: bytes, notes: Notes) -> None:
    """Note "960×720", or "960×720/6000×4000" where the sensor's own size is known."""
    preview = raw.find_preview(io.BytesIO(data))
    sizes = filter(None, (preview.size, preview.sensor))
    notes.add(Note.RAW_PREVIEW, "/".join(f"{width}×{height}" for width, height in sizes))


def _has_gain_map(image: Image.Image, kind: str, data: bytes) -> bool:
    if kind == "JPEG":
        return has_jpeg_gain_map(image, data)
    return kind in {"HEIC", "AVIF"} and has_iso_media_gain_map(io.BytesIO(data))


def _note_frames(image: Image.Image, kind: str, data: bytes, notes: Notes) -> None:
    frames = 1
    if kind == "GIF":
        frames = gif.count_frames(data, MOST_COUNTED)
    elif kind in {"PNG", "WebP", "AVIF"}:  # they say it in their headers
        frames = getattr(image, "n_frames", 1)
    elif kind == "HEIC":
        frames = _count_heic_frames(data)
    if frames > 1:
        notes.add(Note.FRAMES, _capped(frames))
    pages = tiff.count_pages(io.BytesIO(data), MOST_COUNTED) if kind == "TIFF" else 1
    if pages > 1:
        notes.add(Note.PAGES, _capped(pages))


def _capped(count: int) -> str:
    return f"{MOST_COUNTED}+" if count >= MOST_COUNTED else str(count)


def _count_heic_frames(data: bytes) -> int:
    """Return how many pictures the first track of a sequence has; 0 where there is none."""
    track = find_box(io.BytesIO(data), b"moov", b"trak")
    return count_samples(io.BytesIO(data), track)[1] if track else 0
