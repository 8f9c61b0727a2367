"""A picture on which the program itself crashes: the others are done, and it is set aside."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CommandLine, MakePhoto

from pixelcraft_desktop.catalog.store import Store

# The program as it is, but for one picture: the process that runs the jobs dies while it is read.
CRASHING = """
import ctypes
import os
import sys
import threading

from pixelcraft_desktop.jobs.pipeline import Pipeline

work = Pipeline._work
both = threading.Barrier(2)


def crash_or_work(self, attempt, *rest):
    name = os.path.basename(attempt.claim.path)
    if name in (b"beside.jpg", b"crashing.jpg"):
        try:
            both.wait(1)
        except threading.BrokenBarrierError:
            pass  # each is alone, as a suspect is
    if name == b"crashing.jpg":
        {crash}
    work(self, attempt, *rest)


if __name__ == "__main__":
    Pipeline._work = crash_or_work
    from pixelcraft_desktop.cli import run

    run()
"""
NAMES = [*(f"{number}.jpg" for number in range(7)), "beside.jpg", "crashing.jpg"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")


class Crashing:
    """`pixelcraft` that crashes on one picture, in the way told."""

    def __init__(self, pixelcraft: CommandLine, folder: Path, crash: str) -> None:
        self.pixelcraft = pixelcraft
        self.script = folder / "crashing.py"
        self.script.write_text(CRASHING.replace("{crash}", crash))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(self.script), *arguments],
            env=self.pixelcraft.environment,
            capture_output=True,
            check=False,
            text=True,
            timeout=60,
        )

    def states(self) -> dict[str, str]:
        jobs = self.pixelcraft.json("jobs")
        return {Path(job["source"]).name: job["state"] for job in jobs}


@pytest.fixture
def library(photos: Path, make_photo: MakePhoto) -> Path:
    for name in NAMES:
        make_photo(name)
    return photos


def first_both(library: Path) -> list[str]:
    """Return the command that takes in the two that are to be worked on at once, then the rest."""
    both = [str(library / name) for name in NAMES[-2:]]
    return ["import", "--workers", "2", *both, str(library)]


def look_at(pixelcraft: CommandLine, sql: str) -> list[dict[str, object]]:
    store = Store(pixelcraft.home / "catalog.db")
    rows = store.rows(sql)
    store.close()
    return rows


def test_by_the_third_start_the_others_are_done_and_it_is_set_aside(
    pixelcraft: CommandLine, tmp_path: Path, library: Path
) -> None:
    program = Crashing(pixelcraft, tmp_path, "ctypes.string_at(0)")
    assert program.run(*first_both(library)).returncode == -signal.SIGSEGV
    second = program.run(*first_both(library))
    assert second.returncode == -signal.SIGSEGV
    assert second.stderr == (
        "Resumed 2 pictures that were cut off. "
        "PixelCraft had crashed, so these are done first, one at a time.\n"
    )
    third = program.run(*first_both(library))
    assert third.returncode == 3, third.stderr
    assert "1 picture was set aside: PixelCraft crashed twice while reading it." in third.stderr
    wanted = dict.fromkeys(NAMES, "completed") | {"crashing.jpg": "failed"}
    assert program.states() == wanted
    # Nobody else lost an attempt, and what is recorded is one attempt for each.
    (failed,) = pixelcraft.json("jobs", "--state", "failed")
    assert failed["cause"] == "crashed_app"
    assert {job["attempt"] for job in pixelcraft.json("jobs")} == {1}
    attempts = look_at(pixelcraft, "SELECT job_id, cause, traceback FROM attempts")
    assert len({row["job_id"] for row in attempts}) == len(attempts) == len(NAMES)
    (crashed,) = (row for row in attempts if row["cause"] == "crashed_app")
    assert "crash_or_work" in str(crashed["traceback"])
    # A fourth start has nothing to do, and nothing more to tell.
    fourth = program.run("worker", "--until-idle")
    assert (fourth.returncode, fourth.stderr) == (0, "")


def test_the_user_may_try_it_again_alone(
    pixelcraft: CommandLine, tmp_path: Path, library: Path
) -> None:
    program = Crashing(pixelcraft, tmp_path, "os.abort()")
    for _ in range(2):
        assert program.run("import", str(library)).returncode == -signal.SIGABRT
    assert program.run("worker", "--until-idle").returncode == 0
    (failed,) = pixelcraft.json("jobs", "--state", "failed")
    pixelcraft.json("retry", str(failed["id"]))
    assert program.run("worker", "--until-idle").returncode == -signal.SIGABRT
    assert program.run("worker", "--until-idle").returncode == 0  # one crash more is enough
    assert program.states()["crashing.jpg"] == "failed"
    # A version that does not crash on it any more.
    pixelcraft.json("retry", str(failed["id"]))
    assert pixelcraft.run("worker", "--until-idle").returncode == 0
    assert set(program.states().values()) == {"completed"}
    assert look_at(pixelcraft, "SELECT max(suspect) AS most FROM jobs") == [{"most": 0}]
