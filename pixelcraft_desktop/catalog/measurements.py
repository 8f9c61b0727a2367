"""Measurements: what finished attempts took, and which pictures are still to be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pixelcraft_desktop.catalog.store import Store

# Of what was before, so many attempts are looked at; they tell enough of each format.
_MOST = 400
_UNDONE = "('waiting', 'delayed', 'active')"


@dataclass(frozen=True)
class Measurement:
    """One picture that was made: what it is, and what it took of a lane."""

    format: str
    megapixels: float
    megabytes: float
    seconds: float


@dataclass(frozen=True)
class Pending:
    """A job that is not done yet, with what is known of its picture.

    `is_put_off`: the user wants it done later.
    """

    job_id: int
    path: bytes
    size_bytes: int
    width: int | None
    height: int | None
    format: str | None
    is_put_off: bool


def measurements_since(store: Store, attempt_id: int) -> tuple[int, list[Measurement]]:
    """Return the latest attempt's id, and what those after `attempt_id` took, oldest first.

    At most the last few hundred, however many there are.
    """
    latest = int(store.value("SELECT coalesce(max(id), 0) FROM attempts"))
    if latest <= attempt_id:
        return latest, []
    rows = store.rows(
        "SELECT i.format, i.width, i.height, i.size_bytes, a.duration_ms FROM attempts a "
        "CROSS JOIN jobs j ON j.id = a.job_id CROSS JOIN images i ON i.id = j.image_id "
        "WHERE a.id > ? AND a.cause IS NULL AND a.duration_ms IS NOT NULL "
        "AND i.format IS NOT NULL AND i.width IS NOT NULL ORDER BY a.id",
        max(attempt_id, latest - _MOST),
    )
    return latest, [
        Measurement(
            row["format"],
            row["width"] * row["height"] / 1e6,
            row["size_bytes"] / 1e6,
            row["duration_ms"] / 1e3,
        )
        for row in rows
    ]


def pending_of(store: Store, batch_id: int) -> tuple[int, list[Pending]]:
    """Return the latest revision, and what an import has before it; costs as much as it is long."""
    with store.reading():
        latest = int(store.value("SELECT value FROM revision"))
        rows = store.rows(
            f"""
            SELECT j.id AS job_id, i.path, i.size_bytes, i.width, i.height, i.format,
                j.state = 'delayed' AND j.reason IS 'user_delay' AS is_put_off
            FROM (
                SELECT id FROM jobs WHERE batch_id = ?1
                UNION SELECT job_id FROM batch_followers WHERE batch_id = ?1
            ) b CROSS JOIN jobs j ON j.id = b.id CROSS JOIN images i ON i.id = j.image_id
            WHERE j.state IN {_UNDONE} AND i.removed_at IS NULL
            """,
            batch_id,
        )
    jobs = [Pending(**{**row, "is_put_off": bool(row["is_put_off"])}) for row in rows]
    return latest, jobs


def ended_since(store: Store, revision: int) -> tuple[int, Sequence[int]]:
    """Return the latest revision, and the jobs that came to an end after the commit `revision`."""
    with store.reading():
        latest = int(store.value("SELECT value FROM revision"))
        rows = store.rows(
            "SELECT id FROM jobs INDEXED BY jobs_revision "
            f"WHERE revision > ? AND state NOT IN {_UNDONE}",
            revision,
        )
    return latest, [row["id"] for row in rows]
