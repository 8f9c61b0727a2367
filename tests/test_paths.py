"""The home folder, and names fit to show."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from pixelcraft_desktop.filenames import display_name, printable
from pixelcraft_desktop.paths import HOME_VARIABLE, Home, find_home


def test_a_chosen_home_comes_before_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, "/from/variable")
    assert find_home("/chosen").root == Path("/chosen")
    assert find_home().root == Path("/from/variable")


def test_without_a_choice_it_is_the_users_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    root = find_home().root
    assert tmp_path in root.parents
    assert root.name == "pixelcraft"


def test_the_home_is_closed_to_others(tmp_path: Path) -> None:
    home = Home(tmp_path / "new" / "home")
    home.make()
    assert stat.S_IMODE(home.root.stat().st_mode) & 0o077 == 0
    assert home.output_folder("thumbnail").is_dir()
    assert home.output_folder("preview").is_dir()


@pytest.mark.parametrize(
    ("path", "text"),
    [(b"/a/b.jpg", "/a/b.jpg"), (b"/caf\xe9.jpg", "/caf\\xe9.jpg"), ("/ü.png".encode(), "/ü.png")],
)
def test_names_that_are_not_text_are_escaped(path: bytes, text: str) -> None:
    assert display_name(path) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [("a\nb", "a\\nb"), ("\x1b[31m", "\\x1b[31m"), ("\u202egpj.exe", "\\u202egpj.exe"), ("é", "é")],
)
def test_nothing_can_steer_a_terminal(text: str, safe: str) -> None:
    assert printable(text) == safe
