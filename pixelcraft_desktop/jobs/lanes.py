"""Lanes: Huey's worker threads, each with a decoder of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from huey.consumer import Consumer, Worker, WorkerRecycle

from pixelcraft_desktop.decoders.decoder import Decoder
from pixelcraft_desktop.jobs.broker import Broker

_log = logging.getLogger(__name__)


class Lane(Worker):  # type: ignore[misc]  # Huey has no types
    """A worker that opens its decoder before the first job and closes it after the last."""

    def __init__(self, lanes: Lanes, **options: Any) -> None:
        super().__init__(**options)
        self._lanes = lanes
        self.is_retired = False

    def loop(self, now: Any = None) -> None:
        """Do the next job, or leave where there are more lanes than wanted."""
        if self.is_retired:
            raise WorkerRecycle  # Huey's way to end one worker without a word
        super().loop(now)

    def initialize(self) -> None:
        """Start the lane's decoder, so that the first picture need not wait for it."""
        super().initialize()
        self._lanes.open_decoder()

    def shutdown(self) -> None:
        """Close the lane's decoder."""
        self._lanes.close_decoder()
        super().shutdown()


class Lanes(Consumer):  # type: ignore[misc]  # Huey has no types
    """All lanes of this process."""

    worker_threads: list[tuple[Lane, threading.Thread]]

    def __init__(self, broker: Broker, count: int, make_decoder: Callable[[], Decoder]) -> None:
        self._broker = broker
        self._make_decoder = make_decoder
        self._decoders: dict[int, Decoder] = {}
        self._guard = threading.Lock()
        # The scheduler thread has nothing to do: `run_at` lives in the catalog.
        super().__init__(
            broker.huey,
            workers=count,
            periodic=False,
            initial_delay=0.05,
            max_delay=0.2,
            scheduler_interval=60,
        )

    def set_count(self, count: int) -> None:
        """Have so many lanes from now on. One too many ends after the picture in its hand."""
        alive = [(lane, thread) for lane, thread in self.worker_threads if thread.is_alive()]
        for number, (lane, _) in enumerate(alive):
            lane.is_retired = number >= count
        for number in range(len(alive), count):
            lane = self._create_worker()
            thread = self._create_process(lane, f"Worker-{number + 1}")
            alive.append((lane, thread))
            thread.start()
        self.worker_threads = alive
        self._broker.wake_workers()

    @property
    def alive_count(self) -> int:
        """How many lanes work or wait for work."""
        return sum(t.is_alive() and not lane.is_retired for lane, t in self.worker_threads)

    @property
    def is_leaving(self) -> bool:
        """Whether the lane this is asked on shall begin no further job."""
        mine = threading.current_thread()
        retired = (lane.is_retired for lane, thread in self.worker_threads if thread is mine)
        return self.stop_flag.is_set() or any(retired)

    @property
    def decoder(self) -> Decoder:
        """The decoder of the lane this is asked on."""
        return self._decoders[threading.get_ident()]

    def open_decoder(self) -> None:
        """Give the calling thread a decoder, and start its child."""
        decoder = self._make_decoder()
        with self._guard:
            self._decoders[threading.get_ident()] = decoder
        try:
            decoder.start()
        except (OSError, RuntimeError):
            # No process to be had just now; each job tries again, and says so if it can't.
            _log.exception("a decoder did not start")

    def close_decoder(self) -> None:
        """End the decoder of the calling thread."""
        with self._guard:
            decoder = self._decoders.pop(threading.get_ident(), None)
        if decoder is not None:
            decoder.close()

    def stop_lanes(self, grace_s: float) -> bool:
        """Stop: pictures in hand have `grace_s` to be finished, then they are given back.

        Returns whether all lanes ended.
        """
        self.stop_flag.set()
        self._broker.release_workers()
        if not self._join(grace_s):
            with self._guard:
                decoders = list(self._decoders.values())
            for decoder in decoders:
                decoder.interrupt()
        return self._join(2.0)

    def _join(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        threads = [thread for _, thread in self.worker_threads]
        for thread in threads:
            if thread.is_alive():
                thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _create_worker(self) -> Lane:
        return Lane(
            self,
            huey=self.huey,
            stop_flag=self.stop_flag,
            default_delay=self.default_delay,
            max_delay=self.max_delay,
            backoff=self.backoff,
        )

    def _set_signal_handlers(self) -> None:
        """Leave the process's signals alone: they belong to whoever started it."""
