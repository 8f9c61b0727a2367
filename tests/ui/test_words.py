"""Every fact has its sentence."""

from __future__ import annotations

import pytest

from pixelcraft_desktop.model import Note
from pixelcraft_desktop.ui.words import note_sentence


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("bit_depth:16", "16-bit → 8-bit"),
        ("hdr_gain_map", "HDR gain map not kept"),
        ("wide_gamut", "Wide gamut converted"),
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
