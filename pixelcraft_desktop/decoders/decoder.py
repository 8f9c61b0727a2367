"""A child process as its lane sees it: order in, rendering or failure out, killed when it must."""

from __future__ import annotations

import atexit
import json
import logging
import multiprocessing
import os
import signal
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from pixelcraft_desktop.decoders import child
from pixelcraft_desktop.decoders.deadlines import Deadlines
from pixelcraft_desktop.decoders.memory import MemoryBudget
from pixelcraft_desktop.decoders.wire import (
    Message,
    message_to_memory,
    message_to_peak,
    message_to_rendering,
    message_to_stage,
    order_to_message,
    receive,
    send,
)
from pixelcraft_desktop.imaging.render import Order
from pixelcraft_desktop.model import Cause, Failure, KnownFailure, Limits, Rendering, Stage

_log = logging.getLogger(__name__)
_START_SECONDS = 30.0
# In characters: what a child says is stored, and a child may have been taken over.
_LONGEST_MESSAGE, _LONGEST_TRACEBACK = 1_000, 20_000
_MOST_MESSAGES = 1_000  # an order; a rendition takes one
_GROUP_SIGNALS = {
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
}
ProgressListener = Callable[[Stage, int], None]
_living: weakref.WeakSet[Decoder] = weakref.WeakSet()
_is_exiting = threading.Event()
_deadlines = Deadlines()


class DecodeError(Exception):
    """The attempt failed; `failure` says how."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Interrupted(Exception):
    """The decoder was stopped from outside; nobody is to blame."""


class Decoder:
    """One child process, replaced whenever it dies. `render` belongs to one thread."""

    def __init__(self, budget: MemoryBudget, deadline_s: float) -> None:
        self._budget = budget
        self._deadline_s = deadline_s
        self._process: BaseProcess | None = None
        self._orders: Connection | None = None
        self._lifeline: Connection | None = None
        self._guard = threading.Lock()
        self._is_ready = False
        self._is_rendering = False
        self._is_interrupted = False

    def start(self) -> None:
        """Start the child if none is alive, and return at once.

        It dies with the thread that calls this (PR_SET_PDEATHSIG), so the lane must.
        """
        if self._process is not None and self._process.is_alive():
            return
        self._discard()
        if _is_exiting.is_set():
            raise OSError("the program ends")
        _living.add(self)
        context = multiprocessing.get_context("spawn")
        orders, their_orders = context.Pipe()
        their_lifeline, lifeline = context.Pipe(duplex=False)
        process = context.Process(
            target=child.main,
            args=(their_orders, their_lifeline, os.getpid()),
            name="decoder",
            daemon=True,
        )
        _start_deaf(process)
        their_orders.close()
        their_lifeline.close()
        with self._guard:
            self._process, self._orders, self._lifeline = process, orders, lifeline
        if _is_exiting.is_set():
            self._discard()  # `_end_children` came while it was being born, and did not see it
            raise OSError("the program ends")

    def render(self, order: Order, listener: ProgressListener) -> Rendering:
        """Render the order in the child.

        Raises DecodeError, or Interrupted after `interrupt`.
        """
        with self._guard:
            self._is_rendering, self._is_interrupted = True, False
        try:
            return self._render(order, listener)
        except (EOFError, OSError, ValueError, KeyError, TypeError) as error:
            raise self._explain_death(error) from error
        except _OutOfTime:
            self._replace()
            text = f"Reading took longer than {self._deadline_s:g} s."
            raise DecodeError(Failure(Cause.TIMEOUT, text)) from None
        except KnownFailure as failure:
            self._replace()  # it waits for a grant that will not come
            raise DecodeError(Failure(failure.cause, failure.message)) from failure
        finally:
            self._end_rendering()

    def interrupt(self) -> None:
        """Stop what is being rendered now, from any thread; `render` raises Interrupted."""
        with self._guard:
            if not self._is_rendering:
                return
            self._is_interrupted = True
            if self._process is not None:
                self._process.kill()
        self._budget.wake()

    def _render(self, order: Order, listener: ProgressListener) -> Rendering:
        self.start()
        orders = self._require_orders()
        self._await_ready(orders)
        clock = _Clock(self._deadline_s)
        send(orders, order_to_message(order))
        return self._follow(orders, clock, listener, order.limits)

    def close(self) -> None:
        """End the child."""
        self._discard()

    def _end_rendering(self) -> None:
        with self._guard:
            self._is_rendering = False
            was_interrupted = self._is_interrupted
        if was_interrupted:
            # Too late for this picture, perhaps, but the next one must not meet a dying child.
            self._discard()

    def _require_orders(self) -> Connection:
        with self._guard:
            if self._is_interrupted or self._orders is None:
                raise EOFError("interrupted before it began")
            return self._orders

    def _await_ready(self, orders: Connection) -> None:
        """Wait for a new child's first word, on its own time and not on the picture's."""
        if self._is_ready:
            return
        try:
            message = self._next_message(orders, _Clock(_START_SECONDS))
        except _OutOfTime:
            raise EOFError("the child did not start") from None
        if message != {"ready": True}:
            raise ValueError("the child began with something else")
        self._is_ready = True

    def _follow(
        self, orders: Connection, clock: _Clock, listener: ProgressListener, limits: Limits
    ) -> Rendering:
        """Relay stages and grant memory until the child has an answer."""
        with ExitStack() as grants:
            for _ in range(_MOST_MESSAGES):
                message = self._next_message(orders, clock)
                if "stage" in message:
                    listener(*message_to_stage(message))
                elif "memory" in message:
                    size_bytes = message_to_memory(message)
                    asked = time.monotonic()
                    grants.close()  # a new grant replaces the former: who waits holds nothing
                    self._hold(grants, size_bytes, listener)
                    clock.forgive(time.monotonic() - asked)
                    send(orders, {"granted": size_bytes})
                else:
                    return _answer(message, limits)
        raise ValueError("it talks without an end")

    def _hold(self, grants: ExitStack, size_bytes: int, listener: ProgressListener) -> None:
        grant = self._budget.grant(
            size_bytes,
            on_wait=lambda: listener(Stage.WAITING_FOR_MEMORY, 0),
            is_given_up=lambda: self._is_interrupted,
        )
        if not grants.enter_context(grant):
            raise EOFError("interrupted while waiting for memory")

    def _next_message(self, orders: Connection, clock: _Clock) -> Message:
        seconds_left = clock.seconds_left()
        if not seconds_left or not wait([orders], seconds_left):
            raise _OutOfTime
        # A child may stall in the middle of a message, which is read without a deadline.
        process = self._process
        with _deadlines.keep(clock.seconds_left(), process.kill if process else orders.close):
            try:
                return receive(orders)
            except (EOFError, OSError):
                if not clock.seconds_left():
                    raise _OutOfTime from None
                raise

    def _explain_death(self, error: Exception) -> Exception:
        """Return what to raise for a child that broke off in the middle."""
        process = self._process
        self._discard()
        with self._guard:
            if self._is_interrupted:
                return Interrupted()
        self._replace()
        code = process.exitcode if process is not None else None
        _log.warning("decoder ended with %s: %r", code, error)
        text = "The decoder crashed on this picture. PixelCraft went on."
        return DecodeError(Failure(Cause.DECODER_CRASHED, text, f"exit code {code}\n{error!r}"))

    def _replace(self) -> None:
        """End the child and start the next at once: its start would be the next picture's time."""
        self._discard()
        try:
            self.start()
        except OSError as error:
            _log.warning("no decoder could be started: %s", error)  # the next picture tells why

    def _discard(self) -> None:
        with self._guard:
            process, orders, lifeline = self._process, self._orders, self._lifeline
            self._process = self._orders = self._lifeline = None
            self._is_ready = False
        for connection in (orders, lifeline):
            if connection is not None:
                connection.close()
        if process is not None:
            process.kill()
            process.join()


@atexit.register  # after multiprocessing's own, and so before it
def _end_children() -> None:
    """End every child, or the interpreter would wait for them for ever: they ignore SIGTERM."""
    _is_exiting.set()
    for decoder in list(_living):
        decoder.interrupt()
        decoder.close()


def _start_deaf(process: BaseProcess) -> None:
    """Start the child with the signals blocked that a terminal sends to a whole group.

    It ignores them once it runs its own code; until then one would end it, and the picture would
    be blamed.
    """
    if not hasattr(signal, "pthread_sigmask"):
        process.start()
        return
    resource_tracker.ensure_running()  # started with the child, it would lift the block
    former = signal.pthread_sigmask(signal.SIG_BLOCK, _GROUP_SIGNALS)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


class _OutOfTime(Exception):
    """The deadline passed."""


class _Clock:
    """Time left for an attempt; waiting for memory does not count."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def forgive(self, seconds: float) -> None:
        self._end += seconds

    def seconds_left(self) -> float:
        return max(0.0, self._end - time.monotonic())


def _answer(message: Message, limits: Limits) -> Rendering:
    """Return the rendering. Raises DecodeError for a failure, ValueError for too much to store."""
    if "failure" in message:
        text = str(message["message"])[:_LONGEST_MESSAGE]
        trace = str(message["traceback"])[-_LONGEST_TRACEBACK:]
        peak_bytes = message_to_peak(message)
        raise DecodeError(Failure(Cause(message["failure"]), text, trace, peak_bytes))
    rendering = message_to_rendering(message)
    if len(json.dumps(rendering.metadata)) > limits.metadata_bytes:
        raise ValueError("more metadata than was allowed")
    return rendering
