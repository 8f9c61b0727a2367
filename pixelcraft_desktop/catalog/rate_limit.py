"""The rate limit: how many jobs may be started in a period, over all lanes."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pixelcraft_desktop.catalog.store import Store, now, timestamp

_log = logging.getLogger(__name__)
_UNITS_S = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}
_UNIT_WORDS = {"s": "second", "min": "minute", "h": "hour", "d": "day"}
_FORM = re.compile(rf"([1-9]\d{{0,5}})/([1-9]\d{{0,4}})?({'|'.join(_UNITS_S)})")


@dataclass(frozen=True)
class RateLimit:
    """At most `count` starts in any `period_s` seconds."""

    count: int
    period_s: int

    @classmethod
    def parse(cls, text: str) -> RateLimit:
        """Read what people write: 10/s, 100/min, 1000/h, 5/10s. Raises ValueError."""
        match = _FORM.fullmatch(text.strip().lower())
        if match is None:
            raise ValueError(f"{text!r} is no limit such as 10/s, 100/min or 1000/h")
        count, amount, unit = match.groups()
        return cls(int(count), int(amount or 1) * _UNITS_S[unit])

    def __str__(self) -> str:
        unit = [name for name, s in _UNITS_S.items() if self.period_s % s == 0][-1]
        amount = self.period_s // _UNITS_S[unit]
        return f"{self.count}/{'' if amount == 1 else amount}{unit}"

    def in_words(self) -> str:
        """Return "10 a minute", "1,000 an hour", "5 in 10 seconds"."""
        unit = [name for name, s in _UNITS_S.items() if self.period_s % s == 0][-1]
        amount, word = self.period_s // _UNITS_S[unit], _UNIT_WORDS[unit]
        if amount > 1:
            return f"{self.count:,} in {amount:,} {word}s"
        return f"{self.count:,} {'an' if word == 'hour' else 'a'} {word}"


def rate_limit(store: Store) -> RateLimit | None:
    """Return the limit that was chosen; None if there is none."""
    text = store.value("SELECT value FROM control WHERE key = 'rate_limit'")
    if text is None:
        return None
    try:
        return RateLimit.parse(text)
    except ValueError:  # written by another hand; no reason to stand still
        _log.warning("the rate limit in the catalog can't be read: %r", text)
        return None


def set_rate_limit(store: Store, limit: RateLimit | None) -> bool:
    """Choose a limit, or none; return whether that changed anything."""
    before = rate_limit(store)
    with store.transaction(durable=True) as tx:
        if limit is None:
            tx.run("DELETE FROM control WHERE key = 'rate_limit'")
        else:
            tx.run("REPLACE INTO control VALUES ('rate_limit', ?)", str(limit))
    return before != limit


def recent_starts(store: Store, limit: RateLimit) -> list[float]:
    """Return how many seconds ago jobs were started within the last period, longest ago first."""
    moment = datetime.now(UTC)
    # What lies ahead was written before the clock was set back, and says nothing. Asked once, when
    # a limit begins: walking 100,000 events is cheaper than an index that each transition pays for.
    rows = store.rows(
        "SELECT at FROM events WHERE at > ? AND at <= ? AND new_state = 'active' "
        "ORDER BY id DESC LIMIT ?",
        timestamp(moment - timedelta(seconds=limit.period_s)),
        now(),
        limit.count,
    )
    ages = [(moment - datetime.fromisoformat(row["at"])).total_seconds() for row in rows]
    return sorted((max(0.0, age) for age in ages), reverse=True)
