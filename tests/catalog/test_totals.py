"""Totals: whatever happens to jobs and images, what is kept is what counting would find."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixelcraft_desktop.catalog import steering, transitions
from pixelcraft_desktop.catalog.batches import Tally, count_batch, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan, Ticket, count_states
from pixelcraft_desktop.catalog.removal import purge, remove, restore
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.catalog.totals import count_anew, total_states, wrong_totals
from pixelcraft_desktop.catalog.transitions import Defeat
from pixelcraft_desktop.model import Cause, Failure, Stage, State
from pixelcraft_desktop.paths import Home

SOON = "2026-01-01T00:00:00.000Z"


def add_batch(store: Store, count: int) -> int:
    batch_id = open_batch(store, "b")
    paths = [f"/{batch_id}/{n}.jpg" for n in range(count)]
    plan = Plan(batch_id, "[]", 5)
    record(store, [Candidate(path.encode(), path, 1, 1) for path in paths], plan, Tally())
    return batch_id


def ticket_of(store: Store, job_id: int) -> Ticket:
    return Ticket(job_id, store.value("SELECT token FROM jobs WHERE id = ?", job_id) or 0)


def act(store: Store, action: str, job_id: int) -> None:
    """Do one of the things that change a job, a batch or an image; perhaps it is refused."""
    ticket = ticket_of(store, job_id)
    images = [store.value("SELECT image_id FROM jobs WHERE id = ?", job_id) or 0]
    defeat = Defeat(Failure(Cause.DAMAGED, "…"), Stage.READING)
    actions: dict[str, Any] = {
        "add": lambda: add_batch(store, 2),
        "claim": lambda: transitions.claim(store, ticket),
        "fail": lambda: transitions.fail(store, ticket, defeat),
        "delay": lambda: transitions.delay(store, ticket, defeat, SOON),
        "wake": lambda: transitions.wake(store, [ticket]),
        "give back": lambda: transitions.give_back(store),
        "retry": lambda: transitions.retry(store, None),
        "cancel": lambda: steering.cancel(store, [job_id]),
        "cancel all": lambda: steering.cancel(store, None),
        "promote": lambda: steering.promote(store, [job_id]),
        "put off": lambda: steering.delay_until(store, [job_id], SOON),
        "remove": lambda: remove(store, images),
        "restore": lambda: restore(store, images),
        "purge": lambda: purge(store, images),
    }
    if action == "finish":
        with store.transaction() as tx:
            transitions.finish(tx, ticket)
    else:
        actions[action]()


ACTIONS = [
    *("add", "claim", "claim", "claim", "finish", "finish", "fail", "delay", "wake", "give back"),
    *("retry", "cancel", "cancel all", "promote", "put off", "remove", "restore", "purge"),
]


@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(1, 8)), max_size=40))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_kept_is_what_counting_finds(store: Store, steps: list[tuple[str, int]]) -> None:
    with store.transaction() as tx:
        tx.run("DELETE FROM images")  # and their jobs, of the example before
    assert sum(total_states(store).values()) == 0
    add_batch(store, 4)
    first = store.value("SELECT min(id) FROM jobs")
    for action, number in steps:
        act(store, action, first + number - 1)
    rows = store.rows("SELECT batch_id, state, count(*) AS n FROM jobs GROUP BY batch_id, state")
    counted = Counter({(row["batch_id"], State(row["state"])): row["n"] for row in rows})
    for row in store.rows("SELECT id FROM batches"):
        kept = total_states(store, row["id"])
        assert kept == {state: counted[row["id"], state] for state in State}
    there = Counter(
        State(row["state"])
        for row in store.rows(
            "SELECT j.state FROM jobs j JOIN images i ON i.id = j.image_id "
            "WHERE i.removed_at IS NULL"
        )
    )
    assert count_states(store) == {state: there[state] for state in State}


def test_an_older_catalog_is_counted_once(home: Home) -> None:
    store = Store(home.catalog)
    first, second = add_batch(store, 3), add_batch(store, 2)
    act(store, "claim", 1)
    act(store, "finish", 1)
    act(store, "cancel", 4)
    before = {batch: count_batch(store, batch) for batch in (first, second)}
    with store.transaction() as tx:
        tx.run("DELETE FROM _sqlite_migrations WHERE name = 'm008_totals'")
        tx.run("DROP TABLE totals")
        for index in ("active", "failed", "order", "turn", "batch"):
            tx.run(f"DROP INDEX jobs_{index}")
        for trigger in ("recorded", "moved", "forgotten"):
            tx.run(f"DROP TRIGGER jobs_{trigger}")
        for index in ("jobs_order", "jobs_batch", "jobs_turn", "jobs_missing"):
            tx.run(f"CREATE INDEX {index} ON jobs (id)")
        tx.run("CREATE INDEX images_sha256 ON images (sha256)")
        tx.run("CREATE INDEX events_at ON events (at)")
        for trigger in ("recorded", "moved"):
            tx.run(f"CREATE TRIGGER jobs_{trigger} AFTER INSERT ON jobs BEGIN SELECT 1; END")
    store.close()
    store = Store(home.catalog)
    assert {batch: count_batch(store, batch) for batch in (first, second)} == before
    act(store, "claim", 2)
    assert count_batch(store, first)[State.ACTIVE] == 1
    assert store.value("PRAGMA integrity_check") == "ok"
    store.close()


def test_wrong_totals_are_found_and_mended(store: Store) -> None:
    first, second = add_batch(store, 3), add_batch(store, 2)
    act(store, "claim", 1)
    assert wrong_totals(store) == []
    with store.transaction() as tx:
        tx.run("UPDATE totals SET waiting = 7 WHERE batch_id = ?", first)
        tx.run("DELETE FROM totals WHERE batch_id = ?", second)
        tx.run("INSERT INTO totals (batch_id, failed) VALUES (99, 1)")
    assert wrong_totals(store) == [first, second, 99]
    count_anew(store)
    assert wrong_totals(store) == []
    assert count_states(store)[State.WAITING] == 4
    act(store, "cancel all", 0)
    assert count_batch(store, second)[State.CANCELLED] == 2
