"""File names are any bytes; this is how they become text fit to show."""

from __future__ import annotations


def display_name(path: bytes) -> str:
    r"""Return the path as text. Bytes that are not UTF-8 appear as \xNN."""
    return path.decode("utf-8", "backslashreplace")


def printable(text: str) -> str:
    """Return the text with everything a terminal could obey or hide written as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
