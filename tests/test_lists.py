"""`batches` and `events`, and what counts as nothing left to do."""

from __future__ import annotations

import json
import os

import pytest
from conftest import LISTS, CommandLine, MakePhoto

from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.intake import Intake
from pixelcraft_desktop.model import standard_recipe
from pixelcraft_desktop.paths import Home


def test_batches_and_events_tell_what_was_imported(
    pixelcraft: CommandLine, make_photo: MakePhoto
) -> None:
    path = make_photo("a.jpg")
    (path.parent / "empty.jpg").touch()
    assert pixelcraft.run("import", str(path.parent)).returncode == 3
    (batch,) = pixelcraft.json("batches")
    assert batch.pop("created_at").endswith("Z")
    assert batch.pop("name")
    done = {"waiting": 0, "delayed": 0, "active": 0, "completed": 1, "failed": 1, "cancelled": 0}
    assert batch == {"id": 1, **done}
    events = pixelcraft.json("events", "--job", "1")
    moves = [(event["old_state"], event["new_state"]) for event in events]
    assert moves == [(None, "waiting"), ("waiting", "active"), ("active", "completed")]
    assert pixelcraft.json("events", "--most", "2") == pixelcraft.json("events")[-2:]
    assert "1 completed, 1 failed" in pixelcraft.run("batches").stdout
    assert "active → failed" in pixelcraft.run("events").stdout


@pytest.mark.parametrize("name", sorted(map(str, LISTS)))
def test_a_list_says_the_same_in_a_process_of_its_own(
    pixelcraft: CommandLine, make_photo: MakePhoto, home: Home, name: str
) -> None:
    store = Store(home.catalog)
    Intake(store, home, [os.fsencode(make_photo("a.jpg"))], standard_recipe()).run()
    store.close()
    arguments = [name, "1"] if name == "job" else [name]
    done = pixelcraft.run(*arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == pixelcraft.json(*arguments)


def test_a_worker_until_idle_does_not_wait_for_what_the_user_put_off(
    pixelcraft: CommandLine, make_photo: MakePhoto, store: Store
) -> None:
    path = make_photo("a.jpg")
    assert pixelcraft.run("import", str(path), "--in", "600", "--no-wait").returncode == 0
    assert pixelcraft.run("worker", "--until-idle").returncode == 0
    assert store.value("SELECT state FROM jobs") == "delayed"


def test_an_import_that_was_cancelled_is_not_all_done(
    pixelcraft: CommandLine, make_photo: MakePhoto, store: Store
) -> None:
    importing = pixelcraft.start("import", str(make_photo("a.jpg")), "--in", "600")
    while not store.value("SELECT count(*) FROM jobs"):
        assert importing.poll() is None
    assert pixelcraft.run("cancel", "--all").returncode == 0
    out, _ = pixelcraft.finish(importing, 30)
    assert importing.returncode == 3
    assert "1 cancelled" in out
