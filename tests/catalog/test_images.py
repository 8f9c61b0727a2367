"""Recording: identity is the path; known files get only the work they need."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pixelcraft_desktop.catalog import jobs
from pixelcraft_desktop.catalog.batches import Tally, count_batch, open_batch
from pixelcraft_desktop.catalog.images import Candidate, list_images, record
from pixelcraft_desktop.catalog.jobs import Plan
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import State

A = Candidate(b"/p/a.jpg", "/p/a.jpg", 10, 100)
B = Candidate(b"/p/b\xff.jpg", "/p/b\\xff.jpg", 20, 200)


def take_in(store: Store, *candidates: Candidate) -> tuple[int, Tally]:
    batch_id, tally = open_batch(store, "test"), Tally()
    record(store, candidates, Plan(batch_id, "[]", 1), tally)
    return batch_id, tally


def set_state(store: Store, state: State) -> None:
    with store.transaction() as tx:
        tx.run("UPDATE jobs SET state = ?", state)


def test_new_files_get_a_waiting_job_each(store: Store) -> None:
    batch_id, tally = take_in(store, A, B)
    assert (tally.imported, tally.duplicates, tally.found) == (2, 0, 2)
    assert count_batch(store, batch_id)[State.WAITING] == 2
    rows = list_images(store)
    assert [row["source"] for row in rows] == [A.source, B.source]
    assert store.value("SELECT path FROM images WHERE id = 2") == B.path


def test_the_same_path_twice_in_one_import_is_one_image(store: Store) -> None:
    _, tally = take_in(store, A, A)
    assert (tally.imported, tally.duplicates) == (1, 1)
    assert len(list_images(store)) == 1


@pytest.mark.parametrize("state", [State.COMPLETED, State.ACTIVE])
def test_an_unchanged_file_makes_no_new_job(store: Store, state: State) -> None:
    take_in(store, A)
    set_state(store, state)
    _, tally = take_in(store, A)
    assert (tally.imported, tally.duplicates) == (0, 1)
    assert len(jobs.list_jobs(store)) == 1


@pytest.mark.parametrize("changed", [replace(A, size_bytes=11), replace(A, mtime_ns=101)])
def test_a_changed_file_gets_another_job(store: Store, changed: Candidate) -> None:
    take_in(store, A)
    set_state(store, State.COMPLETED)
    batch_id, tally = take_in(store, changed)
    assert (tally.imported, tally.duplicates) == (1, 0)
    assert count_batch(store, batch_id)[State.WAITING] == 1
    assert [row["state"] for row in jobs.list_jobs(store)] == ["completed", "waiting"]
    assert list_images(store)[0]["job_id"] == 2
    _, again = take_in(store, changed)
    assert again.duplicates == 1


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_a_failed_or_cancelled_image_waits_again(store: Store, state: State) -> None:
    take_in(store, A)
    set_state(store, state)
    before = store.value("SELECT token FROM jobs")
    batch_id, tally = take_in(store, A)
    assert tally.imported == 1
    (job,) = jobs.list_jobs(store)
    assert (job["state"], job["batch"], job["attempt"]) == ("waiting", 1, 0)
    assert jobs.list_jobs(store, batch_id=batch_id) == [job]
    assert store.value("SELECT token FROM jobs") > before


@pytest.mark.parametrize("state", [State.WAITING, State.DELAYED, State.ACTIVE])
def test_two_imports_wait_for_a_job_that_both_asked_for(store: Store, state: State) -> None:
    first, _ = take_in(store, A)
    set_state(store, state)
    second, tally = take_in(store, A)
    assert (tally.imported, tally.duplicates) == (0, 1)
    assert count_batch(store, first)[state] == 1
    assert count_batch(store, second)[state] == 1
    if state is State.WAITING:
        assert jobs.next_waiting(store, 9, first) == jobs.next_waiting(store, 9, second)
    assert jobs.next_waiting(store, 9, second + 1) == []


def test_a_chunk_is_recorded_whole_or_not_at_all(store: Store) -> None:
    batch_id, tally = open_batch(store, "test"), Tally()
    broken = replace(B, size_bytes="many")  # type: ignore[arg-type]  # what the table refuses
    with pytest.raises(Exception, match="size_bytes"):
        record(store, [A, broken], Plan(batch_id, "[]", 1), tally)
    assert tally.found == 0
    assert list_images(store) == []
