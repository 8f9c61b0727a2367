"""Children that a picture has taken over: each says what no child of ours would."""

from __future__ import annotations

import os
import struct
from multiprocessing.connection import Connection

from pixelcraft_desktop.decoders.wire import LARGEST_MESSAGE_BYTES, receive, send

SOUND = {
    **{"sha256": "0" * 64, "format": "PNG", "width": 1, "height": 1, "mode": "L", "bit_depth": 8},
    **{"size_bytes": 9, "metadata": {}, "renditions": [], "unchanged": True, "notes": []},
    "is_damaged": False,
}


def _begin(orders: Connection) -> None:
    send(orders, {"ready": True})
    receive(orders)


def say_too_much(orders: Connection, lifeline: Connection, parent_id: int) -> None:
    """Answer with more bytes than any message may have."""
    _begin(orders)
    orders.send_bytes(bytes(LARGEST_MESSAGE_BYTES + 1))


def fail_at_length(orders: Connection, lifeline: Connection, parent_id: int) -> None:
    """Answer with a failure of three megabytes."""
    _begin(orders)
    long = "x" * 1_500_000
    send(orders, {"failure": "damaged", "message": long, "traceback": long})
    orders.recv_bytes()


def tell_too_much(orders: Connection, lifeline: Connection, parent_id: int) -> None:
    """Answer with more metadata than was allowed."""
    _begin(orders)
    send(orders, {"rendering": {**SOUND, "metadata": {"title": "x" * 64_000}}})
    orders.recv_bytes()


def invent_a_cause(orders: Connection, lifeline: Connection, parent_id: int) -> None:
    """Answer with a cause that is none."""
    _begin(orders)
    send(orders, {"failure": "dancing", "message": "", "traceback": ""})
    orders.recv_bytes()


def claim_a_size(orders: Connection, lifeline: Connection, parent_id: int) -> None:
    """Answer with a number that no database holds."""
    _begin(orders)
    send(orders, {"rendering": {**SOUND, "width": 10**30}})
    orders.recv_bytes()


def ask_for_all(orders: Connection, lifeline: Connection, parent_id: int) -> None:
    """Ask for more memory than there is on earth."""
    _begin(orders)
    send(orders, {"memory": 10**30})
    orders.recv_bytes()


def never_end(orders: Connection, lifeline: Connection, parent_id: int) -> None:
    """Tell stages, for ever."""
    _begin(orders)
    while True:
        send(orders, {"stage": "reading", "progress": 0})


def be_silent(orders: Connection, lifeline: Connection, parent_id: int) -> None:
    """Say nothing at all."""
    _begin(orders)
    orders.recv_bytes()


def answer(orders: Connection, lifeline: Connection, parent_id: int) -> None:
    """Answer as a child of ours does."""
    _begin(orders)
    send(orders, {"rendering": SOUND})
    orders.recv_bytes()


def stall(orders: Connection, lifeline: Connection, parent_id: int) -> None:
    """Begin to answer, and say no more in the middle of it."""
    _begin(orders)
    os.write(orders.fileno(), struct.pack("!i", 1_000) + b"{")
    orders.recv_bytes()
