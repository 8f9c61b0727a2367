"""Cleanup: unfinished files, outputs nobody needs, images removed for good, the expired past.

Safe while jobs run, and from any process. A file's name holds the token of the claim it was
made under, and no token comes twice. Files are listed before the catalog is read; so one that
is then neither current nor of an active job's claim has had its chance and never gets another.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeVar

from pixelcraft_desktop.catalog.control import keeps_outputs
from pixelcraft_desktop.catalog.database import DriveFull
from pixelcraft_desktop.catalog.removal import purge, removed_before
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.imaging.output import TEMPORARY_SUFFIX
from pixelcraft_desktop.jobs.schedules.timetable import IsStopped
from pixelcraft_desktop.paths import OUTPUT_FOLDERS, Home

_log = logging.getLogger(__name__)
UNDO_S = 3600.0
_CHUNK = 500  # keeps each look at the catalog, and each purge, to a few milliseconds
# Only names that we give ourselves: what else lies there is not ours to remove.
_OURS = re.compile(rf"([1-9][0-9]*)-([1-9][0-9]*)\.webp(?:{re.escape(TEMPORARY_SUFFIX)})?")
_CURRENT = (
    "SELECT file, image_id FROM renditions "
    "WHERE name = ? AND file IN (SELECT value FROM json_each(?))"
)
_ACTIVE = "SELECT image_id, token FROM jobs WHERE state = 'active'"

_Item = TypeVar("_Item")


class _Output(NamedTuple):
    """A file of ours, and the claim it was made under."""

    name: str
    claim: tuple[int, int]  # image id, token


@dataclass
class Cleanup:
    """What was removed, or would be. What purged images leave counts as orphaned outputs."""

    temporary_files: int = 0
    orphaned_outputs: int = 0
    purged_images: int = 0
    bytes_freed: int = 0
    files: list[str] = field(default_factory=list)
    expired_jobs: int = 0
    expired_attempts: int = 0
    expired_events: int = 0
    catalog_bytes_freed: int = 0

    def count_file(self, path: str, size_bytes: int) -> None:
        """Count one file."""
        if path.endswith(TEMPORARY_SUFFIX):
            self.temporary_files += 1
        else:
            self.orphaned_outputs += 1
        self.bytes_freed += size_bytes
        self.files.append(path)

    def __str__(self) -> str:
        expired = {
            "jobs expired": self.expired_jobs,
            "attempts expired": self.expired_attempts,
            "events expired": self.expired_events,
            "catalog bytes freed": self.catalog_bytes_freed,
        }
        told = {
            "files removed": len(self.files),
            "bytes freed": self.bytes_freed,
            "images purged": self.purged_images,
            **{name: count for name, count in expired.items() if count},
        }
        return ", ".join(f"{name}: {count}" for name, count in told.items())


def clean_up(
    store: Store, home: Home, dry_run: bool = False, is_stopped: IsStopped = lambda: False
) -> Cleanup:
    """Remove what nobody needs, or with `dry_run` only tell what that is."""
    done = Cleanup()
    leaving = removed_before(store, UNDO_S)
    for ids in _chunks(leaving):
        if is_stopped():
            return done
        if not dry_run and not _purge(store, ids):
            break
        done.purged_images += len(ids)
    # The files of the images just purged are orphans now, and found as such.
    as_if_purged = frozenset(leaving) if dry_run else frozenset()
    is_kept = keeps_outputs(store)
    for rendition in OUTPUT_FOLDERS:
        folder = home.output_folder(rendition)
        for outputs in _chunks(_list_ours(folder)):
            if is_stopped():
                return done
            for name in _unneeded(store, rendition, outputs, as_if_purged):
                if is_kept and not name.endswith(TEMPORARY_SUFFIX):
                    continue
                path = str(folder / name)
                size_bytes = _remove(path, dry_run)
                if size_bytes is not None:
                    done.count_file(path, size_bytes)
    return done


def _purge(store: Store, image_ids: Sequence[int]) -> bool:
    """Tell whether the images could be purged; on a full drive the files that can go still do."""
    try:
        purge(store, image_ids)
    except DriveFull as error:
        _log.warning("removed images are not forgotten yet: %s", error)
        return False
    return True


def _list_ours(folder: Path) -> list[_Output]:
    """Return our files in the folder; links and folders are never ours."""
    found: list[_Output] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                match = _OURS.fullmatch(entry.name)
                if match and entry.is_file(follow_symlinks=False):
                    found.append(_Output(entry.name, (int(match[1]), int(match[2]))))
    except OSError as error:
        _log.warning("can't list %s: %s", folder, error.strerror)
    return found


def _unneeded(
    store: Store, rendition: str, outputs: Sequence[_Output], leaving: Collection[int]
) -> list[str]:
    """Return the names of those, listed before, that nobody needs nor will."""
    names = json.dumps([output.name for output in outputs])
    with store.reading():
        rows = store.rows(_CURRENT, rendition, names)
        active = {(row["image_id"], row["token"]) for row in store.rows(_ACTIVE)}
    current = {row["file"] for row in rows if row["image_id"] not in leaving}
    return [o.name for o in outputs if o.name not in current and o.claim not in active]


def _remove(path: str, dry_run: bool) -> int | None:
    """Remove the file and return its size; None if it is not there or can't be removed."""
    try:
        size_bytes = os.lstat(path).st_size
        if not dry_run:
            os.unlink(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        _log.warning("can't remove %s: %s", path, error.strerror)
        return None
    return size_bytes


def _chunks(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for at in range(0, len(items), _CHUNK):
        yield items[at : at + _CHUNK]
