"""Cleanup and the past: by the settings, counted first, and told in the outcome."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from conftest import CommandLine, MakePhoto

from pixelcraft_desktop.catalog import retention
from pixelcraft_desktop.catalog.removal import purge, remove
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.schedules.cleanup import Cleanup
from pixelcraft_desktop.jobs.schedules.duties import clean_up_all
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

LATER = datetime(2026, 6, 1, tzinfo=UTC)
MARCH = "2026-03-01T10:00:00.000Z"


@pytest.fixture
def past(store: Store) -> None:
    """A picture made twice in March, the second time at the second try."""
    with store.transaction() as tx:
        tx.run("INSERT INTO batches (id, name, created_at, revision) VALUES (1, 'b', '', 1)")
        tx.run(
            "INSERT INTO images (id, path, source, size_bytes, mtime_ns, added_at, revision) "
            "VALUES (1, x'61', 'a', 1, 1, '', 1)"
        )
        for job, tries in ((1, 1), (2, 2)):
            tx.run(
                "INSERT INTO jobs (id, image_id, batch_id, recipe, state, token, max_attempts, "
                "created_at, finished_at, revision) VALUES (?, 1, 1, '[]', 'completed', 1, 5, "
                "'', ?, 1)",
                job,
                MARCH,
            )
            for number in range(1, tries + 1):
                tx.run(
                    "INSERT INTO attempts (job_id, number, started_at, finished_at) "
                    "VALUES (?, ?, ?, ?)",
                    job,
                    number,
                    MARCH,
                    MARCH,
                )
        tx.run("UPDATE events SET at = ?", MARCH)


def left(store: Store) -> dict[str, int]:
    names = ("images", "jobs", "attempts", "events", "daily_totals")
    return {name: store.value(f"SELECT count(*) FROM {name}") for name in names}


@pytest.mark.usefixtures("past")
def test_the_past_goes_by_the_settings_and_is_counted(store: Store, home: Home) -> None:
    assert left(store)["events"] == 2
    settings = Settings(keep_jobs_days=93, keep_events_days=93)
    assert clean_up_all(store, home, settings, LATER) == Cleanup()
    done = clean_up_all(store, home, Settings(keep_jobs_days=91, keep_events_days=91), LATER)
    assert str(done) == (
        "files removed: 0, bytes freed: 0, images purged: 0, jobs expired: 1, "
        "attempts expired: 1, events expired: 2"
    )
    assert left(store) == {"images": 1, "jobs": 1, "attempts": 1, "events": 0, "daily_totals": 1}
    assert store.value("SELECT attempts FROM daily_totals") == 3


@pytest.mark.usefixtures("past")
def test_events_go_by_count_too(store: Store, home: Home) -> None:
    settings = Settings(keep_events_days=36_500, keep_events_most=1, keep_jobs_days=36_500)
    assert clean_up_all(store, home, settings, LATER).expired_events == 1


@pytest.mark.usefixtures("past")
def test_the_file_shrinks_by_what_went(
    store: Store, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_WORTH_BYTES", 100_000)
    with store.transaction() as tx:
        tx.run(
            "INSERT INTO events (job_id, image_id, batch_id, at, new_state, reason, attempt) "
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
            "SELECT 1, 1, 1, ?, 'waiting', 'imported', 0 FROM n",
            MARCH,
        )
    store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    before = home.catalog.stat().st_size
    done = clean_up_all(store, home, Settings(), LATER)
    assert done.expired_events == 20_002
    assert done.catalog_bytes_freed > 1_000_000
    assert home.catalog.stat().st_size == before - done.catalog_bytes_freed
    assert f"catalog bytes freed: {done.catalog_bytes_freed}" in str(done)


@pytest.mark.usefixtures("past")
def test_purges_are_forgotten_after_a_day_or_two(store: Store, home: Home) -> None:
    remove(store, [1])
    purge(store, [1])
    for days in range(3):
        clean_up_all(store, home, Settings(), LATER + timedelta(days=days))
    assert store.value("SELECT count(*) FROM removals") == 0


@pytest.mark.usefixtures("past")
def test_it_ends_when_asked_to(store: Store, home: Home) -> None:
    before = left(store)
    clean_up_all(store, home, Settings(keep_jobs_days=1), LATER, lambda: True)
    assert left(store) == before


def test_a_real_import_is_in_tomorrows_totals(
    pixelcraft: CommandLine, make_photo: MakePhoto, store: Store, home: Home
) -> None:
    photo = make_photo("a.jpg")
    make_photo("b.png")
    photo.with_name("c.jpg").write_bytes(photo.read_bytes()[:200])
    pixelcraft.run("import", str(photo.parent))
    clean_up_all(store, home, Settings(), datetime(2126, 1, 1, tzinfo=UTC))
    rows = store.rows("SELECT format, cause, attempts, bytes_in, bytes_out FROM daily_totals")
    found = {(row["format"], row["cause"]): row for row in rows}
    jpeg = found["JPEG", ""]
    assert (jpeg["attempts"], jpeg["bytes_in"]) == (1, photo.stat().st_size)
    outputs = sum(
        file.stat().st_size
        for name in ("thumbnail", "preview")
        for file in home.output_folder(name).iterdir()
    )
    assert jpeg["bytes_out"] + found["PNG", ""]["bytes_out"] == outputs
    assert found["", "damaged"]["attempts"] == 1
