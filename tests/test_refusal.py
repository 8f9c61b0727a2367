"""Where the window can't be opened, whoever clicked an icon is told as well."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from pixelcraft_desktop import app, cli
from pixelcraft_desktop.catalog.schema import CatalogTooNew
from pixelcraft_desktop.display import is_watched
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.ui.refusal import Refusal


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is shown, on a display that somebody seems to look at."""
    reasons: list[str] = []
    monkeypatch.setattr(app, "show_refusal", reasons.append)
    monkeypatch.setattr(cli, "is_watched", lambda: True)
    return reasons


@pytest.fixture
def newer(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Return a home whose catalog a newer PixelCraft made, as opening the window finds out."""

    def open_window(*_: object) -> int:
        raise CatalogTooNew(f"{home.catalog} was made by a newer PixelCraft.")

    monkeypatch.setattr(app, "open_window", open_window)
    monkeypatch.setattr(cli, "start_logs", lambda _folder: None)
    return home


def run(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        cli.run(list(arguments))
    return ended.value.code


def test_a_catalog_of_a_newer_version_is_told(
    newer: Home, shown: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--home", str(newer.root), "gui") == 5
    (reason,) = shown
    assert "made by a newer PixelCraft" in reason
    assert reason in capsys.readouterr().err


def test_a_command_says_it_where_it_was_typed(home: Home, shown: list[str]) -> None:
    home.catalog.write_bytes(b"a file, and no folder")
    assert run("--home", str(home.catalog), "status") == 2
    assert shown == []
    assert run("--home", str(home.catalog), "gui") == 2
    assert len(shown) == 1


def test_settings_that_can_not_be_read_are_told(home: Home, shown: list[str]) -> None:
    home.settings.write_text("workers = 'many'\n")
    assert run("--home", str(home.root)) == 2
    (reason,) = shown
    assert "workers" in reason


def test_who_reads_standard_error_is_not_told_twice(
    newer: Home, shown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert run("--home", str(newer.root), "gui") == 5
    assert shown == []


def test_nobody_looks_at_an_offscreen_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert not is_watched()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_it_shows_paths_as_they_are_and_goes_by_a_key(
    qtbot: QtBot, tmp_path: Path, key: Qt.Key
) -> None:
    reason = f"The home folder {tmp_path}/<b>&amp;</b> can't be used: Permission denied."
    small = Refusal(reason)
    qtbot.addWidget(small)
    small.show()
    qtbot.waitExposed(small)
    assert small.reason == reason
    assert reason in small.accessibleName()
    assert small.focusWidget() is small.close_button
    QTest.keyClick(small.close_button, key)
    assert not small.isVisible()
