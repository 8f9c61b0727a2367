"""One window a home: a second start hands its paths to the first, and ends."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QDir, QObject, QStandardPaths, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_log = logging.getLogger(__name__)
_WAIT_MS = 3_000
_LARGEST_BYTES = 64_000_000
# A path longer than this is no socket address on Linux (108) or macOS (104).
_LONGEST_ADDRESS = 100
_END, _HEARD = b"\n", b"heard\n"


def address_of(home: Path) -> str:
    """Return where the window of a home listens: where nobody but its owner can."""
    inside = home / "window.socket"
    name = os.fsencode(inside)
    if sys.platform != "win32" and len(name) <= _LONGEST_ADDRESS:
        return str(inside)
    short = "pixelcraft-" + hashlib.sha256(name).hexdigest()[:24]
    if sys.platform == "win32":  # a named pipe, kept to this user by the server's option
        return short
    place = QStandardPaths.StandardLocation.RuntimeLocation
    return QDir(QStandardPaths.writableLocation(place)).filePath(short)


def hand_over(home: Path, paths: Sequence[bytes]) -> bool:
    """Give the absolute paths to the window that is open already; tell whether it heard."""
    socket = QLocalSocket()
    socket.connectToServer(address_of(home))
    if not socket.waitForConnected(_WAIT_MS):
        return False
    fields = [base64.b64encode(path).decode("ascii") for path in paths]
    socket.write(QByteArray(json.dumps(fields).encode("ascii") + _END))
    while not socket.canReadLine():
        if not socket.waitForReadyRead(_WAIT_MS):
            return False
    return bytes(socket.readLine().data()) == _HEARD


class Doorway(QObject):
    """Where the first window listens for later starts. It takes paths, and nothing else."""

    paths_received = Signal(list)  # list[bytes]; an empty one asks the window to come forward

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._welcome)
        address = address_of(home)
        # Only the holder of the window lock comes here, so what lies there is a dead one's.
        QLocalServer.removeServer(address)
        if not self._server.listen(address):
            _log.warning("later starts can't be heard: %s", self._server.errorString())

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    def _welcome(self) -> None:
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            socket.disconnected.connect(socket.deleteLater)

    def _read(self, socket: QLocalSocket) -> None:
        if socket.bytesAvailable() > _LARGEST_BYTES:
            socket.abort()
            return
        if not socket.canReadLine():
            return
        paths = _paths_of(bytes(socket.readLine(_LARGEST_BYTES).data()))
        if paths is None:
            socket.abort()
            return
        socket.write(QByteArray(_HEARD))
        socket.flush()
        self.paths_received.emit(paths)


def _paths_of(line: bytes) -> list[bytes] | None:
    """Return the paths in a message; None for anything that is no list of absolute paths."""
    try:
        fields = json.loads(line)
        paths = [base64.b64decode(field, validate=True) for field in fields]
    except (ValueError, TypeError, RecursionError):
        return None
    is_sound = isinstance(fields, list) and all(map(_is_absolute, paths))
    return paths if is_sound else None


def _is_absolute(path: bytes) -> bool:
    return b"\0" not in path and Path(path.decode("utf-8", "surrogateescape")).is_absolute()
