"""How a SQLite file is opened here: which library, which journal, which limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # the one it chose itself

# Before this, a WAL database that two connections write to can be corrupted (the WAL-reset
# bug, https://sqlite.org/wal.html#walresetbug). sqlite-utils takes the pysqlite3 package, which
# brings a newer SQLite, where it is installed.
_FIRST_SOUND_WAL = (3, 51, 3)
BUSY_SECONDS = 60.0

DatabaseError = sqlite3.DatabaseError
# What may pass: locked, full, a drive that stumbles. The others are bugs or damage.
OperationalError = sqlite3.OperationalError


def is_full(error: Exception) -> bool:
    """Tell whether the database refused because there is no space left (SQLITE_FULL)."""
    return isinstance(error, DatabaseError) and "full" in str(error)


def journal_mode() -> str:
    """Return the journal that this SQLite library keeps safely: "wal" or "delete"."""
    version = tuple(map(int, sqlite3.sqlite_version.split(".")))
    return "wal" if version >= _FIRST_SOUND_WAL else "delete"


def connect(path: Path) -> Any:
    """Return a connection in autocommit mode, to be used by one thread at a time."""
    connection = sqlite3.connect(
        str(path), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    connection.execute(f"PRAGMA journal_mode={journal_mode()}")
    return connection


def open_database(path: Path) -> Database:
    """Return the database at `path`, made if it is not there."""
    connection = connect(path)
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")
    return Database(connection, execute_plugins=False)
