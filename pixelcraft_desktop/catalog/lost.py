"""Lost results: completed pictures whose current output files are not there, made again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from pixelcraft_desktop.catalog.store import Store, Transaction
from pixelcraft_desktop.model import Reason

OutputExists = Callable[[str, str], bool]  # rendition, file name
_CHUNK = 500
_COMPLETED = """
    SELECT i.id AS image_id, r.name, r.file
    FROM images i
    JOIN jobs j ON j.id = (SELECT max(id) FROM jobs WHERE image_id = i.id)
    LEFT JOIN renditions r ON r.image_id = i.id
    WHERE j.state = 'completed' AND i.removed_at IS NULL
"""
_MAKE_AGAIN = """
    UPDATE jobs SET state = 'waiting', reason = ?1, token = ?2, revision = ?2, attempt = 0,
        lone = 0, progress = 0, stage = NULL, cause = NULL, message = NULL, started_at = NULL,
        finished_at = NULL, run_at = NULL
    WHERE id = (SELECT max(id) FROM jobs WHERE image_id = ?3) AND state = 'completed'
    RETURNING id
"""


def find_lost(store: Store, exists: OutputExists) -> list[int]:
    """Return the ids of all images that lack a file they should have."""
    return [image_id for ids in _id_chunks(store) for image_id in _lost(store, exists, ids)]


def lost_among(tx: Transaction, exists: OutputExists, image_ids: Sequence[int]) -> set[int]:
    """Return which of these images lack a file they should have."""
    if not image_ids:
        return set()
    return _lost(tx, exists, image_ids)


def make_again(tx: Transaction, image_id: int) -> int | None:
    """Let the image's completed job wait again, salvage and all; return its id."""
    row = tx.row(_MAKE_AGAIN, Reason.OUTPUTS_LOST, tx.revision, image_id)
    return None if row is None else int(row["id"])


def make_all_again(store: Store, image_ids: Sequence[int]) -> int:
    """Let the images' completed jobs wait again; return how many."""
    count = 0
    for at in range(0, len(image_ids), _CHUNK):
        with store.transaction() as tx:
            for image_id in image_ids[at : at + _CHUNK]:
                count += make_again(tx, image_id) is not None
    return count


def _lost(source: Store | Transaction, exists: OutputExists, ids: Sequence[int]) -> set[int]:
    sql = f"{_COMPLETED} AND i.id IN (SELECT value FROM json_each(?))"
    rows = source.rows(sql, json.dumps(list(ids)))
    return {
        row["image_id"]
        for row in rows
        if row["file"] is None or not exists(row["name"], row["file"])
    }


def _id_chunks(store: Store) -> Iterator[list[int]]:
    last = 0
    while True:
        sql = "SELECT id FROM images WHERE id > ? ORDER BY id LIMIT ?"
        ids = [row["id"] for row in store.rows(sql, last, _CHUNK)]
        if not ids:
            return
        yield ids
        last = ids[-1]
