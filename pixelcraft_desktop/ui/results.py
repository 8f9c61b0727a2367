"""What can be done with the files behind pictures: open, show, copy and drag them out."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Sequence
from urllib.parse import quote

from PySide6.QtCore import QMimeData, QProcess, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from pixelcraft_desktop.filenames import display_name

if sys.platform == "linux":
    from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher

    _asked: set[QDBusPendingCallWatcher] = set()  # until they answer

_FILE_MANAGER = "org.freedesktop.FileManager1"
# The file manager may have to be started first; after this long we open the folder ourselves.
_FILE_MANAGER_TIMEOUT_MS = 5_000


def file_url(path: bytes) -> QUrl:
    """Return the URL of the file, of whatever bytes its name consists."""
    try:
        return QUrl.fromLocalFile(path.decode("utf-8"))
    except UnicodeDecodeError:
        # As text these bytes would be lost; percent-encoded they are kept.
        return QUrl.fromEncoded(b"file://" + quote(path).encode("ascii"))


def open_file(path: bytes) -> bool:
    """Open the file with the program the system has for it; False where there is none."""
    return QDesktopServices.openUrl(file_url(path))


def show_in_folder(path: bytes) -> None:
    """Show the file in its folder, selected where the system can do that."""
    command = reveal_command(path, sys.platform)
    if command:
        QProcess.startDetached(command[0], command[1:])
    elif not _ask_file_manager(path):
        _open_folder(path)


def reveal_command(path: bytes, platform: str) -> list[str]:
    """Return the command that shows a file in its folder; empty where there is none.

    `platform` is as in `sys.platform`.
    """
    if platform == "win32":
        # By its full path, or Windows would look for one beside us first.
        explorer = os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), "explorer.exe")
        return [explorer, "/select,", os.fsdecode(path).replace("/", "\\")]
    if platform == "darwin":
        return ["/usr/bin/open", "-R", os.fsdecode(path)]
    return []


def copy_paths(paths: Sequence[bytes]) -> None:
    """Put the files on the clipboard: as files, and as one path a line."""
    QGuiApplication.clipboard().setMimeData(mime_of(paths))


def copy_text(text: str) -> None:
    """Put the text on the clipboard."""
    QGuiApplication.clipboard().setText(text)


def mime_of(paths: Sequence[bytes]) -> QMimeData:
    """Return the files as other programs take them, dragged or pasted."""
    mime = QMimeData()
    mime.setUrls([file_url(path) for path in paths])
    mime.setText("\n".join(_one_line(path) for path in paths))
    return mime


def _one_line(path: bytes) -> str:
    text = display_name(path)
    if text.isprintable():
        return text
    # Only what would break the line or act. Anything more, and the path would lead nowhere.
    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) == "Cc" else c for c in text
    )


def _open_folder(path: bytes) -> None:
    QDesktopServices.openUrl(file_url(os.path.dirname(path)))


def _ask_file_manager(path: bytes) -> bool:
    """Ask the file manager to show the file; False where there is nobody to ask."""
    if sys.platform != "linux":
        return False
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return False
    message = QDBusMessage.createMethodCall(
        _FILE_MANAGER, "/org/freedesktop/FileManager1", _FILE_MANAGER, "ShowItems"
    )
    url = bytes(file_url(path).toEncoded().data()).decode("ascii")
    message.setArguments([[url], ""])
    call = QDBusPendingCallWatcher(bus.asyncCall(message, _FILE_MANAGER_TIMEOUT_MS))
    _asked.add(call)

    def conclude() -> None:
        _asked.discard(call)
        if call.isError():
            _open_folder(path)

    call.finished.connect(conclude)
    return True
