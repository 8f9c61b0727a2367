"""Make the program's icon as desktops want it, from the drawing: `python resources/make_icons.py`.

pixelcraft.svg → pixelcraft.png (256 px), pixelcraft.ico (16 to 256 px, each drawn anew)
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

_ICONS = Path(__file__).resolve().parent / "icons"
_EDGES_PX = (256, 128, 64, 48, 32, 24, 16)


def main() -> None:
    """Draw the icon at every size, and save the two files beside the drawing."""
    renderer = QSvgRenderer(str(_ICONS / "pixelcraft.svg"))
    drawn = [_draw(renderer, edge_px) for edge_px in _EDGES_PX]
    largest = drawn[0]
    largest.save(_ICONS / "pixelcraft.png", optimize=True)
    largest.save(
        _ICONS / "pixelcraft.ico", sizes=[each.size for each in drawn], append_images=drawn[1:]
    )


def _draw(renderer: QSvgRenderer, edge_px: int) -> Image.Image:
    canvas = QImage(edge_px, edge_px, QImage.Format.Format_ARGB32_Premultiplied)
    canvas.fill(Qt.GlobalColor.transparent)
    painter = QPainter(canvas)
    renderer.render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    canvas.save(buffer, "PNG")  # type: ignore[call-overload]  # stubs ask for bytes, PySide6 for text
    return Image.open(io.BytesIO(buffer.data().data()))


if __name__ == "__main__":
    main()
