"""Texts from strangers: bytes to characters, and what of them is kept."""

from __future__ import annotations

import codecs

from pixelcraft_desktop.filenames import printable

LONGEST_TEXT = 1_000  # characters; a caption may have 2,000 by IPTC, most have under 300


def decode(data: bytes) -> str:
    """Return the bytes as UTF-8 if they are that, else as Latin-1, which anything is.

    EXIF says ASCII and IPTC often nothing, but either is written in both. Text in Latin-1 is
    hardly ever valid UTF-8 by chance. A character cut off at the end is left out.
    """
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return data.decode("latin-1")


def clean(text: str) -> tuple[str, bool]:
    """Return the text in one line, nothing in it acting or hidden, and whether it was cut."""
    # Escapes only lengthen; white space alone could make a text shorter than it looks from here.
    line = printable(" ".join(text[: 4 * LONGEST_TEXT].split()))
    return line[:LONGEST_TEXT].rstrip(), len(line) > LONGEST_TEXT or len(text) > 4 * LONGEST_TEXT
