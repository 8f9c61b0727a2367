"""A step of the self-test: what it may use, and how it says that something is broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pixelcraft_desktop.paths import Home


class Broken(Exception):
    """Something does not work; the text says what."""


class Skipped(Exception):
    """There is nothing to be tested here; the text says why."""


@dataclass(frozen=True)
class Place:
    """Where a step may write, and a picture to work with. All of it is gone in the end.

    `give_up` says why, and ends the program at once: for what can't be raised.
    """

    home: Home
    picture: Path
    give_up: Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """`run` returns what there is to say, or raises Broken, Skipped or whatever went wrong."""

    name: str
    run: Callable[[Place], str]
