"""Digest: the report of the last week, as files in the home folder and by mail where that is set.

It may run again at any time: the same week becomes the same two files.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from pixelcraft_desktop.catalog.reports import announce
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.schedules import mail
from pixelcraft_desktop.jobs.schedules.analytics import add_up, zone_of_days
from pixelcraft_desktop.jobs.schedules.document import (
    Document,
    Named,
    Section,
    Table,
    to_html,
    to_markdown,
)
from pixelcraft_desktop.jobs.schedules.mail import Mail
from pixelcraft_desktop.jobs.schedules.timetable import IsStopped
from pixelcraft_desktop.jobs.schedules.week import WeekFacts, last_week, read_facts
from pixelcraft_desktop.model import Cause
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

DIGEST = "digest"
_SENTENCES: Mapping[Cause, str] = {
    Cause.EMPTY: "The file is empty.",
    Cause.NOT_AN_IMAGE: "This is not a picture, whatever its name says.",
    Cause.UNSUPPORTED_FORMAT: "Pictures of this format can't be read yet.",
    Cause.DAMAGED: "The picture is damaged. What is readable of it can be saved.",
    Cause.TOO_LARGE: "The picture is larger than a limit in the settings.",
    Cause.NOT_A_FILE: "This is a pipe or a device, not a file.",
    Cause.CRASHED_APP: "PixelCraft crashed twice while reading it, so it is set aside.",
    Cause.TIMEOUT: "Reading took longer than the settings allow.",
    Cause.DECODER_CRASHED: "The decoder crashed on this picture.",
    Cause.OUT_OF_MEMORY: "There was not enough memory for this picture.",
    Cause.SOURCE_MISSING: "The file is no longer where it was.",
    Cause.PERMISSION_DENIED: "PixelCraft may not read this file.",
    Cause.DISK_FULL: "There was no space left for the results.",
    Cause.OUTPUT_ERROR: "The results could not be saved.",
    Cause.WORKER_LOST: "The worker stopped answering.",
    Cause.INTERNAL_ERROR: "Something went wrong in PixelCraft itself.",
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_DURATIONS = ((3_600.0, "hour"), (60.0, "minute"), (1.0, "second"))
_SIZES = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def make_digest(
    store: Store, home: Home, settings: Settings, moment: datetime, is_stopped: IsStopped
) -> str:
    """Report on the last week that is over; return what was done. Raises MailNotSent, OSError."""
    zone = zone_of_days(store)
    add_up(store, moment, is_stopped)
    week = last_week(moment, zone)
    document = compose(read_facts(store, home, week, zone))
    markdown, page = to_markdown(document), to_html(document)
    home.reports.mkdir(exist_ok=True)
    target = home.reports / f"{week.name}.html"
    is_new = not target.exists()
    _write(home.reports / f"{week.name}.md", markdown)
    _write(target, page)
    if is_new:
        announce(store, week.name)
    if mail.is_set_up(settings) and not is_stopped():
        mail.send(Mail(document.title, markdown, page), settings, home.smtp_password)
        return f"report {week.name}, sent by mail"
    return f"report {week.name}"


def compose(facts: WeekFacts) -> Document:
    """Return the report of a week, in plain words."""
    week = facts.week
    return Document(
        f"PixelCraft, week {week.number} of {week.year}",
        f"{_day(week.first)} to {_day(week.last)}",
        [_made(facts), _failures(facts), _disk(facts)],
    )


def _made(facts: WeekFacts) -> Section:
    if facts.made:
        work = _duration(facts.work_s)
        sentences = [f"{_count(facts.made_count, 'picture')} done in {work} of work."]
    else:
        sentences = ["No pictures were done this week."]
    if facts.known:
        saved = f": {_duration(facts.saved_s)} saved" if facts.saved_s >= 1 else ""
        were = "was" if facts.known == 1 else "were"
        sentences.append(
            f"{_count(facts.known, 'picture')} {were} known already and not done again{saved}."
        )
    rows = [
        (
            total.format or "unknown",
            f"{total.attempts:,}",
            _size(total.bytes_in),
            _size(total.bytes_out),
            f"{total.duration_ms / total.attempts / 1_000:.2f} s",
        )
        for total in facts.made
    ]
    head = ("Format", "Pictures", "Read", "Results", "Time for each")
    return Section("Done", sentences, Table(head, rows) if rows else None)


def _failures(facts: WeekFacts) -> Section:
    count = sum(facts.failed.values())
    if not count:
        return Section("Failed", ["Nothing failed that is still to be looked at."])
    rows = [(_SENTENCES[cause], f"{n:,}") for cause, n in facts.failed.items()]
    names = [Named(picture.source, _SENTENCES[picture.cause]) for picture in facts.named]
    sentence = f"{_count(count, 'picture')} failed and can be looked at in PixelCraft."
    sentences = [sentence]
    if count > len(names):
        sentences.append(f"These are the latest {len(names)}, after the reasons:")
    return Section("Failed", sentences, Table(("Reason", "Pictures"), rows), names)


def _disk(facts: WeekFacts) -> Section:
    disk = facts.disk
    return Section(
        "Disk",
        [
            f"{_count(facts.library, 'picture')} in the library.",
            f"The results take {_size(disk.results)}, the catalog {_size(disk.catalog)}; "
            f"{_size(disk.free)} are free.",
        ],
    )


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _duration(seconds: float) -> str:
    """Return the duration rounded, as people say it."""
    for unit_s, noun in _DURATIONS:
        if seconds >= 2 * unit_s:
            return f"about {_count(round(seconds / unit_s), noun)}"
    return "about a second"


def _size(size_bytes: int) -> str:
    for unit, name in _SIZES:
        if size_bytes >= unit:
            return f"{size_bytes / unit:,.1f} {name}"
    return f"{size_bytes} bytes"


def _write(path: Path, text: str) -> None:
    """Write the file whole or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
