"""kill -9 at random moments: of the program alone, and of everything it started."""

from __future__ import annotations

import os
import random
import signal
import threading
from pathlib import Path

import psutil
import pytest
from conftest import CommandLine, MakePhoto

from pixelcraft_desktop.catalog.store import Store

ROUNDS = 4
PICTURES = 24


@pytest.mark.parametrize("is_group", [False, True], ids=["program", "group"])
def test_nothing_is_lost(
    pixelcraft: CommandLine, photos: Path, make_photo: MakePhoto, is_group: bool
) -> None:
    for number in range(PICTURES):
        make_photo(f"{number}.jpg", size=(2000, 1500))
    chance = random.Random(is_group)
    children: list[psutil.Process] = []
    for _ in range(ROUNDS):
        process = pixelcraft.start("import", str(photos), start_new_session=True)
        threading.Event().wait(chance.uniform(0.2, 1.6))
        children += psutil.Process(process.pid).children(recursive=True)
        if is_group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        # Ends only when nobody holds the program's output any more: no child outlives it.
        pixelcraft.finish(process, 30)
    assert pixelcraft.run("worker", "--until-idle").returncode == 0
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    check_library(pixelcraft)


def check_library(pixelcraft: CommandLine) -> None:
    images = pixelcraft.json("images")
    assert [image["state"] for image in images] == ["completed"] * PICTURES
    wanted = {image[name] for image in images for name in ("thumbnail", "preview")}
    folder = pixelcraft.home / "outputs"
    found = {os.path.join(at, name) for at, _, names in os.walk(folder) for name in names}
    assert found == wanted
    store = Store(pixelcraft.home / "catalog.db")
    assert store.value("PRAGMA integrity_check") == "ok"
    assert store.rows("PRAGMA foreign_key_check") == []
    assert store.value("SELECT max(attempt) FROM jobs") == 1
    store.close()
