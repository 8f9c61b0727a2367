"""Huey on SQLite. Its messages are doorbells: everything in them can be fed again."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from huey import Huey
from huey.storage import SqliteStorage

from pixelcraft_desktop.catalog.database import DatabaseError, connect
from pixelcraft_desktop.catalog.jobs import Ticket
from pixelcraft_desktop.jobs.messages import SignedJson

_log = logging.getLogger(__name__)
_TAKE_FIRST = (
    "DELETE FROM task WHERE id = (SELECT id FROM task WHERE queue = ? "
    "ORDER BY priority DESC, id LIMIT 1) RETURNING data"
)


class WakingStorage(SqliteStorage):  # type: ignore[misc]  # Huey has no types
    """SQLite storage whose `dequeue` waits and is woken, instead of being polled.

    Polling workers back off to 10 s; this picks up in about half a millisecond.
    """

    blocking = True
    _longest_wait_s = 1.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._arrived = threading.Condition()
        self._is_closing = False
        super().__init__(*args, **kwargs)

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        """Add a message and wake one waiting worker."""
        insert = "INSERT INTO task (queue, data, priority) VALUES (?, ?, ?)"
        with self.lock:
            self.conn.execute(insert, (self.name, data, priority or 0))
        with self._arrived:
            self._arrived.notify()

    def dequeue(self) -> bytes | None:
        """Return the next message; None after a second without one, or when closing."""
        with self._arrived:
            if self._is_closing:
                return None
            try:
                data = self._take_first()
            except DatabaseError as error:  # a full disk; what waits there is fed again anyway
                _log.warning("the queue can't be read: %s", error)
                data = None
            if data is None:
                self._arrived.wait(self._longest_wait_s)
            return data

    def take(self) -> bytes | None:
        """Return the next message, at once; None if there is none."""
        with self._arrived:
            return None if self._is_closing else self._take_first()

    def wake_workers(self) -> None:
        """Let every waiting worker look around."""
        with self._arrived:
            self._arrived.notify_all()

    def release_workers(self) -> None:
        """Let every waiting worker go, for good."""
        with self._arrived:
            self._is_closing = True
            self._arrived.notify_all()

    def peek_many(self, _keys: Sequence[str]) -> dict[str, bytes]:
        """Say that nothing is revoked: cancelling is the catalog's, and the token's."""
        return {}

    def delete_data(self, _key: str) -> bool:
        """Forget a revocation, of which there are none."""
        return False

    def _take_first(self) -> bytes | None:
        # One statement is its own transaction; Huey's two queries and three more take longer than
        # all the rest of a message's way.
        with self.lock:
            row = self.conn.execute(_TAKE_FIRST, (self.name,)).fetchone()
        # Of another type only by another hand: no message, and nothing to make bytes of.
        if row is None:
            return None
        return row[0] if isinstance(row[0], bytes) else b""

    def _create_connection(self) -> Any:
        connection = connect(Path(self.filename))
        # Losing this file costs nothing: it is emptied at start and fed from the catalog. Nobody
        # else has any business in it either, and so each commit is one write and no lock.
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA journal_mode=MEMORY")
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        return connection


def open_queue(name: str, path: Path) -> Huey:
    """Return a Huey whose queue is empty, whatever lay at `path`: nothing in it is needed."""
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    return Huey(
        name,
        results=False,
        storage_class=WakingStorage,
        filename=str(path),
        # New at each start: a message from any other run, or hand, is refused.
        serializer=SignedJson(secrets.token_bytes(32)),
    )


class Broker:
    """Takes tickets in and calls `work` with each of them on a worker thread."""

    def __init__(self, path: Path, work: Callable[[Ticket], None]) -> None:
        self.huey = open_queue("pixelcraft", path)

        def render(job_id: int, token: int) -> None:
            work(Ticket(job_id, token))

        self._render = self.huey.task(name="render")(render)

    def put(self, ticket: Ticket, priority: int = 0) -> None:
        """Enqueue a message for the job, before those of a lower priority."""
        self._render(ticket.job_id, ticket.token, priority=priority)

    def take(self) -> Ticket | None:
        """Return the ticket of the next message, at once; None if there is none."""
        try:
            data = self.huey.storage.take()
        except DatabaseError as error:  # a full disk; a worker that waits will meet it too
            _log.warning("the queue can't be read: %s", error)
            return None
        try:
            return None if data is None else Ticket(*self.huey.deserialize_task(data).args)
        except Exception:  # whatever somebody wrote into the queue; Huey drops it just so
            _log.exception("a message in the queue can't be read")
            return None

    def count(self) -> int:
        """Return the number of messages that no worker has taken yet."""
        return int(self.huey.storage.queue_size())

    def wake_workers(self) -> None:
        """Let every worker that waits for a message look around."""
        self.huey.storage.wake_workers()

    def release_workers(self) -> None:
        """Let every worker that waits for a message go."""
        self.huey.storage.release_workers()

    def close(self) -> None:
        """Close the queue file."""
        self.huey.storage.close()
