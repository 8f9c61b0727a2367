"""From recording a job to its claim, by a program that was idle."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
from datetime import datetime
from pathlib import Path

from PIL import Image

from pixelcraft_desktop.catalog.jobs import list_jobs
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.engine import Engine
from pixelcraft_desktop.jobs.intake import Intake
from pixelcraft_desktop.model import standard_recipe
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

ROUNDS = 40
AIM_MS = 5.0


def waits_ms(store: Store) -> list[float]:
    """Return the milliseconds from creation to claim of every job."""
    spans = [(job["created_at"], job["started_at"]) for job in list_jobs(store)]
    times = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in spans]
    return [(claimed - created).total_seconds() * 1000 for created, claimed in times]


def wait_until_done(store: Store, count: int) -> None:
    """Wait until so many jobs are completed, and the program is idle again."""
    pause = threading.Event()
    while store.value("SELECT count(*) FROM jobs WHERE state = 'completed'") < count:
        pause.wait(0.01)
    pause.wait(0.05)


def measure_inside(place: Path, pictures: list[Path]) -> list[float]:
    """Record in the process that runs the jobs."""
    home = Home(place)
    home.make()
    store = Store(home.catalog)
    engine = Engine(store, home, Settings(), lane_count=2)
    engine.start()
    for number, path in enumerate(pictures, 1):
        Intake(store, home, [os.fsencode(path)], standard_recipe()).run()
        wait_until_done(store, number)
    engine.stop()
    found = waits_ms(store)
    store.close()
    return found


def measure_outside(place: Path, pictures: list[Path]) -> list[float]:
    """Record from another process than the one that runs the jobs."""
    command = [sys.executable, "-m", "pixelcraft_desktop", "--home", str(place)]
    worker = subprocess.Popen([*command, "worker"])
    while not (place / "doorbell").exists():
        threading.Event().wait(0.05)
    store = Store(place / "catalog.db")
    for number, path in enumerate(pictures, 1):
        subprocess.run(
            [*command, "import", "--no-wait", str(path)], check=True, stdout=subprocess.DEVNULL
        )
        wait_until_done(store, number)
    worker.terminate()
    worker.wait()
    found = waits_ms(store)
    store.close()
    return found


def main() -> None:
    """Measure both ways and print the quantiles."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        pictures = [place / f"{number}.png" for number in range(ROUNDS)]
        for number, path in enumerate(pictures):
            Image.new("L", (64, 64), number).save(path)
        found = {
            "in the same process": measure_inside(place / "a", pictures),
            "from another process": measure_outside(place / "b", pictures),
        }
    print(f"pick-up by an idle program, {ROUNDS} jobs one by one, in ms (aim: median ≤ {AIM_MS})")
    for name, values in found.items():
        middle, tail = statistics.median(values), sorted(values)[int(0.95 * len(values)) - 1]
        print(f"  {name:<22} median {middle:5.1f}   p95 {tail:5.1f}")


if __name__ == "__main__":
    main()
