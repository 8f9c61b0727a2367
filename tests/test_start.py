"""The program as people start it: entry points, an empty home, a clean end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from conftest import CommandLine, MakePhoto

from pixelcraft_desktop import __version__
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.engine import Engine
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

SCRIPT = Path(sys.executable).parent / "pixelcraft"


def test_the_module_and_its_version() -> None:
    command = [sys.executable, "-m", "pixelcraft_desktop", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert __version__ in done.stdout


@pytest.mark.skipif(not SCRIPT.exists(), reason="the package is not installed beside this Python")
def test_the_script_works_with_its_children(
    home: Home, make_photo: MakePhoto, tmp_path: Path
) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    command = [str(SCRIPT), "--home", str(home.root), "import", str(make_photo("a.jpg"))]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert "1 completed" in done.stdout


def test_an_empty_home_is_made(pixelcraft: CommandLine) -> None:
    assert pixelcraft.json("status")["waiting"] == 0
    names = {path.name for path in pixelcraft.home.iterdir()}
    assert {"catalog.db", "outputs", "logs"} <= names


def test_a_start_and_stop_leave_no_process(store: Store, home: Home) -> None:
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    engine = Engine(store, home, Settings(), lane_count=2)
    engine.start()
    engine.stop()
    started = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
    # multiprocessing keeps one resource tracker for as long as this process lives.
    assert [p for p in started if "resource_tracker" not in " ".join(p.cmdline())] == []


def test_the_log_is_written_and_rotated(pixelcraft: CommandLine, make_photo: MakePhoto) -> None:
    pixelcraft.run("import", "--no-wait", str(make_photo("a.jpg")))
    log = pixelcraft.home / "logs" / "pixelcraft.log"
    assert log.is_file()
    log.write_bytes(b"x" * 5_000_001)
    pixelcraft.run("status")
    assert log.with_name("pixelcraft.log.1").stat().st_size == 5_000_001
    assert log.stat().st_size < 5_000_001
