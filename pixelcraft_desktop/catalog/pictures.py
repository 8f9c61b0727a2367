"""Pictures: an image with its latest job, as a window shows it, and which ones changed."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from pixelcraft_desktop.catalog.removal import trimmed_until
from pixelcraft_desktop.catalog.store import Row, Store
from pixelcraft_desktop.model import Cause, Stage, State

_MOST_NOTED = 1_024  # different lists of notes; a folder of one camera has a handful


@dataclass(frozen=True, slots=True)
class Picture:
    """What stands in one cell. `thumbnail` and `preview` are files in the output folders.

    `notes` are codes of `model.Note` with their values, shared by all pictures that have the same.
    `batch_id` is the last import that asked for it; `is_put_off`: the user wants it done later.
    `is_unreadable`: it is damaged, and what is readable of it was sought in vain.
    """

    id: int
    path: bytes
    source: str
    width: int | None
    height: int | None
    thumbnail: str | None
    job_id: int
    state: State
    stage: Stage | None
    progress: int
    attempt: int
    max_attempts: int
    cause: Cause | None
    message: str | None
    run_at: str | None
    preview: str | None = None
    format: str | None = None
    notes: tuple[str, ...] = ()
    size_bytes: int = 0
    batch_id: int = 0
    is_put_off: bool = False
    is_unreadable: bool = False
    priority: int = 0


@dataclass(frozen=True)
class Changes:
    """Ids of images that are new or changed since a revision, oldest first, and of those gone."""

    revision: int
    changed: Sequence[int]
    gone: Sequence[int]


def changes_since(store: Store, revision: int) -> Changes:
    """Return what changed after the commit `revision`; 0 brings everything there is.

    So does one from before what `removal.trim` forgot, and as gone all ids that no image has.
    """
    with store.reading():
        latest = int(store.value("SELECT value FROM revision"))
        is_late = 0 < revision < trimmed_until(store)
        revision = 0 if is_late else revision
        rows = store.rows(
            """
            SELECT id, removed_at IS NOT NULL AS is_gone
            FROM images INDEXED BY images_revision WHERE revision > ?1
            UNION
            SELECT j.image_id, i.removed_at IS NOT NULL
            FROM jobs j INDEXED BY jobs_revision CROSS JOIN images i ON i.id = j.image_id
            WHERE j.revision > ?1
            """,
            revision,
        )
        # Not ORDER BY: SQLite would walk all images in that order instead of the few that changed.
        rows.sort(key=itemgetter("id"))
        purged = _not_among(store, rows) if is_late else _purged_since(store, revision)
    gone = [row["id"] for row in rows if row["is_gone"]] + purged
    return Changes(latest, [row["id"] for row in rows if not row["is_gone"]], gone)


def _purged_since(store: Store, revision: int) -> list[int]:
    rows = store.rows("SELECT row_id FROM removals WHERE kind = 'image' AND revision > ?", revision)
    return [row["row_id"] for row in rows]


def _not_among(store: Store, rows: Sequence[Row]) -> list[int]:
    """Return every id that an image once had, and none of these has."""
    last = store.value("SELECT seq FROM sqlite_sequence WHERE name = 'images'") or 0
    return sorted(set(range(1, last + 1)).difference(row["id"] for row in rows))


def read_pictures(store: Store, ids: Sequence[int]) -> list[Picture]:
    """Return the pictures with these ids, in the order of their ids; those gone are left out."""
    marks = ", ".join("?" * len(ids))
    rows = store.rows(
        f"""
        SELECT i.id, i.path, i.source, i.width, i.height, i.format, i.notes, t.file AS thumbnail,
            p.file AS preview, j.id AS job_id, j.state, j.stage, j.progress, j.attempt,
            j.max_attempts, j.cause, j.message, j.run_at, j.priority, i.size_bytes,
            coalesce((SELECT max(f.batch_id) FROM batch_followers f WHERE f.job_id = j.id),
                j.batch_id) AS batch_id,
            j.state = 'delayed' AND j.reason IS 'user_delay' AS is_put_off,
            j.state = 'failed' AND j.cause IS 'damaged' AND j.salvage = 1 AS is_unreadable
        FROM images i
        JOIN jobs j ON j.id = (SELECT max(id) FROM jobs WHERE image_id = i.id)
        LEFT JOIN renditions t ON t.image_id = i.id AND t.name = 'thumbnail'
        LEFT JOIN renditions p ON p.image_id = i.id AND p.name = 'preview'
        WHERE i.id IN ({marks}) AND i.removed_at IS NULL
        ORDER BY i.id
        """,
        *ids,
    )
    for row in rows:
        row["state"] = State(row["state"])
        row["stage"] = Stage(row["stage"]) if row["stage"] else None
        row["cause"] = Cause(row["cause"]) if row["cause"] else None
        row["format"] = sys.intern(row["format"]) if row["format"] else None
        row["is_put_off"] = bool(row["is_put_off"])
        row["is_unreadable"] = bool(row["is_unreadable"])
        row["notes"] = _notes(row["notes"]) if row["notes"] else ()
    return [Picture(**row) for row in rows]


@lru_cache(_MOST_NOTED)
def _notes(text: str) -> tuple[str, ...]:
    """Return the codes in a JSON list: one tuple for a text, or 100,000 pairs would be 18 MB."""
    return tuple(json.loads(text))
