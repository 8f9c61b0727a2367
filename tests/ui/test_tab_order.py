"""By Tab alone: everything that a pointer reaches, the keyboard reaches, and by a name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.catalog.batches import Batch
from pixelcraft_desktop.catalog.news import News
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import Cause, State
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.theme import Appearance
from pixelcraft_desktop.ui.window import Window

pytestmark = pytest.mark.qt_log_ignore(
    "This plugin does not support (propagateSizeHints|raise)", extend=True
)
_TOOLS = ["Add files", "Add folder", "Pause", "More"]


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot, library: Library, tmp_path: Path) -> Iterator[Window]:
    window = Window(library, Appearance(qapp, "light"), tmp_path, 2)
    window.show()
    qtbot.waitExposed(window)
    yield window
    window.end()
    window.deleteLater()


def picture(number: int, state: State, batch_id: int, cause: Cause | None = None) -> Picture:
    path = f"/p/{number}.jpg".encode()
    facts = (number, path, "drop", 40, 30, None, number, state, None, 0, 1, 5, cause, "It is so.")
    return Picture(*facts, None, batch_id=batch_id)


def name_of(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name)


def walk(window: Window) -> list[str]:
    """Press Tab until the keyboard is where it began; return the names of all that had it."""
    reached: list[QWidget] = []
    while (now := window.focusWidget()) not in reached:
        assert now is not None
        reached.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
    assert window.focusWidget() is reached[0]
    return [name_of(widget) for widget in reached]


def test_tab_reaches_everything_by_name(window: Window, library: Library, qtbot: QtBot) -> None:
    assert set(walk(window)) == {*_TOOLS, "Add folder…", "Add files…", "Number of workers"}
    batches = [Batch(number, f"Folder {number}", 0, 0, is_scanned=True) for number in (1, 2)]
    waiting = [picture(number, State.WAITING, 1 + number % 2) for number in range(4)]
    failed = picture(9, State.FAILED, 1, Cause.DAMAGED)
    library.take_in(News(pictures=[*waiting, failed], batches=batches))
    window.workload.tick()
    qtbot.waitUntil(window.shelf.batches.isVisible, timeout=3_000)
    always = {*_TOOLS, "Sections of the library", "Cancel Folder 1", "Cancel Folder 2"}
    notice = {"Review", "Dismiss this notice"}
    assert set(walk(window)) == {*always, *notice, "Pictures", "Number of workers"}
    window.shelf.review_failures()
    assert name_of(window.focusWidget() or window) == "Failed pictures"
    rest = {"Failed pictures", "Retry all", "Number of workers"}
    assert set(walk(window)) == {*always, *rest}
