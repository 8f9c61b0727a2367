"""Every fact has its sentence."""

from __future__ import annotations

from typing import Any

import pytest

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import Cause, Note, State
from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.words import note_sentence


def picture(**changed: Any) -> Picture:
    """Return a completed picture, but for what is said otherwise."""
    facts: dict[str, Any] = {
        **{"id": 1, "path": b"/photos/IMG_1.heic", "source": "/photos/IMG_1.heic", "job_id": 1},
        **{"width": 4032, "height": 3024, "format": "HEIC", "state": State.COMPLETED},
        **{"thumbnail": None, "stage": None, "progress": 100, "attempt": 1, "max_attempts": 5},
        **{"cause": None, "message": None, "run_at": None},
    }
    return Picture(**(facts | changed))


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("bit_depth:16", "16-bit → 8-bit"),
        ("hdr_gain_map", "HDR gain map not kept"),
        ("hdr_transfer:PQ", "HDR (PQ): bright parts drawn together to fit"),
        ("wide_gamut", "Wide gamut converted to sRGB"),
        ("salvaged:41", "Damaged, 41 % readable"),
        ("end_marker", "Only the end mark of the file is missing"),
        ("frames:24", "24 frames, first shown"),
        ("frames:1000+", "1000+ frames, first shown"),
        ("cmyk", "Converted from CMYK"),
        ("extension:png", "Extension says png"),
        ("range_stretched:-3..1200", "Values -3..1200 stretched from black to white"),
        ("from_the_future:7", "from_the_future:7"),
        ("frames:{0.__class__}", "{0.__class__} frames, first shown"),
        ("\n", "\\n"),
    ],
)
def test_a_note_is_a_sentence(code: str, sentence: str) -> None:
    assert note_sentence(code) == sentence


@pytest.mark.parametrize("note", Note)
def test_every_note_has_one(note: Note) -> None:
    assert note_sentence(f"{note}:1") != f"{note}:1"


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


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("raw_preview:960×720", "Embedded preview shown, 960×720"),
        ("raw_preview:960×720/6000×4000", "Embedded preview shown, 960×720 of 6000×4000"),
    ],
)
def test_a_preview_is_told_with_its_size(code: str, sentence: str) -> None:
    assert note_sentence(code) == sentence


def test_the_line_below_a_picture_says_when_it_is_not_whole() -> None:
    assert words.state_line(picture(notes=NOTED)) == "4032 × 3024"
    partial = picture(notes=("bit_depth:16", "salvaged:41"))
    assert words.state_line(partial) == "41 % readable"
    assert words.is_partial(partial)
    coarse = picture(notes=("salvaged_coarse",))
    assert words.state_line(coarse) == "Details missing"
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
