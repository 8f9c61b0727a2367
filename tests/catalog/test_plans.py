"""The queries that run all the time find their rows by an index, however many there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pixelcraft_desktop.catalog import batches, jobs, pictures
from pixelcraft_desktop.catalog.store import Row, Store


class Recorder:
    """Stands in for a store, and keeps what is asked of it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def rows(self, sql: str, *values: Any) -> list[Row]:
        self.asked.append((sql, values))
        return self.store.rows(sql, *values)

    def row(self, sql: str, *values: Any) -> Row | None:
        return next(iter(self.rows(sql, *values)), None)

    def value(self, sql: str, *values: Any) -> Any:
        return self.store.value(sql, *values)

    def reading(self) -> Any:
        return self.store.reading()


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: pictures.changes_since(store, 5),
        lambda store: pictures.read_pictures(store, [1, 2, 3]),
        lambda store: jobs.next_waiting(store, 4),
        lambda store: jobs.next_waiting(store, 4, visible=[1, 2]),
        lambda store: batches.count_batch(store, 1),
    ],
)
def test_no_table_of_pictures_is_walked(store: Store, ask: Callable[[Any], object]) -> None:
    recorder = Recorder(store)
    ask(recorder)
    assert recorder.asked
    for sql, values in recorder.asked:
        plan = [row["detail"] for row in store.rows(f"EXPLAIN QUERY PLAN {sql}", *values)]
        walked = [step for step in plan if step.split()[:2] in WALKS and "USING" not in step]
        assert not walked, plan


WALKS = [["SCAN", name] for name in ("images", "jobs", "i", "j")]


def test_counting_walks_no_jobs(store: Store) -> None:
    recorder: Any = Recorder(store)
    jobs.count_states(recorder)
    totals, removed = [
        [row["detail"] for row in store.rows(f"EXPLAIN QUERY PLAN {sql}")]
        for sql, _ in recorder.asked
    ]
    assert totals == ["SCAN totals"]  # a row for each batch
    assert removed[0].startswith("SEARCH i USING COVERING INDEX images_removed")
