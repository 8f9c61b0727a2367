"""Orders for a decoder: quick pictures, and one that keeps it busy for most of a minute."""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path
from typing import Any

from PIL import Image

from pixelcraft_desktop.imaging.render import Order
from pixelcraft_desktop.model import Limits, standard_recipe


def order_for(path: Path, **options: Any) -> Order:
    """Return the order for the standard recipe, with its results beside the picture."""
    targets = {name: str(path.parent / f"{name}.tmp") for name in ("thumbnail", "preview")}
    limits = Limits(jpeg_scans=10_000)  # else the endless picture would be refused at once
    options = {"targets": targets, "limits": limits, **options}
    return Order(source=os.fsencode(path), recipe=standard_recipe(), **options)


def write_picture(folder: Path, size: tuple[int, int] = (64, 48)) -> Path:
    """Write a picture that is rendered in no time."""
    path = folder / "quick.png"
    Image.linear_gradient("L").resize(size).save(path)
    return path


def write_endless_picture(folder: Path) -> Path:
    """Write a small JPEG that says the same thing 5,000 times over, 10 ms each."""
    buffer = io.BytesIO()
    Image.new("L", (4096, 4096), 128).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    last_scan = data[data.rindex(b"\xff\xda") : -2]
    path = folder / "endless.jpg"
    path.write_bytes(data[:-2] + last_scan * 5_000 + data[-2:])
    return path


def write_picture_in_a_huge_tile(folder: Path) -> Path:
    """Write a TIFF of 16 × 16 pixels, in a tile for which libtiff sets aside 1 GB."""
    side = 32_768
    rows = [(256, 3, 16), (257, 3, 16), (258, 3, 8), (259, 3, 8), (262, 3, 1), (277, 3, 1)]
    rows += [(322, 4, side), (323, 4, side), (324, 4, 8), (325, 4, 8)]
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in rows)
    path = folder / "tile.tif"
    head = b"II*\0" + struct.pack("<I", 16) + bytes(8)
    path.write_bytes(head + struct.pack("<H", len(rows)) + directory + bytes(4))
    return path
