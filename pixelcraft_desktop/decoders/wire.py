"""What parent and child say to each other: one JSON object a message, and nothing else.

Never pickle: the child reads hostile files, and a pickle would hand the parent to whoever
takes the child over. Paths travel as base64, since JSON knows no bytes.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from multiprocessing.connection import Connection
from typing import Any

from pixelcraft_desktop.imaging.render import Order
from pixelcraft_desktop.model import Limits, Recipe, Rendered, Rendering, Stage

LARGEST_MESSAGE_BYTES = 4_000_000
_LONGEST_FACT = 100  # characters; a hash has 64
_TOO_LARGE_FOR_SQLITE = 1 << 63
Message = dict[str, Any]


def send(connection: Connection, message: Message) -> None:
    """Send one message."""
    connection.send_bytes(json.dumps(message).encode("ascii"))


def receive(connection: Connection) -> Message:
    """Return the next message. Raises EOFError at the end, OSError or ValueError on nonsense."""
    try:
        message = json.loads(connection.recv_bytes(LARGEST_MESSAGE_BYTES))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(message, dict):
        raise ValueError("not a message")
    return message


def order_to_message(order: Order) -> Message:
    """Return the order as a message."""
    return {
        "source": base64.b64encode(order.source).decode("ascii"),
        "recipe": order.recipe.to_json(),
        "targets": order.targets,
        "limits": asdict(order.limits),
        "known_sha256": order.known_sha256,
        "salvage": order.salvage,
    }


def message_to_order(message: Message) -> Order:
    """Return the order in the message."""
    return Order(
        source=base64.b64decode(message["source"]),
        recipe=Recipe.from_json(message["recipe"]),
        targets=message["targets"],
        limits=Limits(**message["limits"]),
        known_sha256=message["known_sha256"],
        salvage=_yes_or_no(message["salvage"]),
    )


def message_to_stage(message: Message) -> tuple[Stage, int]:
    """Return the stage in the message and its percent. Raises KeyError or ValueError."""
    return Stage(message["stage"]), _whole_number(message["progress"])


def message_to_memory(message: Message) -> int:
    """Return the bytes the message asks for. Raises KeyError or ValueError."""
    return _whole_number(message["memory"])


def message_to_peak(message: Message) -> int | None:
    """Return the most memory that was used, in bytes; None if it is not told. Raises ValueError."""
    value = message.get("peak_memory_bytes")
    if value is None:
        return None
    if _whole_number(value) >= _TOO_LARGE_FOR_SQLITE:
        raise ValueError("peak_memory_bytes is too large")
    return int(value)


def _whole_number(value: object) -> int:
    # JSON knows infinity, and asking for less than nothing would enlarge the budget.
    if not isinstance(value, int) or value < 0:
        raise ValueError("not a whole number")
    return value


def rendering_to_message(rendering: Rendering) -> Message:
    """Return the rendering as a message."""
    return {"rendering": asdict(rendering)}


def message_to_rendering(message: Message) -> Rendering:
    """Return the rendering in the message. Raises KeyError, TypeError or ValueError."""
    fields = dict(message["rendering"])
    _require_facts(fields, ("sha256", "format", "mode"))
    for each in fields["renditions"]:
        _require_facts(each, ("name",))
    if not isinstance(fields["metadata"], dict):
        raise ValueError("no metadata")
    fields["renditions"] = tuple(Rendered(**each) for each in fields["renditions"])
    fields["notes"] = _texts(fields["notes"])
    fields["is_damaged"] = _yes_or_no(fields["is_damaged"])
    fields["peak_memory_bytes"] = message_to_peak(fields)
    return Rendering(**fields)


def _require_facts(fields: Message, texts: tuple[str, ...]) -> None:
    """Raise ValueError unless these are short texts, and the sizes whole numbers SQLite can hold.

    Else storing them would fail, and look like a bug of ours.
    """
    for name in texts:
        if not isinstance(fields[name], str) or len(fields[name]) > _LONGEST_FACT:
            raise ValueError(f"{name} is no short text")
    for name in {"width", "height", "bit_depth", "size_bytes"} & fields.keys():
        if _whole_number(fields[name]) >= _TOO_LARGE_FOR_SQLITE:
            raise ValueError(f"{name} is too large")


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError("not a list of texts")
    return tuple(value)
