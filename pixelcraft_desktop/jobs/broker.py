"""Huey on SQLite. Its messages are doorbells: everything in them can be fed again."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huey import Huey
from huey.storage import SqliteStorage

from pixelcraft_desktop.catalog.database import DatabaseError, connect, journal_mode
from pixelcraft_desktop.catalog.jobs import Ticket
from pixelcraft_desktop.jobs.messages import SignedJson

_log = logging.getLogger(__name__)


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
        super().enqueue(data, priority)
        with self._arrived:
            self._arrived.notify()

    def dequeue(self) -> bytes | None:
        """Return the next message; None after a second without one, or when closing."""
        with self._arrived:
            if self._is_closing:
                return None
            try:
                data: bytes | None = super().dequeue()
            except DatabaseError as error:  # a full disk; what waits there is fed again anyway
                _log.warning("the queue can't be read: %s", error)
                data = None
            if data is None:
                self._arrived.wait(self._longest_wait_s)
            return data

    def wake_workers(self) -> None:
        """Let every waiting worker look around."""
        with self._arrived:
            self._arrived.notify_all()

    def release_workers(self) -> None:
        """Let every waiting worker go, for good."""
        with self._arrived:
            self._is_closing = True
            self._arrived.notify_all()

    def _create_connection(self) -> Any:
        connection = connect(Path(self.filename))
        # Losing this file costs nothing: it is emptied at start and fed from the catalog.
        connection.execute("PRAGMA synchronous=OFF")
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
        journal_mode=journal_mode(),
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
