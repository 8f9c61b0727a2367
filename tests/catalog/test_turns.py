"""Turns: among jobs of one priority every batch is served, however large another one is."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixelcraft_desktop.catalog import steering, transitions
from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan, Ticket, Waiting, next_in_turn, next_waiting
from pixelcraft_desktop.catalog.removal import remove
from pixelcraft_desktop.catalog.store import Store


def add_batch(store: Store, count: int) -> int:
    batch_id = open_batch(store, "b")
    paths = [f"/{batch_id}/{n}.jpg" for n in range(count)]
    plan = Plan(batch_id, "[]", 5)
    record(store, [Candidate(path.encode(), path, 1, 1) for path in paths], plan, Tally())
    return batch_id


def serve(store: Store, last_batch: int, limit: int = 4) -> Waiting | None:
    """Complete the first in order, as a lane does; return it."""
    found = next_in_turn(store, limit, last_batch=last_batch)
    if not found:
        return None
    claim = transitions.claim(store, found[0].ticket)
    assert claim is not None
    with store.transaction() as tx:
        assert transitions.finish(tx, claim.ticket)
    return found[0]


def test_a_folder_does_not_starve_a_later_drop(store: Store) -> None:
    folder = add_batch(store, 500)
    served = serve(store, 0)
    assert served is not None
    drop = add_batch(store, 1)
    after = [waiting.batch_id for waiting in next_in_turn(store, 4, last_batch=folder)]
    assert after == [drop, folder, folder, folder]
    other = add_batch(store, 500)
    mixed = [waiting.batch_id for waiting in next_in_turn(store, 7, last_batch=drop)]
    assert mixed == [other, folder, drop, other, folder, other, folder]


def test_batches_of_removed_pictures_hold_up_nobody(store: Store) -> None:
    for _ in range(9):
        batch_id = add_batch(store, 3)
    remove(store, range(1, 3 * 8 + 1))
    assert [waiting.batch_id for waiting in next_in_turn(store, 2)] == [batch_id, batch_id]


def test_priority_is_above_turns_and_what_is_seen_is_above_turns_too(store: Store) -> None:
    add_batch(store, 3)
    add_batch(store, 3)
    steering.set_priority(store, [2, 6], 1)
    seen = next_waiting(store, 9, visible=[5, 2])
    assert [ticket.job_id for ticket in seen] == [2, 6, 5, 1, 4, 3]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=5),
    urgent=st.sets(st.integers(1, 30), max_size=6),
    limit=st.integers(1, 9),
)
def test_nobody_has_two_turns_while_another_waits(
    store: Store, sizes: list[int], urgent: set[int], limit: int
) -> None:
    with store.transaction() as tx:
        tx.run("DELETE FROM jobs")
        tx.run("DELETE FROM images")
    batches = [add_batch(store, size) for size in sizes]
    first = store.value("SELECT min(id) FROM jobs")
    steering.set_priority(store, [first + number - 1 for number in urgent], 5)
    served: list[Waiting] = []
    while (found := serve(store, served[-1].batch_id if served else 0, limit)) is not None:
        served.append(found)
    assert Counter(each.batch_id for each in served) == dict(zip(batches, sizes, strict=True))
    priorities = [each.priority for each in served]
    assert priorities == sorted(priorities, reverse=True)
    for priority in set(priorities):
        turns = [each.batch_id for each in served if each.priority == priority]
        for at in range(len(turns) - 1):
            if turns[at] == turns[at + 1]:  # then nobody else had anything left
                assert set(turns[at:]) == {turns[at]}
        for batch_id in batches:
            ids = [
                e.ticket.job_id for e in served if (e.batch_id, e.priority) == (batch_id, priority)
            ]
            assert ids == sorted(ids)


def test_jobs_that_fell_due_together_go_in_the_order_of_their_times(store: Store) -> None:
    batch_id = add_batch(store, 5)
    hours = {1: "05", 2: "03", 3: "04"}
    for job_id, hour in hours.items():
        steering.delay_until(store, [job_id], f"2026-01-01T{hour}:00:00.000Z")
    rows = store.rows("SELECT id, token FROM jobs WHERE state = 'delayed'")
    transitions.wake(store, [Ticket(row["id"], row["token"]) for row in rows])  # after a night off
    for only in (None, batch_id):
        due_first = [ticket.job_id for ticket in next_waiting(store, 9, only)]
        assert due_first == [2, 3, 1, 4, 5]
    steering.do_next(store, [5])
    assert [ticket.job_id for ticket in next_waiting(store, 9)] == [5, 2, 3, 1, 4]
    served = serve(store, 0)
    assert served is not None
    assert served.ticket.job_id == 5


def test_who_no_longer_has_an_appointment_waits_by_age(store: Store) -> None:
    add_batch(store, 3)
    steering.delay_until(store, [3], "2026-01-01T00:00:00.000Z")
    steering.promote(store, [3])
    assert [ticket.job_id for ticket in next_waiting(store, 9)] == [1, 2, 3]
