"""`batches` and `events`, and what counts as nothing left to do."""

from __future__ import annotations

from conftest import CommandLine, MakePhoto

from pixelcraft_desktop.catalog.store import Store


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
