"""A ladder of small fixtures: a home, its store, pictures, the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw

from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.commands import lists
from pixelcraft_desktop.commands.context import Context
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import read_settings

# Windows that nobody sees, unless somebody wants to watch the tests.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

MakePhoto = Callable[..., Path]
HERE = Path(__file__).parent
TIMEOUT_S = 120
LONG_S = 30
LISTS: dict[str | bytes, click.Command] = {
    **{"status": lists.status, "jobs": lists.list_jobs, "job": lists.show_job},
    **{"images": lists.list_images, "batches": lists.list_batches, "events": lists.list_events},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let those with a whole program in this process come last.

    Its window lives on until the process ends, and each theme that a test chooses paints all that
    live: after twenty-seven programs each further window took two seconds to open.
    """
    items.sort(key=lambda item: item.path.parent == HERE and hasattr(_module(item), "App"))


def _module(item: pytest.Item) -> object:
    return getattr(item, "module", None)


@pytest.fixture(autouse=True)
def closed_widgets() -> Iterator[None]:
    """Have Qt delete what qtbot closed: without an event loop it only means to."""
    yield
    core = sys.modules.get("PySide6.QtCore")
    if core is not None and core.QCoreApplication.instance() is not None:
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home folder of its own."""
    home = Home(tmp_path / "home")
    home.make()
    return home


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    """The catalog of that home."""
    store = Store(home.catalog)
    yield store
    store.close()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder for pictures."""
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def make_photo(photos: Path) -> MakePhoto:
    """Make pictures that all differ: `make_photo("a.jpg", size=(640, 480))`."""

    def make(name: str, size: tuple[int, int] = (320, 240), **options: Any) -> Path:
        path = photos / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.linear_gradient("L").resize(size).convert("RGB")
        draw = ImageDraw.Draw(image)
        draw.ellipse(
            (0, 0, size[0] // 2, size[1] // 2), fill=(200, 40, zlib.crc32(name.encode()) % 256)
        )
        draw.text((20, 20), name, fill="white")
        image.save(path, **options)
        return path

    return make


class CommandLine:
    """`pixelcraft` as another process, with a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {**os.environ, "PIXELCRAFT_HOME": str(home)}

    def start(self, *arguments: str | bytes, **options: Any) -> subprocess.Popen[str]:
        """Start the command and return its process."""
        command = [sys.executable, "-m", "pixelcraft_desktop", *arguments]
        return subprocess.Popen(
            command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(self, *arguments: str | bytes) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        process = self.start(*arguments)
        out, err = self.finish(process)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def finish(
        self, process: subprocess.Popen[str], timeout_s: float = TIMEOUT_S
    ) -> tuple[str, str]:
        """Wait for the end of a process and of all who hold its output; return what it said.

        One that hangs is ended, and the test fails with the place at which each thread hung.
        """
        try:
            return process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.send_signal(getattr(signal, "SIGABRT", signal.SIGTERM))  # faulthandler hears it
            process.wait(LONG_S)
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
            faults = [path.read_text("utf-8") for path in (self.home / "logs").glob("faults*.log")]
            pytest.fail(f"{process.args!r} did not end in {timeout_s} s\n{''.join(faults)}")

    def json(self, *arguments: str | bytes, code: int = 0) -> Any:
        """Run the command with --json and return its document, after checking the exit code.

        One that only lists things runs in this process: starting another takes 0.4 s each time.
        """
        done = self.look(*arguments) if arguments[0] in LISTS else self.run(*arguments, "--json")
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)

    def look(self, name: str | bytes, *arguments: str | bytes) -> subprocess.CompletedProcess[str]:
        """Run a command that lists things, with --json, in this process."""
        home = Home(self.home)
        home.make()
        words = [os.fsdecode(word) for word in (*arguments, "--json")]
        command = LISTS[name]
        context = Context(home, read_settings(home.settings))
        done = CliRunner().invoke(command, words, obj=context, catch_exceptions=False)
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def pixelcraft(tmp_path: Path) -> CommandLine:
    """The command line, on the same home as the fixture `home`."""
    return CommandLine(tmp_path / "home")
