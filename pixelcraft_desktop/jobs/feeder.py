"""Keeps the queue supplied with the few jobs the catalog wants next."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from pixelcraft_desktop.catalog.database import DatabaseError
from pixelcraft_desktop.catalog.jobs import Ticket, Waiting, highest_priority, next_in_turn
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.allowance import Allowance
from pixelcraft_desktop.jobs.broker import Broker
from pixelcraft_desktop.lasting_thread import LastingThread

_log = logging.getLogger(__name__)
_MESSAGES_A_LANE = 2
_LOOK_ANYWAY_S = 5.0
# Commits come by the thousand; while enough is fed, only something more urgent would matter.
_REST_S = 0.05
_MOST_VISIBLE = 300


class Feeder:
    """A thread that asks the catalog for the next jobs whenever there may be room or news.

    Order, pause and cancel live in that one query, so the queue itself never needs surgery.
    `batch_id` restricts it to the jobs of one import.
    """

    def __init__(
        self,
        store: Store,
        broker: Broker,
        lane_count: int,
        allowance: Allowance,
        batch_id: int | None = None,
    ) -> None:
        self._allowance = allowance
        self._store = store
        self._broker = broker
        self._supply = _MESSAGES_A_LANE * lane_count
        self._batch_id = batch_id
        self._visible: Sequence[int] = ()
        self._fed: dict[Ticket, int] = {}  # with the priority each was fed at
        self._in_hand: dict[int, Ticket] = {}  # by thread: taken, and perhaps not claimed yet
        self._last_batch = 0
        self._feeding = threading.Lock()
        self._looks = 0
        self._news = threading.Condition()
        self._has_news = True
        self._is_resting = False
        self._is_stopped = False
        self._thread = LastingThread("feeder", self._run)

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
            if not self._is_resting:
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
        """Learn that the calling thread took the message of this job, and will claim it."""
        with self._news:
            self._fed.pop(ticket, None)
            self._in_hand[threading.get_ident()] = ticket

    def is_through(self) -> None:
        """Learn that the calling thread has no job in hand, whatever came of its last one."""
        with self._news:
            self._in_hand.pop(threading.get_ident(), None)
            self._has_news = True
            self._news.notify()

    def feed(self) -> None:
        """Supply an empty queue, on the calling thread: a lane that would wait for it else."""
        self._try_to_feed(is_empty=True)

    def _try_to_feed(self, is_empty: bool) -> None:
        before = self._looks
        try:
            with self._feeding:
                if not is_empty or self._looks == before:  # else another lane has just done it
                    self._feed(is_empty)
        except DatabaseError:
            # Locked or full; the next look, at the latest in five seconds, tries again.
            _log.exception("feeding failed")

    def _run(self) -> None:
        wait_s = _LOOK_ANYWAY_S
        while True:
            with self._news:
                had_news = self._news.wait_for(lambda: self._has_news or self._is_stopped, wait_s)
                if self._is_stopped:
                    return
                self._has_news = False
            if not had_news and wait_s == _LOOK_ANYWAY_S:
                self._forget_lost()
            # Asked before the look: what the look comes too early for, the next one comes for.
            pause_s = self._allowance.pause_s()
            self._try_to_feed(is_empty=False)
            self._rest()
            wait_s = _LOOK_ANYWAY_S if pause_s is None else min(pause_s, _LOOK_ANYWAY_S)

    def _rest(self) -> None:
        """Let a little time go by, unless more is wanted."""
        with self._news:
            self._is_resting = True
            self._news.wait_for(lambda: self._is_stopped or not self._fed, _REST_S)
            self._is_resting = False

    def _feed(self, is_empty: bool) -> None:
        with self._news:
            fed, in_hand = dict(self._fed), set(self._in_hand.values())
        room = self._allowance.room()
        supply = self._supply if room is None else min(self._supply, room)
        # Only when all is taken, so that each look brings several.
        if not supply or (fed and not is_empty and not self._is_overtaken(fed)):
            return
        self._looks += 1
        wanted = supply + len(fed) + len(in_hand)
        for waiting in next_in_turn(
            self._store, wanted, self._batch_id, self._visible, self._last_batch
        ):
            if waiting.ticket in fed or waiting.ticket in in_hand:
                continue
            # Those of a lower priority are fed already, but need not be in the way.
            if sum(priority >= waiting.priority for priority in fed.values()) >= supply:
                break
            fed[waiting.ticket] = waiting.priority
            with self._news:
                self._fed[waiting.ticket] = waiting.priority
            self._last_batch = waiting.batch_id
            self._put(waiting)

    def _put(self, waiting: Waiting) -> None:
        try:
            self._broker.put(waiting.ticket, waiting.priority)
        except DatabaseError:  # no room for the message: it is not there to be waited for
            with self._news:
                self._fed.pop(waiting.ticket, None)
            raise

    def _is_overtaken(self, fed: dict[Ticket, int]) -> bool:
        """Tell whether something more urgent waits than what was fed."""
        highest = highest_priority(self._store)
        return highest is not None and highest > min(fed.values())

    def _forget_lost(self) -> None:
        """Feed again what the queue lost: an unreadable message is popped and gone."""
        if self._fed and self._broker.count() == 0:
            with self._news:
                lost = len(self._fed)
                self._fed.clear()
            _log.warning("%d messages were lost and are sent again", lost)
