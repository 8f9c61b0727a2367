"""A checkup: versions, formats, catalog, outputs, disk and backups of one home, nothing changed."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pixelcraft_desktop import __version__, drive
from pixelcraft_desktop.catalog import backup, control
from pixelcraft_desktop.catalog.database import (
    DatabaseError,
    is_damage,
    journal_mode,
    library_version,
    peek,
    quick_check,
)
from pixelcraft_desktop.catalog.jobs import count_states
from pixelcraft_desktop.catalog.lost import find_lost
from pixelcraft_desktop.catalog.store import Store, timestamp
from pixelcraft_desktop.catalog.totals import wrong_totals
from pixelcraft_desktop.jobs.file_lock import FileLock
from pixelcraft_desktop.jobs.schedules.cleanup import clean_up
from pixelcraft_desktop.model import State
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.self_test.parts import read_formats
from pixelcraft_desktop.settings import Settings

# Asked of the installation's own records: importing Qt for its version takes a second.
_LIBRARIES = ("PySide6_Essentials", "pillow", "pi-heif", "huey", "sqlite-utils", "click")
_LEAST_FREE_BYTES = 100_000_000
_CRASH_TEXT = 2_000


@dataclass(frozen=True)
class Problem:
    """Something that is not as it should be: a word for programs, a sentence for people."""

    kind: str
    text: str


@dataclass
class Checkup:
    """What was found: facts by section, and the problems among them. `lost` are image ids."""

    sections: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    damage: str | None = None
    lost: Sequence[int] = ()

    def complain(self, kind: str, text: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(kind, text))


def examine(home: Home, settings: Settings) -> Checkup:
    """Return what is to be said about the home. Safe beside a window; may take some seconds."""
    found = Checkup()
    found.sections["versions"] = _versions()
    _examine_formats(found)
    found.sections["settings"] = asdict(settings)
    found.sections["runner"] = {"pid": holder(home.run_lock)}
    found.sections["window"] = {"pid": holder(home.window_lock)}
    _examine_catalog(found, home)
    _examine_backups(found, home)
    _examine_disk(found, home)
    found.sections["last_crash"] = _last_crash(home.fault_record) or _last_crash(
        home.logs / "faults.log"
    )
    return found


def holder(lock_file: Path) -> int | None:
    """Return the process that holds the lock; None: nobody."""
    lock = FileLock(lock_file)
    if lock.acquire():
        lock.release()
        return None
    words = lock_file.read_text(encoding="ascii", errors="replace").split()
    return int(words[0]) if words and words[0].isdigit() else 0


def _versions() -> dict[str, Any]:
    return {
        "pixelcraft": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "frozen": bool(getattr(sys, "frozen", False)),
        "sqlite": library_version(),
        "journal": journal_mode(),
        "libraries": {name: _version(name) for name in _LIBRARIES},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _examine_formats(found: Checkup) -> None:
    formats = read_formats()
    found.sections["formats"] = {name: trouble or "ok" for name, trouble in formats.items()}
    for name, trouble in formats.items():
        if trouble is not None:
            found.complain("format", f"{name} can't be read: {trouble}")


def _examine_catalog(found: Checkup, home: Home) -> None:
    if not home.catalog.exists() and not backup.list_backups(home.catalog):
        Store(home.catalog, is_brief=True).close()  # a new home
    integrity = check_integrity(home.catalog)
    section: dict[str, Any] = {"integrity": integrity}
    found.sections["catalog"] = section
    if integrity != "ok":
        found.damage = integrity
        found.complain("damaged", f"The catalog is damaged: {integrity}")
        return
    store = Store(home.catalog, is_brief=True)
    try:
        _examine_rows(found, store, section)
        _examine_outputs(found, store, home)
        restored, hold = control.restored(store), control.held(store)
        section["restored"] = asdict(restored) if restored else None
        found.sections["held"] = asdict(hold) if hold else None
        if hold is not None:
            found.complain("held", f"The queue is held: {hold.message}")
    finally:
        store.close()


def check_integrity(catalog: Path) -> str:
    """Return "ok", or the first things that SQLite finds wrong, indexes included."""
    if not catalog.exists():
        return "the file is gone"
    try:
        connection = peek(catalog)
        try:
            rows = connection.execute("PRAGMA integrity_check(5)").fetchall()
        finally:
            connection.close()
    except DatabaseError as error:
        if not is_damage(error):
            raise
        return str(error)
    text = "; ".join(line for row in rows for line in str(row[0]).splitlines())
    return text if text == "ok" or catalog.stat().st_size else "the file is empty"


def _examine_rows(found: Checkup, store: Store, section: dict[str, Any]) -> None:
    counts = count_states(store)
    broken = len(store.rows("PRAGMA foreign_key_check"))
    jobless = store.value(
        "SELECT count(*) FROM images i WHERE NOT EXISTS "
        "(SELECT 1 FROM jobs j WHERE j.image_id = i.id)"
    )
    section |= {
        "images": store.value("SELECT count(*) FROM images WHERE removed_at IS NULL"),
        "jobs": {state.value: count for state, count in counts.items()},
        "foreign_keys_broken": broken,
        "images_without_job": jobless,
    }
    wrong = wrong_totals(store)
    section["wrong_totals"] = wrong
    if wrong:
        found.complain("totals", f"{len(wrong)} batches are counted wrongly.")
    if broken:
        found.complain("foreign_keys", f"{broken} rows point at rows that are not there.")
    if jobless:
        found.complain("jobless", f"{jobless} pictures have no job.")
    if counts[State.ACTIVE] and found.sections["runner"]["pid"] is None:
        text = f"{counts[State.ACTIVE]} jobs were cut off; they go on at the next start."
        found.complain("interrupted", text)


def _examine_outputs(found: Checkup, store: Store, home: Home) -> None:
    litter = clean_up(store, home, dry_run=True)
    found.lost = find_lost(store, home.has_output)
    found.sections["orphans"] = {
        "files": len(litter.files),
        "bytes": litter.bytes_freed,
        "images_without_files": list(found.lost),
        "kept": control.keeps_outputs(store),
    }
    if litter.files:
        found.complain("orphans", f"{len(litter.files)} files that nobody needs.")
    if found.lost:
        found.complain("lost", f"{len(found.lost)} pictures whose results are gone.")


def _examine_backups(found: Checkup, home: Home) -> None:
    backups = []
    for each in backup.list_backups(home.catalog):
        check = quick_check(each)
        backups.append(
            {
                "file": str(each),
                "at": timestamp(backup.backup_time(each)),
                "bytes": each.stat().st_size,
                "integrity": check,
            }
        )
        if check != "ok":
            found.complain("backup", f"The backup {each.name} is damaged: {check}")
    found.sections["backups"] = backups


def _examine_disk(found: Checkup, home: Home) -> None:
    free = shutil.disk_usage(home.root).free
    found.sections["disk"] = {
        "home": str(home.root),
        "free_bytes": free,
        "catalog_bytes": sum(_size(path) for path in home.root.glob(home.catalog.name + "*")),
        "outputs_bytes": _size(home.outputs),
        "backups_bytes": _size(backup.backup_folder(home.catalog)),
        "logs_bytes": _size(home.logs),
    }
    place = drive.drive_of(home.root)
    if free < drive.NOTHING_BYTES:
        text = f"No space is left on the drive {place}: nothing can be saved until there is."
        found.complain("disk", text)
    elif free < _LEAST_FREE_BYTES:
        found.complain("disk", f"Only {free // 1_000_000} MB are free on the drive {place}.")


def _size(place: Path) -> int:
    """Return the size of a file, or of all files in a folder."""
    if place.is_file():
        return place.stat().st_size
    total = 0
    for path in place.rglob("*"):
        try:
            total += path.lstat().st_size if path.is_file() else 0
        except FileNotFoundError:
            pass  # a job ended meanwhile
    return total


def _last_crash(faults: Path) -> str | None:
    """Return the end of the last fatal signal's trace; None: there was none."""
    try:
        text = faults.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    start = text.rfind("Fatal Python error")
    return None if start < 0 else text[start : start + _CRASH_TEXT]
