"""The report of a week: its figures, its files, who is told, and that a failed mail tries again."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

from pixelcraft_desktop.catalog import schedules
from pixelcraft_desktop.catalog.reports import mark_seen, unseen_report
from pixelcraft_desktop.catalog.schedules import Schedule
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.schedules import analytics
from pixelcraft_desktop.jobs.schedules.digest import make_digest
from pixelcraft_desktop.jobs.schedules.duties import standard_timetable
from pixelcraft_desktop.jobs.schedules.timetable import Timetable
from pixelcraft_desktop.jobs.schedules.week import Week, last_week
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
LAST = "2026-W48"
PLAIN = Settings()


@pytest.fixture(autouse=True)
def _zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr(analytics, "local_timezone", lambda: "UTC")


def add(store: Store, ended: str, name: str, cause: str | None = None) -> None:
    with store.transaction() as tx:
        tx.run(
            "INSERT OR IGNORE INTO batches (id, name, created_at, duplicates, revision) "
            "VALUES (1, 'b', '2026-11-25T00:00:00.000Z', 240, 1)"
        )
        image = tx.insert(
            "INSERT INTO images (path, source, size_bytes, mtime_ns, format, added_at, revision) "
            "VALUES (?, ?, 3000000, 1, 'JPEG', '', 1)",
            name.encode(),
            name,
        )
        job = tx.insert(
            "INSERT INTO jobs (image_id, batch_id, recipe, state, token, max_attempts, created_at, "
            "finished_at, cause, revision) VALUES (?, 1, '[]', ?, 1, 5, '', ?, ?, 1)",
            image,
            "failed" if cause else "completed",
            ended,
            cause,
        )
        tx.run(
            "INSERT INTO attempts (job_id, number, started_at, finished_at, cause, duration_ms) "
            "VALUES (?, 1, ?, ?, ?, 500)",
            job,
            ended,
            ended,
            cause,
        )


@pytest.fixture
def week(store: Store, home: Home) -> None:
    """A week with three pictures done and two failed, and one on either side of it."""
    add(store, "2026-11-22T23:59:59.999Z", "before")
    add(store, "2026-11-23T00:00:00.000Z", "first")
    add(store, "2026-11-29T23:59:59.999Z", "last")
    add(store, "2026-11-25T12:00:00.000Z", "middle")
    add(store, "2026-11-25T12:00:00.000Z", "<b>bad</b>.jpg", "damaged")
    add(store, "2026-11-25T12:00:01.000Z", "none.jpg", "empty")
    add(store, "2026-11-30T00:00:00.000Z", "after")
    (home.output_folder("preview") / "1-1.webp").write_bytes(b"x" * 2_500_000)


def digest(store: Store, home: Home, settings: Settings = PLAIN, now: datetime = MONDAY) -> str:
    return make_digest(store, home, settings, now, lambda: False)


@pytest.mark.usefixtures("week")
def test_the_report_of_last_week(store: Store, home: Home) -> None:
    assert digest(store, home) == f"report {LAST}"
    text = (home.reports / f"{LAST}.md").read_text(encoding="utf-8")
    assert text.startswith("# PixelCraft, week 48 of 2026\n\n23 November 2026 to 29 November 2026")
    assert "3 pictures done in about a second of work." in text
    assert "240 pictures were known already and not done again: about 2 minutes saved." in text
    assert "| JPEG | 3 | 9.0 MB | 0 bytes | 0.50 s |" in text
    assert "2 pictures failed and can be looked at in PixelCraft." in text
    assert "| The file is empty. | 1 |" in text
    assert "- `<b>bad</b>.jpg`: The picture is damaged." in text
    assert "The results take 2.5 MB" in text
    page = (home.reports / f"{LAST}.html").read_text(encoding="utf-8")
    assert "<code>&lt;b&gt;bad&lt;/b&gt;.jpg</code>" in page
    assert sorted(path.name for path in home.reports.iterdir()) == [f"{LAST}.html", f"{LAST}.md"]


@pytest.mark.usefixtures("week")
def test_a_second_run_makes_the_same_and_tells_nobody_again(store: Store, home: Home) -> None:
    digest(store, home)
    first = (home.reports / f"{LAST}.html").read_bytes()
    assert unseen_report(store) == LAST
    mark_seen(store, LAST)
    digest(store, home, now=MONDAY + timedelta(days=6))
    assert first.split(b"<h2>Disk")[0] in (home.reports / f"{LAST}.html").read_bytes()
    assert unseen_report(store) is None
    digest(store, home, now=MONDAY + timedelta(days=7))
    assert unseen_report(store) == "2026-W49"


def test_an_empty_week_is_told_too(store: Store, home: Home) -> None:
    digest(store, home)
    text = (home.reports / f"{LAST}.md").read_text(encoding="utf-8")
    assert "No pictures were done this week." in text
    assert "Nothing failed that is still to be looked at." in text


@pytest.mark.usefixtures("week")
def test_of_many_failures_the_latest_are_named(store: Store, home: Home) -> None:
    for number in range(30):
        add(store, f"2026-11-26T12:00:{number:02}.000Z", f"{number}.jpg", "damaged")
    digest(store, home)
    text = (home.reports / f"{LAST}.md").read_text(encoding="utf-8")
    assert text.count("\n- `") == 20
    assert "- `29.jpg`" in text
    assert "| The picture is damaged. What is readable of it can be saved. | 31 |" in text


@pytest.mark.parametrize(
    ("moment", "name", "first"),
    [
        ("2026-11-30T00:00:00", "2026-W48", date(2026, 11, 23)),
        ("2026-11-29T23:59:59", "2026-W47", date(2026, 11, 16)),
        ("2027-01-04T08:00:00", "2026-W53", date(2026, 12, 28)),
        ("2027-01-11T08:00:00", "2027-W01", date(2027, 1, 4)),
    ],
)
def test_weeks_are_those_of_the_calendar(moment: str, name: str, first: date) -> None:
    week = last_week(datetime.fromisoformat(moment).replace(tzinfo=UTC), UTC)
    assert week.name == name
    assert week == Week(week.year, week.number, first, first + timedelta(days=6))


@pytest.fixture
def server(tmp_path: Path) -> Controller:
    """A mail server that is not started yet, and keeps its mail in a folder."""
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    return Controller(Mailbox(tmp_path / "mail"), hostname="127.0.0.1", port=port)


def row(store: Store) -> Schedule:
    found = schedules.find_schedule(store, "digest")
    assert found is not None
    return found


def test_a_mail_that_failed_is_sent_an_hour_later(
    store: Store, home: Home, server: Controller, tmp_path: Path
) -> None:
    settings = Settings(
        smtp_host="localhost",
        smtp_port=server.port,
        smtp_security="none",
        digest_to="me@example.org",
    )
    moment = MONDAY - timedelta(minutes=1)
    timetable = standard_timetable(store, home, settings, lambda: moment)
    timetable.prepare()
    timetable.change("digest", timezone="UTC")
    moment = MONDAY
    assert tick(timetable)
    assert row(store).outcome == "failed: localhost: Connection refused"
    assert row(store).next_run == "2026-11-30T09:00:00.000Z"
    assert unseen_report(store) == LAST  # the report is there all the same
    server.start()
    try:
        moment = MONDAY + timedelta(minutes=59)
        assert not tick(timetable)
        moment = MONDAY + timedelta(hours=1)
        assert tick(timetable)
    finally:
        server.stop()
    assert row(store).outcome == f"completed: report {LAST}, sent by mail"
    assert row(store).next_run == "2026-12-07T08:00:00.000Z"
    (mail,) = (tmp_path / "mail" / "new").iterdir()
    assert b"Subject: PixelCraft, week 48 of 2026" in mail.read_bytes()


def tick(timetable: Timetable) -> bool:
    return "digest" in timetable.due() and timetable.run("digest")


def test_without_somebody_to_write_to_no_mail_is_sent(store: Store, home: Home) -> None:
    settings = replace(Settings(), smtp_host="localhost", smtp_port=1)
    assert digest(store, home, settings) == f"report {LAST}"
