"""Keeps the queue supplied with the few jobs the catalog wants next."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from pixelcraft_desktop.catalog.database import DatabaseError
from pixelcraft_desktop.catalog.jobs import Ticket, next_waiting
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.broker import Broker

_log = logging.getLogger(__name__)
_MESSAGES_A_LANE = 2
_LOOK_ANYWAY_S = 5.0
_MOST_VISIBLE = 300


class Feeder:
    """A thread that asks the catalog for the next jobs whenever there may be room or news.

    Order, pause and cancel live in that one query, so the queue itself never needs surgery.
    `batch_id` restricts it to the jobs of one import.
    """

    def __init__(
        self, store: Store, broker: Broker, lane_count: int, batch_id: int | None = None
    ) -> None:
        self._store = store
        self._broker = broker
        self._supply = _MESSAGES_A_LANE * lane_count
        self._batch_id = batch_id
        self._visible: Sequence[int] = ()
        self._fed: set[Ticket] = set()
        self._news = threading.Condition()
        self._has_news = True
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run, name="feeder", daemon=True)

    def start(self) -> None:
        """Begin to feed."""
        self._thread.start()

    def stop(self) -> None:
        """Feed no more."""
        with self._news:
            self._is_stopped = True
            self._news.notify()
        if self._thread.is_alive():
            self._thread.join()

    def wake(self) -> None:
        """Look at the catalog again, soon, on the feeder's own thread."""
        with self._news:
            self._has_news = True
            self._news.notify()

    def set_lane_count(self, lane_count: int) -> None:
        """Supply so many lanes from now on."""
        self._supply = _MESSAGES_A_LANE * lane_count
        self.wake()

    def prefer(self, image_ids: Sequence[int]) -> None:
        """Let the pictures somebody is looking at go before others of the same priority."""
        self._visible = tuple(image_ids[:_MOST_VISIBLE])
        self.wake()

    def took(self, ticket: Ticket) -> None:
        """Learn that a worker took the message of this job."""
        with self._news:
            self._fed.discard(ticket)
        self.wake()

    def _run(self) -> None:
        while True:
            with self._news:
                had_news = self._news.wait_for(
                    lambda: self._has_news or self._is_stopped, _LOOK_ANYWAY_S
                )
                if self._is_stopped:
                    return
                self._has_news = False
            try:
                if not had_news:
                    self._forget_lost()
                self._feed()
            except DatabaseError:
                # Locked or full; the next look, at the latest in five seconds, tries again.
                _log.exception("feeding failed")

    def _feed(self) -> None:
        with self._news:
            fed = set(self._fed)
        if len(fed) >= self._supply:
            return
        wanted = self._supply + len(fed)
        for ticket in next_waiting(self._store, wanted, self._batch_id, self._visible):
            if ticket in fed:
                continue
            if len(fed) >= self._supply:
                break
            fed.add(ticket)
            with self._news:
                self._fed.add(ticket)
            self._broker.put(ticket)

    def _forget_lost(self) -> None:
        """Feed again what the queue lost: an unreadable message is popped and gone."""
        if self._fed and self._broker.count() == 0:
            with self._news:
                lost = len(self._fed)
                self._fed.clear()
            _log.warning("%d messages were lost and are sent again", lost)
