"""Cleanup: litter goes, what is needed or not ours stays, and jobs may run meanwhile."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from conftest import MakePhoto

from pixelcraft_desktop.catalog import jobs, transitions
from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, list_images, record
from pixelcraft_desktop.catalog.jobs import Claim, Plan
from pixelcraft_desktop.catalog.removal import remove, restore
from pixelcraft_desktop.catalog.renditions import make_current
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.headless import ImportRun
from pixelcraft_desktop.jobs.schedules.cleanup import Cleanup, clean_up
from pixelcraft_desktop.model import Rendered
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

LONG_AGO = "2026-01-01T00:00:00.000Z"


def claim(store: Store, name: str = "a.jpg") -> Claim:
    """Record an image and make its job active."""
    plan = Plan(open_batch(store, "b"), "[]", 1)
    record(store, [Candidate(name.encode(), name, 1, 1)], plan, Tally())
    claimed = transitions.claim(store, jobs.next_waiting(store, 1)[0])
    assert claimed is not None
    return claimed


def put(home: Home, name: str, size: int = 1) -> Path:
    """Write a file into the preview folder."""
    path = home.output_folder("preview") / name
    path.write_bytes(b"x" * size)
    return path


def complete(store: Store, home: Home, name: str = "a.jpg") -> tuple[int, Path]:
    """Make an image with one current output; return its id and that file."""
    done = claim(store, name)
    path = put(home, f"{done.image_id}-{done.ticket.token}.webp", 10)
    with store.transaction() as tx:
        assert transitions.finish(tx, done.ticket)
        make_current(tx, done.image_id, "[]", [(Rendered("preview", 1, 1, 1), path.name)])
    return done.image_id, path


def remove_long_ago(store: Store, image_id: int) -> None:
    remove(store, [image_id])
    with store.transaction() as tx:
        tx.run("UPDATE images SET removed_at = ? WHERE id = ?", LONG_AGO, image_id)


def left(home: Home) -> list[str]:
    return sorted(path.name for path in home.output_folder("preview").iterdir())


def test_litter_goes_and_the_current_stays(store: Store, home: Home) -> None:
    _, current = complete(store, home)
    litter = [put(home, "1-9999.webp", 3), put(home, "77-1.webp"), put(home, "77-1.webp.tmp", 5)]
    done = clean_up(store, home)
    assert sorted(done.files) == sorted(map(str, litter))
    done.files = []
    assert done == Cleanup(temporary_files=1, orphaned_outputs=2, bytes_freed=9)
    assert left(home) == [current.name]
    assert clean_up(store, home) == Cleanup()


def test_a_file_is_current_in_its_own_folder_only(store: Store, home: Home) -> None:
    _, current = complete(store, home)
    (home.output_folder("thumbnail") / current.name).write_bytes(b"x")
    assert clean_up(store, home).orphaned_outputs == 1
    assert current.exists()


def test_files_of_an_active_claim_stay_until_it_ends(store: Store, home: Home) -> None:
    active = claim(store)
    token = active.ticket.token
    mine = [f"{active.image_id}-{token}.webp", f"{active.image_id}-{token}.webp.tmp"]
    for name in [*mine, f"{active.image_id}-{token - 1}.webp.tmp", f"8-{token}.webp.tmp"]:
        put(home, name)
    assert clean_up(store, home).temporary_files == 2
    assert left(home) == mine
    transitions.give_back(store, [active.ticket])
    assert len(clean_up(store, home).files) == 2
    assert left(home) == []


def test_what_is_not_ours_stays(store: Store, home: Home, tmp_path: Path) -> None:
    treasure = tmp_path / "treasure"
    treasure.write_bytes(b"x")
    folder = home.output_folder("preview")
    names = [
        "a.webp",
        "1-2.webp.bak",
        "1-2.jpg",
        "-1-2.webp",
        "1-2.webp\n",
        "01-2.webp",
        "²-2.webp",
    ]
    for name in names:
        put(home, name)
    (folder / "5-6.webp").symlink_to(treasure)
    (folder / "7-8.webp.tmp").symlink_to(tmp_path / "nowhere")
    (folder / "9-9.webp").mkdir()
    os.mkfifo(folder / "9-10.webp")
    (folder / "deeper").mkdir()
    (folder / "deeper" / "1-2.webp").write_bytes(b"x")
    before = left(home)
    assert clean_up(store, home) == Cleanup()
    assert left(home) == before
    assert (folder / "deeper" / "1-2.webp").exists()
    assert treasure.exists()


def test_images_removed_an_hour_ago_are_purged_with_their_files(store: Store, home: Home) -> None:
    gone, gone_file = complete(store, home, "a.jpg")
    fresh, fresh_file = complete(store, home, "b.jpg")
    _, kept_file = complete(store, home, "c.jpg")
    remove_long_ago(store, gone)
    remove(store, [fresh])
    done = clean_up(store, home)
    assert (done.purged_images, done.orphaned_outputs, done.bytes_freed) == (1, 1, 10)
    assert done.files == [str(gone_file)]
    assert restore(store, [gone, fresh]) == [fresh]
    assert (fresh_file.exists(), kept_file.exists()) == (True, True)
    assert len(list_images(store)) == 2


def test_a_dry_run_tells_the_same_and_removes_nothing(store: Store, home: Home) -> None:
    gone, gone_file = complete(store, home)
    remove_long_ago(store, gone)
    names = [gone_file.name, put(home, "77-1.webp").name, put(home, "77-1.webp.tmp").name]
    revision = store.value("SELECT value FROM revision")
    told = clean_up(store, home, dry_run=True)
    assert store.value("SELECT value FROM revision") == revision
    assert left(home) == sorted(names)
    assert restore(store, [gone]) == [gone]
    remove_long_ago(store, gone)
    done = clean_up(store, home)
    done.files.sort()
    told.files.sort()
    assert told == done
    assert left(home) == []


def test_more_than_one_look_at_the_catalog(store: Store, home: Home) -> None:
    _, current = complete(store, home)
    for number in range(1200):
        put(home, f"{number + 10}-1.webp")
    assert clean_up(store, home).orphaned_outputs == 1200
    assert left(home) == [current.name]


def test_it_ends_when_asked_to(store: Store, home: Home) -> None:
    put(home, "77-1.webp")
    assert clean_up(store, home, is_stopped=lambda: True) == Cleanup()
    assert left(home) == ["77-1.webp"]


def test_a_folder_that_is_gone_and_a_file_that_resists(
    store: Store, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.output_folder("thumbnail").rmdir()
    put(home, "77-1.webp")

    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "unlink", refuse)
    assert clean_up(store, home) == Cleanup()


def test_beside_a_running_import_no_output_is_lost(
    store: Store, home: Home, photos: Path, make_photo: MakePhoto
) -> None:
    count = 30
    for number in range(count):
        make_photo(f"{number}.jpg")
    is_done = threading.Event()
    cleanups: list[Cleanup] = []

    def clean_all_the_time() -> None:
        other = Store(home.catalog)
        while not is_done.is_set():
            cleanups.append(clean_up(other, home))
        other.close()

    cleaner = threading.Thread(target=clean_all_the_time)
    cleaner.start()
    try:
        for _ in range(2):
            run = ImportRun(home, Settings(), threading.Event(), lambda *_: None)
            report = run.run([os.fsencode(photos)], 2, wait=True)
            run.close()
            assert report.counts["completed"] == count  # type: ignore[index]
            for path in photos.iterdir():  # render all of them a second time
                make_photo(path.name, size=(400, 300))
    finally:
        is_done.set()
        cleaner.join()
    assert len(cleanups) > 10
    rows = list_images(store)
    assert len(rows) == count
    for row in rows:
        assert (home.output_folder("thumbnail") / row["thumbnail"]).is_file()
        assert (home.output_folder("preview") / row["preview"]).is_file()
    assert len(left(home)) == count
