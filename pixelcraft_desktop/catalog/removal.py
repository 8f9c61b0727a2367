"""Removal: images leave the library at once, can come back for a while, and then are purged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from pixelcraft_desktop.catalog.store import Row, Store, Transaction, now, timestamp
from pixelcraft_desktop.catalog.transitions import give_back_images

# A bound of SQLite's: 32,766 values a statement. Small enough to keep each one quick.
_CHUNK = 1_000
_KEPT = timedelta(days=1)
_IS_ACTIVE = "EXISTS (SELECT 1 FROM jobs j WHERE j.image_id = images.id AND j.state = 'active')"


@dataclass(frozen=True)
class _Mark:
    """Purges up to the revision `trimmed` are forgotten; `at` that time this was `revision`."""

    trimmed: int = 0
    revision: int = 0
    at: str = ""


def remove(store: Store, image_ids: Sequence[int], even_active: bool = True) -> list[int]:
    """Take the images out of the library; return the ids of those that were in it.

    Their jobs stay as they are and do not run meanwhile. One that is active waits again, so that
    what its decoder brings home is refused; without `even_active` its image stays in the library.
    """
    chosen = "removed_at IS NULL" if even_active else f"removed_at IS NULL AND NOT {_IS_ACTIVE}"
    with store.transaction(durable=True) as tx:
        removed = _mark(tx, image_ids, chosen, now())
        give_back_images(tx, removed)
    return removed


def restore(store: Store, image_ids: Sequence[int]) -> list[int]:
    """Bring removed images back as they were; return the ids of those not purged yet."""
    with store.transaction(durable=True) as tx:
        return _mark(tx, image_ids, "removed_at IS NOT NULL", None)


def purge(store: Store, image_ids: Sequence[int]) -> list[tuple[str, str]]:
    """Forget removed images for good; return (rendition, file) of what they leave behind."""
    with store.transaction(durable=True) as tx:
        return [file for chunk in _chunks(image_ids) for file in _purge(tx, chunk)]


def trim(store: Store, moment: datetime) -> int:
    """Forget what was purged longer ago than a day or two; return how much.

    Purges have no date: what revision the catalog was at, one trim notes for the next. A window
    that heard nothing for so long, asleep with its machine, reads everything anew.
    """
    if not store.value("SELECT EXISTS (SELECT 1 FROM removals)"):
        return 0
    mark, time = _mark_of(store), timestamp(moment)
    is_known = "" < mark.at <= time  # else there is none, or a clock was wrong
    if is_known and mark.at > timestamp(moment - _KEPT):
        return 0
    trimmed = mark.revision if is_known else mark.trimmed
    with store.transaction() as tx:  # before anything goes: whoever is late must know
        following = json.dumps(asdict(_Mark(trimmed, tx.revision, time)))
        tx.run("REPLACE INTO control VALUES ('removals', ?)", following)
    count = 0
    sql = "SELECT id FROM removals WHERE revision <= ? LIMIT ?"
    while store.row(sql, trimmed, 1) is not None:
        with store.transaction() as tx:
            count += tx.run(f"DELETE FROM removals WHERE id IN ({sql})", trimmed, _CHUNK)
    return count


def trimmed_until(store: Store) -> int:
    """Return up to which revision it is forgotten what was purged; 0: nothing is."""
    return _mark_of(store).trimmed


def removed_before(store: Store, age_s: float) -> list[int]:
    """Return the ids of the images that were removed longer ago than that."""
    latest = timestamp(datetime.now(UTC) - timedelta(seconds=age_s))
    rows = store.rows("SELECT id FROM images WHERE removed_at <= ? ORDER BY id", latest)
    return [row["id"] for row in rows]


def _mark_of(store: Store) -> _Mark:
    value = store.value("SELECT value FROM control WHERE key = 'removals'")
    return _Mark() if value is None else _Mark(**json.loads(value))


def _mark(
    tx: Transaction, image_ids: Sequence[int], condition: str, removed_at: str | None
) -> list[int]:
    changed: list[Row] = []
    for chunk in _chunks(image_ids):
        changed += tx.rows(
            f"UPDATE images SET removed_at = ?, revision = ? WHERE id IN ({_marks(chunk)}) "
            f"AND {condition} RETURNING id",
            removed_at,
            tx.revision,
            *chunk,
        )
    return [row["id"] for row in changed]


def _purge(tx: Transaction, image_ids: Sequence[int]) -> list[tuple[str, str]]:
    chosen = f"SELECT id FROM images WHERE removed_at IS NOT NULL AND id IN ({_marks(image_ids)})"
    files = tx.rows(f"SELECT name, file FROM renditions WHERE image_id IN ({chosen})", *image_ids)
    tx.run(
        "INSERT OR REPLACE INTO removals (kind, row_id, revision) "
        f"SELECT 'image', id, ? FROM ({chosen})",
        tx.revision,
        *image_ids,
    )
    tx.run(f"DELETE FROM images WHERE id IN ({chosen})", *image_ids)
    return [(row["name"], row["file"]) for row in files]


def _chunks(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[at : at + _CHUNK] for at in range(0, len(ids), _CHUNK)]


def _marks(ids: Sequence[int]) -> str:
    return ", ".join("?" * len(ids))
