"""How a SQLite file is opened here: which library, which journal, which limits."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # the one it chose itself

# Before this, a WAL database that two connections write to can be corrupted (the WAL-reset
# bug, https://sqlite.org/wal.html#walresetbug). sqlite-utils takes the pysqlite3 package, which
# brings a newer SQLite, where it is installed.
_FIRST_SOUND_WAL = (3, 51, 3)
BUSY_SECONDS = 60.0
_TURN_S = 0.005

_BUSY, _CORRUPT, _NOT_A_DATABASE = 5, 11, 26  # SQLite's own numbers; the last two are damage
COMPANIONS = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a database

DatabaseError = sqlite3.DatabaseError
# What may pass: locked, full, a drive that stumbles. The others are bugs or damage.
OperationalError = sqlite3.OperationalError


class CatalogDamaged(Exception):
    """The catalog's file is damaged; the text says what was found."""


def is_full(error: Exception) -> bool:
    """Tell whether the database refused because there is no space left (SQLITE_FULL)."""
    return isinstance(error, DatabaseError) and "full" in str(error)


def is_damage(error: BaseException) -> bool:
    """Tell whether the file itself is damaged, or is no database at all."""
    if not isinstance(error, DatabaseError):
        return False
    return _code(error) in (_CORRUPT, _NOT_A_DATABASE)


def _code(error: BaseException) -> int | None:
    """Return SQLite's own number for what went wrong, without the extension in its upper bits."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def library_version() -> str:
    """Return the version of the SQLite library in use."""
    return str(sqlite3.sqlite_version)


def journal_mode() -> str:
    """Return the journal that this SQLite library keeps safely: "wal" or "delete"."""
    version = tuple(map(int, sqlite3.sqlite_version.split(".")))
    return "wal" if version >= _FIRST_SOUND_WAL else "delete"


def connect(path: Path) -> Any:
    """Return a connection in autocommit mode, to be used by one thread at a time."""
    connection = sqlite3.connect(
        str(path), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        _choose_journal(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _choose_journal(connection: Any) -> None:
    """Set the journal, in turn with others that make or open the file at this moment.

    SQLite waits for nobody here, whatever the timeout: of four processes that made one file at
    once, 7 % failed as locked.
    """
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute(f"PRAGMA journal_mode={journal_mode()}")
        except OperationalError as error:
            if _code(error) != _BUSY or time.monotonic() > end:
                raise
        else:
            return
        time.sleep(_TURN_S)


def peek(path: Path) -> Any:
    """Return a connection that only reads, and leaves no trace: no file beside, no new time.

    Only for a file that nobody writes to, or for an answer that may be wrong. Raises DatabaseError.
    """
    # `immutable` forgoes journal and locks; what is in a WAL stays unseen, so one is asked for.
    is_alone = not any(path.with_name(path.name + end).exists() for end in COMPANIONS)
    options = "mode=ro&immutable=1" if is_alone else "mode=ro"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{options}", uri=True, isolation_level=None)


def quick_check(path: Path) -> str:
    """Return "ok", or what SQLite finds wrong with the structure of the file."""
    try:
        connection = peek(path)
        try:
            return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        finally:
            connection.close()
    except DatabaseError as error:
        if is_damage(error):
            return str(error)
        raise


def open_database(path: Path) -> Database:
    """Return the database at `path`, made if it is not there."""
    connection = connect(path)
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")
    return Database(connection, execute_plugins=False)
