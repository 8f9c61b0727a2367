"""PNG as Pillow reads it, but for metadata: a broken or swollen block costs no picture."""

from __future__ import annotations

from collections.abc import Callable

from PIL import ImageFile, PngImagePlugin

# Pillow's own limit of 1 MB is below some profiles of monitors and scanners.
_MOST_INFLATED_BYTES = 4_000_000
# What a bad profile becomes: bytes that no reader takes for one, so that it is noted.
_NO_PROFILE = b"unreadable"


def forgive_metadata() -> None:
    """Let Pillow pass over blocks that it refuses, among them all that inflate to over 4 MB."""
    PngImagePlugin.MAX_TEXT_CHUNK = _MOST_INFLATED_BYTES
    # Pillow takes the class by this name each time it opens a PNG, and has no other way in.
    PngImagePlugin.PngStream = _ForgivingStream  # type: ignore[misc]  # a class put in its place


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
        if self.fp is None:
            return b""
        self.fp.seek(pos)
        return ImageFile._safe_read(self.fp, length)
