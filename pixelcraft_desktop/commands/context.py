"""What the commands share: home, settings, options, exit codes."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

EXIT_SOME_FAILED = 3
EXIT_OCCUPIED = 4
EXIT_IMPOSSIBLE = 5

ID = click.IntRange(0, 2**63 - 1)  # what SQLite can hold
json_option = click.option("--json", "as_json", is_flag=True, help="Write one JSON document.")
workers_option = click.option(
    "--workers", type=click.IntRange(1, 64), help="Number of pictures worked on at a time."
)


class Context:
    """What every command needs: the home and its settings."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self.home = home
        self.settings = settings

    def open_store(self) -> Store:
        """Open the catalog."""
        return Store(self.home.catalog)


def refuse(reason: str) -> NoReturn:
    """Say why something can't be done, and end with the code for that."""
    click.echo(reason, err=True)
    sys.exit(EXIT_IMPOSSIBLE)
