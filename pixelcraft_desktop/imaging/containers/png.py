"""PNG as Pillow reads it, but for metadata: a broken or swollen block costs no picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, NoReturn, cast

from PIL import Image, ImageFile, PngImagePlugin

from pixelcraft_desktop.imaging.containers.forgiven import forgive

# Pillow's own limit of 1 MB is below some profiles of monitors and scanners.
_MOST_INFLATED_BYTES = 4_000_000
# What a bad profile becomes: bytes that no reader takes for one, so that it is noted.
_NO_PROFILE = b"unreadable"
_NOTED_ELSEWHERE = {"iccp"}
_FIRST_CHUNK = 8
_MOST_CHUNKS = 200_000  # 0.1 s; of pixels they have 8 KB and more
_MOST_EXIF_BYTES = 1_000_000


def forgive_metadata() -> None:
    """Let Pillow pass over blocks that it refuses, among them all that inflate to over 4 MB."""
    PngImagePlugin.MAX_TEXT_CHUNK = _MOST_INFLATED_BYTES
    # Pillow takes the class by this name each time it opens a PNG, and has no other way in.
    PngImagePlugin.PngStream = _ForgivingStream  # type: ignore[misc]  # a class put in its place


def find_late_exif(image: Image.Image) -> None:
    """Put EXIF that lies behind an opened PNG's pixels to what the picture says, undecoded.

    Decoding would find it too, but Pillow 13 tells of damaged pixels only once: the next who
    asks for them gets what is there, as if it were whole.
    """
    if not isinstance(image, PngImagePlugin.PngImageFile) or "exif" in image.info:
        return
    source = cast("BinaryIO", image.fp)
    place = source.tell()
    block = _find_chunk(source, b"eXIf")
    source.seek(place)
    if block:
        image.info["exif"] = block


def _find_chunk(source: BinaryIO, wanted: bytes) -> bytes:
    at = _FIRST_CHUNK
    for _ in range(_MOST_CHUNKS):
        source.seek(at)
        head = source.read(8)
        length = int.from_bytes(head[:4], "big")
        if head[4:] == wanted:
            return source.read(min(length, _MOST_EXIF_BYTES))
        if len(head) < 8 or head[4:] == b"IEND":
            break
        at += 12 + length
    return b""


class _ForgivingStream(PngImagePlugin.PngStream):
    """Reads the blocks of a PNG; those of metadata may be anything."""

    def chunk_iCCP(self, pos: int, length: int) -> bytes:  # noqa: N802 - Pillow's name
        before = self.im_info.get("icc_profile")
        data = self._forgive(super().chunk_iCCP, pos, length)
        if self.im_info.get("icc_profile") is None and before is None:
            self.im_info["icc_profile"] = _NO_PROFILE
        return data

    def chunk_cICP(self, pos: int, length: int) -> bytes:  # noqa: N802 - Pillow's name
        if self.fp is None:
            return b""
        self.fp.seek(pos)
        data = ImageFile._safe_read(self.fp, length)
        self.im_info["cicp"] = data
        return data

    def chunk_gAMA(self, pos: int, length: int) -> bytes:  # noqa: N802 - Pillow's name
        return self._forgive(super().chunk_gAMA, pos, length)

    def chunk_cHRM(self, pos: int, length: int) -> bytes:  # noqa: N802 - Pillow's name
        return self._forgive(super().chunk_cHRM, pos, length)

    def chunk_sRGB(self, pos: int, length: int) -> bytes:  # noqa: N802 - Pillow's name
        return self._forgive(super().chunk_sRGB, pos, length)

    def chunk_pHYs(self, pos: int, length: int) -> bytes:  # noqa: N802 - Pillow's name
        return self._forgive(super().chunk_pHYs, pos, length)

    def chunk_acTL(self, pos: int, length: int) -> bytes:  # noqa: N802 - Pillow's name
        return self._forgive(super().chunk_acTL, pos, length)

    def chunk_fcTL(self, pos: int, length: int) -> bytes:  # noqa: N802 - Pillow's name
        return self._forgive(super().chunk_fcTL, pos, length)

    def chunk_IDAT(self, pos: int, length: int) -> NoReturn:  # noqa: N802 - Pillow's name
        # It is the whole picture, whatever an animation says of it, or a text of this name.
        if "bbox" in self.im_info:
            self.im_info["bbox"] = (0, 0, *self.im_size)
        super().chunk_IDAT(pos, length)

    def chunk_zTXt(self, pos: int, length: int) -> bytes:  # noqa: N802 - Pillow's name
        return self._forgive(super().chunk_zTXt, pos, length)

    def chunk_iTXt(self, pos: int, length: int) -> bytes:  # noqa: N802 - Pillow's name
        return self._forgive(super().chunk_iTXt, pos, length)

    def chunk_tEXt(self, pos: int, length: int) -> bytes:  # noqa: N802 - Pillow's name
        return self._forgive(super().chunk_tEXt, pos, length)

    def _forgive(self, read: Callable[[int, int], bytes], pos: int, length: int) -> bytes:
        try:
            # Past this sum Pillow still keeps a text and only then complains: it is not asked.
            if self.text_memory <= PngImagePlugin.MAX_TEXT_MEMORY:
                return read(pos, length)
        except (ValueError, SyntaxError, IndexError):
            pass
        name = read.__name__.removeprefix("chunk_").lower()
        if name not in _NOTED_ELSEWHERE:
            forgive(self.im_info, name)
        if self.fp is None:
            return b""
        self.fp.seek(pos)
        return ImageFile._safe_read(self.fp, length)
