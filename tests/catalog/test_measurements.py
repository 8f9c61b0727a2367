"""What attempts took and what is left: read as it changes, however much there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pixelcraft_desktop.catalog import transitions
from pixelcraft_desktop.catalog.batches import (
    Tally,
    batch_name,
    changed_batches,
    close_batch,
    open_batch,
)
from pixelcraft_desktop.catalog.images import Candidate, record, save_facts
from pixelcraft_desktop.catalog.jobs import Plan, Terms, Ticket
from pixelcraft_desktop.catalog.measurements import (
    Measurement,
    ended_since,
    measurements_since,
    pending_of,
)
from pixelcraft_desktop.catalog.news import ended_scans
from pixelcraft_desktop.catalog.pictures import read_pictures
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.catalog.transitions import Defeat, Effort
from pixelcraft_desktop.model import Cause, Failure, Stage


def add(store: Store, names: list[str], name: str = "drop", terms: Terms | None = None) -> int:
    """Record images of these names, and return their batch."""
    tally = Tally()
    batch_id = open_batch(store, name)
    candidates = [Candidate(f"/p/{n}".encode(), f"/p/{n}", 2_000_000, 1) for n in names]
    record(store, candidates, Plan(batch_id, "[]", 1, terms or Terms()), tally)
    close_batch(store, batch_id, tally)
    return batch_id


def claim(store: Store, job_id: int) -> Ticket:
    token = store.value("SELECT token FROM jobs WHERE id = ?", job_id)
    claimed = transitions.claim(store, Ticket(job_id, token))
    assert claimed is not None
    return claimed.ticket


def finish(store: Store, job_id: int, duration_ms: int | None) -> None:
    ticket = claim(store, job_id)
    with store.transaction() as tx:
        assert transitions.finish(tx, ticket, Effort(duration_ms))
        save_facts(tx, job_id, {"format": "JPEG", "width": 4_000, "height": 3_000})


def fail(store: Store, job_id: int) -> None:
    failure = Failure(Cause.EMPTY, "The file is empty.")
    assert transitions.fail(store, claim(store, job_id), Defeat(failure, Stage.READING))


def test_only_new_attempts_that_worked_and_were_timed_are_read(store: Store) -> None:
    assert measurements_since(store, 0) == (0, [])
    add(store, ["1.jpg", "2.jpg", "3.jpg", "4.jpg"])
    finish(store, 1, 500)
    fail(store, 2)
    finish(store, 3, None)
    latest, found = measurements_since(store, 0)
    assert (latest, found) == (3, [Measurement("JPEG", 12.0, 2.0, 0.5)])
    assert measurements_since(store, latest) == (3, [])
    finish(store, 4, 250)
    assert measurements_since(store, latest) == (4, [Measurement("JPEG", 12.0, 2.0, 0.25)])


def test_of_a_long_past_the_last_few_hundred_are_read(store: Store) -> None:
    add(store, ["1.jpg"])
    finish(store, 1, 500)
    with store.transaction() as tx:
        for number in range(2, 1_001):
            tx.run(
                "INSERT INTO attempts (job_id, number, started_at, finished_at, duration_ms) "
                "VALUES (1, ?, '', '', ?)",
                number,
                number,
            )
    latest, found = measurements_since(store, 0)
    assert (latest, len(found)) == (1_000, 400)
    assert [found[0].seconds, found[-1].seconds] == [0.601, 1.0]


def test_what_is_left_and_what_ends(store: Store) -> None:
    first = add(store, ["1.jpg", "2.tif", "3.jpg"])
    finish(store, 1, 500)
    second = add(store, ["2.tif", "4.png"], "again")  # it waits for one of the first as well
    later = add(store, ["5.jpg"], "later", Terms(delay_s=600))
    revision, jobs = pending_of(store, second)
    assert [(job.job_id, job.path, job.is_put_off) for job in jobs] == [
        (2, b"/p/2.tif", False),
        (4, b"/p/4.png", False),
    ]
    assert [job.is_put_off for job in pending_of(store, later)[1]] == [True]
    assert {job.job_id for job in pending_of(store, first)[1]} == {2, 3}
    assert ended_since(store, revision) == (revision, [])
    finish(store, 2, 500)
    fail(store, 4)
    latest, ended = ended_since(store, revision)
    assert sorted(ended) == [2, 4]
    assert ended_since(store, latest) == (latest, [])
    assert pending_of(store, second) == (latest, [])


def test_batches_are_told_when_they_change(store: Store) -> None:
    add(store, ["1.jpg"], "Photos")
    (batch,) = changed_batches(store, 0)
    assert (batch.id, batch.name, batch.duplicates, batch.is_scanned) == (1, "Photos", 0, True)
    revision = store.value("SELECT value FROM revision")
    assert changed_batches(store, revision) == []
    add(store, ["1.jpg"], "Photos again")
    assert [(b.name, b.duplicates) for b in changed_batches(store, revision)] == [
        ("Photos again", 1)
    ]
    assert batch_name(store, 2) == "Photos again"
    assert batch_name(store, 99) == ""


def test_a_picture_belongs_to_the_last_batch_that_asked_for_it(store: Store) -> None:
    add(store, ["1.jpg", "2.jpg"])
    add(store, ["2.jpg"])
    pictures = read_pictures(store, [1, 2])
    assert [(picture.batch_id, picture.size_bytes) for picture in pictures] == [
        (1, 2_000_000),
        (2, 2_000_000),
    ]


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: measurements_since(store, 0),
        lambda store: ended_since(store, 5),
        lambda store: pending_of(store, 1),
        lambda store: changed_batches(store, 5),
        lambda store: ended_scans(store, 5),
    ],
)
def test_no_table_is_walked(
    store: Store, ask: Callable[[Store], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(store, ["1.jpg"])
    finish(store, 1, 500)
    asked: list[tuple[str, tuple[Any, ...]]] = []
    rows = store.rows

    def listen(sql: str, *values: Any) -> list[dict[str, Any]]:
        asked.append((sql, values))
        return rows(sql, *values)

    monkeypatch.setattr(store, "rows", listen)
    ask(store)
    assert asked
    for sql, values in asked:
        plan = [row["detail"] for row in rows(f"EXPLAIN QUERY PLAN {sql}", *values)]
        walked = [step for step in plan if step.startswith("SCAN") and step.split()[1] in TABLES]
        assert not walked, plan


TABLES = {"images", "jobs", "attempts", "batches", "batch_followers", "i", "j", "a"}
