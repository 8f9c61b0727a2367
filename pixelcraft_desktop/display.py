"""Whether there is a display to open a window on. Asks without Qt, which would abort."""

from __future__ import annotations

import os
import re
import socket
import sys
from pathlib import Path

_TIMEOUT_S = 2.0
_FIRST_X11_PORT = 6000


def has_display() -> bool:
    """Tell whether a window can be opened here."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM", "xcb") not in {"xcb", ""}:
        return True
    return _answers_wayland() or _answers_x11(os.environ.get("DISPLAY", ""))


def is_watched() -> bool:
    """Tell whether somebody sees what is shown there; Qt can draw where nobody looks."""
    return has_display() and os.environ.get("QT_QPA_PLATFORM", "") not in {"offscreen", "minimal"}


def _answers_wayland() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY")
    if not name:
        return False
    return _connects(str(Path(os.environ.get("XDG_RUNTIME_DIR", "/"), name)))


def _answers_x11(display: str) -> bool:
    """Tell whether somebody listens at "host:number.screen" (X(7)); no host: this machine."""
    found = re.fullmatch(r"(?P<host>[^:]*):(?P<number>\d+)(\.\d+)?", display)
    if found is None:
        return False
    number = int(found["number"])
    if found["host"] in {"", "unix"}:
        path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where every X server listens
        return _connects(path) or _connects("\0" + path)
    try:
        with socket.create_connection((found["host"], _FIRST_X11_PORT + number), _TIMEOUT_S):
            return True
    except OSError:
        return False


def _connects(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_TIMEOUT_S)
        try:
            client.connect(address)
        except OSError:
            return False
    return True
