"""Whose crash it was: that of the process that ran the jobs, in its last run, or nobody's."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pixelcraft_desktop.jobs.fault_record import FaultRecord
from pixelcraft_desktop.paths import Home

# Starts its logs as every command does; runs jobs if told so; then ends in the way told.
PROCESS = """
import ctypes, faulthandler, os, signal, sys
from pathlib import Path
from pixelcraft_desktop.jobs.fault_record import FaultRecord
from pixelcraft_desktop.logs import start_logs
from pixelcraft_desktop.paths import Home
home, runs, end = Home(Path(sys.argv[1])), sys.argv[2], sys.argv[3]
start_logs(home.logs)
if runs != "nothing":
    record = FaultRecord(home)
    record.open()
    if runs == "before":
        record.close()
{"segfault": lambda: ctypes.string_at(0), "abort": os.abort,
 "kill": lambda: os.kill(os.getpid(), signal.SIGKILL), "end": lambda: None}[end]()
"""


def run(home: Home, runs: str, end: str) -> int:
    command = [sys.executable, "-c", PROCESS, str(home.root), runs, end]
    return subprocess.run(command, check=False).returncode


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize(
    ("runs", "end", "trace"),
    [
        ("jobs", "segfault", "Segmentation fault"),
        ("jobs", "abort", "Aborted"),
        ("jobs", "kill", None),
        ("jobs", "end", None),
        ("before", "segfault", None),
        ("nothing", "segfault", None),
    ],
)
def test_only_a_crash_while_jobs_were_run_counts(
    home: Home, runs: str, end: str, trace: str | None
) -> None:
    assert (run(home, runs, end) == 0) == (end == "end")
    found = FaultRecord(home).read()
    assert (found is None) == (trace is None)
    kept = (home.logs / "faults.log").read_text("utf-8")
    if trace is not None:
        assert found is not None
        assert f"Fatal Python error: {trace}" in found
        assert kept == ""
    else:
        assert ("Segmentation fault" in kept) == (end == "segfault")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_crash_counts_for_one_start_and_is_kept_for_people(home: Home) -> None:
    run(home, "jobs", "segfault")
    run(home, "nothing", "abort")  # another process on the home, before the next start
    record = FaultRecord(home)
    assert "Segmentation fault" in (record.read() or "")
    record.open()
    assert record.read() is None
    assert "Segmentation fault" in (home.logs / "faults.log").read_text("utf-8")
    record.close()
    assert not home.fault_record.exists()


@pytest.mark.parametrize(
    ("data", "is_crash"),
    [
        (b"", False),
        (b"Process 7 runs the jobs of", False),
        (b"Process 7 runs the jobs of this home since 2026.\nFatal Python error: Seg", True),
        (b"Process 7 ru\xff\0\nFatal Python error: Aborted\n\n\0\0\xfe", True),
        (b"Process 7\nWindows fatal exception: code 0x8001010d\n", False),
        (b"Process 7\nWindows fatal exception: access violation\n", True),
        (b"\0" * 4096, False),  # what a power cut leaves
    ],
)
def test_a_file_written_in_part_is_read_for_what_it_is(
    home: Home, data: bytes, is_crash: bool
) -> None:
    home.fault_record.write_bytes(data)
    found = FaultRecord(home).read()
    assert (found is not None) == is_crash
    assert found is None or "\0" not in found


def test_a_home_that_takes_no_record_runs_all_the_same(home: Home) -> None:
    home.fault_record.mkdir()
    record = FaultRecord(home)
    assert record.read() is None
    record.open()
    record.close()
