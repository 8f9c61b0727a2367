"""The command line is a contract: documents, exit codes, refusals."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import CommandLine, MakePhoto
from PIL import Image

from pixelcraft_desktop.catalog.store import Store

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
IMPORT_KEYS = [
    *("batch", "found", "imported", "duplicates", "skipped"),
    *("completed", "failed", "seconds"),
]
STATUS_KEYS = ["waiting", "delayed", "active", "completed", "failed", "cancelled", "paused"]
IMAGE_KEYS = [
    *("id", "source", "sha256", "format", "width", "height", "bytes", "state"),
    *("thumbnail", "preview", "metadata", "job_id"),
]
JOB_KEYS = [
    *("id", "image_id", "batch", "source", "state", "progress", "stage", "attempt"),
    *("max_attempts", "cause", "message", "created_at", "started_at", "finished_at", "run_at"),
]
ATTEMPT_KEYS = [
    *("number", "started_at", "finished_at", "stage", "cause", "message", "traceback"),
    *("duration_ms", "peak_memory_bytes"),
]


def test_an_import_from_end_to_end(
    pixelcraft: CommandLine, photos: Path, make_photo: MakePhoto
) -> None:
    make_photo("a.jpg")
    make_photo("b.png")
    (photos / "c.jpg").write_text("no picture")
    (photos / "notes.txt").write_text("no picture")
    done = pixelcraft.json("import", str(photos), code=3)
    assert list(done) == IMPORT_KEYS
    assert done.pop("seconds") > 0
    assert done == {
        "batch": 1,
        "found": 3,
        "imported": 3,
        "duplicates": 0,
        "skipped": 1,
        "completed": 2,
        "failed": 1,
    }
    again = pixelcraft.json("import", str(photos / "a.jpg"))
    assert (again["imported"], again["duplicates"], again["completed"]) == (0, 1, 0)
    check_documents(pixelcraft)


def check_documents(pixelcraft: CommandLine) -> None:
    status = pixelcraft.json("status")
    assert list(status) == STATUS_KEYS
    assert (status["completed"], status["failed"], status["paused"]) == (2, 1, False)
    images = pixelcraft.json("images")
    assert [list(image) for image in images] == [IMAGE_KEYS] * 3
    assert [image["state"] for image in images] == ["completed", "completed", "failed"]
    assert all(Path(images[0][key]).is_file() for key in ("source", "thumbnail", "preview"))
    assert images[0]["metadata"] == {}
    assert images[2]["thumbnail"] is None
    jobs = pixelcraft.json("jobs")
    assert [list(job) for job in jobs] == [JOB_KEYS] * 3
    assert all(TIME.fullmatch(jobs[0][f"{k}_at"]) for k in ("created", "started", "finished"))
    failed = pixelcraft.json("jobs", "--state", "failed", "--batch", "1")
    assert [job["cause"] for job in failed] == ["not_an_image"]
    assert pixelcraft.json("jobs", "--batch", "9") == []
    job = pixelcraft.json("job", str(failed[0]["id"]))
    assert list(job) == [*JOB_KEYS, "attempts"]
    (attempt,) = job["attempts"]
    assert list(attempt) == ATTEMPT_KEYS
    assert "KnownFailure" in attempt["traceback"]


def test_a_mended_picture_completes_after_a_retry(
    pixelcraft: CommandLine, photos: Path, make_photo: MakePhoto
) -> None:
    (photos / "a.jpg").write_bytes(b"")
    pixelcraft.json("import", str(photos), code=3)
    make_photo("a.jpg")
    assert pixelcraft.json("retry", "1") == {"retried": [1], "refused": []}
    assert pixelcraft.run("worker", "--until-idle").returncode == 0
    job = pixelcraft.json("job", "1")
    assert job["state"] == "completed"
    assert [attempt["cause"] for attempt in job["attempts"]] == ["empty", None]
    refused = pixelcraft.run("retry", "1", "99")
    assert refused.returncode == 5
    assert "1, 99" in refused.stderr
    assert pixelcraft.json("retry", "--all") == {"retried": [], "refused": []}


def test_what_is_readable_of_a_damaged_picture_is_salvaged(
    pixelcraft: CommandLine, photos: Path, make_photo: MakePhoto
) -> None:
    path = make_photo("a.png", size=(900, 600))
    original = path.read_bytes()[: path.stat().st_size // 2]
    path.write_bytes(original)
    (photos / "b.jpg").write_bytes(b"")
    pixelcraft.json("import", str(photos), code=3)
    jobs = {job["cause"]: job for job in pixelcraft.json("jobs")}
    assert re.fullmatch(
        r"The picture is damaged: it ends at [1-9]\d? %\.", jobs["damaged"]["message"]
    )
    damaged, empty = (str(jobs[cause]["id"]) for cause in ("damaged", "empty"))
    done = pixelcraft.json("retry", damaged, empty, "--salvage", code=5)
    assert done == {"retried": [int(damaged)], "refused": [int(empty)]}
    assert pixelcraft.run("worker", "--until-idle").returncode == 0
    image = pixelcraft.json("images")[0]
    assert (image["state"], image["width"], image["height"]) == ("completed", 900, 600)
    assert Path(image["preview"]).is_file()
    assert "Damaged, " in pixelcraft.run("images").stdout
    assert path.read_bytes() == original
    refused = pixelcraft.run("retry", "--salvage", damaged)
    assert (refused.returncode, refused.stdout) == (5, "")
    assert "failed as damaged" in refused.stderr
    assert pixelcraft.json("retry", "--salvage", "--all") == {"retried": [], "refused": []}


def test_a_paused_queue_records_and_waits(pixelcraft: CommandLine, make_photo: MakePhoto) -> None:
    path = str(make_photo("a.jpg"))
    assert "paused" in pixelcraft.run("pause").stdout
    done = pixelcraft.run("import", path, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["completed"] == 0
    assert "paused" in done.stderr
    assert pixelcraft.json("status")["paused"] is True
    idle = pixelcraft.run("worker", "--until-idle")
    assert (idle.returncode, "paused" in idle.stderr) == (0, True)
    pixelcraft.run("resume")
    assert pixelcraft.run("worker", "--until-idle").returncode == 0
    assert pixelcraft.json("status")["completed"] == 1


def test_no_wait_only_records_and_importing_again_finishes(
    pixelcraft: CommandLine, make_photo: MakePhoto
) -> None:
    path = str(make_photo("a.jpg"))
    assert pixelcraft.json("import", "--no-wait", path)["imported"] == 1
    assert pixelcraft.json("status")["waiting"] == 1
    again = pixelcraft.json("import", path)
    assert (again["duplicates"], again["completed"]) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["import"], 2, "PATH"),
        (["import", "/no/such\nthing"], 2, "There is no /no/such\\nthing"),
        (["import", "--workers", "0", "/"], 2, "workers"),
        (["import", ""], 2, "An empty path names nothing"),
        (["statsu"], 2, "There is no statsu. It is no command either."),
        (["job", "99999999999999999999"], 2, "99999999999999999999"),
        (["jobs", "--state", "lost"], 2, "lost"),
        (["job", "7"], 5, "There is no job 7"),
        (["retry"], 2, "--all"),
        (["retry", "7"], 5, "7"),
        (["fly"], 2, "fly"),
    ],
)
def test_refusals_say_why(
    pixelcraft: CommandLine, arguments: list[str], code: int, words: str
) -> None:
    done = pixelcraft.run(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_setting_is_named(pixelcraft: CommandLine) -> None:
    pixelcraft.home.mkdir()
    (pixelcraft.home / "settings.toml").write_text("workers = 'all'", encoding="utf-8")
    done = pixelcraft.run("status")
    assert done.returncode == 2
    assert "settings.toml, line 1, workers" in done.stderr


def test_a_home_that_can_not_be_is_named(pixelcraft: CommandLine, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    done = pixelcraft.run("--home", str(blocked), "status")
    assert done.returncode == 2
    assert str(blocked) in done.stderr


def test_the_home_option_comes_before_the_variable(pixelcraft: CommandLine, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert pixelcraft.json("--home", str(other), "status")["waiting"] == 0
    assert (other / "catalog.db").is_file()
    assert not pixelcraft.home.exists()


def test_lines_for_people(pixelcraft: CommandLine, photos: Path, make_photo: MakePhoto) -> None:
    make_photo("a\x1b[31m.jpg")
    (photos / "bad.jpg").write_bytes(b"")
    said = pixelcraft.run("import", str(photos)).stdout
    assert "2 pictures found" in said
    assert "1 failed" in said
    lines = pixelcraft.run("images").stdout
    assert "\x1b" not in lines
    assert "a\\x1b[31m.jpg" in lines
    assert "empty: The file is empty (0 bytes)." in pixelcraft.run("jobs").stdout
    assert "completed" in pixelcraft.run("status").stdout
    assert "attempt 1" in pixelcraft.run("job", "1").stdout


CLEANUP_KEYS = [
    *("dry_run", "temporary_files", "orphaned_outputs", "purged_images", "bytes_freed", "files")
]


def test_the_list_of_images_tells_what_was_lost(pixelcraft: CommandLine, photos: Path) -> None:
    Image.new("I;16", (40, 30)).save(photos / "a.jpg", "PNG")
    pixelcraft.json("import", str(photos))
    _, notes = pixelcraft.run("images").stdout.splitlines()
    assert notes.strip() == "Extension says jpg · 16-bit → 8-bit"


def test_cleanup_tells_and_then_removes(
    pixelcraft: CommandLine, make_photo: MakePhoto, store: Store
) -> None:
    pixelcraft.json("import", str(make_photo("a.jpg")))
    previews = pixelcraft.home / "outputs" / "previews"
    orphan, temporary = previews / "77-1.webp", previews / "77-2.webp.tmp"
    orphan.write_bytes(b"xx")
    temporary.write_bytes(b"xxx")
    ran = store.value("SELECT last_run FROM schedules WHERE name = 'cleanup'")
    told = pixelcraft.json("cleanup", "--dry-run")
    assert list(told) == CLEANUP_KEYS
    assert sorted(told.pop("files")) == [str(orphan), str(temporary)]
    assert list(told.values()) == [True, 1, 1, 0, 5]
    assert (orphan.exists(), temporary.exists()) == (True, True)
    assert store.value("SELECT last_run FROM schedules WHERE name = 'cleanup'") == ran
    said = pixelcraft.run("cleanup", "--dry-run").stdout
    assert str(orphan) in said
    assert "1 unfinished file and 1 result nobody needs would be removed (5 bytes)." in said
    done = pixelcraft.json("cleanup")
    assert (done["dry_run"], len(done["files"])) == (False, 2)
    assert not orphan.exists()
    assert not temporary.exists()
    assert Path(pixelcraft.json("images")[0]["preview"]).is_file()
    row = store.row("SELECT * FROM schedules WHERE name = 'cleanup'")
    assert row is not None
    assert TIME.fullmatch(row["last_run"])
    assert row["outcome"] == "completed: files removed: 2, bytes freed: 5, images purged: 0"
    assert "0 unfinished files and 0 results" in pixelcraft.run("cleanup").stdout


def test_cleanup_in_a_new_home_records_its_schedule(pixelcraft: CommandLine, store: Store) -> None:
    assert pixelcraft.json("cleanup")["files"] == []
    row = store.row("SELECT * FROM schedules")
    assert row is not None
    assert (row["name"], row["cron"]) == ("cleanup", "0 * * * *")
    assert TIME.fullmatch(row["next_run"])
    assert row["next_run"] > row["last_run"]


SHOW_MODULES = """
import json, sys
from pixelcraft_desktop.cli import run
try:
    run(["--help"])
except SystemExit:
    pass
json.dump([name for name in sys.modules if name.startswith(("PySide6", "shiboken"))], sys.stderr)
"""


def test_help_loads_no_qt() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHOW_MODULES], capture_output=True, text=True, check=True
    )
    assert "Usage: pixelcraft" in done.stdout
    loaded: Any = json.loads(done.stderr)
    assert loaded == []


def test_a_catalog_that_can_not_be_used_is_named(pixelcraft: CommandLine) -> None:
    pixelcraft.home.mkdir()
    (pixelcraft.home / "catalog.db").mkdir()
    done = pixelcraft.run("status")
    assert (done.returncode, done.stdout) == (5, "")
    assert "The catalog can't be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_no_catalog_is_kept_aside(pixelcraft: CommandLine) -> None:
    pixelcraft.home.mkdir()
    content = b"this is no database, and long enough to say so" * 40
    (pixelcraft.home / "catalog.db").write_bytes(content)
    done = pixelcraft.run("status")
    assert done.returncode == 0
    assert "It begins anew." in done.stderr
    (kept,) = pixelcraft.home.glob("catalog.db.corrupt-*")
    assert kept.name in done.stderr
    assert kept.read_bytes() == content


def test_nothing_in_the_queue_files_matters(pixelcraft: CommandLine, make_photo: MakePhoto) -> None:
    pixelcraft.home.mkdir()
    for name in ("queue.db", "maintenance.db"):
        (pixelcraft.home / name).write_bytes(bytes(range(256)) * 80)
    assert pixelcraft.json("import", str(make_photo("a.png")))["completed"] == 1


def test_who_imports_the_same_at_the_same_time_waits_for_all_of_it(
    pixelcraft: CommandLine, photos: Path, make_photo: MakePhoto
) -> None:
    for number in range(20):
        make_photo(f"{number}.jpg", size=(3000, 2000))
    first = pixelcraft.start("import", "--json", "--workers", "1", str(photos))
    while pixelcraft.json("status")["waiting"] == 0:
        assert first.poll() is None
    second = pixelcraft.json("import", str(photos))
    out, _ = pixelcraft.finish(first, 60)
    assert first.returncode == 0
    assert json.loads(out)["completed"] == 20
    assert second["found"] == 20
    assert second["completed"] + second["duplicates"] >= 20
    assert pixelcraft.json("status")["completed"] == 20
