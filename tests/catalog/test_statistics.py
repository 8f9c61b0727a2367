"""Totals of days: each attempt counted once, on its own day, whatever the clock and cleanup do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from pixelcraft_desktop.catalog import statistics
from pixelcraft_desktop.catalog.statistics import FailedPicture, Total, count_days
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import Cause

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def add(
    store: Store,
    ended: str,
    cause: str | None = None,
    duration_ms: int | None = 500,
    began: str | None = None,
    name: str | None = None,
) -> int:
    """Record a picture with one attempt that ended then; return its id."""
    with store.transaction() as tx:
        tx.run("INSERT OR IGNORE INTO batches (id, name, created_at, revision) VALUES (1,'b','',1)")
        number = tx.rows("SELECT coalesce(max(id), 0) + 1 AS n FROM images")[0]["n"]
        name = name or f"{number}.jpg"
        image = tx.insert(
            "INSERT INTO images (path, source, size_bytes, mtime_ns, format, added_at, revision) "
            "VALUES (?, ?, 1000, 1, 'JPEG', '', 1)",
            name.encode(),
            name,
        )
        job = tx.insert(
            "INSERT INTO jobs (image_id, batch_id, recipe, state, token, max_attempts, created_at, "
            "finished_at, cause, revision) VALUES (?, 1, '[]', ?, 1, 5, '', ?, ?, 1)",
            image,
            "failed" if cause else "completed",
            ended,
            cause,
        )
        tx.run(
            "INSERT INTO attempts (job_id, number, started_at, finished_at, cause, duration_ms) "
            "VALUES (?, 1, ?, ?, ?, ?)",
            job,
            began or ended,
            ended,
            cause,
            duration_ms,
        )
        if not cause:
            tx.run(
                "INSERT INTO renditions (image_id, name, file, recipe, width, height, size_bytes) "
                "VALUES (?, 'preview', ?, '[]', 1, 1, 70)",
                image,
                f"{image}-1.webp",
            )
    return image


def days(store: Store) -> dict[tuple[str, str], int]:
    rows = store.rows("SELECT day, cause, attempts FROM daily_totals")
    return {(row["day"], row["cause"]): row["attempts"] for row in rows}


def read(store: Store, first: str, last: str) -> list[Total]:
    span = statistics.span_of(BERLIN, date.fromisoformat(first), date.fromisoformat(last))
    return statistics.read_totals(store, span)


def test_only_days_that_are_over_count_and_each_once(store: Store) -> None:
    add(store, "2026-03-01T22:59:59.999Z")  # 23:59 in Berlin
    add(store, "2026-03-01T23:00:00.000Z")  # midnight: the next day
    add(store, "2026-03-02T10:00:00.000Z", "damaged")
    add(store, "2026-03-02T23:00:00.000Z")
    for _ in range(2):
        count_days(store, BERLIN, at("2026-03-02 23:30"))
        assert days(store) == {
            ("2026-03-01", ""): 1,
            ("2026-03-02", ""): 1,
            ("2026-03-02", "damaged"): 1,
        }
    assert count_days(store, BERLIN, at("2026-03-05 12:00")) == 1
    assert days(store)["2026-03-03", ""] == 1
    assert read(store, "2026-03-01", "2026-03-02") == [
        Total("JPEG", None, 2, 1000, 2000, 140),
        Total("JPEG", Cause.DAMAGED, 1, 500, 1000, 0),
    ]


def test_the_day_of_summer_time_has_23_hours(store: Store) -> None:
    add(store, "2026-03-28T23:00:00.000Z")
    add(store, "2026-03-29T21:59:59.999Z")
    add(store, "2026-03-29T22:00:00.000Z")
    count_days(store, BERLIN, at("2026-03-30 21:00"))
    assert days(store) == {("2026-03-29", ""): 2}
    span = statistics.span_of(BERLIN, date(2026, 3, 29), date(2026, 3, 29))
    assert (span.began, span.ended) == ("2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z")


def test_a_day_that_was_counted_too_early_is_completed_later(store: Store) -> None:
    add(store, "2026-03-01T10:00:00.000Z")
    count_days(store, UTC, at("2026-03-02 00:05"))  # the clock is a day ahead, and put right
    add(store, "2026-03-01T10:05:00.000Z")
    count_days(store, UTC, at("2026-03-01 10:06"))
    assert days(store) == {("2026-03-01", ""): 1}
    count_days(store, UTC, at("2026-03-02 00:00"))
    assert days(store) == {("2026-03-01", ""): 2}


def test_no_duration_is_negative(store: Store) -> None:
    add(store, "2026-03-01T10:00:00.000Z", duration_ms=None, began="2026-03-01T10:00:02.500Z")
    add(store, "2026-03-01T10:00:00.000Z", duration_ms=-7)
    add(store, "2026-03-01T10:00:02.500Z", duration_ms=None, began="2026-03-01T10:00:00.000Z")
    count_days(store, UTC, at("2026-03-02 00:00"))
    (total,) = read(store, "2026-03-01", "2026-03-01")
    assert (total.attempts, total.duration_ms) == (3, 2500)


@pytest.mark.parametrize("is_counted_first", [False, True])
def test_work_on_purged_images_counts_once(store: Store, is_counted_first: bool) -> None:
    for moment in ("2026-03-01T10:00:00.000Z", "2026-03-01T11:00:00.000Z"):
        image = add(store, moment)
    add(store, "2026-03-02T10:00:00.000Z")
    if is_counted_first:
        count_days(store, UTC, at("2026-03-02 09:00"))
    with store.transaction() as tx:
        tx.run("DELETE FROM images WHERE id >= ?", image)
    for _ in range(2):
        count_days(store, UTC, at("2026-03-03 00:00"))
    assert days(store) == {("2026-03-01", ""): 2, ("2026-03-02", ""): 1}
    assert read(store, "2026-03-01", "2026-03-02") == [Total("JPEG", None, 3, 1500, 3000, 210)]
    assert store.value("SELECT count(*) FROM purged_attempts") == 0


def test_more_than_one_chunk_and_an_end_in_between(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "_CHUNK", 3)
    for _ in range(8):
        add(store, "2026-03-01T10:00:00.000Z")
    answers = iter([False, True, True])
    assert count_days(store, UTC, at("2026-03-02 00:00"), lambda: next(answers)) == 3
    assert count_days(store, UTC, at("2026-03-02 00:00")) == 5
    assert days(store) == {("2026-03-01", ""): 8}


def test_what_failed_and_still_is(store: Store) -> None:
    span = statistics.span_of(UTC, date(2026, 3, 1), date(2026, 3, 2))
    add(store, "2026-02-28T23:59:59.999Z", "damaged")
    add(store, "2026-03-01T00:00:00.000Z", "damaged", name="a")
    add(store, "2026-03-02T10:00:00.000Z", "empty", name="b")
    add(store, "2026-03-02T11:00:00.000Z", "damaged", name="c")
    handled = add(store, "2026-03-02T12:00:00.000Z", "damaged")
    gone = add(store, "2026-03-02T12:00:00.000Z", "damaged")
    add(store, "2026-03-03T00:00:00.000Z", "damaged")
    with store.transaction() as tx:
        tx.run("UPDATE jobs SET state = 'waiting' WHERE image_id = ?", handled)
        tx.run("UPDATE images SET removed_at = 'x' WHERE id = ?", gone)
        tx.run("UPDATE batches SET duplicates = 7, created_at = '2026-03-02T00:00:00.000Z'")
    assert statistics.count_failed(store, span) == {Cause.DAMAGED: 2, Cause.EMPTY: 1}
    assert statistics.list_failed(store, span, 2) == [
        FailedPicture("c", Cause.DAMAGED),
        FailedPicture("b", Cause.EMPTY),
    ]
    assert statistics.count_known(store, span) == 7
    assert statistics.count_library(store) == 6
