"""Retention: what of the past is kept, and for how long. Images and their outputs always are.

Nor does anything go that belongs to a failed job: it is kept until somebody acts on it.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta

from pixelcraft_desktop.catalog.database import OperationalError, connect
from pixelcraft_desktop.catalog.store import Store, timestamp

_log = logging.getLogger(__name__)
_CHUNK = 500
_EVENT_RANGE = 5_000  # ids looked at in one go
# VACUUM writes the whole file anew, about 200 MB a second, and no other writer has a turn
# meanwhile: worth it where much is free, and only while nothing is to be written.
_WORTH_BYTES = 8_000_000
_WORTH_SHARE = 0.25

# A completed or cancelled job that a later one of its image took the place of. Both queries
# begin with the few that have several: 100,000 images cost them 90 and 20 ms.
_SUPERSEDED = """
    SELECT j.id FROM jobs j
    WHERE j.image_id IN (SELECT image_id FROM jobs GROUP BY image_id HAVING count(*) > 1)
    AND j.state IN ('completed', 'cancelled') AND j.finished_at < ?
    AND j.id < (SELECT max(l.id) FROM jobs l WHERE l.image_id = j.image_id)
    AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.job_id = j.id AND a.is_counted = 0) LIMIT ?
"""
# Of a completed job the last attempt says how it came about; those before are history.
_OLD_ATTEMPTS = """
    SELECT a.id FROM attempts a JOIN jobs j ON j.id = a.job_id AND j.state = 'completed'
    WHERE a.job_id IN (SELECT job_id FROM attempts WHERE number > 1)
    AND a.finished_at < ? AND a.is_counted = 1
    AND a.number < (SELECT max(l.number) FROM attempts l WHERE l.job_id = a.job_id) LIMIT ?
"""
_OLD_EVENTS = """
    FROM events WHERE id > ?1 AND id <= ?2 AND (at < ?3 OR id <= ?4)
    AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = events.job_id AND j.state = 'failed')
"""

IsStopped = Callable[[], bool]


def days_before(moment: datetime, days: int) -> str:
    """Return the time so many days before `moment`, as the catalog writes it."""
    return timestamp(moment - timedelta(days=days))


def expire_jobs(store: Store, before: str, is_stopped: IsStopped) -> int:
    """Forget jobs that ended before that and were superseded; return how many."""
    return _expire(store, _SUPERSEDED, "jobs", before, is_stopped)


def expire_attempts(store: Store, before: str, is_stopped: IsStopped) -> int:
    """Forget all but the last attempt of completed jobs, where they ended before that."""
    return _expire(store, _OLD_ATTEMPTS, "attempts", before, is_stopped)


def expire_events(store: Store, before: str, most: int, is_stopped: IsStopped) -> int:
    """Forget events older than that, and the oldest beyond the `most` latest; return how many."""
    latest = store.value("SELECT max(id) FROM events") or 0
    surplus = store.value("SELECT id FROM events ORDER BY id DESC LIMIT 1 OFFSET ?", most) or 0
    expired = 0
    place = (store.value("SELECT min(id) FROM events") or 1) - 1
    while place < latest and not is_stopped():
        limits = (place, place + _EVENT_RANGE, before, surplus)
        if store.value(f"SELECT EXISTS (SELECT 1 {_OLD_EVENTS})", *limits):
            with store.transaction() as tx:
                expired += tx.run(f"DELETE {_OLD_EVENTS}", *limits)
        place += _EVENT_RANGE
    return expired


def shrink(store: Store) -> int:
    """Give back to the disk what the file has no use for; return how many bytes it shrank.

    Only where it is worth it, and while no job waits for its turn to write.
    """
    page_bytes, pages, free = (
        int(store.value(f"PRAGMA {name}")) for name in ("page_size", "page_count", "freelist_count")
    )
    size_bytes, free_bytes = pages * page_bytes, free * page_bytes
    if free_bytes < max(_WORTH_BYTES, _WORTH_SHARE * size_bytes) or _is_busy(store):
        return 0
    # The new file and its journal both lie beside the old one for a while.
    if shutil.disk_usage(store.path.parent).free < 3 * size_bytes:
        return 0
    connection = connect(store.path)
    try:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return size_bytes - int(connection.execute("PRAGMA page_count").fetchone()[0]) * page_bytes
    except OperationalError as error:  # held by somebody, or no room after all: the next hour
        _log.warning("the catalog was not made smaller: %s", error)
        return 0
    finally:
        connection.close()


def _expire(store: Store, query: str, table: str, before: str, is_stopped: IsStopped) -> int:
    """Delete the rows that the query names, some at a time."""
    expired = 0
    while not is_stopped() and store.row(query, before, 1) is not None:
        with store.transaction() as tx:
            expired += tx.run(f"DELETE FROM {table} WHERE id IN ({query})", before, _CHUNK)
    return expired


def _is_busy(store: Store) -> bool:
    exists = "EXISTS (SELECT 1 FROM jobs WHERE state = '{}')"
    sql = f"SELECT {exists.format('active')} OR {exists.format('waiting')}"
    return bool(store.value(sql))
