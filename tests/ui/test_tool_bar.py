"""The tool bar: what a narrow window hides has a name where it went."""

from __future__ import annotations

from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.ui.commands import CommandSet
from pixelcraft_desktop.ui.theme import LIGHT
from pixelcraft_desktop.ui.tool_bar import ToolBar


def test_every_button_has_a_name(qtbot: QtBot) -> None:
    window, pictures = QWidget(), QWidget()
    qtbot.addWidget(window)
    qtbot.addWidget(pictures)
    bar = ToolBar(CommandSet(window, pictures, LIGHT), LIGHT, window)
    names = [b.accessibleName() or b.text() for b in bar.findChildren(QToolButton)]
    assert len(names) >= 6
    assert all(names)
    assert "More tools" in names
