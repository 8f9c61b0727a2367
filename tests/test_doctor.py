"""The doctor finds what is wrong with a home, mends it, and says exactly what it did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import CommandLine, MakePhoto

from pixelcraft_desktop.catalog.database import connect
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.file_lock import FileLock
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

PROBLEMS, OCCUPIED, IMPOSSIBLE = 3, 4, 5


@pytest.fixture
def healthy(pixelcraft: CommandLine, make_photo: MakePhoto, photos: Path) -> CommandLine:
    """A home with two completed pictures and a backup."""
    for name in ("a.png", "b.png"):
        make_photo(name)
    pixelcraft.json("import", photos.as_posix())
    return pixelcraft


def kinds(report: dict[str, Any]) -> list[str]:
    return [problem["kind"] for problem in report["problems"]]


def test_a_healthy_home(healthy: CommandLine, home: Home) -> None:
    report = healthy.json("doctor")
    assert report["healthy"]
    assert (report["problems"], report["repairs"]) == ([], [])
    assert report["versions"]["libraries"]["pillow"]
    assert report["versions"]["libraries"]["PySide6_Essentials"]
    assert set(report["formats"].values()) == {"ok"}
    assert {"JPEG", "HEIC", "AVIF"} <= set(report["formats"])
    assert report["catalog"]["integrity"] == "ok"
    assert report["catalog"]["jobs"]["completed"] == report["catalog"]["images"] == 2
    assert report["disk"]["outputs_bytes"] == sum(
        path.stat().st_size for path in home.outputs.rglob("*.webp")
    )
    assert report["runner"] == report["window"] == {"pid": None}
    assert [backup["integrity"] for backup in report["backups"]] == ["ok"]
    assert report["settings"]["webp_effort"] == Settings().webp_effort
    assert report["last_crash"] is None
    assert "Everything is as it should be." in healthy.run("doctor").stdout


def test_a_new_home_is_healthy(pixelcraft: CommandLine) -> None:
    assert pixelcraft.json("doctor")["healthy"]


def test_litter_and_lost_results_are_mended(healthy: CommandLine, home: Home) -> None:
    first, _ = healthy.json("images")
    Path(first["thumbnail"]).unlink()
    (home.output_folder("preview") / "77-88.webp").write_bytes(b"nobody's")
    report = healthy.json("doctor", code=PROBLEMS)
    assert sorted(kinds(report)) == ["lost", "orphans"]
    assert report["orphans"]["images_without_files"] == [first["id"]]
    assert report["orphans"]["files"] == 1
    mended = healthy.json("doctor", "--repair")
    assert mended["healthy"]
    assert mended["repairs"] == [
        "removed 1 files, 8 bytes",
        "queued 1 pictures whose results are gone, to be made again",
    ]
    assert healthy.run("worker", "--until-idle").returncode == 0
    images = healthy.json("images")
    assert all(Path(image["thumbnail"]).exists() for image in images)
    assert healthy.json("doctor")["catalog"]["jobs"]["completed"] == 2


def test_a_damaged_catalog_is_told_and_restored(healthy: CommandLine, home: Home) -> None:
    home.catalog.write_bytes(b"no database " * 1000)
    report = healthy.json("doctor", code=PROBLEMS)
    assert kinds(report) == ["damaged"]
    assert home.catalog.read_bytes().startswith(b"no database")  # looking changes nothing
    mended = healthy.json("doctor", "--repair")
    assert mended["healthy"]
    assert mended["repairs"][0].startswith("went back to the backup of")
    assert mended["catalog"]["restored"]["kept"] in mended["repairs"][0]
    assert mended["catalog"]["images"] == 2


def test_a_deleted_catalog_is_told_and_restored_and_no_result_goes(
    healthy: CommandLine, home: Home
) -> None:
    home.catalog.unlink()
    report = healthy.json("doctor", code=PROBLEMS)
    assert kinds(report) == ["damaged"]
    assert not home.catalog.exists()  # looking changes nothing
    mended = healthy.json("doctor", "--repair")
    assert mended["healthy"]
    assert mended["repairs"][0].startswith("went back to the backup of")
    assert mended["catalog"]["images"] == 2
    assert len(list(home.outputs.rglob("*.webp"))) == 4


def test_wrong_totals_are_told_and_counted_anew(healthy: CommandLine, home: Home) -> None:
    store = Store(home.catalog)
    with store.transaction() as tx:
        tx.run("UPDATE totals SET completed = completed + 1")
    store.close()
    assert kinds(healthy.json("doctor", code=PROBLEMS)) == ["totals"]
    mended = healthy.json("doctor", "--repair")
    assert mended["healthy"]
    assert mended["repairs"] == ["counted the jobs of every batch anew"]
    assert mended["catalog"]["jobs"]["completed"] == 2


def test_without_a_backup_results_are_kept_for_whoever_mends_the_file(
    healthy: CommandLine, home: Home
) -> None:
    for backup in home.catalog.with_name("backups").iterdir():
        backup.unlink()
    home.catalog.write_bytes(b"no database" * 1_000)
    report = healthy.json("doctor", "--repair")
    assert len(report["repairs"]) == 1
    assert "went back to an empty one" in report["repairs"][0]
    assert len(list(home.outputs.rglob("*.webp"))) == 4
    assert report["catalog"]["restored"]["backup_at"] is None


def test_a_damaged_catalog_in_use_is_left_alone(healthy: CommandLine, home: Home) -> None:
    home.catalog.write_bytes(b"no database " * 1000)
    lock = FileLock(home.window_lock)
    assert lock.acquire()
    done = healthy.run("doctor", "--repair")
    lock.release()
    assert done.returncode == OCCUPIED
    assert "Close PixelCraft everywhere" in done.stderr
    assert home.catalog.read_bytes().startswith(b"no database")


def test_a_wrong_index_is_made_anew(healthy: CommandLine, home: Home) -> None:
    connection = connect(home.catalog)
    connection.execute("PRAGMA writable_schema=ON")
    definition = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE name = 'images_revision'"
    ).fetchone()[0]
    connection.execute(  # SQLite now writes to an index that does not hold these rows
        "UPDATE sqlite_schema SET sql = ? WHERE name = 'images_revision'",
        (f"{definition} WHERE revision < 0",),
    )
    connection.close()
    connection = connect(home.catalog)
    connection.execute("UPDATE images SET revision = revision + 1")
    connection.execute("PRAGMA writable_schema=ON")
    connection.execute(
        "UPDATE sqlite_schema SET sql = ? WHERE name = 'images_revision'", (definition,)
    )
    connection.close()
    report = healthy.json("doctor", code=PROBLEMS)
    assert "images_revision" in report["catalog"]["integrity"]
    mended = healthy.json("doctor", "--repair")
    assert mended["repairs"] == ["made the catalog's indexes anew"]
    assert mended["catalog"]["restored"] is None


def test_jobs_that_were_cut_off_wait_again(healthy: CommandLine, home: Home) -> None:
    store = Store(home.catalog)
    with store.transaction() as tx:
        tx.run("UPDATE jobs SET state = 'active', attempt = 1 WHERE id = 1")
    store.close()
    assert kinds(healthy.json("doctor", code=PROBLEMS)) == ["interrupted"]
    lock = FileLock(home.run_lock)
    assert lock.acquire()  # somebody works on it
    assert healthy.json("doctor")["runner"]["pid"] is not None
    lock.release()
    mended = healthy.json("doctor", "--repair")
    assert mended["repairs"] == ["let 1 jobs that were cut off wait again"]
    assert mended["catalog"]["jobs"]["waiting"] == 1


def test_damaged_backups_and_crashes_are_told(healthy: CommandLine, home: Home) -> None:
    (backup,) = (home.root / "backups").glob("catalog-*.db")
    backup.write_bytes(b"no database " * 1000)
    with (home.logs / "faults.log").open("a") as faults:
        faults.write("Fatal Python error: Segmentation fault\n\nCurrent thread 0x1:\n")
    report = healthy.json("doctor", code=PROBLEMS)
    assert kinds(report) == ["backup"]
    assert report["last_crash"].startswith("Fatal Python error: Segmentation fault")


def test_a_newer_catalog_is_refused(healthy: CommandLine, home: Home) -> None:
    store = Store(home.catalog)
    with store.transaction() as tx:
        tx.run(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('pixelcraft', 'm999_from_the_future', 'then')"
        )
    store.close()
    before = home.catalog.read_bytes()
    done = healthy.run("doctor", "--repair", "--json")
    assert (done.returncode, done.stdout) == (IMPOSSIBLE, "")
    assert "newer PixelCraft" in done.stderr
    assert home.catalog.read_bytes() == before
