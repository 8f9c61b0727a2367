"""The decoder child's whole life: take an order, render it, report, until the parent is gone."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import traceback
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

from pixelcraft_desktop.decoders.wire import (
    message_to_order,
    receive,
    rendering_to_message,
    send,
)
from pixelcraft_desktop.imaging.render import Reporter, render
from pixelcraft_desktop.model import Cause, KnownFailure, Stage

NICENESS = 10
_PR_SET_PDEATHSIG = 1
# Address space beyond the grant: thread stacks, the allocator's arenas, codec tables.
_SLACK_BYTES = 256_000_000


def main(orders: Connection, lifeline: Connection, parent_id: int) -> None:
    """Serve orders until the parent closes its end.

    `lifeline` is a pipe on which nothing is ever said: its end means that the parent died.
    """
    _detach()
    _die_with_parent(lifeline, parent_id)
    send(orders, {"ready": True})
    while True:
        try:
            message = receive(orders)
        except (EOFError, OSError):
            return
        send(orders, _answer(orders, message))


def _answer(orders: Connection, message: dict[str, Any]) -> dict[str, Any]:
    # Also what tells the size may be a trap: a directory of millions of rows, a text of a gigabyte.
    _limit_memory(0)
    try:
        order = message_to_order(message)
        _forget_peak()
        rendering = render(order, _reporter(orders))
        return rendering_to_message(replace(rendering, peak_memory_bytes=_peak_bytes()))
    except KnownFailure as failure:
        return _failure(failure.cause, failure.message)
    except MemoryError:
        return _failure(Cause.OUT_OF_MEMORY, "Not enough memory for this picture.")
    except Exception:
        # A bug of ours, and said so: the parent shows it as internal_error.
        return _failure(Cause.INTERNAL_ERROR, "Something went wrong in PixelCraft itself.")
    finally:
        _limit_memory(None)


def _failure(cause: Cause, message: str) -> dict[str, Any]:
    return {
        "failure": cause,
        "message": message,
        "traceback": traceback.format_exc(),
        "peak_memory_bytes": _peak_bytes(),
    }


def _reporter(orders: Connection) -> Reporter:
    def enter_stage(stage: Stage, progress: int) -> None:
        send(orders, {"stage": stage, "progress": progress})

    def ask_memory(size_bytes: int) -> None:
        send(orders, {"memory": size_bytes})
        receive(orders)  # the grant; a refusal comes as a kill
        _limit_memory(size_bytes)

    return Reporter(enter_stage, ask_memory)


def _detach() -> None:
    """Leave the terminal and its signals to the parent, and the processor to the user."""
    # Ctrl+C and a group-wide SIGTERM reach every process of the group; the parent decides.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    # Holding standard output open would keep a reader of the program's output waiting.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    if hasattr(os, "nice"):
        os.nice(NICENESS)


def _die_with_parent(lifeline: Connection, parent_id: int) -> None:
    """End when the parent ends, even in the middle of a decoder that holds the GIL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent_id:  # it died before we asked to be told
            os._exit(1)
    threading.Thread(target=_watch, args=(lifeline,), name="lifeline", daemon=True).start()


def _watch(lifeline: Connection) -> None:
    try:
        lifeline.recv_bytes(1)
    except (EOFError, OSError):
        pass
    os._exit(1)


def _forget_peak() -> None:
    """Begin to measure the peak anew (Linux: proc(5), clear_refs)."""
    try:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as clear_refs:
            clear_refs.write("5")
    except OSError:
        pass  # no Linux, or a container that forbids it: the peak is of all pictures so far


def _peak_bytes() -> int | None:
    """Return the most memory this process had at a time; None where nothing tells."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            lines = dict(line.split(":", 1) for line in status)
        return int(lines["VmHWM"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        pass
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - it exists on Unix alone

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _limit_memory(grant_bytes: int | None) -> None:
    """Let the child have what it has, the grant and some slack; None lifts the limit."""
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - it exists on Unix alone

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = hard
    if grant_bytes is not None:
        with open("/proc/self/statm", encoding="ascii") as statm:
            used = int(statm.read().split()[0]) * resource.getpagesize()
        soft = used + grant_bytes + _SLACK_BYTES
        if hard != resource.RLIM_INFINITY:
            soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
