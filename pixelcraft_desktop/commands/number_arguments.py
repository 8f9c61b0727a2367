"""Numbers as they are typed: whole ones between two others, said in plain words."""

from __future__ import annotations

from typing import Any

import click

HIGHEST = 2**63 - 1  # what SQLite can hold


class Whole(click.IntRange):
    """A whole number, both ends included; `noun` is what it counts or names."""

    def __init__(self, least: int, most: int, noun: str = "whole number") -> None:
        super().__init__(least, most)
        self._noun = noun
        self._range = f" from {least:,} to {most:,}" if most < HIGHEST else f" from {least:,} on"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number."""
        try:
            return int(super().convert(value, param, ctx))
        except click.UsageError:
            self.fail(f"{value!r} is no {self._noun}{self._range}.", param, ctx)


ID = Whole(0, HIGHEST, "id, a whole number")
