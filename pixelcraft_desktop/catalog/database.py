"""How a SQLite file is opened here: which library, which journal, which limits."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # the one it chose itself

from pixelcraft_desktop import drive

# Before this, a WAL database that two connections write to can be corrupted (the WAL-reset
# bug, https://sqlite.org/wal.html#walresetbug). sqlite-utils takes the pysqlite3 package, which
# brings a newer SQLite, where it is installed.
_FIRST_SOUND_WAL = (3, 51, 3)
BUSY_SECONDS = 60.0
_TURN_S = 0.005
# More than there are: where the cache is full, pysqlite3 lets go the statement it took in last, and
# all that come after a migration's are compiled anew at every use, which takes most of their time.
_STATEMENTS = 1_000

_ALONE_S = 1.0
_LEAST_COMPANION_BYTES = 32  # the header of a WAL; SQLite makes the -shm of 3 bytes at first

_BUSY, _CORRUPT, _NOT_A_DATABASE = 5, 11, 26  # SQLite's own numbers; the last two are damage
_IO, _FULL, _CANT_OPEN = 10, 13, 14
COMPANIONS = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a database

DatabaseError = sqlite3.DatabaseError
# What may pass: locked, full, a drive that stumbles. The others are bugs or damage.
OperationalError = sqlite3.OperationalError


class CatalogDamaged(Exception):
    """The catalog's file is damaged; the text says what was found."""


class DriveFull(OperationalError):
    """There is no space left on the drive of the database; the text says which."""


def is_full(error: Exception) -> bool:
    """Tell whether the database refused because there is no space left."""
    if isinstance(error, DriveFull):
        return True
    return isinstance(error, DatabaseError) and (_code(error) == _FULL or "full" in str(error))


def explain(error: DatabaseError, path: Path) -> DatabaseError:
    """Return DriveFull where that is why the database at `path` refused, else the error itself.

    Where SQLite can't make its files beside the database, it says "disk I/O error" or "unable to
    open database file".
    """
    if isinstance(error, DriveFull):
        return error
    is_vague = _code(error) in (_IO, _CANT_OPEN)
    if is_full(error) or (is_vague and drive.is_full(path)):
        return DriveFull(f"no space is left on the drive {drive.drive_of(path)}")
    return error


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


def connect(path: Path, is_brief: bool = False) -> Any:
    """Return a connection in autocommit mode, to be used by one thread at a time.

    Where there is no space even for the files that connections share, one that `is_brief` may
    read nevertheless, and keeps all others out meanwhile. Raises DriveFull.
    """
    try:
        return _connect(path)
    except OperationalError as error:
        refusal = explain(error, path)
        if refusal is error:
            raise
        if journal_mode() != "wal":
            raise refusal from error
    try:
        # A run that ended badly left its journal, up to 16 MB: closing moves it in and removes it.
        _connect(path, is_alone=True).close()
        return _connect(path)
    except OperationalError as error:
        if not is_brief:
            raise refusal from error
    return _connect(path, is_alone=True)


def _connect(path: Path, is_alone: bool = False) -> Any:
    connection = sqlite3.connect(
        str(path),
        timeout=_ALONE_S if is_alone else BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_STATEMENTS,
    )
    try:
        if is_alone:  # SQLite then keeps in memory what it shares with nobody
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
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
    # On a full drive, empty ones are what somebody left who could not open it.
    sizes = [_size(path.with_name(path.name + end)) for end in COMPANIONS]
    is_alone = max(sizes) < 0 or (max(sizes) < _LEAST_COMPANION_BYTES and drive.is_full(path))
    options = "mode=ro&immutable=1" if is_alone else "mode=ro"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{options}", uri=True, isolation_level=None)


def _size(path: Path) -> int:
    """Return the size of the file; -1 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return -1


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


def open_database(path: Path, is_brief: bool = False) -> Database:
    """Return the database at `path`, made if it is not there; `is_brief` as for `connect`."""
    connection = connect(path, is_brief)
    connection.execute("PRAGMA synchronous=NORMAL")
    # A checkpoint syncs twice while everybody waits. At the usual 1,000 pages one came every 50
    # jobs; the journal now grows to 64 MB, and is cut back when it begins anew.
    connection.execute("PRAGMA wal_autocheckpoint=16000")
    connection.execute("PRAGMA journal_size_limit=16000000")
    connection.execute("PRAGMA cache_size=-16000")  # 2 MB hold no index of 100,000 jobs
    connection.execute("PRAGMA foreign_keys=ON")
    return Database(connection, execute_plugins=False)
