"""Standstills: why no picture of an import is worked on just now, though some are to be."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pixelcraft_desktop.catalog.control import IS_PAUSED_SQL
from pixelcraft_desktop.catalog.rate_limit import RateLimit, rate_limit, recent_starts
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import Reason, State

_LOOK_S = 0.5
_FIRST_DELAYED = (
    "SELECT run_at, reason FROM (SELECT run_at, reason FROM jobs "
    "WHERE batch_id = ?1 AND state = 'delayed' UNION ALL "
    "SELECT j.run_at, j.reason FROM batch_followers f JOIN jobs j ON j.id = f.job_id "
    "WHERE f.batch_id = ?1 AND j.state = 'delayed') ORDER BY run_at LIMIT 1"
)


@dataclass(frozen=True)
class Standstill:
    """So many pictures wait: until then (catalog time), as asked for; or for the rate limit."""

    count: int
    until: str | None = None
    limit: RateLimit | None = None

    @property
    def reason(self) -> tuple[str | None, RateLimit | None]:
        """What makes it another one; that fewer wait does not."""
        return self.until, self.limit


StandstillListener = Callable[[Standstill], None]


def find_standstill(store: Store, batch_id: int, counts: Mapping[State, int]) -> Standstill | None:
    """Return why nothing of the import is worked on; None where something is, or soon will be.

    A pause or a full drive is told apart; a retry comes soon.
    """
    if counts[State.ACTIVE] or store.value(f"SELECT {IS_PAUSED_SQL}"):
        return None
    if counts[State.WAITING]:
        limit = rate_limit(store)
        if limit is None or len(recent_starts(store, limit)) < limit.count:
            return None
        return Standstill(counts[State.WAITING], limit=limit)
    first = store.row(_FIRST_DELAYED, batch_id)
    if first is None or first["reason"] != Reason.USER_DELAY:
        return None
    return Standstill(counts[State.DELAYED], until=first["run_at"])


class StandstillTeller:
    """Tells a listener why nothing moves, once for each reason."""

    def __init__(self, store: Store, listener: StandstillListener) -> None:
        self._store = store
        self._listener = listener
        self._told: tuple[str | None, RateLimit | None] | None = None
        self._next_look = 0.0

    def look(self, batch_id: int, counts: Mapping[State, int]) -> None:
        """Tell what is new, looking no more than twice a second: each commit asks for it."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _LOOK_S
        found = find_standstill(self._store, batch_id, counts)
        if found is not None and found.reason != self._told:
            self._told = found.reason
            self._listener(found)
