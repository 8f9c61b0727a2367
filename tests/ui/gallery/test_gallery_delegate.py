"""A cell: every state has its words and colours, and no name can do anything but be read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gallery_pictures import make_picture, save_thumbnail, tell
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import Cause, Stage, State
from pixelcraft_desktop.ui.gallery.caption import SIGN_PX
from pixelcraft_desktop.ui.gallery.delegate import GalleryDelegate
from pixelcraft_desktop.ui.gallery.model import GalleryModel
from pixelcraft_desktop.ui.gallery.thumbnails import SQUARE_PX, Thumbnails
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.theme import DARK, LIGHT, Theme

Flag = QStyle.StateFlag


@pytest.fixture
def thumbnails(qtbot: QtBot, tmp_path: Path) -> Iterator[Thumbnails]:
    """Thumbnails in the temporary folder."""
    made = Thumbnails(tmp_path)
    yield made
    made.stop()


def paint(
    thumbnails: Thumbnails,
    picture: Picture,
    state: Flag = Flag.State_None,
    theme: Theme = LIGHT,
) -> QImage:
    """Return the cell of the picture."""
    library = Library()
    tell(library, [picture])
    model = GalleryModel(library)
    delegate = GalleryDelegate(theme, thumbnails)
    option = QStyleOptionViewItem()
    option.font = QFont()
    option.state = state
    size = delegate.sizeHint(option, model.index(0))
    option.rect = QRect(0, 0, size.width(), size.height())
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(theme.window)
    painter = QPainter(image)
    delegate.paint(painter, option, model.index(0))
    painter.end()
    return image


def count(image: QImage, colour: QColor, top: int = 0, bottom: int | None = None) -> int:
    """Return how many pixels have just that colour."""
    lines = range(top, image.height() if bottom is None else bottom)
    return sum(image.pixel(x, y) == colour.rgb() for y in lines for x in range(image.width()))


def ink(image: QImage) -> int:
    """Return how many pixels of the texts differ from the ground."""
    below = image.copy(image.rect().adjusted(0, SQUARE_PX + 16, 0, 0))
    return below.width() * below.height() - count(below, LIGHT.window)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_failed_is_a_sign_and_words_in_bad(thumbnails: Thumbnails, theme: Theme) -> None:
    failed = make_picture(1, state=State.FAILED, cause=Cause.DAMAGED)
    image = paint(thumbnails, failed, theme=theme)
    assert count(image, theme.bad, bottom=SQUARE_PX) > 20
    assert count(image, theme.bad, top=SQUARE_PX + 10) > 10


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_what_was_lost_is_a_quiet_sign(thumbnails: Thumbnails, theme: Theme) -> None:
    whole = make_picture(1, state=State.COMPLETED, width=4032, height=3024)
    plain = paint(thumbnails, whole, theme=theme)
    noted = paint(thumbnails, replace(whole, notes=("bit_depth:16",)), theme=theme)
    changed = [
        (x, y)
        for x in range(plain.width())
        for y in range(plain.height())
        if plain.pixel(x, y) != noted.pixel(x, y)
    ]
    across, down = ({place[axis] for place in changed} for axis in (0, 1))
    assert min(across) > 80  # behind the words, and nothing else
    assert max(across) - min(across) < SIGN_PX > max(down) - min(down)
    assert min(down) > SQUARE_PX
    assert max(down) < plain.height() - 2
    assert count(noted, theme.muted) > count(plain, theme.muted)
    assert count(noted, theme.care) == 0
    at_work = replace(whole, notes=("bit_depth:16",), state=State.WAITING)
    assert paint(thumbnails, at_work) == paint(thumbnails, replace(at_work, notes=()))


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_picture_that_is_not_whole_says_so_in_care(thumbnails: Thumbnails, theme: Theme) -> None:
    whole = make_picture(1, state=State.COMPLETED, width=4032, height=3024)
    image = paint(thumbnails, replace(whole, notes=("cmyk", "salvaged:41")), theme=theme)
    assert count(image, theme.care, top=SQUARE_PX + 10) > 10
    assert paint(thumbnails, replace(whole, notes=("end_marker",)), theme=theme) == paint(
        thumbnails, replace(whole, notes=("cmyk",)), theme=theme
    )


def test_the_bar_grows_with_progress(thumbnails: Thumbnails) -> None:
    def accent_pixels(progress: int) -> int:
        active = make_picture(1, state=State.ACTIVE, stage=Stage.PREVIEW, progress=progress)
        image = paint(thumbnails, active)
        return count(image, LIGHT.accent, top=SQUARE_PX, bottom=SQUARE_PX + 18)

    found = [accent_pixels(progress) for progress in (0, 25, 50, 100)]
    assert found[0] == 0
    assert found == sorted(set(found))
    assert found[3] > 3 * SQUARE_PX


def test_hover_selection_and_focus_are_seen(thumbnails: Thumbnails) -> None:
    states = [
        Flag.State_None,
        Flag.State_MouseOver,
        Flag.State_Selected,
        Flag.State_HasFocus,
        Flag.State_Selected | Flag.State_HasFocus,
    ]
    images = [paint(thumbnails, make_picture(1), state) for state in states]
    for position, image in enumerate(images):
        assert all(image != other for other in images[position + 1 :])
    assert count(images[2], LIGHT.accent) > 4 * SQUARE_PX
    assert count(images[3], LIGHT.text) > 4 * SQUARE_PX


def test_a_broken_thumbnail_leaves_the_placeholder(qtbot: QtBot, thumbnails: Thumbnails) -> None:
    picture = make_picture(1, thumbnail="gone.webp", state=State.COMPLETED)
    with qtbot.waitSignal(thumbnails.loaded):
        on_its_way = paint(thumbnails, picture)
    assert paint(thumbnails, picture) != on_its_way


def test_a_failed_picture_with_a_thumbnail_has_both(
    qtbot: QtBot, thumbnails: Thumbnails, tmp_path: Path
) -> None:
    save_thumbnail(tmp_path, "t.webp", "lime")
    failed = make_picture(1, thumbnail="t.webp", state=State.FAILED, cause=Cause.TIMEOUT)
    with qtbot.waitSignal(thumbnails.loaded):
        paint(thumbnails, failed)
    image = paint(thumbnails, failed)
    assert count(image, QColor("lime")) > SQUARE_PX**2 // 2
    assert count(image, LIGHT.base, bottom=SQUARE_PX + 8) > 100  # what the sign stands on


HOSTILE = {
    "html": b'<img src="{pipe}"><h1>big</h1>',
    "direction": "\u202egpj.exe\u2066\u200f".encode(),
    "lines": b"one\ntwo\r\nthree\tfour\x00five\x1b[31m",
    "long": b"x" * 10_000,
    "stacked": b"a" + "\u0301".encode() * 4_000,
    "bytes": bytes(range(128, 256)),
    "markup": b"a &amp; b &lt;i&gt; &x &&",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_name_is_only_ever_read(thumbnails: Thumbnails, tmp_path: Path, kind: str) -> None:
    name = HOSTILE[kind]
    if kind == "html" and hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")  # whoever opens it waits for ever
        name = name.replace(b"{pipe}", os.fsencode(tmp_path / "pipe"))
    facts: dict[str, Any] = {"state": State.FAILED, "cause": Cause.DAMAGED}
    hostile = paint(thumbnails, make_picture(1, path=b"/photos/" + name, **facts))
    harmless = paint(thumbnails, make_picture(1, path=b"/photos/a.jpg", **facts))
    assert hostile.size() == harmless.size()
    width = hostile.width()
    square = QRect(0, 0, width, SQUARE_PX + 16)
    assert hostile.copy(square) == harmless.copy(square)
    line = QRect(0, hostile.height() - 20, width, 20)
    assert hostile.copy(line) == harmless.copy(line)
    margin = QRect(width - 7, 0, 7, hostile.height())
    assert hostile.copy(margin) == harmless.copy(margin)
    assert ink(hostile) > 100


def test_markup_is_shown_as_it_is_written(thumbnails: Thumbnails) -> None:
    tagged = paint(thumbnails, make_picture(1, path=b"/photos/<b>a</b>"))
    plain = paint(thumbnails, make_picture(1, path=b"/photos/a"))
    assert ink(tagged) > ink(plain) + 25
