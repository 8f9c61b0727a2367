"""The details of a failure as plain text, for whoever is asked for help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.filenames import display_name, printable
from pixelcraft_desktop.ui.words import CAUSE_TITLES, STATE_WORDS


def details(picture: Picture, attempts: Sequence[Mapping[str, Any]]) -> str:
    """Return all that is known, in lines in which nothing acts.

    `attempts` are rows of `catalog.jobs.list_attempts`; their times are in UTC.
    """
    return "\n".join(printable(line) for line in _lines(picture, attempts))


def _lines(picture: Picture, attempts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield f"File:     {display_name(picture.path)}"
    yield f"State:    {STATE_WORDS[picture.state]}"
    if picture.cause is not None:
        yield f"Cause:    {picture.cause} ({CAUSE_TITLES[picture.cause]})"
    if picture.message:
        yield f"Message:  {picture.message}"
    yield f"Attempts: {picture.attempt} of {picture.max_attempts}"
    yield f"Ids:      picture {picture.id}, job {picture.job_id}"
    for attempt in attempts:
        yield ""
        yield from _attempt_lines(attempt)


def _attempt_lines(attempt: Mapping[str, Any]) -> Iterator[str]:
    started, finished = (attempt[key] or "?" for key in ("started_at", "finished_at"))
    yield f"Attempt {attempt['number']}"
    yield f"  Started:  {started}"
    yield f"  Finished: {finished}"
    if attempt["stage"]:
        yield f"  Stage:    {attempt['stage']}"
    yield f"  Result:   {attempt['cause'] or 'completed'}"
    if attempt["message"]:
        yield f"  Message:  {attempt['message']}"
    if attempt["traceback"]:
        # Not splitlines(): it would break a line at characters that a file name may hold.
        yield from (f"  {line}".rstrip() for line in attempt["traceback"].rstrip().split("\n"))
