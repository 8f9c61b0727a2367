"""`pixelcraft schedules`: shown, run and changed, beside another process and without one."""

from __future__ import annotations

import pytest
from conftest import CommandLine

from pixelcraft_desktop.catalog import schedules
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.engine import Engine
from pixelcraft_desktop.jobs.file_lock import FileLock
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

FIELDS = ["name", "cron", "timezone", "enabled", "next_run", "last_run", "outcome"]


def test_a_new_home_has_three(pixelcraft: CommandLine) -> None:
    found = pixelcraft.json("schedules")
    assert [list(each) for each in found] == [FIELDS] * 3
    assert {each["name"]: each["cron"] for each in found} == {
        "analytics": "0 0 * * *",
        "cleanup": "0 * * * *",
        "digest": "0 8 * * 1",
    }
    assert all(each["enabled"] and each["next_run"] for each in found)
    table = pixelcraft.run("schedules").stdout.splitlines()
    assert table[0].split("  ")[0] == "name"
    assert table[2].startswith("cleanup    0 * * * *  ")


def test_run_without_another_process_runs_here(pixelcraft: CommandLine, home: Home) -> None:
    litter = home.output_folder("preview") / "77-1.webp"
    litter.write_bytes(b"x")
    done = pixelcraft.json("schedules", "run", "cleanup")
    assert done["outcome"] == "completed: files removed: 1, bytes freed: 1, images purged: 0"
    assert not litter.exists()
    assert pixelcraft.run("schedules", "run", "digest").stdout.startswith(
        "digest completed: report"
    )
    assert len(list(home.reports.iterdir())) == 2


def test_run_beside_another_process_runs_there(
    pixelcraft: CommandLine, store: Store, home: Home
) -> None:
    lock = FileLock(home.run_lock)
    assert lock.acquire()
    engine = Engine(store, home, Settings(), 1)
    engine.start()
    try:
        done = pixelcraft.json("schedules", "run", "analytics")
        assert done["outcome"] == "completed: attempts counted: 0"
    finally:
        engine.stop()
        lock.release()


def test_a_run_that_failed_is_told(pixelcraft: CommandLine, home: Home) -> None:
    home.settings.write_text('smtp_host = "localhost"\nsmtp_port = 1\ndigest_to = "a@b.org"\n')
    done = pixelcraft.json("schedules", "run", "digest", code=3)
    assert done["outcome"] == "failed: localhost: Connection refused"


def test_when_one_runs_is_changed(pixelcraft: CommandLine, store: Store) -> None:
    done = pixelcraft.run("schedules", "set", "cleanup", "30 2 * * *", "--timezone", "Asia/Tokyo")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("cleanup runs next on ")
    found = schedules.find_schedule(store, "cleanup")
    assert found is not None
    assert (found.cron, found.timezone) == ("30 2 * * *", "Asia/Tokyo")
    assert found.next_run is not None
    assert found.next_run.endswith("T17:30:00.000Z")
    done = pixelcraft.run("schedules", "disable", "cleanup")
    assert done.stdout == "cleanup runs only when it is asked for.\n"
    done = pixelcraft.run("schedules", "enable", "cleanup")
    assert schedules.find_schedule(store, "cleanup") == found


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("run", "dance"), 5, "There are: analytics, cleanup, digest."),
        (("enable", "dance\x1b[31m"), 5, "no schedule 'dance\\x1b[31m'"),
        (("set", "cleanup", "often"), 2, "is no cron expression"),
        (("set", "cleanup", "0 0 30 2 *"), 2, "is no cron expression"),
        (("set", "cleanup", "0 * * * *", "--timezone", "Mars/Olympus"), 2, "no time zone 'Mars"),
        (("--json", "run", "cleanup"), 2, "--json stands after"),
    ],
)
def test_what_cant_be_is_refused(
    arguments: tuple[str, ...], code: int, words: str, pixelcraft: CommandLine
) -> None:
    done = pixelcraft.run("schedules", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
