"""Restoration: a damaged catalog is kept aside, and its last backup takes its place."""

from __future__ import annotations

import json
import logging
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pixelcraft_desktop.catalog.backup import (
    backup_folder,
    backup_time,
    list_backups,
    newest_sound_backup,
    sync,
)
from pixelcraft_desktop.catalog.database import (
    COMPANIONS,
    DatabaseError,
    connect,
    peek,
    quick_check,
)

_log = logging.getLogger(__name__)
# No token or revision of the lost time may come twice; nobody commits so often between backups.
_REVISION_LEAP = 1_000_000_000
_MOST_GONE = 1_000_000


@dataclass(frozen=True)
class Restoration:
    """What was done about a damaged catalog. Times are ISO 8601, UTC.

    `backup_at` None: there was no backup, the library begins anew. `kept`: the damaged file.
    """

    at: str
    backup_at: str | None
    kept: str
    found: str


def suspect(catalog: Path) -> None:
    """Have the catalog checked when it is next opened."""
    try:
        _marker(catalog).touch()
    except OSError:
        _log.exception("can't mark the catalog as damaged")


def is_suspected(catalog: Path) -> bool:
    """Tell whether somebody met damage since the catalog was last checked."""
    return _marker(catalog).exists()


def find_damage(catalog: Path) -> str | None:
    """Return what is wrong with a catalog that is suspected to be damaged; None if nothing is.

    Cheap where nothing is suspected. A file emptied or taken away while there are backups counts as
    damaged: cleanup would find that an empty library needs none of the results.
    """
    try:
        is_empty = catalog.stat().st_size == 0
    except FileNotFoundError:
        return "the file is gone" if list_backups(catalog) else None  # else it is a new home
    if is_empty and newest_sound_backup(catalog) is not None:
        return "the file is empty"
    if not _marker(catalog).exists():
        return None
    found = quick_check(catalog)
    if found == "ok":
        _marker(catalog).unlink(missing_ok=True)
        return None
    return found


def restore(catalog: Path, found: str, is_certain: bool = False) -> Restoration | None:
    """Put the last sound backup in the place of a damaged catalog; None: another process did.

    `is_certain`: somebody who holds all locks found what a quick check does not see. Where there
    is no backup, the library begins anew. Raises OSError or DatabaseError if that can't be done
    either, before anything was changed.
    """
    backup_folder(catalog).mkdir(exist_ok=True)
    guard = connect(backup_folder(catalog) / "guard.db")
    try:
        guard.execute("BEGIN EXCLUSIVE")
        catalog.touch()  # one that is gone goes the way of one that was emptied
        if not is_certain and catalog.stat().st_size and quick_check(catalog) == "ok":
            return None
        return _restore(catalog, found)
    finally:
        guard.close()


def _restore(catalog: Path, found: str) -> Restoration:
    moment = datetime.now(UTC)
    backup = newest_sound_backup(catalog)
    kept = catalog.with_name(f"{catalog.name}.corrupt-{moment:%Y%m%dT%H%M%SZ}")
    backup_at = None if backup is None else _timestamp(backup_time(backup))
    done = Restoration(_timestamp(moment), backup_at, str(kept), found)
    successor = catalog.with_name(catalog.name + ".restoring")
    successor.unlink(missing_ok=True)
    if backup is not None:
        shutil.copyfile(backup, successor)
        _prepare(successor, done, _last_image_id(catalog))
        sync(successor)
    _set_aside(catalog, kept)
    if backup is not None:
        os.replace(successor, catalog)
    else:
        catalog.unlink()
    sync(catalog.parent)
    _marker(catalog).unlink(missing_ok=True)
    _log.critical("the catalog was damaged (%s): %s", found, done)
    return done


def _set_aside(catalog: Path, kept: Path) -> None:
    """Keep the file and what belongs to it. Until the last moment the name leads to a file."""
    for end in COMPANIONS:  # left there, a WAL would be played into the successor
        companion = catalog.with_name(catalog.name + end)
        if companion.exists():
            companion.rename(kept.with_name(kept.name + end))
    try:
        os.link(catalog, kept)
    except OSError:  # a file system without links
        shutil.copyfile(catalog, kept)


def _last_image_id(catalog: Path) -> int:
    """Return the greatest id an image had, as far as the damaged file can be read."""
    try:
        connection = peek(catalog)
        try:
            row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'images'")
            return int(row.fetchone()[0])
        finally:
            connection.close()
    except (DatabaseError, TypeError, ValueError):
        return 0


def _prepare(successor: Path, done: Restoration, last_image_id: int) -> None:
    """Lead revision and ids past all that were used since, and have every window read anew."""
    connection = connect(successor)
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
        _record(connection, done, last_image_id)
    finally:
        connection.close()


def begin_anew(connection: Any, done: Restoration) -> None:
    """Lead an empty catalog past all that was used in the one it follows."""
    _record(connection, done, 0)


def _record(connection: Any, done: Restoration, last_image_id: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE revision SET value = value + ?", (_REVISION_LEAP,))
    connection.execute("UPDATE images SET revision = (SELECT value FROM revision)")
    _forget_later_images(connection, last_image_id)
    record = json.dumps(asdict(done))
    connection.execute("REPLACE INTO control VALUES ('restored', ?)", (record,))
    connection.execute("REPLACE INTO control VALUES ('returned_at', ?)", (done.at,))
    connection.execute("REPLACE INTO control VALUES ('unmended', '1')")
    connection.execute("COMMIT")


def _forget_later_images(connection: Any, last_image_id: int) -> None:
    """Let windows know that the images recorded after the backup are gone."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'images'").fetchone()
    first = (row[0] if row else 0) + 1
    last = min(last_image_id, first + _MOST_GONE)
    if last < first:
        return
    connection.executemany(
        "INSERT OR REPLACE INTO removals (kind, row_id, revision) "
        "SELECT 'image', ?, value FROM revision",
        ((image_id,) for image_id in range(first, last + 1)),
    )
    if row:
        connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'images'", (last,))


def _marker(catalog: Path) -> Path:
    return catalog.with_name(catalog.name + ".suspect")


def _timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
