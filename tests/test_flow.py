"""The main job end to end: real files, real children, several processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
from pathlib import Path

from conftest import CommandLine, MakePhoto
from PIL import Image

from pixelcraft_desktop.catalog.store import Store


def wait_for(store: Store, sql: str, reached: int, seconds: float = 60) -> None:
    """Wait until the query's value is at least `reached`."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if store.value(sql) >= reached:
            return
        pause.wait(0.02)
    raise AssertionError(f"{sql}: {store.value(sql)} after {seconds} s")


def wait_for_runner(pixelcraft: CommandLine, process_id: int) -> None:
    """Wait until that process runs the jobs of the home."""
    lock = pixelcraft.home / "run.lock"
    pause = threading.Event()
    while not (lock.is_file() and lock.read_text() == f"{process_id}\n"):
        pause.wait(0.02)


COMPLETED = "SELECT count(*) FROM jobs WHERE state = 'completed'"


def test_a_mixed_folder_ends_as_it_should(
    pixelcraft: CommandLine, photos: Path, make_photo: MakePhoto
) -> None:
    good = [make_photo(f"{n:02}.jpg", size=(900, 600)) for n in range(20)]
    bad = {"text": "not_an_image", "empty": "empty", "pipe": "not_a_file", "half": "damaged"}
    (photos / "text.jpg").write_text("no picture at all, just words")
    (photos / "empty.jpg").write_bytes(b"")
    os.mkfifo(photos / "pipe.jpg")
    data = good[0].read_bytes()
    (photos / "half.jpg").write_bytes(data[: len(data) // 2])
    shutil.copy(os.fsencode(good[0]), os.fsencode(photos) + b"/caf\xe9.jpg")
    done = pixelcraft.json("import", str(photos), code=3)
    assert (done["completed"], done["failed"], done["found"]) == (21, 4, 25)
    causes = {Path(job["source"]).stem: job["cause"] for job in pixelcraft.json("jobs")}
    assert {name: cause for name, cause in causes.items() if cause} == bad
    images = [i for i in pixelcraft.json("images") if i["state"] == "completed"]
    assert f"{photos}/caf\\xe9.jpg" in {image["source"] for image in images}
    for image in images:
        with Image.open(image["thumbnail"]) as thumbnail, Image.open(image["preview"]) as preview:
            assert (thumbnail.size, preview.size) == ((200, 200), (800, 533))


def test_two_processes_share_one_home(
    pixelcraft: CommandLine, photos: Path, make_photo: MakePhoto, store: Store
) -> None:
    for number in range(6):
        make_photo(f"{number}.jpg")
    worker = pixelcraft.start("worker")
    wait_for_runner(pixelcraft, worker.pid)
    try:
        followed = pixelcraft.json("import", str(photos))
        assert followed["completed"] == 6
        assert pixelcraft.run("worker", "--until-idle").returncode == 4
    finally:
        worker.send_signal(signal.SIGINT)
        pixelcraft.finish(worker, 30)
    assert worker.returncode == 130
    assert store.value(COMPLETED) == 6


def test_an_import_takes_over_when_the_runner_goes(
    pixelcraft: CommandLine, make_photo: MakePhoto, store: Store
) -> None:
    pixelcraft.run("pause")
    worker = pixelcraft.start("worker")
    path = make_photo("a.jpg")
    try:
        wait_for_runner(pixelcraft, worker.pid)
        pixelcraft.run("import", "--no-wait", str(path))
        pixelcraft.run("resume")
        wait_for(store, COMPLETED, 1)
        make_photo("b.jpg")
        worker.kill()
    finally:
        pixelcraft.finish(worker)
    done = pixelcraft.json("import", str(path.parent))
    assert (done["imported"], done["duplicates"], done["completed"]) == (1, 1, 1)


def test_ctrl_c_stops_cleanly_and_the_rest_waits(
    pixelcraft: CommandLine, photos: Path, make_photo: MakePhoto, store: Store
) -> None:
    total = 40
    for number in range(total):
        make_photo(f"{number}.jpg", size=(2400, 1600))
    importing = pixelcraft.start("import", str(photos), "--json", "--workers", "1")
    wait_for(store, COMPLETED, 2)
    importing.send_signal(signal.SIGINT)
    out, err = pixelcraft.finish(importing, 30)
    assert importing.returncode == 130, err
    done = json.loads(out)
    assert 2 <= done["completed"] < total
    status = pixelcraft.json("status")
    assert (status["active"], status["failed"]) == (0, 0)
    assert status["waiting"] + status["completed"] == total
    assert store.value("SELECT max(attempt) FROM jobs WHERE state = 'waiting'") == 0
    assert pixelcraft.run("worker", "--until-idle").returncode == 0
    assert store.value(COMPLETED) == total


def test_progress_is_seen_from_outside_and_never_runs_backwards(
    pixelcraft: CommandLine, make_photo: MakePhoto, store: Store
) -> None:
    path = make_photo("big.png", size=(6000, 4000))
    importing = pixelcraft.start("import", str(path))
    seen: list[tuple[int, str | None]] = []
    while importing.poll() is None:
        row = store.row("SELECT progress, stage FROM jobs")
        if row and (not seen or seen[-1] != (row["progress"], row["stage"])):
            seen.append((row["progress"], row["stage"]))
    pixelcraft.finish(importing)
    assert (0, "reading") in seen
    final = store.row("SELECT progress, stage FROM jobs")
    assert final == {"progress": 100, "stage": "done"}
    values = [progress for progress, _ in seen]
    assert values == sorted(values)
    assert all(stage == "done" for progress, stage in seen if progress == 100)
