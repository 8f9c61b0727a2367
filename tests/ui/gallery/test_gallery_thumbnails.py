"""Thumbnails: read aside, kept by bytes, asked for last is read first, and WebP alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from gallery_pictures import save_thumbnail
from PIL import Image
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.ui.gallery import thumbnails as module
from pixelcraft_desktop.ui.gallery.thumbnails import Thumbnails

EDGE_PX = 160


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the thumbnails, in one that holds nothing else."""
    made = tmp_path / "thumbnails"
    made.mkdir()
    return made


@pytest.fixture
def thumbnails(qtbot: QtBot, folder: Path) -> Iterator[Thumbnails]:
    """Thumbnails in that folder."""
    made = Thumbnails(folder)
    yield made
    made.stop()


def wait_for(qtbot: QtBot, thumbnails: Thumbnails, file: str) -> None:
    with qtbot.waitSignal(thumbnails.loaded, check_params_cb=lambda loaded: loaded == file):
        assert thumbnails.image(file, EDGE_PX) is None


def test_is_there_at_once_the_second_time(
    qtbot: QtBot, thumbnails: Thumbnails, folder: Path
) -> None:
    save_thumbnail(folder, "a.webp", "blue")
    wait_for(qtbot, thumbnails, "a.webp")
    image = thumbnails.image("a.webp", EDGE_PX)
    assert image is not None
    assert (image.width(), image.height()) == (EDGE_PX, EDGE_PX)
    assert image.pixelColor(80, 80).name() == "#0000ff"
    assert image.pixelColor(0, 0).alpha() == 0  # the corner


def test_every_size_is_another_image(qtbot: QtBot, thumbnails: Thumbnails, folder: Path) -> None:
    save_thumbnail(folder, "a.webp")
    wait_for(qtbot, thumbnails, "a.webp")
    with qtbot.waitSignal(thumbnails.loaded):
        assert thumbnails.image("a.webp", 2 * EDGE_PX) is None
    image = thumbnails.image("a.webp", 2 * EDGE_PX)
    assert image is not None
    assert image.width() == 2 * EDGE_PX


def make_broken(folder: Path, kind: str) -> str:
    """Make a file that isn't one of ours, and return its name."""
    file = f"{kind}.webp"
    path = folder / file
    if kind in ("PNG", "JPEG", "GIF", "BMP"):
        Image.new("RGB", (200, 200)).save(path, kind)
    elif kind == "SVG":
        path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    elif kind == "half":
        Image.effect_noise((200, 200), 90).convert("RGB").save(path, "WEBP")
        path.write_bytes(path.read_bytes()[:200])
    elif kind == "huge":
        Image.new("L", (4_000, 4_000)).save(path, "WEBP", lossless=True)
    elif kind == "empty":
        path.touch()
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "outside":
        save_thumbnail(folder.parent, "outside.webp")
        file = "../outside.webp"
    elif kind == "nul":
        file = "\0.webp"
    return file


KINDS = ["PNG", "JPEG", "GIF", "BMP", "SVG", "half", "huge", "empty", "folder", "outside", "nul"]
NO_PIPES = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")


@pytest.mark.parametrize("kind", [*KINDS, "missing", pytest.param("pipe", marks=NO_PIPES)])
def test_what_is_not_ours_is_refused_and_not_tried_again(
    qtbot: QtBot, thumbnails: Thumbnails, folder: Path, kind: str
) -> None:
    file = make_broken(folder, kind)
    wait_for(qtbot, thumbnails, file)
    assert thumbnails.is_broken(file)
    if kind in ("half", "missing"):
        save_thumbnail(folder, file)
    with qtbot.assertNotEmitted(thumbnails.loaded, wait=50):
        assert thumbnails.image(file, EDGE_PX) is None


def test_what_was_asked_last_is_read_first(
    qtbot: QtBot, thumbnails: Thumbnails, folder: Path
) -> None:
    files = [f"{number}.webp" for number in range(12)]
    loaded = ask_at_once(thumbnails, folder, files)
    qtbot.waitUntil(lambda: len(loaded) == len(files))
    assert loaded == files[::-1]


def test_requests_are_dropped(qtbot: QtBot, thumbnails: Thumbnails, folder: Path) -> None:
    files = [f"{number}.webp" for number in range(12)]
    loaded = ask_at_once(thumbnails, folder, files, kept=files[3:5])
    qtbot.waitUntil(lambda: len(loaded) == 2)
    wait_for(qtbot, thumbnails, files[11])
    assert loaded == [files[4], files[3], files[11]]


def ask_at_once(
    thumbnails: Thumbnails, folder: Path, files: list[str], kept: list[str] | None = None
) -> list[str]:
    """Ask for all before any is read; return the list that fills with those loaded."""
    loaded: list[str] = []
    thumbnails.loaded.connect(loaded.append)
    for file in files:
        save_thumbnail(folder, file)
    with thumbnails._has_work:
        for file in files:
            assert thumbnails.image(file, EDGE_PX) is None
        if kept is not None:
            thumbnails.drop_requests_except(kept)
    return loaded


def test_the_cache_is_measured_in_bytes(qtbot: QtBot, folder: Path) -> None:
    thumbnails = Thumbnails(folder, cache_bytes=2 * 4 * EDGE_PX**2)
    for file in ("a.webp", "b.webp", "c.webp"):
        save_thumbnail(folder, file)
        wait_for(qtbot, thumbnails, file)
        if file == "b.webp":
            assert thumbnails.image("a.webp", EDGE_PX) is not None  # so b is the least used
    assert thumbnails.image("a.webp", EDGE_PX) is not None
    assert thumbnails.image("c.webp", EDGE_PX) is not None
    assert thumbnails.image("b.webp", EDGE_PX) is None
    thumbnails.stop()


def test_stop_ends_the_thread_with_work_left(qtbot: QtBot, folder: Path) -> None:
    before = threading.active_count()
    thumbnails = Thumbnails(folder)
    loaded = ask_at_once(thumbnails, folder, [f"{number}.webp" for number in range(50)])
    thumbnails.stop()
    assert threading.active_count() == before
    assert thumbnails.image("new.webp", EDGE_PX) is None
    assert len(loaded) < 50


def test_a_bug_over_one_thumbnail_leaves_the_others(
    qtbot: QtBot,
    thumbnails: Thumbnails,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("a.webp", "b.webp"):
        save_thumbnail(folder, name)

    def stumble(_folder: Path, file: str) -> bytes | None:
        if file == "a.webp":
            raise KeyError("a bug")
        return (folder / file).read_bytes()

    monkeypatch.setattr(module, "_content", stumble)
    wait_for(qtbot, thumbnails, "a.webp")
    assert thumbnails.is_broken("a.webp")
    wait_for(qtbot, thumbnails, "b.webp")
    assert thumbnails.image("b.webp", EDGE_PX) is not None
    assert "can't read the thumbnail a.webp" in caplog.messages
