"""One window a home: what a later start says arrives, and nonsense does no harm."""

from __future__ import annotations

import base64
import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.ui.instance import Doorway, address_of, hand_over

T = TypeVar("T")
TOO_LARGE_BYTES = 64_000_001
LONG_MS = 20_000


# Later starts are processes here as well: Qt's sockets hold the interpreter's lock while they
# wait, so on a thread they would keep the first window from answering.
HAND_OVER = """
import json, sys
from pathlib import Path
from pixelcraft_desktop.ui.instance import hand_over
paths = [bytes.fromhex(path) for path in json.load(sys.stdin)]
sys.exit(0 if hand_over(Path(sys.argv[1]), paths) else 9)
"""


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Threads that wait for others, while this one is the window's."""
    with ThreadPoolExecutor(4) as threads:
        yield threads


def start_later(home: Path, paths: Sequence[bytes]) -> bool:
    """Start once more with these paths; tell whether the window heard."""
    command = [sys.executable, "-c", HAND_OVER, str(home)]
    said = json.dumps([path.hex() for path in paths])
    done = subprocess.run(command, input=said, text=True, check=False, timeout=60)
    assert done.returncode in {0, 9}
    return done.returncode == 0


class Hall:
    """A doorway, and what came through it."""

    def __init__(self, home: Path) -> None:
        self.received: list[list[bytes]] = []
        self.doorway = Doorway(home)
        self.doorway.paths_received.connect(self.received.append)


@pytest.fixture
def hall(home: Home) -> Iterator[Hall]:
    hall = Hall(home.root)
    yield hall
    hall.doorway.close()


def wait_for(qtbot: QtBot, future: Future[T]) -> T:
    qtbot.waitUntil(future.done, timeout=LONG_MS)
    return future.result()


def send(home: Path, message: bytes) -> bytes:
    """Say something to the window, say no more, and return what it answers."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(LONG_MS / 1000)
        client.connect(address_of(home))
        try:
            client.sendall(message)
            client.shutdown(socket.SHUT_WR)
            return client.recv(100)
        except (BrokenPipeError, ConnectionResetError):
            return b""


def message_of(paths: Sequence[bytes]) -> bytes:
    return json.dumps([base64.b64encode(path).decode() for path in paths]).encode() + b"\n"


PATHS = [
    [],
    [b"/photos/a.jpg"],
    [b"/photos/caf\xe9.jpg", "/photos/Sünset 日本.jpg".encode(), b'/a\n"b\\\xff'],
    [b"/many/%d" % number for number in range(20_000)],
]


@pytest.mark.parametrize("paths", PATHS, ids=["none", "one", "any-bytes", "many"])
def test_what_a_later_start_says_arrives(
    home: Home, hall: Hall, threads: ThreadPoolExecutor, paths: list[bytes], qtbot: QtBot
) -> None:
    assert wait_for(qtbot, threads.submit(start_later, home.root, paths))
    assert hall.received == [paths]


def test_several_starts_at_once(
    home: Home, hall: Hall, threads: ThreadPoolExecutor, qtbot: QtBot
) -> None:
    said = [[b"/photos/%d.jpg" % number] for number in range(4)]
    futures = [threads.submit(start_later, home.root, paths) for paths in said]
    assert all(wait_for(qtbot, future) for future in futures)
    assert sorted(hall.received) == said


NONSENSE = {
    "nothing": b"",
    "an empty line": b"\n",
    "no json": b"open /etc/passwd\n",
    "no text": b"\xff\xfe\x00\n",
    "no list": b"null\n",
    "an object": b'{"L2E=": 1}\n',
    "an empty object": b"{}\n",
    "a string": b'"L2E="\n',
    "numbers": b"[1, 2]\n",
    "no base64": b'["/photos/a.jpg"]\n',
    "nothing but brackets": b"[" * 100_000 + b"\n",
    "a relative path": message_of([b"photos/a.jpg"]),
    "an empty path": message_of([b""]),
    "one relative among others": message_of([b"/a.jpg", b"../b.jpg"]),
    "a path that ends in its middle": message_of([b"/a\0.jpg"]),
    "half a message": message_of([b"/photos/a.jpg"])[:-6],
    "a message without its end": message_of([b"/photos/a.jpg"])[:-1],
    "far too much": b"A" * TOO_LARGE_BYTES,
}


@pytest.mark.parametrize("message", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_refused_and_does_no_harm(
    home: Home, hall: Hall, threads: ThreadPoolExecutor, message: bytes, qtbot: QtBot
) -> None:
    assert wait_for(qtbot, threads.submit(send, home.root, message)) == b""
    assert hall.received == []
    assert wait_for(qtbot, threads.submit(start_later, home.root, [b"/a.jpg"]))
    assert hall.received == [[b"/a.jpg"]]


def test_without_a_window_nobody_hears(home: Home) -> None:
    assert not hand_over(home.root, [b"/a.jpg"])


def test_a_closed_doorway_hears_nothing(home: Home, hall: Hall) -> None:
    hall.doorway.close()
    assert not hand_over(home.root, [b"/a.jpg"])


def test_a_doorway_is_for_its_owner_alone(home: Home, hall: Hall) -> None:
    facts = os.stat(address_of(home.root))
    assert stat.S_ISSOCK(facts.st_mode)
    assert stat.S_IMODE(facts.st_mode) & 0o077 == 0


LISTEN_AND_BE_KILLED = """
import os, signal, sys
from pathlib import Path
from typing import TypeVar
from PySide6.QtCore import QCoreApplication
from pixelcraft_desktop.ui.instance import Doorway
application = QCoreApplication([])
doorway = Doorway(Path(sys.argv[1]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_window_left_is_no_obstacle(
    home: Home, threads: ThreadPoolExecutor, qtbot: QtBot
) -> None:
    command = [sys.executable, "-c", LISTEN_AND_BE_KILLED, str(home.root)]
    subprocess.run(command, check=False, timeout=60)
    assert os.path.exists(address_of(home.root))
    assert not hand_over(home.root, [b"/a.jpg"])
    hall = Hall(home.root)
    assert wait_for(qtbot, threads.submit(start_later, home.root, [b"/a.jpg"]))
    assert hall.received == [[b"/a.jpg"]]
    hall.doorway.close()


def test_a_home_deep_down_listens_elsewhere(
    tmp_path: Path,
    threads: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    place = tmp_path / "run"
    place.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(place))
    deep, other = (tmp_path / f"{'d' * 120}{number}" for number in range(2))
    deep.mkdir()
    assert Path(address_of(deep)).parent == place
    assert address_of(deep) != address_of(other)
    hall = Hall(deep)
    assert wait_for(qtbot, threads.submit(start_later, deep, [b"/a.jpg"]))
    assert not start_later(other, [b"/a.jpg"])
    assert hall.received == [[b"/a.jpg"]]
    hall.doorway.close()
