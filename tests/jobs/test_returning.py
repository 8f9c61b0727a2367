"""Missing pictures: those that come back with their drive are made, those that are gone are not."""

from __future__ import annotations

import os
from pathlib import Path

from pixelcraft_desktop.catalog import jobs, transitions
from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.catalog.transitions import Defeat
from pixelcraft_desktop.jobs.returning import Returning
from pixelcraft_desktop.model import Cause, Failure, Stage


def fail_all(store: Store, cause: Cause = Cause.SOURCE_MISSING) -> None:
    for ticket in jobs.next_waiting(store, 99):
        claim = transitions.claim(store, ticket)
        assert claim is not None
        transitions.fail(store, claim.ticket, Defeat(Failure(cause, "…"), Stage.READING))


def add(store: Store, *paths: Path) -> None:
    candidates = [Candidate(os.fsencode(path), str(path), 1, 1) for path in paths]
    record(store, candidates, Plan(open_batch(store, "b"), "[]", 5), Tally())


def test_what_comes_back_with_its_drive_waits_again(store: Store, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    add(store, drive / "a.jpg", drive / "sub" / "b.jpg", drive / "c.jpg")
    fail_all(store)
    returning = Returning(store)
    assert returning.look() == []
    (drive / "sub").mkdir(parents=True)
    for name in ("a.jpg", "sub/b.jpg"):
        (drive / name).touch()
    assert sorted(returning.look()) == [1, 2]
    assert [row["state"] for row in jobs.list_jobs(store)] == ["waiting", "waiting", "failed"]
    assert store.value("SELECT reason FROM events ORDER BY id DESC LIMIT 1") == "source_returned"
    assert returning.look() == []


def test_a_file_put_back_into_its_folder_is_found(store: Store, tmp_path: Path) -> None:
    add(store, tmp_path / "a.jpg")
    fail_all(store)
    returning = Returning(store)
    assert [returning.look(), returning.look()] == [[], []]
    (tmp_path / "a.jpg").touch()
    os.utime(tmp_path, ns=(1, 1))  # a clock may be coarse; what counts is that it changed
    assert returning.look() == [1]


def test_what_is_there_but_still_can_not_be_opened_does_not_go_round(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").touch()
    add(store, tmp_path / "a.jpg")
    returning = Returning(store)
    found = []
    for _ in range(4):
        fail_all(store)
        found.append(returning.look())
    assert found == [[1], [], [], []]


def test_other_causes_are_not_its_business(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    add(store, tmp_path / "a.jpg")
    fail_all(store, Cause.DAMAGED)
    assert Returning(store).look() == []
