"""After a crash: jobs wait again, litter goes, what is not ours stays."""

from __future__ import annotations

import os

import pytest

from pixelcraft_desktop.catalog import jobs, transitions
from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan
from pixelcraft_desktop.catalog.removal import remove, restore
from pixelcraft_desktop.catalog.store import Store, now
from pixelcraft_desktop.jobs.fault_record import FaultRecord
from pixelcraft_desktop.jobs.rescue import Rescue, rescue
from pixelcraft_desktop.jobs.schedules.duties import standard_timetable
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings


def add_active(store: Store) -> None:
    plan = Plan(open_batch(store, "b"), "[]", 1)
    record(store, [Candidate(b"/a.jpg", "/a.jpg", 1, 1)], plan, Tally())
    assert transitions.claim(store, jobs.next_waiting(store, 1)[0]) is not None


def test_active_jobs_wait_again_and_nobody_pays(store: Store, home: Home) -> None:
    add_active(store)
    found = rescue(store, home)
    assert found.recovery is not None
    assert (found.recovery.resumed, found.recovery.suspects, found.files) == (1, 0, 0)
    (job,) = jobs.list_jobs(store)
    assert (job["state"], job["attempt"], job["stage"]) == ("waiting", 0, None)
    assert rescue(store, home) == Rescue(recovery=None, files=0)


def test_what_was_cut_off_goes_and_the_rest_stays(store: Store, home: Home) -> None:
    add_active(store)
    token = store.value("SELECT token FROM jobs")
    previews = home.output_folder("preview")
    cut_off = (f"1-{token}.webp", f"1-{token}.webp.tmp")
    others = ("1-1.webp", "2-3.webp.tmp", "mine.webp", "notes.txt", f"11-{token}.webp")
    for name in (*cut_off, *others):
        (previews / name).write_bytes(b"x")
    (home.output_folder("thumbnail") / cut_off[1]).write_bytes(b"x")
    assert rescue(store, home).files == 3
    assert sorted(p.name for p in previews.iterdir()) == sorted(others)


def test_a_start_lists_no_outputs(
    store: Store, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_active(store)

    def refuse(folder: object) -> None:
        pytest.fail(f"{folder} was listed")

    for name in ("scandir", "listdir"):
        monkeypatch.setattr(os, name, refuse)
    assert rescue(store, home).recovery is not None


@pytest.mark.parametrize("ended_badly", [True, False])
def test_the_rest_is_left_to_cleanup(store: Store, home: Home, ended_badly: bool) -> None:
    timetable = standard_timetable(store, home, Settings())
    timetable.prepare()
    if ended_badly:
        FaultRecord(home).open()  # and nobody closes it
    add_active(store)
    litter = home.output_folder("preview") / "1-1.webp"
    litter.write_bytes(b"x")
    rescue(store, home)
    assert timetable.due() == (["cleanup"] if ended_badly else [])
    assert timetable.run("cleanup") is ended_badly
    assert litter.exists() is not ended_badly
    FaultRecord(home).close()


def test_after_a_return_to_a_backup_only_unfinished_files_go(store: Store, home: Home) -> None:
    add_active(store)
    with store.transaction() as tx:
        tx.run("REPLACE INTO control VALUES ('returned_at', ?)", now())
    token = store.value("SELECT token FROM jobs")
    previews = home.output_folder("preview")
    for name in (f"1-{token}.webp", f"1-{token}.webp.tmp"):
        (previews / name).write_bytes(b"x")
    assert rescue(store, home).files == 1
    assert [p.name for p in previews.iterdir()] == [f"1-{token}.webp"]


def test_a_removed_picture_is_left_as_it_is(store: Store, home: Home) -> None:
    add_active(store)
    remove(store, [1])
    rescue(store, home)
    assert restore(store, [1]) == [1]
