"""Names of any bytes survive the way to other programs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication

from pixelcraft_desktop.ui.results import (
    copy_paths,
    copy_text,
    file_url,
    mime_of,
    open_file,
    reveal_command,
)

PATHS = [
    b"/photos/a.jpg",
    b"/photos/100%25 #1?;&+ a.jpg",
    "/photos/写真 é.jpg".encode(),
    "/photos/e\u0301.jpg".encode(),  # not the same file as é.jpg
    b"/photos/caf\xe9.jpg",
    b"/photos/\xff\xfe%41.jpg",
    b"/photos/two\nlines\r.jpg",
    b"/photos/<b>bold</b>.jpg",
    "/photos/\u202egpj.exe".encode(),
    b"/photos/" + b"n" * 10_000,
]
SHOW = """
import sys
from PySide6.QtCore import QObject, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from pixelcraft_desktop.ui.results import show_in_folder

class Opener(QObject):
    @Slot("QUrl")
    def open(self, url: QUrl) -> None:
        print(url.toEncoded().data().decode())
        QTimer.singleShot(0, app.quit)

app = QGuiApplication(sys.argv)
opener = Opener()
QDesktopServices.setUrlHandler("file", opener, "open")
QTimer.singleShot(0, lambda: show_in_folder(b"/photos/caf\\xe9/a.jpg"))
QTimer.singleShot(30_000, lambda: app.exit(1))
sys.exit(app.exec())
"""


class Opener(QObject):
    """Stands where the system would open a file."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[QUrl] = []

    @Slot("QUrl")
    def take(self, url: QUrl) -> None:
        self.opened.append(url)


@pytest.fixture
def opener(qapp: QApplication) -> Iterator[Opener]:
    """What the system was asked to open."""
    opener = Opener()
    QDesktopServices.setUrlHandler("file", opener, "take")  # type: ignore[arg-type]  # bytes raise
    yield opener
    QDesktopServices.unsetUrlHandler("file")


def path_of(url: bytes | QUrl) -> bytes:
    """Return what another program reads from the URL."""
    url = bytes(url.toEncoded().data()) if isinstance(url, QUrl) else url
    assert url.startswith(b"file:///")
    assert url.isascii()
    return unquote_to_bytes(url.removeprefix(b"file://"))


@pytest.mark.parametrize("path", PATHS)
def test_urls_keep_every_byte(path: bytes) -> None:
    url = file_url(path)
    assert url.isValid()
    assert path_of(url) == path


@pytest.mark.parametrize("path", PATHS)
def test_files_are_opened_by_their_own_names(opener: Opener, path: bytes) -> None:
    assert open_file(path)
    assert [path_of(url) for url in opener.opened] == [path]


def test_dragged_files_arrive_whole(qapp: QApplication) -> None:
    mime = mime_of(PATHS)
    lines = bytes(mime.data("text/uri-list").data()).split(b"\r\n")
    assert [path_of(line) for line in lines if line] == PATHS
    assert [path_of(url) for url in mime.urls()] == PATHS


def test_dragged_text_has_one_path_a_line(qapp: QApplication) -> None:
    lines = mime_of(PATHS).text().split("\n")
    assert len(lines) == len(PATHS)
    assert lines[0] == "/photos/a.jpg"
    assert lines[2] == "/photos/写真 é.jpg"
    assert lines[4] == r"/photos/caf\xe9.jpg"
    assert lines[6] == r"/photos/two\nlines\r.jpg"
    assert not mime_of(PATHS).hasHtml()


def test_paths_and_text_reach_the_clipboard(qapp: QApplication) -> None:
    clipboard = QGuiApplication.clipboard()
    copy_paths(PATHS[:2])
    assert clipboard.text() == "/photos/a.jpg\n/photos/100%25 #1?;&+ a.jpg"
    assert len(clipboard.mimeData().urls()) == 2
    copy_text("<b>details</b>")
    assert clipboard.text() == "<b>details</b>"
    assert not clipboard.mimeData().hasUrls()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a program is started")
def test_without_a_file_manager_the_folder_is_opened() -> None:
    # In another process: the connection to a bus, once made, is kept.
    environment = {
        **os.environ,
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
        "QT_QPA_PLATFORM": "offscreen",
    }
    shown = subprocess.run(
        [sys.executable, "-c", SHOW],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (shown.returncode, shown.stdout.strip()) == (0, "file:///photos/caf%E9"), shown.stderr


def test_elsewhere_a_program_shows_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYSTEMROOT", r"D:\Windows")
    explorer, *arguments = reveal_command(b"C:/my photos/a & b.jpg", "win32")
    assert explorer.startswith(r"D:\Windows")
    assert explorer.endswith("explorer.exe")
    assert arguments == ["/select,", r"C:\my photos\a & b.jpg"]
    assert reveal_command(b"/my photos/-a.jpg", "darwin") == [
        "/usr/bin/open",
        "-R",
        "/my photos/-a.jpg",
    ]
    assert reveal_command(b"/photos/a.jpg", "linux") == []
