"""The frozen program, where it has nothing: another folder, an empty environment, no Python.

PIXELCRAFT_PACKAGE names a folder that is there already; without it one is built, in 20 seconds.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parent.parent
MOST_MEGABYTES = 170
LONGEST_S = 60
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="tried on Linux only")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, in a folder with a space and a letter that is not ASCII."""
    place = tmp_path_factory.mktemp("package")
    there = os.environ.get("PIXELCRAFT_PACKAGE")
    built = Path(there) if there else build(place)
    moved = place / "Büro und so" / "pixelcraft"
    shutil.copytree(built, moved, symlinks=True)
    return moved / "pixelcraft"


def build(place: Path) -> Path:
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    folders = ["--distpath", str(place / "dist"), "--workpath", str(place / "build")]
    done = subprocess.run(
        [*command, *folders, str(ROOT / "pixelcraft.spec")],
        env={**os.environ, "PYINSTALLER_CONFIG_DIR": str(place / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return place / "dist" / "pixelcraft"


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """The home of a user who has nothing yet."""
    folder = tmp_path / "user"
    folder.mkdir()
    return folder


@pytest.fixture
def display() -> Iterator[str]:
    """An X server of our own, which nobody reaches by network."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


def run(program: Path, user: Path, *arguments: str, **environment: str) -> str:
    """Run it with nothing but these variables and HOME; return what it writes."""
    done = subprocess.run(
        [program, *arguments],
        cwd=user,
        env={"HOME": str(user), **environment},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check_self_test(told: str, platform: str) -> None:
    lines = told.splitlines()
    assert len(lines) == 5
    assert all(line.startswith("ok  ") for line in lines), told
    assert f" on {platform}, " in lines[-1]


def test_the_self_test_offscreen(program: Path, user: Path) -> None:
    check_self_test(
        run(program, user, "--self-test", QT_QPA_PLATFORM="offscreen"), platform="offscreen"
    )
    assert not any(user.iterdir())


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="there is no Xvfb")
def test_the_self_test_on_a_display(program: Path, user: Path, display: str) -> None:
    check_self_test(run(program, user, "--self-test", DISPLAY=display), platform="xcb")
    assert not any(user.iterdir())


def test_it_brings_its_own_sqlite(program: Path, user: Path) -> None:
    # The one of this Python may be older, and is there to be taken by mistake.
    from_source = subprocess.run(
        [sys.executable, "-m", "pixelcraft_desktop", "--self-test"],
        cwd=ROOT,
        env={"HOME": str(user)},
        capture_output=True,
        text=True,
        check=True,
    )
    catalog_line = from_source.stdout.splitlines()[1]
    assert catalog_line in run(program, user, "--self-test")


def test_the_samples_are_imported_without_a_window(program: Path, user: Path) -> None:
    samples = ROOT / "resources" / "samples"
    told = json.loads(run(program, user, "import", str(samples), "--json"))
    assert told["imported"] == told["completed"] == len(list(samples.iterdir()))
    home = user / ".local" / "share" / "pixelcraft"
    assert len(list((home / "outputs" / "previews").iterdir())) == told["completed"]


def test_it_hands_no_library_of_its_own_to_others(program: Path, user: Path) -> None:
    """A file manager that it starts would load our Qt, and crash. Decoders stand in for it."""
    worker = subprocess.Popen([program, "worker", "--workers", "1"], env={"HOME": str(user)})
    try:
        end = time.monotonic() + LONGEST_S
        while not (children := decoders(worker.pid)):
            assert time.monotonic() < end
            time.sleep(0.05)
        assert "QT_PLUGIN_PATH" not in children[0].environ()
        assert "libQt6Core" not in " ".join(m.path for m in children[0].memory_maps())
    finally:
        worker.terminate()
        worker.wait(LONGEST_S)


def test_a_frozen_program_gives_the_library_path_back() -> None:
    code = (
        "import os, sys; sys.frozen = True\n"
        "from pixelcraft_desktop import __main__, cli\n"
        "cli.run = lambda: print(os.environ.get('LD_LIBRARY_PATH'))\n"
        "__main__.main()"
    )
    for former, wanted in (({}, "None"), ({"LD_LIBRARY_PATH_ORIG": "/opt/mine"}, "/opt/mine")):
        environment = {"LD_LIBRARY_PATH": "/somewhere/_internal", **former}
        command = [sys.executable, "-c", code]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == wanted


def decoders(parent_id: int) -> list[psutil.Process]:
    children = psutil.Process(parent_id).children()
    return [child for child in children if "--multiprocessing-fork" in child.cmdline()]


def test_it_is_small_and_whole(program: Path) -> None:
    files = [path for path in program.parent.rglob("*") if not path.is_symlink()]
    size_bytes = sum(path.stat().st_size for path in files if path.is_file())
    assert size_bytes < MOST_MEGABYTES * 1_000_000
    dangling = [p for p in program.parent.rglob("*") if p.is_symlink() and not p.exists()]
    assert not dangling
    names = {path.name for path in files}
    assert {"libqxcb.so", "libqoffscreen.so", "libqwayland.so"} <= names
    assert {"libqwebp.so", "libqsvg.so", "pixelcraft.svg", "window.qss", "LICENSE"} <= names
    assert not any("tkinter" in name or "Qml" in name for name in names)
