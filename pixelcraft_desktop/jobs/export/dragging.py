"""Previews under their pictures' names, for as long as somebody drags them somewhere."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Sequence

from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.export.export import Export
from pixelcraft_desktop.paths import Home

MOST_PICTURES = 500


def lay_out(store: Store, home: Home, image_ids: Sequence[int]) -> list[bytes]:
    """Copy the previews of these images into a folder of its own; return their paths.

    Whoever takes them may read them when it likes, so they stay until the next start.
    """
    folder = home.dragged / secrets.token_hex(8)
    home.dragged.mkdir(exist_ok=True)
    folder.mkdir()
    Export(store, home, image_ids[:MOST_PICTURES], os.fsencode(folder), ["preview"]).run()
    with os.scandir(os.fsencode(folder)) as entries:
        return sorted(entry.path for entry in entries)


def sweep(home: Home) -> None:
    """Remove what was laid out by earlier programs. Only for the holder of the window lock."""
    shutil.rmtree(home.dragged, ignore_errors=True)
