"""What waiting costs and how well it keeps time: the pauses of retries, and an idle program."""

from __future__ import annotations

import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from conftest import CommandLine

from pixelcraft_desktop.catalog.jobs import list_attempts
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.paths import Home

PAUSES = (1, 2, 4, 8)
IDLE_AIM = 0.005
LOOK_S = 3.0


def seconds_of_work(process_id: int) -> float:
    """Return the processor time that the process and its children have had, to the nanosecond."""
    process = psutil.Process(process_id)
    family = (process, *process.children(recursive=True))
    tasks = [t for each in family for t in Path(f"/proc/{each.pid}/task").glob("*/schedstat")]
    return sum(int(task.read_text().split()[0]) / 1e9 for task in tasks if task.exists())


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="Linux alone tells it")
def test_retries_come_after_1_2_4_and_8_seconds_and_waiting_costs_nothing(
    home: Home, store: Store, photos: Path, pixelcraft: CommandLine
) -> None:
    (photos / "a.png").symlink_to(photos / "nothing")
    assert pixelcraft.run("import", "--no-wait", str(photos)).returncode == 0
    worker = pixelcraft.start("worker", "--until-idle", "--workers", "2")
    shares: list[float] = []
    while len(list_attempts(store, 1)) < len(PAUSES):
        time.sleep(0.1)
        assert worker.poll() is None
    for _ in range(2):  # in the last pause; the better one counts, for others may be at work too
        time.sleep(0.3)
        before, began = seconds_of_work(worker.pid), time.monotonic()
        time.sleep(LOOK_S)
        shares.append((seconds_of_work(worker.pid) - before) / (time.monotonic() - began))
    pixelcraft.finish(worker)
    assert worker.returncode == 0
    attempts = list_attempts(store, 1)
    times = [
        [datetime.fromisoformat(attempt[key]) for key in ("started_at", "finished_at")]
        for attempt in attempts
    ]
    gaps = [(later[0] - earlier[1]).total_seconds() for earlier, later in pairwise(times)]
    assert len(gaps) == len(PAUSES)
    for gap, pause in zip(gaps, PAUSES, strict=True):
        assert pause <= gap + 0.001
        assert gap <= pause * 1.2
    assert min(shares) <= IDLE_AIM, shares
