"""The drive a file lies on: how people know it, and whether anything is left on it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pixelcraft_desktop.filenames import display_name

# SQLite needs 32 KB beside a file it opens, a log line a block of 4 KB; a picture far more.
NOTHING_BYTES = 200_000


def drive_of(path: Path) -> str:
    """Return the drive by its letter, or by the folder it is mounted at."""
    place = Path(os.path.realpath(path))
    if place.drive:
        return place.drive
    while not os.path.ismount(place) and place != place.parent:
        place = place.parent
    return display_name(os.fsencode(place))


def free_bytes(path: Path) -> int:
    """Return how many bytes are left for us. Of a file that is gone, look at its folder.

    Raises OSError. A quota shows only by writing.
    """
    place = path
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


def is_full(path: Path) -> bool:
    """Tell whether next to nothing can be written on the drive of this file."""
    try:
        return free_bytes(path) < NOTHING_BYTES
    except OSError:
        return False
