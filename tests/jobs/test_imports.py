"""Scans that were cut off are taken up again, those that were cancelled are not."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import CommandLine, MakePhoto

from pixelcraft_desktop.catalog.batches import Tally, open_batch, unscanned_batches
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.file_lock import FileLock
from pixelcraft_desktop.jobs.imports import Imports
from pixelcraft_desktop.jobs.intake import Intake
from pixelcraft_desktop.model import standard_recipe
from pixelcraft_desktop.paths import Home


@pytest.fixture
def imports(store: Store, home: Home) -> Iterator[Imports]:
    imports = Imports(store, home, standard_recipe())
    yield imports
    imports.stop()


def wait_until_scanned(store: Store) -> None:
    pause = threading.Event()
    for _ in range(500):
        if not unscanned_batches(store):
            return
        pause.wait(0.02)
    pytest.fail("the scan did not end")


def count_images(store: Store) -> int:
    return int(store.value("SELECT count(*) FROM images"))


def test_a_cut_off_scan_is_taken_up_again(
    store: Store, imports: Imports, photos: Path, make_photo: MakePhoto
) -> None:
    make_photo("a.png")
    open_batch(store, "cut off", [os.fsencode(photos)])
    assert imports.resume() == 1
    wait_until_scanned(store)
    assert count_images(store) == 1
    assert imports.resume() == 0


def test_a_worker_takes_up_what_another_program_began(
    store: Store, pixelcraft: CommandLine, photos: Path, make_photo: MakePhoto
) -> None:
    make_photo("a.png")
    open_batch(store, "cut off", [os.fsencode(photos)])
    assert pixelcraft.run("worker", "--until-idle").returncode == 0
    assert pixelcraft.json("status")["completed"] == 1


def test_a_scan_that_runs_elsewhere_is_left_to_it(
    store: Store, home: Home, imports: Imports, photos: Path, make_photo: MakePhoto
) -> None:
    make_photo("a.png")
    batch_id = open_batch(store, "theirs", [os.fsencode(photos)])
    theirs = FileLock(home.scans / f"{batch_id}.lock")
    assert theirs.acquire()
    imports.resume()
    imports.stop()
    theirs.release()
    assert count_images(store) == 0
    assert list(unscanned_batches(store)) == [batch_id]


def test_stopping_leaves_the_scan_open_and_cancelling_closes_it(
    store: Store, home: Home, imports: Imports, photos: Path, make_photo: MakePhoto
) -> None:
    for number in range(3):
        make_photo(f"{number}/a.png")
    imports.stop()
    imports.add([os.fsencode(photos)])  # begins after the stop, so it breaks off at once
    imports.stop()
    assert len(unscanned_batches(store)) == 1
    again = Imports(store, home, standard_recipe())
    assert again.resume() == 1
    again.cancel(1)
    wait_until_scanned(store)
    again.stop()
    assert list(home.scans.iterdir()) == []


def test_a_scan_that_goes_on_counts_each_picture_once(
    store: Store, imports: Imports, photos: Path, make_photo: MakePhoto
) -> None:
    make_photo("a.png")
    make_photo("b.png")
    (photos / "link.png").symlink_to("a.png")
    batch_id = open_batch(store, "cut off", [os.fsencode(photos)])
    tally = Tally()
    path = os.fsencode(photos / "a.png")
    facts = os.stat(path)
    candidate = Candidate(path, os.fsdecode(path), facts.st_size, facts.st_mtime_ns)
    record(store, [candidate], Plan(batch_id, standard_recipe().to_json(), 1), tally)
    imports.resume()
    wait_until_scanned(store)
    (batch,) = store.rows("SELECT imported, duplicates, skipped FROM batches")
    assert batch == {"imported": 2, "duplicates": 1, "skipped": 0}


def test_a_new_scan_is_never_taken_for_one_that_was_cut_off(
    store: Store, home: Home, imports: Imports, photos: Path, make_photo: MakePhoto
) -> None:
    make_photo("a.png")
    intake = Intake(store, home, [os.fsencode(photos)], standard_recipe())
    imports.resume()  # another process looks before the scan itself began
    imports.stop()
    assert count_images(store) == 0
    intake.run()
    assert count_images(store) == 1
    assert unscanned_batches(store) == {}


def test_a_scan_that_breaks_off_is_told_once_and_kept_for_the_next_start(
    store: Store, home: Home, photos: Path, make_photo: MakePhoto
) -> None:
    make_photo("a.png")
    told: list[Exception] = []
    imports = Imports(store, home, standard_recipe(), told.append)
    store.rows("CREATE TRIGGER refuse BEFORE INSERT ON images BEGIN SELECT raise(ABORT, 'no'); END")
    imports.add([os.fsencode(photos)])
    pause = threading.Event()
    for _ in range(500):
        if told and not imports.is_scanning():
            break
        pause.wait(0.02)
    assert imports.resume() == 0
    assert len(told) == 1
    assert len(unscanned_batches(store)) == 1
    store.rows("DROP TRIGGER refuse")
    again = Imports(store, home, standard_recipe())
    assert again.resume() == 1
    wait_until_scanned(store)
    again.stop()
    assert count_images(store) == 1
