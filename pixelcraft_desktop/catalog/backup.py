"""Backups of the catalog: copied while it is in use, checked, and only then counted as one."""

from __future__ import annotations

import logging
import os
import re
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pixelcraft_desktop.catalog.database import (
    CatalogDamaged,
    DatabaseError,
    connect,
    peek,
    quick_check,
)

_log = logging.getLogger(__name__)
_PAGES_A_STEP = 2_000  # 8 MB: some 10 ms
_RESERVE_BYTES = 20_000_000  # what a backup must leave free on the drive
_NEWEST_KEPT = 2  # and one of an earlier day
_NAME = re.compile(r"catalog-(\d{8}T\d{6}\d{3}Z)\.db")
_TEMPORARY = ".tmp"


class _Stopped(Exception):
    """Nobody wants the backup any more."""


def backup_folder(catalog: Path) -> Path:
    """Return where the backups of this catalog lie."""
    return catalog.parent / "backups"


def list_backups(catalog: Path) -> list[Path]:
    """Return the backups, newest first. Each was sound when it was made."""
    try:
        found = [path for path in backup_folder(catalog).iterdir() if _NAME.fullmatch(path.name)]
    except FileNotFoundError:
        return []
    return sorted(found, key=lambda path: path.name, reverse=True)


def backup_time(backup: Path) -> datetime:
    """Return when the backup was made."""
    stamp = backup.name.removeprefix("catalog-").removesuffix("Z.db")
    return datetime.strptime(f"{stamp}000", "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)


def age_s(backup: Path) -> float:
    """Return how old the backup is, in seconds; one from the future counts as old."""
    age = time.time() - backup_time(backup).timestamp()
    return age if age >= 0 else float("inf")


def revision_of(file: Path) -> int:
    """Return the revision that a catalog which nobody writes to, such as a backup, is at."""
    connection = peek(file)
    try:
        return int(connection.execute("SELECT value FROM revision").fetchone()[0])
    finally:
        connection.close()


def back_up(catalog: Path, is_stopped: Callable[[], bool] = lambda: False) -> Path | None:
    """Back the catalog up and return the copy; None if stopped, or if there is no space.

    Writers go on meanwhile (WAL), or wait for the copying alone (DELETE). Raises CatalogDamaged
    if the copy is not sound: then the catalog is not, and no older backup goes.
    """
    folder = backup_folder(catalog)
    folder.mkdir(exist_ok=True)
    if shutil.disk_usage(folder).free < catalog.stat().st_size + _RESERVE_BYTES:
        _log.warning("no space for a backup of the catalog")
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")[:-3]
    final = folder / f"catalog-{stamp}Z.db"
    copy = folder / f"{final.name}.{os.getpid()}{_TEMPORARY}"
    try:
        _copy(catalog, copy, is_stopped)
        found = quick_check(copy)
        if found != "ok":
            raise CatalogDamaged(found)
        sync(copy)
        os.replace(copy, final)
        sync(folder)
    except _Stopped:
        return None
    finally:
        copy.unlink(missing_ok=True)
    _thin_out(catalog)
    return final


def _copy(catalog: Path, copy: Path, is_stopped: Callable[[], bool]) -> None:
    def proceed(_status: int, _remaining: int, _total: int) -> None:
        if is_stopped():
            raise _Stopped

    source = connect(catalog)
    target = None
    try:
        # A reader's view: without it, every commit of another connection would start it anew.
        source.execute("BEGIN")
        source.execute("SELECT value FROM revision").fetchone()
        target = connect(copy)
        target.execute("PRAGMA journal_mode=DELETE")
        source.backup(target, pages=_PAGES_A_STEP, progress=proceed, sleep=0.0)
        target.execute("PRAGMA journal_mode=DELETE")  # it stands alone, with nothing beside it
    finally:
        if target is not None:
            target.close()
        source.close()


def _thin_out(catalog: Path) -> None:
    """Keep the newest, and the newest one of an earlier day."""
    backups = list_backups(catalog)
    if not backups:
        return
    today = backup_time(backups[0]).date()
    earlier = [each for each in backups if backup_time(each).date() < today][:1]
    for backup in set(backups[_NEWEST_KEPT:]) - set(earlier):
        backup.unlink(missing_ok=True)


def sweep_cut_off(catalog: Path) -> int:
    """Remove what backups that were cut off have left; return how many files. Before the first."""
    cut_off = list(backup_folder(catalog).glob(f"*{_TEMPORARY}*"))
    for file in cut_off:
        file.unlink(missing_ok=True)
    return len(cut_off)


def newest_sound_backup(catalog: Path) -> Path | None:
    """Return the newest backup that is still sound; None if there is none."""
    for backup in list_backups(catalog):
        try:
            if quick_check(backup) == "ok":
                return backup
        except (DatabaseError, OSError):
            _log.exception("can't read the backup %s", backup.name)
    return None


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk before returning."""
    if path.is_dir() and os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
