"""Forgiven: which blocks of metadata Pillow stumbled over, remembered with what it tells itself."""

from __future__ import annotations

from typing import Any

_KEY = "forgiven"


def forgive(info: dict[Any, Any], name: str) -> None:
    """Remember of an opened picture that its block of this name can't be read."""
    info[_KEY] = (*forgiven(info), name)


def forgiven(info: dict[Any, Any]) -> tuple[str, ...]:
    """Return the names, in the order in which they came up."""
    names = info.get(_KEY)
    # A text of a PNG may be called so too, and is a string.
    return names if isinstance(names, tuple) else ()
