"""Icons: our own line drawings, in the colours of the theme."""

from __future__ import annotations

import re
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from pixelcraft_desktop.ui.resources import resource
from pixelcraft_desktop.ui.theme import LIGHT, Theme

# Qt reads more into an SVG than a picture, so it is given these files and no others.
ICON_NAMES = frozenset(
    {
        "add-files",
        "add-folder",
        "check",
        "clock",
        "close",
        "copy",
        "drop",
        "folder-open",
        "information",
        "open",
        "pause",
        "picture",
        "remove",
        "resume",
        "retry",
        "salvage",
        "save",
        "settings",
        "stop",
        "warning",
    }
)
_APP_ICON = "pixelcraft"
# 16, 20 and 24 px on screens of 100, 125, 150, 200 and 300 %: none of them is ever stretched.
_EDGES_PX = (16, 20, 24, 25, 30, 32, 36, 40, 48, 60, 72)
_APP_EDGES_PX = (16, 24, 32, 48, 64, 128, 256)
# The drawings of more than one colour are made in those of the light theme.
_DRAWN_IN = {
    LIGHT.window.name(): "window",
    LIGHT.base.name(): "base",
    LIGHT.raised.name(): "raised",
    LIGHT.line.name(): "line",
    LIGHT.accent.name(): "accent",
}


@lru_cache(maxsize=128)
def icon(name: str, theme: Theme, colour_name: str | None = None) -> QIcon:
    """Return the icon: quiet, in the text's colour under the pointer, faint when disabled.

    `colour_name` ("#B3261E") takes the place of both. A name not in ICON_NAMES is a KeyError.
    """
    resting = QColor(colour_name) if colour_name else theme.muted
    pointed = QColor(colour_name) if colour_name else theme.text
    made = QIcon()
    for colour, modes in (
        (resting, (QIcon.Mode.Normal,)),
        (pointed, (QIcon.Mode.Active, QIcon.Mode.Selected)),
        (theme.disabled, (QIcon.Mode.Disabled,)),
    ):
        renderer = _renderer(name, theme, colour)
        for edge_px in _EDGES_PX:
            drawn = _draw(renderer, edge_px)
            for mode in modes:
                made.addPixmap(drawn, mode)
    return made


@lru_cache(maxsize=64)
def pixmap(
    name: str, theme: Theme, edge_px: int, ratio: float = 1.0, colour_name: str | None = None
) -> QPixmap:
    """Return the drawing at one size, `ratio` being the screen's `devicePixelRatio()`."""
    colour = QColor(colour_name) if colour_name else theme.muted
    drawn = _draw(_renderer(name, theme, colour), round(edge_px * ratio))
    drawn.setDevicePixelRatio(ratio)
    return drawn


@lru_cache(maxsize=1)
def app_icon() -> QIcon:
    """Return the icon of the program, which is the same in every theme."""
    renderer = QSvgRenderer(str(resource("icons", f"{_APP_ICON}.svg")))
    made = QIcon()
    for edge_px in _APP_EDGES_PX:
        made.addPixmap(_draw(renderer, edge_px))
    return made


def _renderer(name: str, theme: Theme, colour: QColor) -> QSvgRenderer:
    if name not in ICON_NAMES:
        raise KeyError(name)
    drawing = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    drawing = re.sub("#[0-9A-F]{6}", lambda found: _tinted(found[0], theme), drawing)
    drawing = drawing.replace("currentColor", colour.name())
    return QSvgRenderer(QByteArray(drawing.encode()))


def _tinted(colour_name: str, theme: Theme) -> str:
    colour: QColor = getattr(theme, _DRAWN_IN[colour_name.lower()])
    return colour.name()


def _draw(renderer: QSvgRenderer, edge_px: int) -> QPixmap:
    drawn = QPixmap(QSize(edge_px, edge_px))
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer.render(painter, QRectF(0, 0, edge_px, edge_px))
    painter.end()
    return drawn
