"""What a window asks for, and what becomes of it when the window closes."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from conftest import MakePhoto

from pixelcraft_desktop.catalog.control import is_paused
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.engine import Engine
from pixelcraft_desktop.jobs.export.progress import ExportProgress
from pixelcraft_desktop.jobs.imports import Imports
from pixelcraft_desktop.jobs.steering import Steering
from pixelcraft_desktop.model import standard_recipe
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings


def make_steering(store: Store, home: Home, told: list[str]) -> Steering:
    imports = Imports(store, home, standard_recipe())
    return Steering(store, home, imports, lambda what, error: told.append(f"{what}: {error}"))


def test_what_was_asked_for_is_done_before_the_end(store: Store, home: Home) -> None:
    steering = make_steering(store, home, [])
    for is_on in (True, False, True):
        steering.set_paused(is_on)
    steering.stop(5)
    assert is_paused(store)
    steering.set_paused(False)  # too late, and harmless
    assert is_paused(store)


def test_what_can_not_be_done_is_told(store: Store, home: Home) -> None:
    told: list[str] = []
    steering = make_steering(store, home, told)
    store.close()
    steering.set_workers(3)
    steering.stop(5)
    assert len(told) == 1
    assert told[0].startswith("change the number of workers: ")


def test_closing_while_saving_leaves_whole_files_or_none(
    store: Store, home: Home, photos: Path, make_photo: MakePhoto, tmp_path: Path
) -> None:
    for number in range(60):
        make_photo(f"{number}.png", size=(64, 64))
    imports = Imports(store, home, standard_recipe())
    engine = Engine(store, home, Settings(), lane_count=2)
    engine.start()
    imports.add([os.fsencode(photos)])
    pause = threading.Event()
    while store.value("SELECT count(*) FROM jobs WHERE state = 'completed'") < 60:
        pause.wait(0.05)
    engine.stop()
    target = tmp_path / "saved"
    target.mkdir()
    heard: list[ExportProgress] = []
    steering = Steering(store, home, imports, lambda _what, _error: None)
    steering.save(range(1, 61), ["preview"], os.fsencode(target), heard.append)
    while not heard:
        pause.wait(0.001)
    steering.stop(5)
    assert heard[-1].is_finished
    saved = list(target.iterdir())
    assert len(saved) == heard[-1].saved
    sizes = {row["size_bytes"] for row in store.rows("SELECT size_bytes FROM renditions")}
    assert {path.stat().st_size for path in saved} <= sizes
