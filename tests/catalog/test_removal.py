"""Removal as other programs see it: the catalog stays sound for any SQLite that looks into it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from pixelcraft_desktop.catalog import transitions
from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan, Ticket
from pixelcraft_desktop.catalog.pictures import Changes, changes_since
from pixelcraft_desktop.catalog.removal import (
    purge,
    remove,
    removed_before,
    restore,
    trim,
    trimmed_until,
)
from pixelcraft_desktop.catalog.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with images 1–4."""
    candidates = [Candidate(b"/p/%d.jpg" % n, f"/p/{n}.jpg", 1, 1) for n in range(4)]
    record(store, candidates, Plan(open_batch(store, "b", [b"/p"]), "[]", 1), Tally())
    return store


def test_what_was_purged_is_told_and_gone(filled: Store) -> None:
    remove(filled, [1, 2])
    assert purge(filled, [1, 2, 3]) == []
    assert [row["id"] for row in filled.rows("SELECT id FROM images")] == [3, 4]
    assert filled.value("SELECT count(*) FROM jobs") == 2
    told = filled.rows("SELECT kind, row_id FROM removals ORDER BY row_id")
    assert told == [{"kind": "image", "row_id": 1}, {"kind": "image", "row_id": 2}]


def test_restored_images_are_not_purged(filled: Store) -> None:
    remove(filled, [1, 2])
    assert restore(filled, [2, 3]) == [2]
    assert removed_before(filled, 0) == [1]
    assert removed_before(filled, 60) == []
    purge(filled, [1, 2])
    assert filled.value("SELECT count(*) FROM images") == 3


def test_purges_are_forgotten_after_a_day(filled: Store) -> None:
    assert trim(filled, NOON) == 0
    assert filled.value("SELECT count(*) FROM control WHERE key = 'removals'") == 0
    remove(filled, [1, 2, 3])
    purge(filled, [1, 2])
    assert trim(filled, NOON) == 0  # how old it is, is not known yet
    purge(filled, [3])
    late = filled.value("SELECT value FROM revision")
    assert trim(filled, NOON + timedelta(hours=23)) == 0
    assert trimmed_until(filled) == 0
    assert trim(filled, NOON + timedelta(hours=24)) == 2
    assert [row["row_id"] for row in filled.rows("SELECT row_id FROM removals")] == [3]
    assert 0 < trimmed_until(filled) < late
    assert changes_since(filled, late).gone == []
    assert trim(filled, NOON + timedelta(hours=49)) == 1
    assert filled.value("SELECT count(*) FROM removals") == 0
    revision = filled.value("SELECT value FROM revision")
    assert trim(filled, NOON + timedelta(hours=99)) == 0  # and nothing is written for nothing
    assert filled.value("SELECT value FROM revision") == revision


def test_a_clock_that_was_wrong_forgets_nothing_too_soon(filled: Store) -> None:
    remove(filled, [1])
    purge(filled, [1])
    assert trim(filled, NOON + timedelta(days=900)) == 0
    assert trim(filled, NOON) == 0
    assert trim(filled, NOON + timedelta(hours=1)) == 0
    assert trim(filled, NOON + timedelta(days=1)) == 1


def test_whoever_is_late_reads_everything_anew(filled: Store) -> None:
    seen = filled.value("SELECT value FROM revision")
    remove(filled, [2, 3])
    purge(filled, [2])
    assert changes_since(filled, seen) == Changes(seen + 2, [], [3, 2])
    trim(filled, NOON)
    trim(filled, NOON + timedelta(days=1))
    late = changes_since(filled, seen)
    assert (late.changed, late.gone) == ([1, 4], [3, 2])
    assert changes_since(filled, late.revision) == Changes(late.revision, [], [])
    assert changes_since(filled, 0).gone == [3]


def test_every_sqlite_finds_the_catalog_sound(filled: Store) -> None:
    remove(filled, [1, 2])
    purge(filled, [1])
    filled.close()
    # Python's own library, which is often years older than the one the program brings.
    connection = sqlite3.connect(filled.path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_who_is_being_worked_on_can_be_spared(filled: Store) -> None:
    row = filled.row("SELECT id, token FROM jobs WHERE image_id = 1")
    assert row is not None
    claim = transitions.claim(filled, Ticket(row["id"], row["token"]))
    assert claim is not None
    assert remove(filled, [1, 2], even_active=False) == [2]
    assert remove(filled, [1, 2]) == [1]
