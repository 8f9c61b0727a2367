"""Backups: taken beside writers, sound or not counted, few kept."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from pixelcraft_desktop.catalog import backup
from pixelcraft_desktop.catalog.backup import back_up, backup_folder, list_backups, revision_of
from pixelcraft_desktop.catalog.batches import open_batch
from pixelcraft_desktop.catalog.database import CatalogDamaged, quick_check
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.paths import Home


def fill(store: Store, rows: int = 4_000) -> None:
    with store.transaction() as tx:
        for number in range(rows):
            tx.run(
                "INSERT INTO images (path, source, size_bytes, mtime_ns, added_at, revision, "
                "metadata) VALUES (?, 'a', 1, 1, 'then', ?, ?)",
                *(str(number).encode(), tx.revision, f"{number}" * 100),
            )


def scribble(path: Path, at: float = 0.5, size: int = 40_000) -> None:
    """Overwrite the middle of the file."""
    with path.open("r+b") as file:
        file.seek(int(path.stat().st_size * at) // 4096 * 4096)
        file.write(b"\xa5" * size)


def test_a_backup_is_the_catalog_at_one_moment(store: Store) -> None:
    fill(store)
    copy = back_up(store.path)
    assert copy is not None
    assert quick_check(copy) == "ok"
    assert revision_of(copy) == store.value("SELECT value FROM revision")
    assert [path.name for path in backup_folder(store.path).iterdir()] == [copy.name]


def test_writers_go_on_meanwhile(store: Store, home: Home) -> None:
    fill(store, 20_000)
    is_done = threading.Event()
    durations: list[float] = []

    def write() -> None:
        other = Store(home.catalog)
        while not is_done.is_set():
            began = time.monotonic()
            open_batch(other, "meanwhile")
            durations.append(time.monotonic() - began)
        other.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        copies = [back_up(store.path) for _ in range(3)]
    finally:
        is_done.set()
        thread.join()
    assert all(copy is not None for copy in copies)
    assert len(durations) > 3
    assert max(durations) < 1.0


def test_a_damaged_catalog_does_not_replace_a_sound_backup(store: Store, home: Home) -> None:
    fill(store)
    sound = back_up(store.path)
    path = store.path
    store.close()
    scribble(path)
    with pytest.raises(CatalogDamaged):
        back_up(path)
    assert list_backups(path) == [sound]
    assert [each.name for each in backup_folder(path).iterdir()] == [sound.name if sound else ""]


def test_one_that_is_stopped_leaves_nothing(store: Store) -> None:
    fill(store)
    assert back_up(store.path, lambda: True) is None
    assert list(backup_folder(store.path).iterdir()) == []


def test_no_backup_takes_the_last_space(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "_RESERVE_BYTES", 2**60)
    assert back_up(store.path) is None
    assert list_backups(store.path) == []


def test_two_and_one_of_an_earlier_day_are_kept(store: Store) -> None:
    folder = backup_folder(store.path)
    folder.mkdir()
    old = ("20200101T000000000Z", "20200102T000000000Z", "20200102T120000000Z")
    for stamp in old:
        (folder / f"catalog-{stamp}.db").write_bytes(b"")
    (folder / "notes.txt").write_text("not ours")
    new = [back_up(store.path) for _ in range(3)]
    kept = [*new[:0:-1], folder / f"catalog-{old[-1]}.db"]
    assert list_backups(store.path) == kept
    assert (folder / "notes.txt").exists()
