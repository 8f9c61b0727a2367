"""What is said of batches that are done: one line, however many end together."""

from __future__ import annotations

from collections.abc import Sequence

from pixelcraft_desktop.sentences import duration
from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.batches.run import Ending

_MOST_NAMES = 2


def count_failed(endings: Sequence[Ending]) -> int:
    """Return how many pictures of all of them failed."""
    return sum(ending.failed for ending in endings)


def summary(endings: Sequence[Ending]) -> str:
    """Return "Photos 2024: 1,204 pictures done in 2 minutes, 17 failed"."""
    completed, failed = sum(ending.completed for ending in endings), count_failed(endings)
    cancelled = sum(ending.cancelled for ending in endings)
    known = sum(ending.duplicates for ending in endings)
    if completed:
        facts = [f"{words.counted(completed, 'picture')} done{_time_taken(endings)}"]
        facts += [f"{words.number(failed)} failed"] if failed else []
    else:
        facts = [f"{words.counted(failed, 'picture')} failed"]
    facts += [f"{words.number(cancelled)} cancelled"] if cancelled else []
    facts += [f"{words.number(known)} known already"] if known else []
    return ": ".join(filter(None, (_names(endings), ", ".join(facts))))


def _time_taken(endings: Sequence[Ending]) -> str:
    """Return " in 2 minutes"; of several the longest, since they ran side by side."""
    times = [ending.seconds for ending in endings if ending.seconds is not None]
    return f" in {duration(max(times))}" if len(times) == len(endings) else ""


def _names(endings: Sequence[Ending]) -> str:
    names = list(dict.fromkeys(words.plain(ending.name) for ending in endings if ending.name))
    if len(names) < 2:
        return "".join(names)
    # A name may be "IMG_1.jpg and 16 more" itself.
    quoted = ", ".join(f"“{name}”" for name in names[:_MOST_NAMES])
    others = len(names) - _MOST_NAMES
    return quoted if others < 1 else f"{quoted} and {words.counted(others, 'other')}"
