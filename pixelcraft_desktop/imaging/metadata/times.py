"""Times as ISO 8601, or none at all."""

from __future__ import annotations

import re
from datetime import datetime

_ISO = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def iso_time(text: str) -> str | None:
    """Return the time with its offset where that is one; None where it is no time of a calendar.

    A camera whose clock was never set writes 0000-00-00T00:00:00, or blanks.
    """
    match = _ISO.fullmatch(text.strip())
    if match is None:
        return None
    minute, seconds, fraction, zone = match.groups(default="")
    local = f"{minute}{seconds or ':00'}{fraction}"
    offset = "+00:00" if zone == "Z" else zone
    return next(filter(_is_moment, (local + offset, local)), None)


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
