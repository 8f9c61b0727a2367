"""Idleness: whether anything is left to do, and whether there was meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from pixelcraft_desktop.catalog.jobs import IS_THERE
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import Reason

# What the user put off is none: the program is done until then. In the order of what ends first.
_HAS_WORK = f"""
    SELECT EXISTS (SELECT 1 FROM jobs WHERE state = 'active')
        OR EXISTS (SELECT 1 FROM jobs j WHERE j.state = 'waiting' AND {IS_THERE.format(jobs="j")})
        OR EXISTS (SELECT 1 FROM jobs j WHERE j.state = 'delayed' AND j.reason IS NOT ?
            AND {IS_THERE.format(jobs="j")})
"""
# Only what was worked on, or was to be: a job that is cancelled while it is put off was neither.
_HAD_WORK = """
    SELECT EXISTS (SELECT 1 FROM events WHERE id > ? AND new_state IN ('waiting', 'active'))
"""


@dataclass(frozen=True)
class Glance:
    """Whether there is work now, whether there was some since the glance before, and the place."""

    has_work: bool
    had_work: bool
    last_event: int


def glance(store: Store, since: int | None = None) -> Glance:
    """Look whether anything is left to do; `since` is the `last_event` of the glance before."""
    with store.reading():
        last = int(store.value("SELECT coalesce(max(id), 0) FROM events"))
        has_work = bool(store.value(_HAS_WORK, Reason.USER_DELAY))
        had_work = has_work or (since is not None and bool(store.value(_HAD_WORK, since)))
    return Glance(has_work, had_work, last)
