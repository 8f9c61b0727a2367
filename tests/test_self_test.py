"""The self-test: what it says, and that it ends and leaves nothing, whatever is broken."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

NAMES = ["formats", "catalog", "queue", "child decoder", "window"]
LONGEST_S = 60


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where the self-test makes its folder."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(tmp_path: Path, temporary: Path) -> dict[str, str]:
    """The least a program can be started with, and no display."""
    user = tmp_path / "user"
    user.mkdir()
    return {"HOME": str(user), "TMPDIR": str(temporary)}


def run(
    environment: dict[str, str], *arguments: str, code: str | None = None
) -> subprocess.CompletedProcess[str]:
    start = ["-m", "pixelcraft_desktop", *arguments] if code is None else ["-c", code]
    return subprocess.run(
        [sys.executable, *start],
        cwd=Path(__file__).parent.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )


def verdicts(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    lines = [line.split("  ", 1) for line in done.stdout.splitlines()]
    return {text.split(":")[0]: verdict for verdict, text in lines}


def test_everything_works_and_nothing_is_left(environment: dict[str, str], temporary: Path) -> None:
    done = run({**environment, "QT_QPA_PLATFORM": "offscreen"}, "--self-test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert verdicts(done) == dict.fromkeys(NAMES, "ok")
    assert (
        "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC, JPEG 2000, ICO, PPM/PGM; colour"
        in done.stdout
    )
    assert not any(temporary.iterdir())
    assert not any(Path(environment["HOME"]).iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="there is always a display")
def test_without_a_display_the_window_is_left_out(environment: dict[str, str]) -> None:
    done = run(environment, "--self-test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert verdicts(done) == {**dict.fromkeys(NAMES, "ok"), "window": "skipped"}
    assert done.stdout.splitlines()[-1] == "skipped  window: no display"


def test_what_qt_aborts_for_is_told(environment: dict[str, str], temporary: Path) -> None:
    done = run({**environment, "QT_QPA_PLATFORM": "easel"}, "--self-test")
    assert done.returncode == 1
    assert "easel" in done.stdout.splitlines()[-1]
    assert verdicts(done) == {**dict.fromkeys(NAMES, "ok"), "window": "FAILED"}
    assert not any(temporary.iterdir())


BROKEN = """
from pixelcraft_desktop.self_test import run
from pixelcraft_desktop.self_test.step import Broken, Step

def known(place): raise Broken("no ink – none")
def unknown(place): return {}["key"]
def fine(place): return place.picture.name

steps = Step("pen", known), Step("bug", unknown), Step("paper", fine)
raise SystemExit(run.run_self_test(steps))
"""


def test_what_is_broken_is_told_and_the_rest_is_tried(
    environment: dict[str, str], temporary: Path
) -> None:
    done = run(environment, code=BROKEN)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        r"FAILED  pen: no ink \u2013 none",
        "FAILED  bug: KeyError: 'key'",
        "ok  paper: pattern.png",
    ]
    assert "in unknown" in done.stderr
    assert not any(temporary.iterdir())


HANGING = """
import time
from pixelcraft_desktop.self_test import run
from pixelcraft_desktop.self_test.step import Step

run.LONGEST_S = 0.5
run.run_self_test((Step("pause", lambda place: time.sleep(60)),))
"""


def test_what_hangs_is_ended(environment: dict[str, str], temporary: Path) -> None:
    done = run(environment, code=HANGING)
    assert done.returncode == 1
    assert done.stdout == "FAILED  pause: not done after 0.5 s altogether\n"
    assert not any(temporary.iterdir())


STUCK = """
import re
from pixelcraft_desktop.self_test import run
from pixelcraft_desktop.self_test.step import Step

run.LONGEST_S, run._BACKSTOP_S = 0.5, 0.5
run.run_self_test((Step("knot", lambda place: str(re.match("(a|a)*b", "a" * 60))),))
"""


def test_what_holds_the_interpreter_is_ended(environment: dict[str, str]) -> None:
    done = run(environment, code=STUCK)
    assert done.returncode == 1
    assert "in <lambda>" in done.stderr


def test_a_format_that_is_missing_is_named(environment: dict[str, str]) -> None:
    done = run(
        environment,
        code=(
            "from PIL import Image\n"
            "Image.init()\n"
            "Image.OPEN.pop('AVIF')\n"
            "from pixelcraft_desktop.self_test import run\n"
            "raise SystemExit(run.run_self_test(run.STEPS[:1]))"
        ),
    )
    assert done.returncode == 1
    assert done.stdout.startswith("FAILED  formats: AVIF: ")


def test_help_names_it(environment: dict[str, str]) -> None:
    assert "--self-test" in run(environment, "--help").stdout
    assert not os.listdir(environment["HOME"])
