"""Several batches are listed, each with its bar and its button; one alone is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from running_batches import Desk

from pixelcraft_desktop.catalog.batches import Batch
from pixelcraft_desktop.catalog.news import News, Scan
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui.batches.panel import BatchPanel
from pixelcraft_desktop.ui.theme import DARK, LIGHT, Appearance

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")

HOSTILE = '<img src="pipe">\u202egpj.' + "x" * 5_000


@pytest.fixture
def desk(qapp: QApplication) -> Iterator[Desk]:
    appearance = Appearance(qapp, "light")
    desk = Desk()
    yield desk
    desk.close()
    qapp.styleHints().colorSchemeChanged.disconnect(appearance._follow)


@pytest.fixture
def panel(desk: Desk, qtbot: QtBot) -> Iterator[BatchPanel]:
    """A panel on a window of the width it has below the sections."""
    window = QWidget()
    window.setFixedWidth(188)
    window.resize(188, 500)
    above = QPushButton("Sections")
    panel = BatchPanel(desk.library, desk.workload, LIGHT, above)
    panel._appearance.setInterval(20)
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(above, 1)
    column.addWidget(panel)
    column.addWidget(QPushButton("Pictures"))
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    yield panel
    window.close()


def test_one_alone_is_not_listed(desk: Desk, panel: BatchPanel, qtbot: QtBot) -> None:
    desk.open(1, "Photos", 100)
    desk.wait(2)
    qtbot.wait(60)
    assert not panel.isVisible()
    desk.become(State.COMPLETED, desk.open(2, "One.jpg", 1))  # over before anybody could read it
    desk.wait(2)
    qtbot.wait(60)
    assert not panel.isVisible()


def test_several_are_listed_until_one_is_left(desk: Desk, panel: BatchPanel, qtbot: QtBot) -> None:
    desk.measure("JPEG", 12.0, 0.5, 100)
    photos = desk.open(1, "Photos 2024", 1_204)
    scans = desk.open(2, "Scans", 20)
    desk.become(State.COMPLETED, photos[:301])
    desk.become(State.COMPLETED, scans[:5])
    desk.wait(3)
    qtbot.waitUntil(panel.isVisible)
    assert [row.texts for row in panel.rows] == [
        ("Photos 2024", "301 of 1204", "4 min"),
        ("Scans", "5 of 20", "6–8 s"),
    ]
    assert [row.bar.value() for row in panel.rows] == [250, 250]
    desk.become(State.COMPLETED, scans[5:])
    desk.wait(0.5)
    assert not panel.isVisible()
    assert panel.rows == []


def test_a_bar_grows_unless_its_batch_does(desk: Desk, panel: BatchPanel) -> None:
    desk.open(2, "Other", 10)
    pictures = desk.open(1, "Photos", 100)
    desk.become(State.COMPLETED, pictures[:50])
    desk.wait(0.5)
    bar = panel.rows[0].bar
    assert bar.value() == 500
    desk.become(State.CANCELLED, pictures[:40])  # fewer are done, of fewer
    desk.wait(0.5)
    assert bar.value() == 500
    desk.open(1, "Photos", 100)
    desk.wait(0.5)
    assert bar.value() == 62


def test_while_it_is_looked_for_the_whole_is_not_known(desk: Desk, panel: BatchPanel) -> None:
    desk.open(1, "Photos", 10)
    pictures = desk.open(2, "Folder", 1_500)
    desk.queue(scans=[Scan(2, "Folder", 1_500, 0, 0)])
    desk.become(State.COMPLETED, pictures[:700])
    desk.wait(5)
    assert panel.rows[1].texts == ("Folder", "1500 found…", "")
    assert panel.rows[1].bar.value() == 0


def test_each_can_be_cancelled_by_mouse_and_by_keyboard(
    desk: Desk, panel: BatchPanel, qtbot: QtBot
) -> None:
    for number in (1, 2, 3):
        desk.open(number, f"Batch {number}", 10)
    desk.wait(1)
    qtbot.waitUntil(panel.isVisible)
    wanted: list[int] = []
    panel.cancel_wanted.connect(wanted.append)
    first, second, third = panel.rows
    QTest.mouseClick(second.button, Qt.MouseButton.LeftButton)
    above = panel.window().findChildren(QPushButton)[0]
    above.setFocus()
    for part in (above, first.button, second.button):
        assert part.hasFocus()
        QTest.keyClick(part, Qt.Key.Key_Tab)
    assert third.button.hasFocus()
    QTest.keyClick(third.button, Qt.Key.Key_Space)
    assert wanted == [2, 3]


def test_a_screen_reader_hears_which_batch_it_is(desk: Desk, panel: BatchPanel) -> None:
    desk.become(State.COMPLETED, desk.open(1, "Photos", 10)[:3])
    desk.open(2, "Scans", 10)
    desk.wait(0.5)
    row = panel.rows[0]
    spoken = [
        QAccessible.queryAccessibleInterface(part).text(QAccessible.Text.Name)
        for part in (row, row.bar, row.button)
    ]
    assert spoken == ["Photos, 3 of 10", "Progress of Photos", "Cancel Photos"]


def test_many_are_counted_and_a_few_are_seen(desk: Desk, panel: BatchPanel, qtbot: QtBot) -> None:
    for number in range(1, 31):
        desk.open(number, f"Batch {number}", 2)
    desk.wait(1)
    qtbot.waitUntil(panel.isVisible)
    assert [row.batch_id for row in panel.rows] == list(range(1, 9))
    assert panel.height() < 300
    assert "and 22 more" in [label.text() for label in panel.findChildren(QLabel)]


def test_a_hostile_name_does_nothing_and_takes_no_room(
    desk: Desk, panel: BatchPanel, qtbot: QtBot
) -> None:
    desk.open(1, "Photos", 2)
    desk.open(2, "x", 2)
    batch = Batch(2, HOSTILE, 0, 0, is_scanned=True)
    desk.library.take_in(News(batches=[batch]))
    desk.wait(1)
    qtbot.waitUntil(panel.isVisible)
    assert panel.width() == 188
    name, _, _ = panel.rows[1].texts
    assert name.isprintable()
    assert "…" in name
    assert "<img" not in panel.rows[1].toolTip()
    labels = [label for label in panel.findChildren(QLabel) if label.text()]
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}


def test_it_wears_the_theme(desk: Desk, panel: BatchPanel, qtbot: QtBot) -> None:
    desk.open(1, "Photos", 2)
    desk.open(2, "Scans", 2)
    desk.wait(1)
    qtbot.waitUntil(panel.isVisible)
    button = panel.rows[0].button
    light = button.icon().pixmap(14, 14).toImage()
    panel.set_theme(DARK)
    assert button.icon().pixmap(14, 14).toImage() != light
