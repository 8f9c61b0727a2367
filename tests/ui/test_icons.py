"""Every icon is there, in both themes, sharp, and only ours are read."""

from __future__ import annotations

import re

import pytest
from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.ui.icons import ICON_NAMES, app_icon, icon, pixmap
from pixelcraft_desktop.ui.resources import resource
from pixelcraft_desktop.ui.theme import DARK, LIGHT, Theme

THEMES = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]


def inked(image: QImage) -> list[QColor]:
    """Return the colours of the pixels that are fully drawn on."""
    found = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return [colour for colour in found if colour.alpha() == 255]


def test_the_list_of_names_is_the_folder() -> None:
    files = {path.stem for path in resource("icons").glob("*.svg")}
    assert files == ICON_NAMES | {"pixelcraft"}


@pytest.mark.parametrize("name", sorted(ICON_NAMES))
def test_a_drawing_holds_shapes_and_nothing_that_acts(name: str) -> None:
    drawing = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    assert set(re.findall(r"<(\w+)", drawing)) <= {"svg", "g", "path", "rect", "circle"}
    assert "href" not in drawing
    assert "currentColor" in drawing


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", sorted(ICON_NAMES))
def test_every_icon_is_drawn_in_the_colours_of_the_theme(
    qtbot: QtBot, name: str, theme: Theme
) -> None:
    resting = icon(name, theme).pixmap(QSize(72, 72)).toImage()
    assert len(inked(resting)) > 60
    assert theme.muted in inked(resting)
    pointed = icon(name, theme).pixmap(QSize(72, 72), QIcon.Mode.Active).toImage()
    assert theme.text in inked(pointed)
    disabled = icon(name, theme).pixmap(QSize(72, 72), QIcon.Mode.Disabled).toImage()
    assert theme.muted not in inked(disabled)
    assert theme.disabled in inked(disabled)


def test_a_colour_can_be_chosen(qtbot: QtBot) -> None:
    bad = LIGHT.bad.name()
    assert set(map(QColor.name, inked(pixmap("stop", LIGHT, 24, 1.0, bad).toImage()))) == {bad}
    drawn = icon("stop", LIGHT, bad).pixmap(QSize(24, 24)).toImage()
    assert set(map(QColor.name, inked(drawn))) == {bad}


@pytest.mark.parametrize("name", ["pixelcraft", "../icons/check", "/etc/passwd", "", "check.svg"])
def test_other_names_are_refused(qtbot: QtBot, name: str) -> None:
    with pytest.raises(KeyError):
        icon(name, LIGHT)
    with pytest.raises(KeyError):
        pixmap(name, LIGHT, 24)


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("edge_px", [16, 20, 24])
def test_icons_are_drawn_at_the_size_of_the_screen(
    qtbot: QtBot, edge_px: int, ratio: float
) -> None:
    sharp = pixmap("settings", LIGHT, edge_px, ratio)
    chosen = icon("settings", LIGHT).pixmap(QSize(edge_px, edge_px), ratio, QIcon.Mode.Normal)
    assert chosen.size() == sharp.size() == QSize(edge_px, edge_px) * ratio
    assert chosen.devicePixelRatio() == sharp.devicePixelRatio() == ratio
    assert chosen.toImage() == sharp.toImage()  # not one pixel of it is stretched


def test_icons_are_drawn_once(qtbot: QtBot) -> None:
    assert icon("check", LIGHT) is icon("check", LIGHT)
    assert icon("check", LIGHT) is not icon("check", DARK)


def test_the_program_has_an_icon_at_every_size(qtbot: QtBot) -> None:
    sizes = {size.width() for size in app_icon().availableSizes()}
    assert {16, 32, 256} <= sizes
    smallest = app_icon().pixmap(QSize(16, 16)).toImage()
    assert smallest.pixelColor(11, 4) == QColor("#FFC94A")  # the sun is one sharp square
    assert smallest.pixelColor(0, 0).alpha() == 0


def test_desktops_get_the_same_icon(qtbot: QtBot) -> None:
    with Image.open(resource("icons", "pixelcraft.ico")) as packed:
        assert {(e, e) for e in (16, 24, 32, 48, 64, 128, 256)} == packed.info["sizes"]
    with Image.open(resource("icons", "pixelcraft.png")) as single:
        assert single.size == (256, 256)
        assert single.convert("RGB").getpixel((184, 72)) == (0xFF, 0xC9, 0x4A)
