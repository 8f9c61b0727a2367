"""Pictures: an image with its latest job, as a window shows it, and which ones changed."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import Cause, Stage, State

_MOST_NOTED = 1_024  # different lists of notes; a folder of one camera has a handful


@dataclass(frozen=True, slots=True)
class Picture:
    """What stands in one cell. `thumbnail` and `preview` are files in the output folders.

    `notes` are codes of `model.Note` with their values, shared by all pictures that have the same.
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


@dataclass(frozen=True)
class Changes:
    """Ids of images that are new or changed since a revision, oldest first, and of those gone."""

    revision: int
    changed: Sequence[int]
    gone: Sequence[int]


def changes_since(store: Store, revision: int) -> Changes:
    """Return what changed after the commit `revision`; 0 brings everything there is."""
    with store.reading():
        latest = int(store.value("SELECT value FROM revision"))
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
        purged = store.rows(
            "SELECT row_id FROM removals WHERE kind = 'image' AND revision > ?", revision
        )
    gone = [row["id"] for row in rows if row["is_gone"]] + [row["row_id"] for row in purged]
    return Changes(latest, [row["id"] for row in rows if not row["is_gone"]], gone)


def read_pictures(store: Store, ids: Sequence[int]) -> list[Picture]:
    """Return the pictures with these ids, in the order of their ids; those gone are left out."""
    marks = ", ".join("?" * len(ids))
    rows = store.rows(
        f"""
        SELECT i.id, i.path, i.source, i.width, i.height, i.format, i.notes, t.file AS thumbnail,
            p.file AS preview, j.id AS job_id, j.state, j.stage, j.progress, j.attempt,
            j.max_attempts, j.cause, j.message, j.run_at
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
        row["notes"] = _notes(row["notes"]) if row["notes"] else ()
    return [Picture(**row) for row in rows]


@lru_cache(_MOST_NOTED)
def _notes(text: str) -> tuple[str, ...]:
    """Return the codes in a JSON list: one tuple for a text, or 100,000 pairs would be 18 MB."""
    return tuple(json.loads(text))
