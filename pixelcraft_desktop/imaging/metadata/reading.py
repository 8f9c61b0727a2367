"""One reading: what came of reading a block, and what did not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# Of any block, so much is looked at. Camera EXIF has up to 64 kB, most XMP 4–60; only editing
# histories that grew wild are larger, and what they hold is not asked for here.
MOST_BLOCK_BYTES = 1_000_000


@dataclass(frozen=True)
class Reading:
    """What a block tells, by the keys of docs/metadata.md; texts are still a stranger's.

    Broken: part of it, or all, can't be read. Cut: it is longer than what is looked at.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    is_broken: bool = False
    is_cut: bool = False


def told(**facts: Any) -> dict[str, Any]:
    """Return the facts that say something; blanks don't, and must not hide another's."""
    return {key: value for key, value in facts.items() if not _is_blank(value)}


def _is_blank(value: Any) -> bool:
    return value in (None, [], {}) or (isinstance(value, str) and not value.strip())
