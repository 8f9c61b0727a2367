"""Retention: history goes by age and count; images, outputs and what failed stay."""

from __future__ import annotations

import pytest

from pixelcraft_desktop.catalog import database, retention
from pixelcraft_desktop.catalog.reports import announce, mark_seen, unseen_report
from pixelcraft_desktop.catalog.store import Store

OLD, LIMIT, NEW = (
    "2026-01-01T00:00:00.000Z",
    "2026-02-01T00:00:00.000Z",
    "2026-03-01T00:00:00.000Z",
)


def go_on() -> bool:
    return False


def add_image(store: Store, number: int) -> int:
    with store.transaction() as tx:
        tx.run("INSERT OR IGNORE INTO batches (id, name, created_at, revision) VALUES (1,'b','',1)")
        return tx.insert(
            "INSERT INTO images (path, source, size_bytes, mtime_ns, added_at, revision) "
            "VALUES (?, 'x', 1, 1, '', 1)",
            str(number).encode(),
        )


def add_job(
    store: Store, image: int, state: str, ended: str, attempts: int = 1, is_counted: int = 1
) -> int:
    with store.transaction() as tx:
        job = tx.insert(
            "INSERT INTO jobs (image_id, batch_id, recipe, state, token, max_attempts, created_at, "
            "finished_at, revision) VALUES (?, 1, '[]', ?, 1, 5, '', ?, 1)",
            image,
            state,
            ended,
        )
        for number in range(1, attempts + 1):
            tx.run(
                "INSERT INTO attempts (job_id, number, started_at, finished_at, is_counted) "
                "VALUES (?, ?, ?, ?, ?)",
                job,
                number,
                ended,
                ended,
                is_counted,
            )
    return job


def jobs(store: Store) -> set[int]:
    return {row["id"] for row in store.rows("SELECT id FROM jobs")}


def test_only_superseded_jobs_that_are_old_and_counted_go(store: Store) -> None:
    first, second, third = (add_image(store, number) for number in range(3))
    gone = {add_job(store, first, "completed", OLD), add_job(store, first, "cancelled", OLD)}
    kept = {
        add_job(store, first, "completed", OLD, is_counted=0),
        add_job(store, first, "failed", OLD),
        add_job(store, first, "completed", NEW),
        add_job(store, first, "completed", OLD),  # the latest: how the image came about
        add_job(store, second, "completed", OLD),
        add_job(store, third, "cancelled", OLD),
    }
    assert retention.expire_jobs(store, LIMIT, go_on) == 2
    assert jobs(store) == kept
    assert not gone & kept
    assert retention.expire_jobs(store, LIMIT, go_on) == 0
    assert store.value("SELECT count(*) FROM images") == 3


def test_of_completed_jobs_the_last_attempt_stays(store: Store) -> None:
    images = [add_image(store, number) for number in range(4)]
    done = add_job(store, images[0], "completed", OLD, attempts=4)
    others = [
        add_job(store, images[1], "failed", OLD, attempts=4),
        add_job(store, images[2], "completed", NEW, attempts=4),
        add_job(store, images[3], "completed", OLD, attempts=4, is_counted=0),
    ]
    assert retention.expire_attempts(store, LIMIT, go_on) == 3
    rows = store.rows("SELECT job_id, number FROM attempts ORDER BY job_id, number")
    left = [(row["job_id"], row["number"]) for row in rows]
    assert left == [(done, 4), *((job, n) for job in others for n in range(1, 5))]


@pytest.fixture
def events(store: Store) -> tuple[int, int]:
    """Ten events each of a completed and of a failed job, in turn; the first ten of all are old."""
    image = add_image(store, 1)
    done, failed = add_job(store, image, "completed", OLD), add_job(store, image, "failed", OLD)
    with store.transaction() as tx:
        tx.run("DELETE FROM events")
        for number in range(20):
            tx.run(
                "INSERT INTO events (job_id, image_id, batch_id, at, new_state, attempt) "
                "VALUES (?, 1, 1, ?, 'active', 1)",
                failed if number % 2 else done,
                OLD if number < 10 else NEW,
            )
    return done, failed


def count(store: Store, job: int) -> int:
    return int(store.value("SELECT count(*) FROM events WHERE job_id = ?", job))


@pytest.mark.parametrize(
    ("before", "most", "left"),
    [(OLD, 100, 10), (LIMIT, 100, 5), (OLD, 6, 3), (OLD, 0, 0), (LIMIT, 16, 5), (OLD, 20, 10)],
)
def test_events_go_by_age_and_count_but_of_failed_jobs(
    store: Store,
    events: tuple[int, int],
    before: str,
    most: int,
    left: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "_EVENT_RANGE", 3)
    assert retention.expire_events(store, before, most, go_on) == 10 - left
    assert [count(store, job) for job in events] == [left, 10]


def test_events_of_a_failed_job_go_once_it_is_handled(
    store: Store, events: tuple[int, int]
) -> None:
    with store.transaction() as tx:
        tx.run("UPDATE jobs SET state = 'cancelled'")
    retention.expire_events(store, LIMIT, 100, go_on)
    assert count(store, events[1]) == 6  # the later five, and that it was handled


def test_everything_ends_when_asked_to(store: Store, events: tuple[int, int]) -> None:
    image = add_image(store, 2)
    for _ in range(2):
        add_job(store, image, "completed", OLD, attempts=2)
    for expire in (retention.expire_jobs, retention.expire_attempts):
        assert expire(store, LIMIT, lambda: True) == 0
    assert retention.expire_events(store, LIMIT, 0, lambda: True) == 0


def fill(store: Store, rows: int) -> None:
    with store.transaction() as tx:
        for _ in range(rows):
            tx.run("INSERT INTO batches (name, created_at, revision) VALUES (?, '', 1)", "x" * 4000)


def test_the_file_shrinks_when_much_is_free_and_nobody_waits(store: Store) -> None:
    fill(store, 3_000)
    assert retention.shrink(store) == 0  # nothing is free
    with store.transaction() as tx:
        tx.run("DELETE FROM batches")
    job = add_job(store, add_image(store, 1), "waiting", OLD)
    assert retention.shrink(store) == 0  # somebody waits
    with store.transaction() as tx:
        tx.run("UPDATE jobs SET state = 'completed' WHERE id = ?", job)
    store.rows("PRAGMA wal_checkpoint(TRUNCATE)")  # up to 16 MB are still in the journal
    size = store.path.stat().st_size
    freed = retention.shrink(store)
    assert freed > 10_000_000
    assert store.path.stat().st_size <= size - freed
    assert jobs(store) == {job}
    assert store.value("PRAGMA integrity_check") == "ok"
    assert retention.shrink(store) == 0


def test_a_file_that_is_held_stays_as_it_is_until_the_next_hour(
    store: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, 3_000)
    with store.transaction() as tx:
        tx.run("DELETE FROM batches")
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    other = database.connect(store.path)
    other.execute("BEGIN IMMEDIATE")
    try:
        assert retention.shrink(store) == 0
    finally:
        other.close()
    assert "not made smaller: database is locked" in caplog.text
    assert retention.shrink(store) > 10_000_000


def test_a_little_that_is_free_is_left(store: Store) -> None:
    fill(store, 1_000)
    with store.transaction() as tx:
        tx.run("DELETE FROM batches")
    assert retention.shrink(store) == 0


def test_a_report_is_told_of_until_it_is_seen(store: Store) -> None:
    assert unseen_report(store) is None
    announce(store, "2026-W47")
    announce(store, "2026-W48")
    assert not mark_seen(store, "2026-W47")
    assert unseen_report(store) == "2026-W48"
    assert mark_seen(store, "2026-W48")
    assert unseen_report(store) is None
