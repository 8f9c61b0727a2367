"""Control from the command line: what is cancelled, hurried, delayed and limited, while it runs."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import CommandLine, MakePhoto
from PIL import Image

from pixelcraft_desktop.catalog.jobs import list_jobs
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.paths import Home

PATIENCE_S = 30.0
IMPOSSIBLE = 5


def write_slow_photo(path: Path) -> Path:
    """Write a JPEG that says the same thing 3,000 times over, 10 ms each."""
    buffer = io.BytesIO()
    Image.new("L", (4096, 4096), 128).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    last_scan = data[data.rindex(b"\xff\xda") : -2]
    path.write_bytes(data[:-2] + last_scan * 3_000 + data[-2:])
    return path


@pytest.fixture
def worker(home: Home, pixelcraft: CommandLine) -> Iterator[Callable[[], None]]:
    """Start a worker that takes its time for slow pictures."""
    home.settings.write_text("max_jpeg_scans = 100000\n", encoding="utf-8")
    started: list[subprocess.Popen[str]] = []

    def start() -> None:
        started.append(pixelcraft.start("worker", "--workers", "1"))

    yield start
    for process in started:
        process.send_signal(signal.SIGTERM)
        pixelcraft.finish(process)


def wait_for(store: Store, job_id: int, state: str) -> float:
    began = time.monotonic()
    while list_jobs(store, job_id=job_id)[0]["state"] != state:
        assert time.monotonic() < began + PATIENCE_S
        time.sleep(0.01)
    return time.monotonic() - began


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a worker is stopped by a signal")
def test_an_active_job_is_cancelled_from_another_process_without_residue(
    home: Home,
    store: Store,
    photos: Path,
    make_photo: MakePhoto,
    pixelcraft: CommandLine,
    worker: Callable[[], None],
) -> None:
    write_slow_photo(photos / "a.jpg")
    make_photo("b.png")
    assert pixelcraft.run("import", "--no-wait", str(photos)).returncode == 0
    worker()
    wait_for(store, 1, "active")
    time.sleep(0.3)  # by now it is being decoded
    began = time.monotonic()
    assert pixelcraft.json("cancel", "1") == {"cancelled": [1], "refused": []}
    wait_for(store, 2, "completed")  # so the only lane is free again
    assert time.monotonic() - began < 2 + 3  # and a start of the command, and of a decoder
    assert list_jobs(store, job_id=1)[0]["state"] == "cancelled"
    assert pixelcraft.json("job", "1")["attempts"] == []
    left = [file for _, _, files in os.walk(home.outputs) for file in files]
    assert sorted(file.split("-")[0] for file in left) == ["2", "2"]
    make_photo("a.jpg")
    assert pixelcraft.json("import", str(photos / "a.jpg"))["completed"] == 1


def test_an_import_starts_when_it_should(
    photos: Path, make_photo: MakePhoto, pixelcraft: CommandLine
) -> None:
    make_photo("a.png")
    done = pixelcraft.run("import", str(photos), "--in", "1", "--priority", "-3", "--json")
    report = json.loads(done.stdout)
    assert (report["completed"], report["failed"]) == (1, 0)
    told = re.fullmatch(r"Waiting until .*\d:\d\d:\d\d for 1 picture \(delayed\)\.\n", done.stderr)
    assert told, done.stderr
    (job,) = pixelcraft.json("jobs")
    created, started = (
        datetime.fromisoformat(job[f"{name}_at"]) for name in ("created", "started")
    )
    assert 1.0 <= (started - created).total_seconds() <= 1.2


def test_jobs_are_ordered_delayed_promoted_and_removed(
    store: Store, photos: Path, make_photo: MakePhoto, pixelcraft: CommandLine
) -> None:
    for name in "abcde":
        make_photo(f"{name}.png")
    then = datetime.now(UTC).replace(microsecond=0) + timedelta(days=365)
    pixelcraft.run("import", "--no-wait", "--at", then.isoformat(), str(photos))
    jobs = pixelcraft.json("jobs", "--state", "delayed")
    assert len(jobs) == 5
    assert all(datetime.fromisoformat(job["run_at"]) == then for job in jobs)
    assert pixelcraft.json("promote", "1", "2", "3") == {"promoted": [1, 2, 3], "refused": []}
    again = pixelcraft.json("promote", "3", "4", code=IMPOSSIBLE)
    assert again == {"promoted": [4], "refused": [3]}
    assert pixelcraft.json("priority", "2", "-7") == {"prioritised": [2], "refused": []}
    assert pixelcraft.json("next", "4")["prioritised"] == [4]
    assert pixelcraft.json("delay", "1", "--in", "3600")["delayed"] == [1]
    assert pixelcraft.json("remove", "3", "3", "77", code=IMPOSSIBLE) == {
        "removed": [3],
        "refused": [77],
    }
    assert pixelcraft.run("cancel", "5").stdout == "1 job cancelled.\n"
    rows = store.rows("SELECT id, state, priority FROM jobs ORDER BY id")
    assert [(row["state"], row["priority"]) for row in rows] == [
        ("delayed", 0),
        ("waiting", -7),
        ("waiting", 0),
        ("waiting", 1),
        ("cancelled", 0),
    ]
    refused = pixelcraft.run("remove", "3")
    assert refused.returncode == IMPOSSIBLE
    assert refused.stderr.strip().endswith("there is none such: 3.")
    assert pixelcraft.json("cancel", "--all") == {"cancelled": [1, 2, 4], "refused": []}


@pytest.mark.parametrize(
    "arguments",
    [
        ("cancel",),
        ("cancel", "--all", "1"),
        ("priority", "1", "1000001"),
        ("delay", "1"),
        ("delay", "1", "--in", "1", "--at", "18:00"),
        ("delay", "1", "--at", "noon"),
        ("delay", "1", "--at", "2001-01-01"),
        ("delay", "1", "--in", "nan"),
        ("limit", "many"),
        ("workers", "65"),
    ],
)
def test_what_makes_no_sense_is_refused(
    arguments: tuple[str, ...], pixelcraft: CommandLine
) -> None:
    done = pixelcraft.run(*arguments)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr


def test_limit_and_workers_are_kept(store: Store, pixelcraft: CommandLine) -> None:
    assert pixelcraft.json("limit") == {"limit": None}
    assert pixelcraft.json("limit", "60/60s") == {"limit": "60/min"}
    assert pixelcraft.run("limit").stdout == "At most 60/min are started.\n"
    assert pixelcraft.json("limit", "off") == {"limit": None}
    assert pixelcraft.run("workers", "3").returncode == 0
    assert store.value("SELECT value FROM control WHERE key = 'workers'") == "3"
