"""Retries of the whole program: how long it waits, that it waits, and that nothing is lost."""

from __future__ import annotations

import json
import signal
import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import CommandLine, MakePhoto

from pixelcraft_desktop.catalog import jobs
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import State
from pixelcraft_desktop.paths import Home


def choose(home: Home, **settings: float) -> None:
    text = "".join(f"{name} = {value}\n" for name, value in settings.items())
    home.settings.write_text(text, encoding="utf-8")


def test_an_import_waits_for_retries_that_come_when_they_should(
    home: Home, photos: Path, make_photo: MakePhoto, pixelcraft: CommandLine
) -> None:
    choose(home, retry_attempts=3, retry_first_delay_s=0.7)
    make_photo("a.png")
    (photos / "b.png").symlink_to(photos / "nothing")
    done = pixelcraft.run("import", str(photos), "--json")
    assert done.returncode == 3
    report = json.loads(done.stdout)
    assert (report["completed"], report["failed"]) == (1, 1)
    (job,) = pixelcraft.json("jobs", "--state", "failed")
    assert (job["cause"], job["attempt"], job["max_attempts"]) == ("source_missing", 3, 3)
    attempts = pixelcraft.json("job", str(job["id"]))["attempts"]
    times = [
        [datetime.fromisoformat(a[f"{e}ed_at"]) for e in ("start", "finish")] for a in attempts
    ]
    gaps = [(b[0] - a[1]).total_seconds() for a, b in pairwise(times)]
    for gap, delay in zip(gaps, (0.7, 1.4), strict=True):
        assert delay <= gap + 0.001
        assert gap <= delay * 1.2


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="nothing ends a process like kill -9")
def test_a_program_killed_while_a_job_is_delayed_loses_nothing(
    home: Home, photos: Path, make_photo: MakePhoto, pixelcraft: CommandLine
) -> None:
    choose(home, retry_first_delay_s=2)
    (photos / "a.png").symlink_to(photos / "nothing")
    assert pixelcraft.run("import", "--no-wait", str(photos)).returncode == 0
    store = Store(home.catalog)
    worker = pixelcraft.start("worker")
    end = time.monotonic() + 30
    while not jobs.count_states(store)[State.DELAYED]:
        assert time.monotonic() < end
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    pixelcraft.finish(worker)
    assert pixelcraft.json("status")["delayed"] == 1
    (photos / "a.png").unlink()
    make_photo("a.png")
    assert pixelcraft.run("worker", "--until-idle").returncode == 0
    (job,) = jobs.list_jobs(store)
    assert (job["state"], job["attempt"]) == ("completed", 2)
    assert [row["cause"] for row in jobs.list_attempts(store, 1)] == ["source_missing", None]
    store.close()


def test_failed_jobs_are_retried_by_cause(
    photos: Path, home: Home, pixelcraft: CommandLine
) -> None:
    choose(home, retry_attempts=1)
    (photos / "empty.png").touch()
    (photos / "gone.png").symlink_to(photos / "nothing")
    pixelcraft.json("import", str(photos), code=3)
    asked = pixelcraft.json("retry", "--cause", "empty")
    assert asked == {"retried": [1], "refused": []}
    assert [job["id"] for job in pixelcraft.json("jobs", "--state", "failed")] == [2]
    assert pixelcraft.run("retry", "1", "--cause", "empty").returncode == 2
    assert pixelcraft.run("retry", "--cause", "wokers").returncode == 2
