"""Removal as other programs see it: the catalog stays sound for any SQLite that looks into it."""

from __future__ import annotations

import sqlite3

import pytest

from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan
from pixelcraft_desktop.catalog.removal import purge, remove, removed_before, restore
from pixelcraft_desktop.catalog.store import Store


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


def test_every_sqlite_finds_the_catalog_sound(filled: Store) -> None:
    remove(filled, [1, 2])
    purge(filled, [1])
    filled.close()
    # Python's own library, which is often years older than the one the program brings.
    connection = sqlite3.connect(filled.path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
