"""Every fact has its sentence."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QLocale

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import Cause, State
from pixelcraft_desktop.ui import words


def picture(**changed: Any) -> Picture:
    """Return a completed picture, but for what is said otherwise."""
    facts: dict[str, Any] = {
        **{"id": 1, "path": b"/photos/IMG_1.heic", "source": "/photos/IMG_1.heic", "job_id": 1},
        **{"width": 4032, "height": 3024, "format": "HEIC", "state": State.COMPLETED},
        **{"thumbnail": None, "stage": None, "progress": 100, "attempt": 1, "max_attempts": 5},
        **{"cause": None, "message": None, "run_at": None},
    }
    return Picture(**(facts | changed))


def test_a_priority_is_told_while_it_matters() -> None:
    told = {1: "Waiting, goes first", 0: "Waiting", -3: "Waiting, goes last"}
    for priority, line in told.items():
        waiting = picture(state=State.WAITING, priority=priority, width=None)
        assert words.state_line(waiting) == line
    assert words.state_line(picture(priority=1)) == "4032 × 3024"


def test_what_a_note_holds_does_nothing() -> None:
    hostile = picture(notes=("extension:\u202e<b>\n", "from_the_future:\x1b"))
    assert words.note_sentences(hostile) == [
        "Extension says \\u202e<b>\\n",
        "from_the_future:\\x1b",
    ]
    (_, long) = words.facts(picture(notes=("extension:" + "W" * 9_000,)))
    assert len(long) == 301


NOTED = ("bit_depth:10", "wide_gamut")


@pytest.mark.parametrize(
    ("changed", "facts"),
    [
        ({}, ["4032 × 3024 HEIC"]),
        ({"format": None}, ["4032 × 3024"]),
        ({"width": None, "height": None, "format": None}, ["Completed"]),
        ({"notes": NOTED}, ["4032 × 3024 HEIC", "10-bit → 8-bit", "Wide gamut converted to sRGB"]),
        (
            {"notes": ("cmyk", "salvaged:41")},
            ["4032 × 3024 HEIC", "Damaged, 41 % readable", "Converted from CMYK"],
        ),
        ({"notes": NOTED, "state": State.WAITING}, ["Waiting"]),
        (
            {
                "notes": NOTED,
                "state": State.FAILED,
                "cause": Cause.EMPTY,
                "message": "It is empty.",
            },
            ["It is empty."],
        ),
    ],
)
def test_facts_of_a_picture(changed: dict[str, Any], facts: list[str]) -> None:
    assert words.facts(picture(**changed)) == facts


def test_the_line_below_a_picture_says_when_it_is_not_whole() -> None:
    assert words.state_line(picture(notes=NOTED)) == "4032 × 3024"
    partial = picture(notes=("bit_depth:16", "salvaged:41"))
    assert words.state_line(partial) == "41 % readable"
    assert words.is_partial(partial)
    coarse = picture(notes=("salvaged_coarse",))
    assert words.state_line(coarse) == "Fine details missing"
    assert words.is_partial(coarse)
    assert not words.is_partial(picture(notes=("end_marker",)))
    again = picture(notes=partial.notes, state=State.ACTIVE, progress=0)
    assert words.state_line(again) == "Reading…"
    assert not words.is_partial(again)


def test_a_screen_reader_says_the_notes_after_the_rest() -> None:
    noted = picture(notes=NOTED)
    assert words.spoken(noted) == "IMG_1.heic, Completed, 4032 × 3024"
    assert words.described(noted) == "10-bit → 8-bit; Wide gamut converted to sRGB"
    assert words.described(picture()) == ""


def test_facts_of_many_pictures() -> None:
    many = [
        *[picture(notes=NOTED)] * 3,
        *[
            picture(notes=("wide_gamut", "salvaged:41")),
            picture(notes=("salvaged:7", "salvaged_coarse")),
        ],
        *[picture(), picture(notes=("cmyk",), state=State.FAILED)],
    ]
    assert words.facts_of_many(len(many), many) == [
        "7 pictures selected",
        "2 damaged and partly readable",
        "Wide gamut converted to sRGB (4)",
        "10-bit → 8-bit (3)",
    ]
    assert words.facts_of_many(100, []) == ["100 pictures selected"]


def test_facts_of_many_pictures_are_few() -> None:
    many = [picture(notes=(f"range_stretched:{n}..{2 * n}",)) for n in range(1, 1_000)]
    assert len(words.facts_of_many(len(many), many)) < 12


def in_seconds(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


@pytest.mark.parametrize(
    ("seconds", "line", "short"),
    [
        (3.9, "Retrying in 4 s (attempt 3 of 5)", "Retrying in 4 s (3 of 5)"),
        (0.2, "Retrying in 1 s (attempt 3 of 5)", "Retrying in 1 s (3 of 5)"),
        (-2, "Retrying (attempt 3 of 5)", "Retrying (3 of 5)"),
    ],
)
def test_a_retry_is_counted_down(seconds: float, line: str, short: str) -> None:
    changed = {"state": State.DELAYED, "attempt": 2, "cause": Cause.OUTPUT_ERROR}
    delayed = picture(**changed, run_at=in_seconds(seconds))
    assert words.state_line(delayed) == line
    assert words.short_delay_line(delayed) == short
    assert words.spoken(delayed) == f"IMG_1.heic, Retrying, {line}"


def test_a_chosen_time_is_no_retry() -> None:
    assert (
        words.state_line(picture(state=State.DELAYED, run_at=in_seconds(9.5))) == "Starts in 10 s"
    )
    moment = in_seconds(3_000)
    late = picture(state=State.DELAYED, run_at=moment)
    assert words.state_line(late) == f"Starts {words.start_time(moment)}"


@pytest.mark.parametrize(
    ("days", "line", "short"),
    [
        (1, "Starts tomorrow at 23:59", "Tomorrow at 23:59"),
        (9, "Starts on {} at 23:59", "On {} at 23:59"),
    ],
)
def test_what_was_put_off_says_when_it_starts(days: int, line: str, short: str) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    day = datetime.now().date() + timedelta(days=days)
    moment = datetime.combine(day, time(23, 59, 59)).astimezone(UTC)
    put_off = picture(
        state=State.DELAYED, is_put_off=True, run_at=moment.isoformat(), cause=Cause.TIMEOUT
    )
    date = f"{day:%d/%m/%Y}"
    assert words.state_line(put_off) == line.format(date)
    assert words.short_delay_line(put_off) == short.format(date)
    assert words.spoken(put_off) == f"IMG_1.heic, Scheduled, {line.format(date)}"
    assert words.state_glyph(put_off) == "◷"
    tonight = moment - timedelta(days=days)
    assert words.start_time(tonight.isoformat()) == "at 23:59"
    QLocale.setDefault(before)
