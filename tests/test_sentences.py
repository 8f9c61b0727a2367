"""Every note has its sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelcraft_desktop.model import Note
from pixelcraft_desktop.sentences import note_sentence


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
