"""The catalog's one door: short transactions, a revision for each, listeners woken after it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from pixelcraft_desktop.catalog import restoration
from pixelcraft_desktop.catalog.database import (
    CatalogDamaged,
    DatabaseError,
    is_damage,
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


class Store:
    """One connection behind one lock. Threads may share it; long readers open their own.

    A damaged catalog is kept aside and replaced by its last backup on opening; `restored` then
    says so. `is_damaged` becomes true where damage, or a replacement, is met later: nothing that
    is written would last, until `reopen`. Raises CatalogTooNew.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.restored: Restoration | None = None
        self._is_damaged = False
        self._lock = threading.RLock()
        self._listeners: list[Callable[[], None]] = []
        self._open()

    def reopen(self) -> None:
        """Open the catalog anew, after damage; everybody who shares this store goes on with it."""
        with self._lock:
            self._db.close()
            self._open()
            self._is_damaged = False
        self._wake_listeners()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

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
        with self._lock, self._watching():
            self._require_same_file()
            if durable:
                self._db.execute("PRAGMA synchronous=FULL")
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield Transaction(self._db, self._next_revision())
                    self._commit()
                except BaseException:
                    self._db.rollback()
                    raise
            finally:
                if durable:
                    self._db.execute("PRAGMA synchronous=NORMAL")
        self._wake_listeners()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let all queries of the block see the catalog at one and the same moment."""
        with self._lock, self._watching():
            self._db.execute("BEGIN")
            try:
                yield
            finally:
                self._db.rollback()

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """Return the rows of a query."""
        with self._lock, self._watching():
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
                raise
            found = str(error)
        self.restored = restoration.restore(self.path, found)
        self._connect()
        if self.restored is not None and self.restored.backup_at is None:
            restoration.begin_anew(self._db.conn, self.restored)

    def _connect(self) -> None:
        db = open_database(self.path)
        try:
            migrate(db, self.path)
        except BaseException:
            db.close()
            raise
        self._db = db
        self._file = _identity(self.path)

    def _commit(self) -> None:
        self._db.execute("COMMIT")

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Remember damage that is met in the block, for now and for the next start."""
        try:
            yield
        except DatabaseError as error:
            if is_damage(error) and not self._is_damaged:
                self.suspect_damage()
            raise

    def _require_same_file(self) -> None:
        if _identity(self.path) != self._file:
            self._is_damaged = True
            raise CatalogReplaced("a backup took the place of the catalog")

    def _next_revision(self) -> int:
        rows = _rows(self._db, "UPDATE revision SET value = value + 1 RETURNING value", ())
        return int(rows[0]["value"])

    def _wake_listeners(self) -> None:
        for listener in tuple(self._listeners):
            try:
                listener()
            except Exception:
                # The commit stands; one listener's bug must not undo what others rely on.
                _log.exception("a listener failed")


def require_sound(store: Store) -> None:
    """Raise CatalogDamaged if damage was met: what is written now would not last."""
    if store.is_damaged:
        raise CatalogDamaged(
            f"The catalog {store.path} is damaged. Nothing more is written to it; "
            "at the next start its last backup takes its place."
        )


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells this file from another of its name; None if there is none."""
    try:
        found = path.stat()
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
    return timestamp(datetime.now(UTC))
