"""The caption: what it says of the current picture and of a selection, and where it is cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from gallery_pictures import make_library, make_picture, tell
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.model import Cause, State
from pixelcraft_desktop.ui.gallery.caption import Caption
from pixelcraft_desktop.ui.gallery.model import GalleryModel
from pixelcraft_desktop.ui.gallery.page import GalleryPage
from pixelcraft_desktop.ui.gallery.thumbnails import Thumbnails
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.theme import DARK, LIGHT, Theme
from pixelcraft_desktop.ui.tool_tip import tool_tip

NOTED = ("bit_depth:16", "wide_gamut")
ShowPage = Callable[[Library], GalleryPage]


@pytest.fixture
def show(qtbot: QtBot, tmp_path: Path) -> Iterator[ShowPage]:
    """Show a page of 900 px with that library."""
    thumbnails = Thumbnails(tmp_path)

    def make(library: Library) -> GalleryPage:
        page = GalleryPage(GalleryModel(library), thumbnails, LIGHT)
        qtbot.addWidget(page)
        page.resize(900, 600)
        page.show()
        return page

    yield make
    thumbnails.stop()


def make_noted(count: int = 3, notes: tuple[str, ...] = NOTED) -> Library:
    """Return a library of completed pictures with these notes."""
    facts = {"width": 400, "height": 300, "format": "PNG"}
    return make_library(count, state=State.COMPLETED, notes=notes, **facts)


def choose(page: GalleryPage, row: int) -> None:
    page.view.setCurrentIndex(page.view.model().index(row, 0))


def parts(caption: Caption) -> tuple[QLabel, QLabel]:
    """Return the sign and the words."""
    sign, line = caption.findChildren(QLabel)
    assert isinstance(sign, QLabel)
    assert isinstance(line, QLabel)
    return sign, line


def test_it_is_hidden_while_nothing_is_current(show: ShowPage) -> None:
    library = make_noted()
    page = show(library)
    assert page.caption.isHidden()
    choose(page, 1)
    assert page.caption.isVisible()
    tell(library, gone=[1, 2, 3])
    assert page.caption.isHidden()
    assert page.caption.text == ""


def test_it_follows_the_current_picture_by_keyboard(show: ShowPage) -> None:
    library = make_noted()
    tell(library, [make_picture(2, state=State.FAILED, cause=Cause.DAMAGED, message="It ends.")])
    page = show(library)
    choose(page, 0)
    whole = "400 × 300 PNG · 16-bit → 8-bit · Wide gamut converted to sRGB"
    assert page.caption.text == f"IMG_0001.jpg · {whole}"
    QTest.keyClick(page.view, Qt.Key.Key_Right)
    assert page.caption.text == "IMG_0002.jpg · It ends."
    QTest.keyClick(page.view, Qt.Key.Key_Right)
    assert page.caption.text == f"IMG_0003.jpg · {whole}"
    _, line = parts(page.caption)
    assert line.text() == line.accessibleName() == page.caption.text
    assert line.toolTip() == ""


def test_it_follows_what_happens_to_the_picture(show: ShowPage, qtbot: QtBot) -> None:
    library = make_library(3)
    page = show(library)
    choose(page, 1)
    assert page.caption.text == "IMG_0002.jpg · Waiting"
    done = make_picture(2, state=State.COMPLETED, width=40, height=30, notes=("cmyk",))
    tell(library, [done])
    said = "IMG_0002.jpg · 40 × 30 · Converted from CMYK"
    qtbot.waitUntil(lambda: page.caption.text == said)


def test_it_sums_up_a_selection(show: ShowPage) -> None:
    library = make_noted(4)
    tell(library, [replace(make_picture(2, state=State.COMPLETED), notes=("salvaged:41",))])
    page = show(library)
    page.view.selectAll()
    assert page.caption.text == (
        "4 pictures selected · 1 damaged and partly readable"
        " · 16-bit → 8-bit (3) · Wide gamut converted to sRGB (3)"
    )
    page.view.clearSelection()
    assert page.caption.isHidden()


def test_a_large_selection_is_counted_and_no_more(show: ShowPage) -> None:
    page = show(make_noted(6_000))
    page.view.selectAll()
    assert page.caption.text == f"{page.view.locale().toString(6_000)} pictures selected"


def test_another_section_begins_without_a_current_picture(show: ShowPage) -> None:
    page = show(make_noted())
    choose(page, 1)
    model = page.view.model()
    assert isinstance(model, GalleryModel)
    model.show_states(frozenset({State.COMPLETED}))
    assert page.caption.isHidden()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_its_sign_is_that_of_the_cell(show: ShowPage, theme: Theme) -> None:
    library = make_noted(3)
    tell(library, [make_picture(2, state=State.COMPLETED)])
    tell(library, [make_picture(3, state=State.COMPLETED, notes=("salvaged:41",))])
    page = show(library)
    page.set_theme(theme)
    signs, places = [], set()
    for row, colour in enumerate((theme.muted, None, theme.care)):
        choose(page, row)
        sign, line = parts(page.caption)
        image = sign.pixmap().toImage()
        inked = {
            image.pixelColor(x, y).name()
            for x in range(image.width())
            for y in range(image.height())
            if image.pixelColor(x, y).alpha() == 255
        }
        assert inked == ({colour.name()} if colour else set())
        QApplication.processEvents()
        signs.append(image.convertToFormat(QImage.Format.Format_Alpha8))
        places.add((line.x(), line.y(), page.caption.height()))
    assert signs[0] != signs[2]  # another drawing, not another colour alone
    assert len(places) == 1  # nothing moves


def test_what_does_not_fit_is_in_the_tool_tip(show: ShowPage) -> None:
    name = "x" * 100 + "<b>.png"
    library = make_noted()
    noted = library.picture(1)
    assert noted is not None
    tell(library, [replace(noted, path=b"/photos/" + name.encode())])
    page = show(library)
    page.resize(400, 500)
    choose(page, 0)
    QApplication.processEvents()
    _, line = parts(page.caption)
    assert line.fontMetrics().horizontalAdvance(line.text()) <= line.width() < 400
    assert line.text().startswith("xxx")
    assert "400 × 300" in line.text()
    assert line.text().endswith("…")
    assert line.toolTip() == tool_tip(
        name, "400 × 300 PNG", "16-bit → 8-bit", "Wide gamut converted to sRGB"
    )
    assert line.accessibleName() == page.caption.text
    page.resize(2_000, 500)
    QApplication.processEvents()
    assert line.text() == page.caption.text
    assert line.toolTip() == ""


def test_it_is_as_wide_as_it_is_let(show: ShowPage) -> None:
    library = make_noted(1, notes=tuple(f"pages:{'9' * 40}{n}" for n in range(50)))
    page = show(library)
    before = page.minimumSizeHint()
    choose(page, 0)
    assert page.caption.minimumSizeHint().width() < 200
    assert page.minimumSizeHint().width() == before.width()


def test_it_is_drawn_anew_on_another_screen(show: ShowPage) -> None:
    page = show(make_noted())
    choose(page, 0)
    sign, _ = parts(page.caption)
    before = sign.pixmap().toImage()
    sign.clear()
    QApplication.sendEvent(page.caption, QEvent(QEvent.Type.DevicePixelRatioChange))
    assert sign.pixmap().toImage() == before


def test_a_tool_tip_acts_in_no_way() -> None:
    assert tool_tip("<b>a & b</b>", "c") == "<qt>&lt;b&gt;a &amp; b&lt;/b&gt;<br>c</qt>"
