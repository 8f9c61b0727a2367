"""A home is backed up by itself, and goes on with the last backup when its catalog breaks."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import CommandLine, MakePhoto

from pixelcraft_desktop.catalog import control
from pixelcraft_desktop.catalog.backup import back_up, list_backups
from pixelcraft_desktop.catalog.batches import open_batch
from pixelcraft_desktop.catalog.database import DatabaseError, connect
from pixelcraft_desktop.catalog.jobs import count_states
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs import backups
from pixelcraft_desktop.jobs.backups import Backups
from pixelcraft_desktop.jobs.imports import Imports
from pixelcraft_desktop.jobs.runner import Runner
from pixelcraft_desktop.jobs.schedules.cleanup import clean_up
from pixelcraft_desktop.model import State, standard_recipe
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings


def wait_until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        threading.Event().wait(0.02)
    pytest.fail("it did not come to be")


def scribble_jobs(catalog: Path) -> None:
    """Overwrite the page in which the jobs begin: the catalog still opens."""
    connection = connect(catalog)
    sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'jobs'"
    page = connection.execute(sql).fetchone()[0]
    connection.close()
    with catalog.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)


def test_an_end_leaves_a_backup_of_what_changed(store: Store, home: Home) -> None:
    for expected in (1, 1):  # the second time nothing changed
        keeper = Backups(store, home)
        keeper.start()
        keeper.stop()
        assert len(list_backups(store.path)) == expected
    assert not (home.root / "backups" / "running").exists()


def test_after_a_crash_one_is_made_at_once(store: Store, home: Home) -> None:
    assert back_up(store.path) is not None
    (home.root / "backups" / "running").touch()  # nobody took it away
    keeper = Backups(store, home)
    keeper.start()
    wait_until(lambda: len(list_backups(store.path)) == 2)
    keeper.stop()


def test_what_changed_is_backed_up_every_hour(
    store: Store, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "_LOOK_S", 0.02)
    monkeypatch.setattr(backups, "_OLD_S", 0.1)
    keeper = Backups(store, home)
    keeper.start()
    wait_until(lambda: len(list_backups(store.path)) == 1)
    first = list_backups(store.path)[0]
    threading.Event().wait(0.3)
    assert list_backups(store.path) == [first]
    open_batch(store, "news")
    wait_until(lambda: list_backups(store.path)[0] != first)
    keeper.stop()


def test_a_running_home_goes_on_with_its_backup(
    home: Home, make_photo: MakePhoto, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pixelcraft_desktop.jobs.runner._TRY_AGAIN_S", 0.1)
    for number in range(3):
        make_photo(f"{number}.png")
    pixelcraft = CommandLine(home.root)
    pixelcraft.json("import", photos.as_posix())
    assert len(list_backups(home.catalog)) == 1
    make_photo("late.png")
    pixelcraft.json("import", photos.as_posix())
    scribble_jobs(home.catalog)
    store = Store(home.catalog)
    assert store.restored is None
    reader = Store(home.catalog)
    heard: list[str | None] = []
    imports = Imports(store, home, standard_recipe())
    runner = Runner(store, home, Settings(workers=1), imports, heard.append)
    runner.start()
    try:
        wait_until(lambda: heard == [None])  # it runs, and did not read the damaged page yet
        with pytest.raises(DatabaseError):
            reader.rows("SELECT * FROM jobs")
        wait_until(lambda: len(heard) > 2)
        restored = control.restored(store)
        assert restored is not None
        assert count_states(store)[State.COMPLETED] == 3
        # The results of the picture that is not in the backup are kept for a week.
        assert len(list(home.output_folder("preview").iterdir())) == 4
        assert clean_up(store, home).files == []
        imports.add([os.fsencode(photos)])
        wait_until(lambda: count_states(store)[State.COMPLETED] == 4)
    finally:
        imports.stop()
        runner.stop(5)
        store.close()
    assert Path(restored.kept).exists()
    reader.close()
    assert heard[0] is heard[-1] is None
    assert "damaged" in str(heard[1])


def test_results_that_went_after_the_backup_are_made_again(
    home: Home, make_photo: MakePhoto, photos: Path
) -> None:
    photo = make_photo("a.png")
    pixelcraft = CommandLine(home.root)
    pixelcraft.json("import", photos.as_posix())
    backup = list_backups(home.catalog)[0]
    make_photo("a.png", size=(640, 480))  # its results get another name, the older ones go
    os.utime(photo, ns=(1, 1))
    pixelcraft.json("import", photos.as_posix())
    assert list_backups(home.catalog) == [backup]  # too young for another one
    home.catalog.write_bytes(b"no database " * 1000)
    done = pixelcraft.run("worker", "--until-idle")
    assert done.returncode == 0, done.stderr
    assert "The catalog was damaged" in done.stderr
    (image,) = pixelcraft.json("images")
    assert (image["state"], image["width"]) == ("completed", 640)
    assert Path(image["preview"]).exists()


def test_the_command_line_tells_what_happened(home: Home, make_photo: MakePhoto) -> None:
    pixelcraft = CommandLine(home.root)
    pixelcraft.json("import", make_photo("a.png").as_posix())
    home.catalog.write_bytes(b"no database " * 1000)
    first, second = pixelcraft.run("status", "--json"), pixelcraft.run("status", "--json")
    assert first.returncode == 0
    assert "The catalog was damaged (file is not a database). It is as it was at" in first.stderr
    assert first.stdout == second.stdout
    assert '"completed": 1' in first.stdout
    assert second.stderr == ""


def test_results_deleted_by_hand_are_made_again_by_another_import(
    home: Home, make_photo: MakePhoto, photos: Path
) -> None:
    for name in ("a.png", "b.png"):
        make_photo(name)
    pixelcraft = CommandLine(home.root)
    pixelcraft.json("import", photos.as_posix())
    first, other = pixelcraft.json("images")
    Path(first["preview"]).unlink()
    again = pixelcraft.json("import", photos.as_posix())
    assert (again["imported"], again["duplicates"], again["completed"]) == (1, 1, 1)
    image, untouched = pixelcraft.json("images")
    assert Path(image["preview"]).exists()
    assert Path(image["thumbnail"]).exists()
    assert untouched == other
    assert len(list(home.output_folder("thumbnail").iterdir())) == 2
    assert len(pixelcraft.json("jobs")) == 2


def test_what_a_backup_that_was_cut_off_left_is_swept_at_the_start(
    store: Store, home: Home
) -> None:
    sound = back_up(store.path)
    assert sound is not None
    folder = home.root / "backups"
    for end in (".db.99.tmp", ".db.99.tmp-journal"):
        (folder / f"catalog-20260101T000000000Z{end}").write_bytes(b"half")
    keeper = Backups(store, home)
    keeper.start()
    wait_until(lambda: not list(folder.glob("*.tmp*")))
    keeper.stop()
    assert sound in list_backups(store.path)
