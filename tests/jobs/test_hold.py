"""Where there is no space the queue is held, costs nobody an attempt, and goes on by itself."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import CommandLine

from pixelcraft_desktop.catalog import control
from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan, next_waiting
from pixelcraft_desktop.catalog.news import queue_facts
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.catalog.transitions import claim
from pixelcraft_desktop.jobs import hold
from pixelcraft_desktop.jobs.hold import HoldTeller, SpaceWatch, has_room, hold_queue
from pixelcraft_desktop.model import Cause, Failure
from pixelcraft_desktop.paths import Home

FULL = Failure(Cause.DISK_FULL, "No space left for the results in /far.")


@pytest.fixture
def held(store: Store, home: Home) -> control.Hold:
    """A queue with one job that is held."""
    plan = Plan(open_batch(store, "b"), "[]", 5)
    record(store, [Candidate(b"/a.png", "/a.png", 1, 1)], plan, Tally())
    with store.transaction() as tx:
        hold_queue(home, tx, FULL)
    found = control.held(store)
    assert found is not None
    return found


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        threading.Event().wait(0.02)
    pytest.fail("it did not come to be")


def test_nothing_is_started_while_held(store: Store, held: control.Hold) -> None:
    assert (held.cause, held.message) == (FULL.cause, FULL.message)
    assert held.needed_bytes == hold._RESERVE_BYTES  # there is no result yet to learn from
    assert not control.is_paused(store)
    assert queue_facts(store).held == held
    assert next_waiting(store, 5) == []
    assert control.release(store)
    (ticket,) = next_waiting(store, 5)
    with store.transaction() as tx:
        control.hold(tx, FULL.cause, FULL.message, 1, "/far")
    assert claim(store, ticket) is None
    assert control.set_paused(store, False)  # resuming tries again what was held
    assert control.held(store) is None
    assert claim(store, ticket) is not None
    assert not control.release(store)


def test_the_first_reason_stands(store: Store, home: Home, held: control.Hold) -> None:
    with store.transaction() as tx:
        hold_queue(home, tx, Failure(Cause.DISK_FULL, "Another."))
    assert control.held(store) == held


def test_the_largest_recent_result_is_needed_twice(store: Store, home: Home) -> None:
    with store.transaction() as tx:
        tx.run(
            "INSERT INTO images (path, source, size_bytes, mtime_ns, added_at, revision) "
            "VALUES (x'61', 'a', 1, 1, 'then', 1)"
        )
        for name, size in (("thumbnail", 10_000), ("preview", 700_000)):
            tx.run(
                "INSERT INTO renditions (image_id, name, file, recipe, width, height, size_bytes) "
                "VALUES (1, ?, 'f', '[]', 1, 1, ?)",
                *(name, size),
            )
        hold_queue(home, tx, FULL)
    found = control.held(store)
    assert found is not None
    assert found.needed_bytes == 2 * 700_000 + hold._RESERVE_BYTES


def test_it_goes_on_by_itself_when_there_is_room(
    store: Store, home: Home, held: control.Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold, "_LOOK_S", 0.02)
    room = threading.Event()
    looks: list[int] = []

    def look(_folder: Path, needed_bytes: int) -> bool:
        looks.append(needed_bytes)
        return room.is_set()

    monkeypatch.setattr(hold, "has_room", look)
    watch = SpaceWatch(store, home)
    watch.start()
    try:
        wait_until(lambda: len(looks) > 2)
        assert control.held(store) == held
        room.set()
        wait_until(lambda: control.held(store) is None)
    finally:
        watch.stop()
    assert set(looks) == {held.needed_bytes}


def test_room_is_what_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert has_room(tmp_path, 100_000)
    assert not has_room(tmp_path, 2**60)

    def refuse(_descriptor: int) -> None:
        raise OSError(122, "Disk quota exceeded")

    monkeypatch.setattr(os, "fsync", refuse)  # a quota tells no sooner
    assert not has_room(tmp_path, 100_000)
    assert list(tmp_path.iterdir()) == []


def test_each_change_is_told_once(store: Store, home: Home) -> None:
    heard: list[bool] = []
    teller = HoldTeller(store, lambda found: heard.append(found is not None))
    teller.look()
    with store.transaction() as tx:
        hold_queue(home, tx, FULL)
    teller.look()
    teller.look()
    control.release(store)
    teller.look()
    assert heard == [True, False]


def test_status_says_it_and_scripts_see_the_same_keys(
    store: Store, held: control.Hold, pixelcraft: CommandLine
) -> None:
    assert "The queue is held: No space left" in pixelcraft.run("status").stdout
    fields = pixelcraft.json("status")
    assert set(fields) == {
        *("waiting", "delayed", "active", "completed", "failed", "cancelled", "paused")
    }
    assert fields["paused"] is False
    assert "running" in pixelcraft.run("resume").stdout
    assert control.held(store) is None
