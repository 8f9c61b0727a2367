"""What is done every time somebody quits is remembered, and can be forgotten."""

from __future__ import annotations

from pixelcraft_desktop.catalog.news import queue_facts
from pixelcraft_desktop.catalog.quitting import QuitWay, quit_way, set_quit_way
from pixelcraft_desktop.catalog.store import Store


def test_it_is_remembered_and_forgotten(store: Store) -> None:
    assert quit_way(store) is None
    for way in (*QuitWay, None):
        set_quit_way(store, way)
        assert quit_way(store) is way
        assert queue_facts(store).quit_way is way


def test_what_a_newer_program_wrote_is_asked_anew(store: Store) -> None:
    with store.transaction() as tx:
        tx.run("REPLACE INTO control VALUES ('quit_way', 'hibernate')")
    assert quit_way(store) is None
