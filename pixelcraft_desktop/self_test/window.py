"""The window, on the home of the self-test: shown, looked at, and closed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QMessageLogContext, QRect, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QImage, QImageReader
from PySide6.QtWidgets import QApplication

from pixelcraft_desktop.app import App
from pixelcraft_desktop.model import State
from pixelcraft_desktop.self_test.pattern import COLOURS, is_like
from pixelcraft_desktop.self_test.step import Broken, Place
from pixelcraft_desktop.settings import Settings
from pixelcraft_desktop.ui.gallery.thumbnails import SQUARE_PX
from pixelcraft_desktop.ui.theme import Appearance

_log = logging.getLogger(__name__)
SHOW_S = 10.0
_CLOSE_S = 6.0
_STRIDE_PX = 4
_FEWEST_COLOURS = 12  # a blank window has one, a window without its pictures and letters a few
_LEAST_SHARE = 0.1  # of the cell, for each of the four colours; the name and the margins need room


def try_window(place: Place) -> str:
    """Show the completed picture in the real window, and look for it in what is on screen."""
    _listen_to_qt(place)
    qt = QApplication(["pixelcraft"])
    _require_plugins()
    app = App(place.home, Settings(workers=1), Appearance(qt, "light"))
    try:
        app.start([])
        _wait(qt, lambda: _has_thumbnail(app), SHOW_S, "the window did not show the picture")
        seen = app.window.grab().toImage()
        _require_picture(app, seen)
    finally:
        ended: list[bool] = []
        app.ended.connect(lambda: ended.append(True))
        app.close()
        _wait(qt, lambda: bool(ended), _CLOSE_S, "the window did not close")
        app.store.close()
    return f"{seen.width()} by {seen.height()} on {qt.platformName()}, shows the picture"


def _listen_to_qt(place: Place) -> None:
    """Say what Qt aborts for, such as a library of the display's that is not there."""

    heard: list[str] = []  # the last words are general, the ones before them name the cause

    def hear(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
        heard.append(" ".join(message.split()))
        if kind is QtMsgType.QtFatalMsg:
            place.give_up(" ".join(heard[-2:]))
        _log.warning("Qt: %s", message)

    qInstallMessageHandler(hear)


def _require_plugins() -> None:
    """Raise Broken where Qt can't read what we give it: our results, and the style's drawings."""
    readable = {bytes(name.data()) for name in QImageReader.supportedImageFormats()}
    missing = {b"webp", b"svg"} - readable
    if missing:
        raise Broken(f"Qt can't read {', '.join(sorted(m.decode() for m in missing))}")


def _wait(qt: QApplication, is_so: Callable[[], bool], seconds: float, complaint: str) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise Broken(f"{complaint} within {seconds:g} s")
        qt.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.005)


def _has_thumbnail(app: App) -> bool:
    completed = app.library.pictures(frozenset({State.COMPLETED}))
    if len(completed) != 1 or completed[0].thumbnail is None:
        return False
    gallery = app.window.shelf.gallery
    edge_px = round(SQUARE_PX * gallery.devicePixelRatioF())
    is_read = app.window.shelf.thumbnails.image(completed[0].thumbnail, edge_px) is not None
    return gallery.isVisible() and is_read


def _require_picture(app: App, seen: QImage) -> None:
    colours = _colours(seen, seen.rect())
    if len(set(colours)) < _FEWEST_COLOURS:
        raise Broken(f"the window is blank: it has {len(set(colours))} colours")
    gallery = app.window.shelf.gallery
    cell = gallery.visualRect(app.window.shelf.model.index(0, 0))
    corner = gallery.viewport().mapTo(app.window, cell.topLeft())
    ratio = seen.devicePixelRatio()
    in_cell = _colours(
        seen,
        QRect(
            round(corner.x() * ratio),
            round(corner.y() * ratio),
            round(cell.width() * ratio),
            round(cell.height() * ratio),
        ),
    )
    for wanted in COLOURS:
        count = sum(is_like(colour, wanted) for colour in in_cell)
        if count < _LEAST_SHARE * len(in_cell):
            raise Broken("the thumbnail is not to be seen in its cell")


def _colours(image: QImage, area: QRect) -> list[tuple[int, int, int]]:
    """Return the colours of every fourth pixel in every fourth row of the area."""
    area = area.intersected(image.rect())
    found = [
        image.pixelColor(x, y)
        for y in range(area.top(), area.bottom() + 1, _STRIDE_PX)
        for x in range(area.left(), area.right() + 1, _STRIDE_PX)
    ]
    return [(colour.red(), colour.green(), colour.blue()) for colour in found]
