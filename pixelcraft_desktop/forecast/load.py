"""A load: pictures that are still to be made, as sums by kind, and what they will take."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from pixelcraft_desktop.forecast.costs import Costs
from pixelcraft_desktop.forecast.kinds import kind_of


class Item(NamedTuple):  # made for every picture there is, twice
    """One picture to be made. `pixels` is 0 as long as nobody has read its header."""

    kind: str
    size_bytes: int
    pixels: int = 0


@dataclass(frozen=True)
class Estimate:
    """Lane seconds, and how far they may be off (one standard deviation)."""

    seconds: float
    spread: float


@dataclass
class _Sum:
    count: int = 0
    pixels: int = 0
    unread_bytes: int = 0

    def change(self, item: Item, sign: int) -> None:
        self.count += sign
        if item.pixels:
            self.pixels += sign * item.pixels
        else:
            self.unread_bytes += sign * item.size_bytes

    def megapixels(self, kind: str, costs: Costs) -> float:
        """Return what was read of them, and what the sizes of the other files let expect."""
        return self.pixels / 1e6 + costs.megapixels(kind, self.unread_bytes / 1e6)


class Load:
    """Whole numbers only, so that what is added and taken away leaves nothing behind."""

    def __init__(self) -> None:
        self._sums: dict[str, _Sum] = {}
        self.count = 0

    def add(self, item: Item) -> None:
        """One more picture is to be made."""
        self._change(item, +1)

    def take(self, item: Item) -> None:
        """One that was added, alike in everything, is done."""
        self._change(item, -1)

    def estimate(self, costs: Costs) -> Estimate:
        """Return what the whole load takes. Costs as many steps as there are kinds."""
        seconds = variance = 0.0
        for kind, each in self._sums.items():
            if each.count > 0:
                megapixels = each.megapixels(kind, costs)
                part = costs.seconds(kind, each.count, megapixels)
                seconds += part
                variance += (part * costs.doubt(kind, each.count, megapixels)) ** 2
        return Estimate(seconds, math.sqrt(variance))

    def _change(self, item: Item, sign: int) -> None:
        each = self._sums.get(item.kind)
        if each is None:
            each = self._sums[item.kind] = _Sum()
        each.change(item, sign)
        self.count += sign


def make_item(
    path: bytes, size_bytes: int, width: int | None, height: int | None, format_name: str | None
) -> Item:
    """Return what is known of a picture before it is made."""
    return Item(kind_of(path, format_name), size_bytes, (width or 0) * (height or 0))


def item_seconds(item: Item, costs: Costs) -> float:
    """Return the lane seconds that one picture is expected to take."""
    megapixels = item.pixels / 1e6 or costs.megapixels(item.kind, item.size_bytes / 1e6)
    return costs.seconds(item.kind, 1, megapixels)
