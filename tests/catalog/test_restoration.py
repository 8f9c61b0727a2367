"""A damaged catalog is kept aside, its last backup takes its place, and nothing comes twice."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest
from test_backup import fill, scribble

from pixelcraft_desktop.catalog import control
from pixelcraft_desktop.catalog.backup import back_up, list_backups
from pixelcraft_desktop.catalog.batches import open_batch
from pixelcraft_desktop.catalog.database import DatabaseError, connect, journal_mode
from pixelcraft_desktop.catalog.pictures import changes_since
from pixelcraft_desktop.catalog.schema import CatalogTooNew
from pixelcraft_desktop.catalog.store import CatalogReplaced, Store
from pixelcraft_desktop.paths import Home


@pytest.fixture
def backed_up(home: Home) -> Home:
    """A home whose catalog has 4,000 images, and a backup of it with one batch less."""
    store = Store(home.catalog)
    fill(store)
    assert back_up(home.catalog) is not None
    open_batch(store, "after the backup")
    store.close()
    return home


def kept(home: Home) -> list[Path]:
    return sorted(home.root.glob("catalog.db.corrupt-*"))


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_bytes(b"no database " * 1000),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: scribble(path, at=0.0, size=200),
    ],
    ids=["something else", "emptied", "cut off", "header"],
)
def test_the_last_backup_takes_its_place(backed_up: Home, harm: object) -> None:
    assert callable(harm)
    harm(backed_up.catalog)
    harmed = backed_up.catalog.read_bytes()
    store = Store(backed_up.catalog)
    assert store.restored is not None
    assert store.restored.backup_at is not None
    assert control.restored(store) == store.restored
    assert store.value("SELECT count(*) FROM images") == 4_000
    assert store.value("SELECT count(*) FROM batches") == 0
    assert store.value("PRAGMA integrity_check") == "ok"
    assert [path.read_bytes() for path in kept(backed_up)] == [harmed]
    store.close()
    again = Store(backed_up.catalog)
    assert again.restored is None
    control.forget_restoration(again)
    assert control.restored(again) is None
    again.close()


def test_a_catalog_that_was_deleted_comes_back(backed_up: Home) -> None:
    stale = backed_up.root / "catalog.db-wal"
    stale.write_bytes(b"of the file that was deleted")
    backed_up.catalog.unlink()
    store = Store(backed_up.catalog)
    assert store.restored is not None
    assert store.restored.found == "the file is gone"
    assert store.restored.backup_at is not None
    assert store.value("SELECT count(*) FROM images") == 4_000
    assert store.value("PRAGMA integrity_check") == "ok"
    store.close()


def test_deleted_with_backups_that_are_damaged_it_begins_anew_and_says_so(backed_up: Home) -> None:
    for backup in list_backups(backed_up.catalog):
        backup.write_bytes(b"no database " * 1000)
    backed_up.catalog.unlink()
    store = Store(backed_up.catalog)
    assert store.restored is not None
    assert store.restored.backup_at is None
    assert control.keeps_outputs(store)  # for whoever finds the file again
    store.close()


def test_damage_met_while_it_runs_is_restored_by_reopening(backed_up: Home) -> None:
    scribble(backed_up.catalog)
    store = Store(backed_up.catalog)  # its first pages are sound
    with pytest.raises(DatabaseError):
        store.rows("SELECT * FROM images")
    assert store.is_damaged
    store.reopen()
    assert not store.is_damaged
    assert len(store.rows("SELECT * FROM images")) == 4_000
    store.close()


def test_damage_met_while_it_runs_is_restored_at_the_next_start(backed_up: Home) -> None:
    scribble(backed_up.catalog)
    store = Store(backed_up.catalog)
    with pytest.raises(DatabaseError):
        store.rows("SELECT * FROM images")
    store.close()
    store = Store(backed_up.catalog)
    assert store.restored is not None
    store.close()
    assert not backed_up.catalog.with_name("catalog.db.suspect").exists()


def test_a_false_suspicion_costs_one_check(backed_up: Home) -> None:
    store = Store(backed_up.catalog)
    store.suspect_damage()
    store.close()
    store = Store(backed_up.catalog)
    assert store.restored is None
    assert store.value("SELECT count(*) FROM batches") == 1
    store.close()
    assert kept(backed_up) == []
    assert not backed_up.catalog.with_name("catalog.db.suspect").exists()


@pytest.mark.skipif(journal_mode() != "wal", reason="this SQLite keeps no WAL safely")
def test_a_stale_journal_is_not_played_into_the_backup(backed_up: Home) -> None:
    store = Store(backed_up.catalog)
    open_batch(store, "in the WAL")
    leftover = {
        end: backed_up.catalog.with_name("catalog.db" + end).read_bytes()
        for end in ("-wal", "-shm")
    }
    store.close()
    backed_up.catalog.write_bytes(b"no database " * 1000)
    for end, content in leftover.items():
        backed_up.catalog.with_name("catalog.db" + end).write_bytes(content)
    store = Store(backed_up.catalog)
    assert store.restored is not None
    assert store.value("PRAGMA integrity_check") == "ok"
    assert store.value("SELECT count(*) FROM batches") == 0
    store.close()


def test_windows_read_everything_anew_and_no_revision_comes_twice(backed_up: Home) -> None:
    store = Store(backed_up.catalog)
    seen = int(store.value("SELECT value FROM revision"))
    store.close()
    scribble(backed_up.catalog, at=0.0, size=200)
    store = Store(backed_up.catalog)
    changes = changes_since(store, seen)
    assert len(changes.changed) == 4_000
    with store.transaction() as tx:
        assert tx.revision > seen + 1_000_000
    store.close()


def test_images_after_the_backup_are_gone_for_windows_too(backed_up: Home) -> None:
    store = Store(backed_up.catalog)
    with store.transaction() as tx:
        tx.run(
            "INSERT INTO images (path, source, size_bytes, mtime_ns, added_at, revision) "
            "VALUES (x'ff', 'late', 1, 1, 'then', 1)"
        )
    store.close()
    scribble(backed_up.catalog)
    store = Store(backed_up.catalog)
    with pytest.raises(DatabaseError):
        store.rows("SELECT * FROM images")
    store.reopen()
    assert changes_since(store, 1).gone == [4_001]
    store.close()


def test_without_a_backup_the_library_begins_anew(home: Home) -> None:
    home.catalog.write_bytes(b"no database " * 1000)
    store = Store(home.catalog)
    assert store.restored is not None
    assert store.restored.backup_at is None
    assert control.restored(store) == store.restored
    assert open_batch(store, "first") == 1
    assert store.value("SELECT value FROM revision") > 1_000_000  # outputs of before stay apart
    assert control.keeps_outputs(store)
    store.close()
    assert len(kept(home)) == 1


def test_a_damaged_backup_is_passed_over(backed_up: Home) -> None:
    older = list_backups(backed_up.catalog)[0]
    newer = older.with_name("catalog-20990101T000000000Z.db")
    newer.write_bytes(older.read_bytes())
    scribble(newer)
    backed_up.catalog.write_bytes(b"no database " * 1000)
    store = Store(backed_up.catalog)
    assert store.restored is not None
    assert store.value("SELECT count(*) FROM images") == 4_000
    store.close()


def test_who_has_the_damaged_file_open_notices(backed_up: Home) -> None:
    store = Store(backed_up.catalog)
    os.replace(backed_up.catalog, backed_up.root / "elsewhere.db")
    Store(backed_up.catalog).close()
    with pytest.raises(CatalogReplaced):
        store.foreign_version()
    with pytest.raises(CatalogReplaced):
        open_batch(store, "into the old file")
    assert store.is_damaged
    store.reopen()
    assert open_batch(store, "into the new file") == 1
    store.close()


def open_and_count(path: str, counts: object) -> None:
    store = Store(Path(path))
    counts.put(store.value("SELECT count(*) FROM images"))  # type: ignore[attr-defined]  # a queue
    store.close()


def test_processes_that_start_at_once_restore_once(backed_up: Home) -> None:
    backed_up.catalog.write_bytes(b"no database " * 1000)
    context = multiprocessing.get_context("spawn")
    counts = context.Queue()
    arguments = (str(backed_up.catalog), counts)
    processes = [context.Process(target=open_and_count, args=arguments) for _ in range(3)]
    for process in processes:
        process.start()
    found = [counts.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(60)
    assert found == [4_000] * 3
    assert len(kept(backed_up)) == 1


def test_a_newer_catalog_leaves_no_trace(home: Home) -> None:
    store = Store(home.catalog)
    with store.transaction() as tx:
        tx.run(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('pixelcraft', 'm999_from_the_future', 'then')"
        )
    store.close()
    connection = connect(home.catalog)
    connection.execute("PRAGMA journal_mode=DELETE")  # opening it as ours would change that
    connection.close()
    os.utime(home.catalog, ns=(1, 1))
    before = {path.name: path.stat().st_mtime_ns for path in home.root.iterdir()}
    content = home.catalog.read_bytes()
    with pytest.raises(CatalogTooNew):
        Store(home.catalog)
    assert {path.name: path.stat().st_mtime_ns for path in home.root.iterdir()} == before
    assert home.catalog.read_bytes() == content
