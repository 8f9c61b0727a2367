"""A folder dragged with the mouse from another program onto the window, on a real X server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import CommandLine
from PIL import Image, ImageChops

HERE = Path(__file__).parent
SCREEN_PX = (2400, 1200)
WINDOW_AT = (0, 0)
SOURCE_AT, SOURCE_EDGE_PX = (1600, 100), 200
LONG_S, CLOSING_S = 60.0, 5.0
STEPS, STEP_S = 12, 0.03
# Far enough apart to be told from each other after WebP, and from every colour of the window.
COLOURS = ["#ff0000", "#00d000", "#0000ff", "#ffe000", "#e000e0", "#00e0e0", "#ff8000", "#000000"]
NEAR = 40  # of 255, in each channel
CELL_SQUARE_PX = 160

pytestmark = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")),
    reason="needs Xvfb and xdotool: apt install xvfb xdotool",
)


def wait_until(is_true: Callable[[], object]) -> None:
    """Wait for something that happens in another process."""
    end = time.monotonic() + LONG_S
    while not is_true():
        assert time.monotonic() < end, "waited for too long"
        pause(0.05)


def pause(seconds: float) -> None:
    threading.Event().wait(seconds)


@dataclass(frozen=True)
class Screen:
    """An X server of our own, with nobody to manage its windows, and a hand on its mouse."""

    environment: dict[str, str]

    def xdotool(self, *words: object) -> str:
        """Do something with mouse or windows, and return what xdotool says."""
        command = ["xdotool", *map(str, words)]
        done = subprocess.run(
            command,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,  # to find nothing is an answer as well
            timeout=LONG_S,
        )
        return done.stdout

    def window(self, process: subprocess.Popen[str], name: str) -> str:
        """Wait for a visible window of that process with such a name; return its id."""
        search = ("search", "--onlyvisible", "--all", "--pid", process.pid, "--name", name)
        wait_until(lambda: self.xdotool(*search) or process.poll() is not None)
        assert process.poll() is None
        return self.xdotool(*search).split()[0]

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press at the start, move to the end as a hand does, and let go there."""
        self.xdotool("mousemove", *start)
        pause(STEP_S)
        self.xdotool("mousedown", 1)
        for step in range(1, STEPS + 1):
            at = [a + (b - a) * step // STEPS for a, b in zip(start, end, strict=True)]
            self.xdotool("mousemove", *at)
            pause(STEP_S)
        pause(10 * STEP_S)  # for the two programs to agree on what a drop would do
        self.xdotool("mouseup", 1)

    def photograph(self, path: Path) -> Image.Image:
        """Return what is to be seen."""
        command = [sys.executable, str(HERE / "screenshot.py"), str(path)]
        subprocess.run(command, env=self.environment, check=True, timeout=LONG_S)
        with Image.open(path) as taken:
            return taken.convert("RGB")


@pytest.fixture
def screen() -> Iterator[Screen]:
    """An empty screen."""
    read_end, write_end = os.pipe()
    size = "{}x{}x24".format(*SCREEN_PX)
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", size, "-nolisten", "tcp"]
    server = subprocess.Popen(
        command, pass_fds=[write_end], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(write_end)
    with os.fdopen(read_end) as told:
        number = told.readline().strip()
    assert number, "Xvfb did not start"
    environment = {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    environment.pop("WAYLAND_DISPLAY", None)
    yield Screen(environment)
    server.terminate()
    server.wait(LONG_S)


@pytest.fixture
def window(screen: Screen, pixelcraft: CommandLine) -> Iterator[subprocess.Popen[str]]:
    """The program, in the upper left corner of the screen."""
    pixelcraft.environment = screen.environment | {"PIXELCRAFT_HOME": str(pixelcraft.home)}
    window = pixelcraft.start()
    screen.xdotool("windowmove", screen.window(window, "^PixelCraft"), *WINDOW_AT)
    yield window
    window.kill()
    window.communicate()


@pytest.fixture
def drag_source(screen: Screen, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program, beside the window, that lets the folder be dragged out of it."""
    command = [sys.executable, str(HERE / "drag_source.py"), *map(str, SOURCE_AT), str(folder)]
    source = subprocess.Popen(
        command, env=screen.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert source.stdout is not None
    assert source.stdout.readline() == "ready\n"
    yield source
    source.kill()
    source.communicate()


@pytest.fixture
def folder(photos: Path) -> Path:
    """A folder in a folder, with one picture of each colour."""
    inner = photos / "Sünset & more"
    inner.mkdir()
    for colour in COLOURS:
        Image.new("RGB", (900, 900), colour).save(inner / f"{colour[1:]}.png")
    return photos


def patch_of(colour: str, screenshot: Image.Image) -> tuple[tuple[int, int, int, int], int]:
    """Return the box around what has that colour in the picture, and how many pixels have it."""
    plain = Image.new("RGB", screenshot.size, colour)
    apart = ImageChops.difference(screenshot, plain).split()
    farthest = ImageChops.lighter(ImageChops.lighter(apart[0], apart[1]), apart[2])
    near = farthest.point(lambda value: 255 if value < NEAR else 0)
    return near.getbbox() or (0, 0, 0, 0), near.histogram()[255]


def test_a_dragged_folder_is_shown_picture_by_picture(
    screen: Screen,
    window: subprocess.Popen[str],
    drag_source: subprocess.Popen[str],
    pixelcraft: CommandLine,
    tmp_path: Path,
) -> None:
    middle = tuple(at + SOURCE_EDGE_PX // 2 for at in SOURCE_AT)
    screen.drag((middle[0], middle[1]), (700, 400))
    assert drag_source.stdout is not None
    assert drag_source.stdout.readline() == "CopyAction\n"
    wait_until(lambda: pixelcraft.json("status")["completed"] == len(COLOURS))

    def squares() -> list[tuple[int, int, int, int]]:
        picture = screen.photograph(tmp_path / "screen.png").crop((200, 60, 1180, 720))
        patches = [patch_of(colour, picture) for colour in COLOURS]
        return [box for box, pixels in patches if pixels > 0.9 * CELL_SQUARE_PX**2]

    wait_until(lambda: len(squares()) == len(COLOURS))
    found = squares()
    for left, top, right, bottom in found[:-1]:  # black is the colour of the words as well
        assert (right - left, bottom - top) == (CELL_SQUARE_PX, CELL_SQUARE_PX)
    assert len({box[:2] for box in found}) == len(COLOURS)
    began = time.monotonic()
    window.send_signal(signal.SIGTERM)
    _, err = window.communicate(timeout=LONG_S)
    assert time.monotonic() - began < CLOSING_S
    assert (window.returncode, err) == (0, "")
