"""What the database refuses is tried again until it is done, or until the program stops."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import CommandLine, MakePhoto
from PIL import Image

from pixelcraft_desktop.catalog.database import OperationalError, connect
from pixelcraft_desktop.catalog.jobs import count_states
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.persistence import Persistence
from pixelcraft_desktop.model import State


def test_a_refused_write_is_done_as_soon_as_it_can_be(store: Store) -> None:
    heard: list[str | None] = []
    is_held = threading.Event()

    def listen(trouble: str | None) -> None:
        heard.append(trouble)
        is_held.set()

    persistence = Persistence(listen)
    store.rows("PRAGMA busy_timeout=0")
    other = connect(store.path)
    other.execute("BEGIN IMMEDIATE")

    def write() -> int:
        with store.transaction() as tx:
            return tx.revision

    results: list[int | None] = []
    thread = threading.Thread(target=lambda: results.append(persistence.write(write)))
    thread.start()
    assert is_held.wait(5)
    other.execute("COMMIT")
    other.close()
    thread.join(5)
    assert results[0] is not None
    assert len(heard) == 2
    assert "locked" in str(heard[0])
    assert heard[1] is None


def test_a_listener_that_raises_does_not_undo_the_write() -> None:
    def listen(_trouble: str | None) -> None:
        raise BrokenPipeError  # the terminal is gone

    refusals = [OperationalError("database is locked")]

    def write() -> str:
        if refusals:
            raise refusals.pop()
        return "written"

    assert Persistence(listen).write(write) == "written"


def test_a_stop_ends_the_waiting(store: Store) -> None:
    persistence = Persistence(lambda _trouble: None)
    persistence.stop()
    store.rows("PRAGMA busy_timeout=0")
    other = connect(store.path)
    other.execute("BEGIN IMMEDIATE")

    def write() -> None:
        with store.transaction():
            pytest.fail("somebody else has the lock")

    assert persistence.write(write) is None
    other.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB, for a home."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk, and not everywhere")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_holds_up_and_loses_nothing(small_disk: Path, photos: Path) -> None:
    for number in range(12):  # noise, so that each result takes its place
        (photos / f"{number}.png").write_bytes(noise(number))
    pixelcraft = CommandLine(small_disk / "home")
    process = pixelcraft.start("import", "--json", str(photos))
    assert process.stderr is not None
    told = process.stderr.readline()
    threading.Event().wait(0.5)  # both lanes meet it, and nobody gives up
    subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
    out, err = pixelcraft.finish(process, 60)
    assert process.returncode == 0, err
    err = told + err
    assert "Traceback" not in err
    assert "Logging error" not in err
    assert "No space left" in err or "can't be written" in err
    status = pixelcraft.json("status")
    assert (status["active"], status["waiting"]) == (0, 0)
    assert status["completed"] == 12
    assert {job["attempt"] for job in pixelcraft.json("jobs")} == {1}  # nobody paid for it
    assert out.strip().startswith("{")


def noise(seed: int) -> bytes:
    file = io.BytesIO()
    data = random.Random(seed).randbytes(800 * 800 * 3)
    Image.frombytes("RGB", (800, 800), data).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_group_blames_no_picture(
    tmp_path: Path, photos: Path, make_photo: MakePhoto, number: signal.Signals
) -> None:
    for name in range(6):
        make_photo(f"{name}.jpg", size=(1200, 900))
    for step in range(8):
        pixelcraft = CommandLine(tmp_path / f"home{step}")
        process = pixelcraft.start("import", "--json", str(photos), start_new_session=True)
        if step % 2:
            wait_for_work(pixelcraft.home, process)
        threading.Event().wait(step * 0.02 if step % 2 else 0.2 + step * 0.04)
        os.killpg(process.pid, number)
        pixelcraft.finish(process, 30)
        if not (pixelcraft.home / "catalog.db").exists():
            continue
        store = Store(pixelcraft.home / "catalog.db")
        causes = [row["cause"] for row in store.rows("SELECT cause FROM attempts")]
        assert causes.count(None) == len(causes) <= 6
        if process.returncode in (128 + number, 0):  # not so early that Python itself had it
            assert count_states(store)[State.ACTIVE] == 0
        store.close()
    assert pixelcraft.run("import", str(photos)).returncode == 0
    assert set(pixelcraft.json("status").items()) >= {("completed", 6), ("failed", 0)}


def wait_for_work(home: Path, process: subprocess.Popen[str]) -> None:
    """Return as soon as a picture is being worked on, or the program ended."""
    pause = threading.Event()
    while process.poll() is None and not (home / "catalog.db").exists():
        pause.wait(0.005)
    store = Store(home / "catalog.db")
    while process.poll() is None and not count_states(store)[State.ACTIVE]:
        pause.wait(0.005)
    store.close()
