"""Statistics: what each day brought, added up once the day is over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from pixelcraft_desktop.catalog.store import Row, Store, Transaction, timestamp
from pixelcraft_desktop.model import Cause, State

_CHUNK = 1_000  # attempts a transaction: a few milliseconds each
_ATTEMPTS = """
    SELECT a.id, a.started_at, a.finished_at, a.duration_ms, i.format, a.cause,
        i.size_bytes AS bytes_in,
        CASE WHEN a.cause IS NULL THEN (SELECT coalesce(sum(r.size_bytes), 0) FROM renditions r
            WHERE r.image_id = i.id) ELSE 0 END AS bytes_out
    FROM attempts a INDEXED BY attempts_uncounted
    JOIN jobs j ON j.id = a.job_id JOIN images i ON i.id = j.image_id
    WHERE a.is_counted = 0 AND a.finished_at < ? ORDER BY a.finished_at LIMIT ?
"""
_PURGED = """
    SELECT id, started_at, finished_at, duration_ms, format, cause, bytes_in, bytes_out
    FROM purged_attempts WHERE finished_at < ? LIMIT ?
"""


@dataclass(frozen=True)
class Total:
    """Attempts of one kind. `format` is None where it was not told, `cause` where they worked."""

    format: str | None
    cause: Cause | None
    attempts: int
    duration_ms: int
    bytes_in: int
    bytes_out: int


@dataclass(frozen=True)
class FailedPicture:
    """A picture that failed and that nobody has acted on since."""

    source: str
    cause: Cause


@dataclass(frozen=True)
class Span:
    """A stretch of time: catalog times, the end left out; and its days, both ends included."""

    began: str
    ended: str
    first_day: str
    last_day: str


def count_days(
    store: Store, zone: tzinfo, moment: datetime, is_stopped: Callable[[], bool] = lambda: False
) -> int:
    """Add up every day that is over at `moment` in that time zone; return the attempts counted.

    Each attempt counts once, on the day on which it ended. Cut off, it goes on where it was.
    """
    today = datetime.combine(moment.astimezone(zone).date(), time(), zone)
    before = timestamp(today)
    counted = 0
    for query, count in ((_ATTEMPTS, _mark_counted), (_PURGED, _forget_purged)):
        while not is_stopped() and store.row(query, before, 1) is not None:
            with store.transaction() as tx:
                rows = tx.rows(query, before, _CHUNK)
                _add(tx, rows, zone)
                count(tx, [row["id"] for row in rows])
            counted += len(rows)
    return counted


def read_totals(store: Store, span: Span) -> list[Total]:
    """Return what the days of the span brought, for each format and cause."""
    rows = store.rows(
        "SELECT format, cause, sum(attempts) AS attempts, sum(duration_ms) AS duration_ms, "
        "sum(bytes_in) AS bytes_in, sum(bytes_out) AS bytes_out FROM daily_totals "
        "WHERE day BETWEEN ? AND ? GROUP BY format, cause ORDER BY sum(attempts) DESC, format",
        span.first_day,
        span.last_day,
    )
    for row in rows:
        row["format"] = row["format"] or None
        row["cause"] = Cause(row["cause"]) if row["cause"] else None
    return [Total(**row) for row in rows]


def count_failed(store: Store, span: Span) -> dict[Cause, int]:
    """Return how many pictures failed within the span and still are so, the most frequent first."""
    rows = store.rows(
        f"SELECT j.cause, count(*) AS n {_FAILED} GROUP BY j.cause ORDER BY n DESC, j.cause",
        span.began,
        span.ended,
    )
    return {Cause(row["cause"]): row["n"] for row in rows}


def list_failed(store: Store, span: Span, limit: int) -> list[FailedPicture]:
    """Return those pictures, the latest first, at most `limit` of them."""
    rows = store.rows(
        f"SELECT i.source, j.cause {_FAILED} ORDER BY j.finished_at DESC, j.id DESC LIMIT ?",
        span.began,
        span.ended,
        limit,
    )
    return [FailedPicture(row["source"], Cause(row["cause"])) for row in rows]


def count_known(store: Store, span: Span) -> int:
    """Return how many pictures were imported again in the span, and not made again."""
    sql = "SELECT sum(duplicates) FROM batches WHERE created_at >= ? AND created_at < ?"
    return int(store.value(sql, span.began, span.ended) or 0)


def count_library(store: Store) -> int:
    """Return how many pictures there are."""
    return int(store.value("SELECT count(*) FROM images WHERE removed_at IS NULL"))


_FAILED = (
    "FROM jobs j JOIN images i ON i.id = j.image_id AND i.removed_at IS NULL "
    f"WHERE j.state = '{State.FAILED}' AND j.cause IS NOT NULL "
    "AND j.finished_at >= ? AND j.finished_at < ?"
)


def _add(tx: Transaction, rows: Iterable[Row], zone: tzinfo) -> None:
    sums: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in rows:
        day = datetime.fromisoformat(row["finished_at"]).astimezone(zone).date().isoformat()
        added = (1, _duration_ms(row), row["bytes_in"], row["bytes_out"])
        key = (day, row["format"] or "", row["cause"] or "")
        sums[key] = [a + b for a, b in zip(sums[key], added, strict=True)]
    for key, values in sums.items():
        tx.run(
            "INSERT INTO daily_totals (day, format, cause, attempts, duration_ms, bytes_in, "
            "bytes_out, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (day, format, cause) DO UPDATE SET "
            "attempts = attempts + excluded.attempts, "
            "duration_ms = duration_ms + excluded.duration_ms, "
            "bytes_in = bytes_in + excluded.bytes_in, "
            "bytes_out = bytes_out + excluded.bytes_out, revision = excluded.revision",
            *key,
            *values,
            tx.revision,
        )


def _duration_ms(row: Row) -> int:
    """Return how long an attempt took; 0 where the clock was put back meanwhile."""
    if row["duration_ms"] is not None:
        return max(0, int(row["duration_ms"]))
    ended, began = (datetime.fromisoformat(row[key]) for key in ("finished_at", "started_at"))
    return max(0, round((ended - began).total_seconds() * 1_000))


def _mark_counted(tx: Transaction, ids: Iterable[int]) -> None:
    for attempt_id in ids:
        tx.run("UPDATE attempts SET is_counted = 1 WHERE id = ?", attempt_id)


def _forget_purged(tx: Transaction, ids: Iterable[int]) -> None:
    for attempt_id in ids:
        tx.run("DELETE FROM purged_attempts WHERE id = ?", attempt_id)


def span_of(zone: tzinfo, first: date, last: date) -> Span:
    """Return the span from the beginning of a day to the end of another, in that time zone."""
    began, ended = (
        datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1))
    )
    return Span(timestamp(began), timestamp(ended), first.isoformat(), last.isoformat())
