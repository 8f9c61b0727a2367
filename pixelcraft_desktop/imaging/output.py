"""Whole or absent: a rendition is written beside its place, synced, and only then moved in."""

from __future__ import annotations

import errno
import io
import os

from PIL import Image

from pixelcraft_desktop.filenames import display_name
from pixelcraft_desktop.model import Cause, KnownFailure, RenditionSpec

# From effort 4 on, WebP tries out what it writes: 4 % fewer bytes, in twice the time. For a
# thumbnail that is 1 ms. Of alpha, kept without loss, effort 4 saves much more: a third of a file.
_EFFORT_WHERE_CHEAP, _SMALL_PX = 4, 100_000
TEMPORARY_SUFFIX = ".tmp"
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def encode(image: Image.Image, spec: RenditionSpec) -> bytes:
    """Return the picture as WebP, without EXIF, GPS or profile: it is sRGB by now."""
    buffer = io.BytesIO()
    clean = image.copy() if image.info else image
    clean.info.clear()
    clean.save(buffer, "WEBP", quality=spec.quality, method=_effort(clean, spec.effort))
    return buffer.getvalue()


def _effort(image: Image.Image, effort: int) -> int:
    is_cheap = image.width * image.height <= _SMALL_PX or image.mode == "RGBA"
    return max(effort, _EFFORT_WHERE_CHEAP) if is_cheap else effort


def write_synced(path: str, data: bytes) -> None:
    """Write the bytes to a new file at `path` and have them on the disk before returning.

    Raises KnownFailure: disk_full, output_error. What was begun is removed again.
    """
    try:
        with open(path, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        remove_quietly(path)
        raise output_failure(path, error) from error


def output_failure(path: str, error: OSError) -> KnownFailure:
    """Return why a result could not be saved at `path`."""
    folder = display_name(os.fsencode(os.path.dirname(path)))
    if error.errno in _FULL:
        return KnownFailure(Cause.DISK_FULL, f"No space left for the results in {folder}.")
    reason = os.strerror(error.errno) if error.errno else str(error)
    return KnownFailure(
        Cause.OUTPUT_ERROR, f"The results could not be saved in {folder} ({reason})."
    )


def remove_quietly(path: str) -> None:
    """Remove the file if it is there and can be; the sweep at the next start takes the rest."""
    try:
        os.unlink(path)
    except OSError:
        pass
