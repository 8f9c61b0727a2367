"""Every note has its sentence, and every time its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelcraft_desktop.model import Note
from pixelcraft_desktop.sentences import duration, note_sentence, time_left


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("bit_depth:16", "16-bit → 8-bit"),
        ("hdr_gain_map", "HDR gain map not kept"),
        ("hdr_transfer:PQ", "HDR (PQ), highlights toned down to fit"),
        ("wide_gamut", "Wide gamut converted to sRGB"),
        ("salvaged:41", "Damaged, 41 % readable"),
        ("end_marker", "The end of the file is missing, the picture is whole"),
        ("frames:24", "24 frames, first shown"),
        ("frames:1000+", "1000+ frames, first shown"),
        ("cmyk", "Converted from CMYK"),
        ("extension:png", "Extension says png"),
        ("extension:a/b", "Extension says a/b"),
        ("bad_metadata:exif", "Metadata partly unreadable (EXIF)"),
        ("raw_preview:960×720", "The camera's own preview shown, 960 × 720"),
        (
            "raw_preview:960×720/6000×4000",
            "The camera's own preview shown, 960 × 720 of 6000 × 4000",
        ),
        ("from_the_future:7", "from_the_future:7"),
        ("frames:{0.__class__}", "{0.__class__} frames, first shown"),
    ],
)
def test_a_note_is_a_sentence(code: str, sentence: str) -> None:
    assert note_sentence(code) == sentence


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("349.5..1186.1", "350–1186"),
        ("0..4", "0–4"),
        ("-3..1200", "-3 to 1200"),
        ("-3e+38..3e+38", "-3e+38 to 3e+38"),
        ("0.00125..0.98765", "0.00125–0.988"),
        ("1000.1..1000.4", "1000.1–1000.4"),  # rounded, they would be one
        ("3..3", "3–3"),
        ("anything", "anything"),
    ],
)
def test_ranges_are_rounded(value: str, words: str) -> None:
    assert (
        note_sentence(f"range_stretched:{value}") == f"Values {words} stretched from black to white"
    )


@pytest.mark.parametrize("note", Note)
def test_every_note_has_one(note: Note) -> None:
    sentence = note_sentence(f"{note}:1")
    assert sentence[0].isupper() or sentence[0] == "1"
    assert not {"_", "{", ":"} & set(sentence)


@given(st.sampled_from(Note), st.text())
def test_any_value_is_only_a_value(note: Note, value: str) -> None:
    assert note_sentence(f"{note}:{value}")


@pytest.mark.parametrize(
    ("low", "high", "words", "short"),
    [
        (0.1, 0.4, "up to 1 s", "up to 1 s"),
        (0.6, 1.4, "about 1 s", "1 s"),
        (4.7, 5.3, "about 5 s", "5 s"),
        (4, 8, "4–8 s", "4–8 s"),
        (22, 31, "20–30 s", "20–30 s"),
        (45, 57, "45–55 s", "45–55 s"),
        (58, 62, "about 1 minute", "1 min"),
        (50, 95, "1–2 minutes", "1–2 min"),
        (10, 95, "up to 2 minutes", "up to 2 min"),
        (130, 170, "2–3 minutes", "2–3 min"),
        (170, 190, "about 3 minutes", "3 min"),
        (1_100, 1_900, "20–30 minutes", "20–30 min"),
        (3_000, 8_000, "1–2 hours", "1–2 h"),
        (36_000, 37_000, "about 10 hours", "10 h"),
        (100_000, 200_000, "1–2 days", "1–2 d"),
    ],
)
def test_a_range_in_words(low: float, high: float, words: str, short: str) -> None:
    assert time_left(low, high) == words
    assert time_left(low, high, is_short=True) == short


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 s"),
        (42.4, "42 s"),
        (89.6, "90 s"),
        (125, "2 minutes"),
        (5_999, "100 minutes"),
        (7_100, "2 hours"),
        (200_000, "2 days"),
    ],
)
def test_a_duration_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words
