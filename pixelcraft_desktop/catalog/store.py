"""The catalog's one door: short transactions, a revision for each, listeners woken after it."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from sqlite_utils import Database

from pixelcraft_desktop import drive
from pixelcraft_desktop.catalog import restoration
from pixelcraft_desktop.catalog.backup import list_backups
from pixelcraft_desktop.catalog.database import (
    BUSY_SECONDS,
    CatalogDamaged,
    DatabaseError,
    explain,
    is_damage,
    is_full,
    open_database,
)
from pixelcraft_desktop.catalog.restoration import Restoration
from pixelcraft_desktop.catalog.schema import migrate, refuse_newer

_log = logging.getLogger(__name__)
Row = dict[str, Any]


@dataclass(frozen=True)
class Transaction:
    """An open write transaction. `revision` grows with every one and stamps its rows.

    It also serves as the jobs' token: no two claims, retries or rescues ever share one.
    """

    db: Database
    revision: int

    def run(self, sql: str, *values: Any) -> int:
        """Execute a statement and return the number of rows it changed."""
        return int(self.db.conn.execute(sql, values).rowcount)

    def insert(self, sql: str, *values: Any) -> int:
        """Execute an INSERT and return the id of its row."""
        return int(self.db.conn.execute(sql, values).lastrowid or 0)

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """Execute a statement and return its rows, an UPDATE … RETURNING's as well."""
        return _rows(self.db, sql, values)

    def row(self, sql: str, *values: Any) -> Row | None:
        """Execute a statement and return its first row, if any."""
        return next(iter(self.rows(sql, *values)), None)


class CatalogReplaced(DatabaseError):
    """Another process put a backup in the place of the catalog that is open here."""


class CatalogGone(DatabaseError):
    """The catalog that is open here was taken away, or the folder it was in; the text says which.

    What is written now would be lost with it, and nothing new is begun in its place.
    """


class _Door:
    """A lock, and a look at what went wrong behind it.

    Every query goes through, so it is no generator: that would take longer than the lock itself.
    """

    def __init__(self, lock: threading.RLock, meet: Callable[[DatabaseError], NoReturn]) -> None:
        self._lock = lock
        self._meet = meet

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        try:
            if isinstance(error, DatabaseError):
                self._meet(error)
        finally:
            self._lock.release()


class Store:
    """One connection behind one lock. Threads may share it; long readers open their own.

    A damaged catalog is kept aside and replaced by its last backup on opening; `restored` then
    says so. `is_damaged` becomes true where damage, or a replacement, is met later: nothing that
    is written would last, until `reopen`. One that `is_brief` can be read where there is no space
    left at all, and may keep others out meanwhile. Raises CatalogTooNew, DriveFull.
    """

    def __init__(self, path: Path, is_brief: bool = False) -> None:
        self.path = path
        self._is_brief = is_brief
        self.restored: Restoration | None = None
        self._is_damaged = False
        self._lock = threading.RLock()
        self._door = _Door(self._lock, self._meet)
        self._listeners: list[Callable[[], None]] = []
        self._open()

    def reopen(self) -> None:
        """Open the catalog anew, after damage; everybody who shares this store goes on with it.

        Raises CatalogGone.
        """
        require_there(self.path)
        with self._lock:
            self._db.close()
            self._open()
            self._is_damaged = False
        self._wake_listeners()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def go_on_after(self, done: Restoration) -> None:
        """Learn how this catalog took the place of a damaged one, where there was no backup."""
        if done.backup_at is None:
            with self._lock:
                restoration.begin_anew(self._db.conn, done)

    @property
    def is_damaged(self) -> bool:
        """Whether this or any other process met damage, or put a backup in its place."""
        return self._is_damaged or restoration.is_suspected(self.path)

    def suspect_damage(self) -> None:
        """Learn that the file is damaged: have it checked at the next start, and go no further."""
        self._is_damaged = True
        restoration.suspect(self.path)

    @contextmanager
    def transaction(self, durable: bool = False) -> Iterator[Transaction]:
        """Run the block in one transaction, which is undone if the block raises.

        `durable` syncs the commit to the disk: for what the user did. The program's own
        transitions are whole without it, and are only done again after a power cut.
        """
        with self._door:
            self._require_same_file()
            if durable:
                self._db.conn.execute("PRAGMA synchronous=FULL")
            try:
                self._db.conn.execute("BEGIN IMMEDIATE")
                try:
                    yield Transaction(self._db, self._next_revision())
                    self._commit()
                except BaseException:
                    self._db.rollback()
                    raise
            finally:
                if durable:
                    self._db.conn.execute("PRAGMA synchronous=NORMAL")
        self._wake_listeners()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let all queries of the block see the catalog at one and the same moment."""
        with self._door:
            self._db.conn.execute("BEGIN")
            try:
                yield
            finally:
                # Nothing was written; pysqlite3's own rollback would reset every statement it has.
                self._db.conn.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """Return the rows of a query."""
        with self._door:
            return _rows(self._db, sql, values)

    def row(self, sql: str, *values: Any) -> Row | None:
        """Return the first row of a query, if any."""
        return next(iter(self.rows(sql, *values)), None)

    def value(self, sql: str, *values: Any) -> Any:
        """Return the first column of a query's first row; None without a row."""
        row = self.row(sql, *values)
        return next(iter(row.values())) if row else None

    def foreign_version(self) -> int:
        """Return a number that changes when another connection committed something."""
        self._require_same_file()
        return int(self.value("PRAGMA data_version"))

    def listen(self, listener: Callable[[], None]) -> None:
        """Have `listener` called after every commit, on the thread that committed."""
        self._listeners.append(listener)

    def unlisten(self, listener: Callable[[], None]) -> None:
        """Call the listener no more."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def _open(self) -> None:
        refuse_newer(self.path)
        try:
            found = restoration.find_damage(self.path)
            if found is None:
                self._connect()
                return
        except DatabaseError as error:
            if not is_damage(error):
                self._raise(error)
            found = str(error)
        self.restored = restoration.restore(self.path, found)
        self._connect()
        if self.restored is not None:
            self.go_on_after(self.restored)

    def _connect(self) -> None:
        db = open_database(self.path, self._is_brief)
        try:
            migrate(db, self.path)
        except BaseException:
            db.close()
            raise
        self._db = db
        self._file = _identity(self.path)
        if self._is_brief and drive.is_full(self.path):  # it has one try, not as many as it takes
            self._make_room()

    def _commit(self) -> None:
        self._db.conn.execute("COMMIT")

    def _meet(self, error: DatabaseError) -> NoReturn:
        """Remember damage, and say where there is no space left."""
        if is_damage(error) and not self._is_damaged:
            self.suspect_damage()
        if is_full(explain(error, self.path)):
            self._make_room()
        self._raise(error)

    def _raise(self, error: DatabaseError) -> NoReturn:
        reason = explain(error, self.path)
        if reason is error:
            raise error
        raise reason from error

    def _make_room(self) -> None:
        """Move the journal into the catalog as far as that goes: the next write begins it anew."""
        try:
            self._db.conn.execute("PRAGMA busy_timeout=0")  # whoever reads is not waited for
            self._db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except DatabaseError as error:  # the catalog itself has to grow
            _log.info("the journal can't be emptied: %s", error)
        finally:
            self._db.conn.execute(f"PRAGMA busy_timeout={round(BUSY_SECONDS * 1000)}")

    def _require_same_file(self) -> None:
        if _identity(self.path) != self._file:
            require_there(self.path)
            self._is_damaged = True
            raise CatalogReplaced("a backup took the place of the catalog")

    def _next_revision(self) -> int:
        sql = "UPDATE revision SET value = value + 1 RETURNING value"
        return int(self._db.conn.execute(sql).fetchall()[0][0])

    def _wake_listeners(self) -> None:
        for listener in tuple(self._listeners):
            try:
                listener()
            except Exception:
                # The commit stands; one listener's bug must not undo what others rely on.
                _log.exception("a listener failed")


def require_sound(store: Store) -> None:
    """Raise CatalogDamaged or CatalogGone if that was met: what is written now would not last."""
    require_there(store.path)
    if store.is_damaged:
        raise CatalogDamaged(
            f"The catalog {store.path} is damaged. Nothing more is written to it; "
            "at the next start its last backup takes its place."
        )


def require_there(path: Path) -> None:
    """Raise CatalogGone if there is no catalog any more, or even no folder that it was in."""
    if path.exists():
        return
    gone = path if path.parent.exists() else f"the folder {path.parent}"
    way = "with the last backup" if list_backups(path) else "anew"
    raise CatalogGone(f"{gone} is gone; put it back, or start PixelCraft again to begin {way}")


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells this file from another of its name; None if there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _rows(db: Database, sql: str, values: Sequence[Any]) -> list[Row]:
    cursor = db.conn.execute(sql, values)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def timestamp(moment: datetime) -> str:
    """Return the moment as the catalog writes it: ISO 8601, UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now() -> str:
    """Return the time, as the catalog writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
