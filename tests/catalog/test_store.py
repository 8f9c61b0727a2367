"""Transactions: whole or absent, each with a revision, heard by its listeners."""

from __future__ import annotations

import multiprocessing
import threading
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from pixelcraft_desktop.catalog import database, jobs, transitions
from pixelcraft_desktop.catalog.batches import open_batch
from pixelcraft_desktop.catalog.renditions import make_current, sound_files
from pixelcraft_desktop.catalog.schema import CatalogTooNew
from pixelcraft_desktop.catalog.store import Store, now
from pixelcraft_desktop.model import Rendered
from pixelcraft_desktop.paths import Home


def count_batches(store: Store) -> int:
    return int(store.value("SELECT count(*) FROM batches"))


def test_a_block_that_raises_leaves_nothing(store: Store) -> None:
    def insert_and_raise() -> None:
        with store.transaction() as tx:
            tx.run("INSERT INTO batches (name, created_at, revision) VALUES ('x', 'now', 1)")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        insert_and_raise()
    assert count_batches(store) == 0
    assert open_batch(store, "after") == 1


def test_every_transaction_has_a_greater_revision(store: Store) -> None:
    revisions = []
    for durable in (False, True, False):
        with store.transaction(durable) as tx:
            revisions.append(tx.revision)
    assert revisions == sorted(set(revisions))


def test_listeners_hear_commits_only_and_can_not_harm(store: Store) -> None:
    heard: list[int] = []

    def bad() -> None:
        raise RuntimeError

    store.listen(bad)
    store.listen(lambda: heard.append(1))
    open_batch(store, "a")
    with pytest.raises(ValueError, match="no"), store.transaction():
        raise ValueError("no")
    assert heard == [1]


def test_another_connection_is_noticed(store: Store, home: Home) -> None:
    before = store.foreign_version()
    open_batch(store, "own")
    assert store.foreign_version() == before
    other = Store(home.catalog)
    open_batch(other, "foreign")
    other.close()
    assert store.foreign_version() != before


def test_threads_share_a_store(store: Store) -> None:
    def work() -> None:
        for _ in range(50):
            open_batch(store, "t")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count_batches(store) == 200
    assert store.value("SELECT value FROM revision") == 200


def write_batches(path: str, times: int) -> None:
    store = Store(Path(path))
    for _ in range(times):
        open_batch(store, "p")
    store.close()


def test_processes_that_start_at_once_share_a_new_catalog(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=write_batches, args=(str(path), 40)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 4
    store = Store(path)
    assert count_batches(store) == 160
    assert store.value("PRAGMA integrity_check") == "ok"
    store.close()


def test_a_newer_catalog_is_refused_untouched(home: Home) -> None:
    store = Store(home.catalog)
    with store.transaction() as tx:
        tx.run(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('pixelcraft', 'm999_from_the_future', 'then')"
        )
        revision = tx.revision
    store.close()
    with pytest.raises(CatalogTooNew, match="newer PixelCraft"):
        Store(home.catalog)
    connection = database.connect(home.catalog)
    assert connection.execute("SELECT value FROM revision").fetchone() == (revision,)
    connection.close()


def test_an_older_catalog_is_brought_up_and_kept_beside(home: Home) -> None:
    Store(home.catalog).close()
    connection = database.connect(home.catalog)
    connection.execute("ALTER TABLE images DROP COLUMN notes")
    connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'm003_notes'")
    connection.execute(
        "INSERT INTO images (path, source, size_bytes, mtime_ns, added_at, revision) "
        "VALUES (x'61', 'a', 1, 1, 'then', 1)"
    )
    connection.close()
    store = Store(home.catalog)
    assert store.rows("SELECT source, notes FROM images") == [{"source": "a", "notes": None}]
    store.close()
    assert home.catalog.with_name("catalog.db.before-upgrade").is_file()


def test_what_was_rendered_before_salvage_is_sound(home: Home) -> None:
    store = Store(home.catalog)
    with store.transaction() as tx:
        tx.run(
            "INSERT INTO images (path, source, size_bytes, mtime_ns, added_at, revision) "
            "VALUES (x'61', 'a', 1, 1, 'then', 1)"
        )
        batch = tx.insert(
            "INSERT INTO batches (name, created_at, revision) VALUES ('b', 'then', 1)"
        )
        transitions.add_jobs(tx, [1], jobs.Plan(batch, "[]", 1))
        made = [(Rendered("thumbnail", 1, 1, 1), "1-1.webp")]
        make_current(tx, 1, "[]", made)
        tx.run("ALTER TABLE jobs DROP COLUMN salvage")
        tx.run("ALTER TABLE renditions DROP COLUMN is_damaged")
        tx.run("DELETE FROM _sqlite_migrations WHERE name = 'm004_salvage'")
    store.close()
    store = Store(home.catalog)
    assert store.value("SELECT salvage FROM jobs") == 0
    assert sound_files(store, 1, "[]") == {"thumbnail": "1-1.webp"}
    with store.transaction() as tx:
        make_current(tx, 1, "[]", made, is_damaged=True)
    assert sound_files(store, 1, "[]") == {}
    store.close()


def test_the_journal_suits_the_library(store: Store) -> None:
    assert store.value("PRAGMA journal_mode") == database.journal_mode()


@pytest.mark.parametrize(
    ("version", "mode"),
    [("3.40.1", "delete"), ("3.51.2", "delete"), ("3.51.3", "wal"), ("3.53.0", "wal")],
)
def test_wal_only_where_it_is_sound(
    version: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pixelcraft_desktop.catalog.database.sqlite3.sqlite_version", version)
    assert database.journal_mode() == mode


def test_times_are_utc_with_milliseconds() -> None:
    text = now()
    assert text.endswith("Z")
    assert len(text) == len("2026-01-01T00:00:00.000Z")


def open_new_ones(folder: str, count: int, start: Barrier) -> None:
    for number in range(count):
        start.wait(60)
        Store(Path(folder) / f"{number}.db").close()


def test_processes_that_open_a_new_catalog_at_one_moment_wait_for_each_other(
    tmp_path: Path,
) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(4)
    processes = [
        context.Process(target=open_new_ones, args=(str(tmp_path), 60, start)) for _ in range(4)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(90)
    assert [process.exitcode for process in processes] == [0] * 4
