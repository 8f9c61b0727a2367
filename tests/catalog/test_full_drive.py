"""On a full drive the catalog can be read, says what is missing, and makes what room it can."""

from __future__ import annotations

import errno
import os
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from pixelcraft_desktop import cli, drive
from pixelcraft_desktop.catalog import control, database
from pixelcraft_desktop.catalog.batches import open_batch
from pixelcraft_desktop.catalog.database import DriveFull, OperationalError, explain, is_full
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.doctor.checkup import check_integrity
from pixelcraft_desktop.jobs.file_lock import FileLock
from pixelcraft_desktop.jobs.schedules.cleanup import clean_up
from pixelcraft_desktop.paths import Home

FullDrive = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def full_drive(monkeypatch: pytest.MonkeyPatch) -> FullDrive:
    """No file of this process may grow beyond 100 bytes, and the drive says that it is full."""

    @contextmanager
    def fill() -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        with monkeypatch.context() as patch:
            patch.setattr(drive, "free_bytes", lambda _path: 0)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
            try:
                yield
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return fill


def test_what_stands_there_is_read_and_nothing_more_is_taken(
    home: Home, full_drive: FullDrive
) -> None:
    store = Store(home.catalog)
    open_batch(store, "before")
    store.close()
    content = home.catalog.read_bytes()
    with full_drive():
        with pytest.raises(DriveFull, match="no space is left on the drive"):
            Store(home.catalog)
        brief = Store(home.catalog, is_brief=True)
        assert brief.value("SELECT name FROM batches") == "before"
        with pytest.raises(DriveFull):
            control.set_paused(brief, True)
        assert not control.is_paused(brief)
        brief.close()
        assert check_integrity(home.catalog) == "ok"
    assert home.catalog.read_bytes() == content
    after = Store(home.catalog)
    assert control.set_paused(after, True)
    after.close()


def test_the_journal_of_a_run_that_was_killed_makes_room(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = Store(home.catalog)
    open_batch(killed, "in the journal")
    copy = tmp_path / "copy" / "catalog.db"
    copy.parent.mkdir()
    for path in home.root.glob("catalog.db*"):  # as kill -9 leaves it
        shutil.copyfile(path, copy.with_name(path.name))
    killed.close()
    journal = copy.with_name("catalog.db-wal")
    assert journal.stat().st_size > 4096
    monkeypatch.setattr(drive, "free_bytes", lambda _path: 0)
    connect = database._connect

    def refuse_beside_the_journal(path: Path, is_alone: bool = False) -> Any:
        if journal.exists() and not is_alone:
            raise OperationalError("database or disk is full")
        return connect(path, is_alone)

    monkeypatch.setattr(database, "_connect", refuse_beside_the_journal)
    store = Store(copy)
    assert store.value("SELECT name FROM batches") == "in the journal"
    store.close()


def test_a_refused_write_empties_the_journal_for_the_next(store: Store) -> None:
    journal = store.path.with_name("catalog.db-wal")
    open_batch(store, "a")
    assert journal.stat().st_size > 0
    with pytest.raises(DriveFull), store.transaction():
        raise OperationalError("database or disk is full")
    assert journal.stat().st_size == 0
    assert store.value("PRAGMA busy_timeout") == 60_000
    assert open_batch(store, "b") == 2


def test_a_command_empties_the_journal_of_others_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = store.path.with_name("catalog.db-wal")
    open_batch(store, "a")
    Store(store.path, is_brief=True).close()
    assert journal.stat().st_size > 0
    monkeypatch.setattr(drive, "free_bytes", lambda _path: 0)
    Store(store.path, is_brief=True).close()
    assert journal.stat().st_size == 0


def test_only_a_full_drive_is_called_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stumble = OperationalError("disk I/O error")
    stumble.sqlite_errorcode = 10
    assert explain(stumble, tmp_path) is stumble
    assert not is_full(stumble)
    locked = OperationalError("database is locked")
    locked.sqlite_errorcode = 5
    monkeypatch.setattr(drive, "free_bytes", lambda _path: 0)
    assert explain(locked, tmp_path) is locked
    assert is_full(explain(stumble, tmp_path))
    assert drive.drive_of(tmp_path) in str(explain(stumble, tmp_path))


def test_the_drive_is_where_it_is_mounted(tmp_path: Path) -> None:
    place = Path(drive.drive_of(tmp_path / "not" / "there"))
    assert place.is_mount()
    assert tmp_path.resolve().is_relative_to(place)
    assert drive.free_bytes(tmp_path / "not" / "there") > drive.NOTHING_BYTES


def test_a_lock_needs_no_space(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = FileLock(home.run_lock)

    def refuse(_descriptor: int, _content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refuse)
        assert lock.acquire()
    other = FileLock(home.run_lock)
    assert not other.acquire()
    lock.release()
    assert other.acquire()
    assert home.run_lock.read_text() == f"{os.getpid()}\n"
    other.release()


def test_cleanup_removes_files_though_the_catalog_takes_nothing(
    store: Store, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.transaction() as tx:
        tx.run(
            "INSERT INTO images (path, source, size_bytes, mtime_ns, added_at, revision, "
            "removed_at) VALUES (x'61', 'a', 1, 1, 'then', 1, '2020-01-01T00:00:00.000Z')"
        )
    litter = home.output_folder("preview") / "7-7.webp"
    litter.write_bytes(b"1234")

    def refuse(_store: Store, _ids: object) -> None:
        raise DriveFull("no space is left on the drive /x")

    monkeypatch.setattr("pixelcraft_desktop.jobs.schedules.cleanup.purge", refuse)
    done = clean_up(store, home)
    assert (done.files, done.purged_images) == ([str(litter)], 0)
    assert store.value("SELECT count(*) FROM images") == 1


def test_commands_say_which_drive_and_what_to_do(
    home: Home,
    full_drive: FullDrive,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Store(home.catalog).close()
    monkeypatch.setattr(cli, "start_logs", lambda _folder: None)
    with full_drive():
        with pytest.raises(SystemExit) as looked:
            cli.run(["--home", str(home.root), "status"])
        with pytest.raises(SystemExit) as paused:
            cli.run(["--home", str(home.root), "pause"])
    assert (paused.value.code, looked.value.code) == (5, 0)
    told = capsys.readouterr()
    place = drive.drive_of(home.root)
    assert told.err == (
        f"This can't be done: no space is left on the drive {place}. "
        "Free some there, then try again.\n"
    )
    assert f"The queue is held: No space left on the drive {place}. 2 MB are needed" in told.out
