"""Views on screen, and the mouse in them, for the tests of the gallery."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.ui.gallery.model import GalleryModel
from pixelcraft_desktop.ui.gallery.thumbnails import Thumbnails
from pixelcraft_desktop.ui.gallery.view import GalleryView
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.theme import LIGHT

COLUMNS = 5
LEFT = Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier
Show = Callable[[Library], GalleryView]


def show_library(qtbot: QtBot, thumbnails: Thumbnails, library: Library) -> GalleryView:
    """Return a view of the library that is shown and has the keyboard."""
    view = GalleryView(GalleryModel(library), thumbnails, LIGHT)
    qtbot.addWidget(view)
    view.resize(1_000, 700)
    with qtbot.waitExposed(view):
        view.show()
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    return view


def model_of(view: GalleryView) -> GalleryModel:
    """Return the model, as what it is."""
    model = view.model()
    assert isinstance(model, GalleryModel)
    return model


def center(view: GalleryView, row: int) -> QPoint:
    """Return the middle of that row's cell, in the viewport."""
    return view.visualRect(model_of(view).index(row)).center()


def go_to(view: GalleryView, image_id: int) -> None:
    """Make the picture the current one, in the middle of the view."""
    row = model_of(view).row_of(image_id)
    assert row is not None
    view.setCurrentIndex(model_of(view).index(row))
    view.scrollTo(view.currentIndex(), view.ScrollHint.PositionAtCenter)


def click(view: GalleryView, row: int, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
    """Click on that row's cell."""
    QTest.mouseClick(view.viewport(), LEFT, keys, center(view, row))


def press(view: GalleryView, kind: QEvent.Type, at: QPoint) -> None:
    """Send what a mouse sends. QTest's moves depend on where the real one is."""
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else LEFT
    cause = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
    whole = QPointF(view.viewport().mapToGlobal(at))
    event = QMouseEvent(kind, QPointF(at), whole, cause, held, NO_KEYS)
    QApplication.sendEvent(view.viewport(), event)


def drag(view: GalleryView, *places: QPoint) -> None:
    """Press at the first place and move over the others; nothing is released."""
    press(view, QEvent.Type.MouseButtonPress, places[0])
    for place in places[1:]:
        press(view, QEvent.Type.MouseMove, place)
