"""What the commands share: home, settings, options, exit codes."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.commands.number_arguments import Whole
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

EXIT_SOME_FAILED = 3
EXIT_OCCUPIED = 4
EXIT_IMPOSSIBLE = 5

json_option = click.option("--json", "as_json", is_flag=True, help="Write one JSON document.")
MOST_WORKERS = 64
workers_option = click.option(
    "--workers",
    type=Whole(1, MOST_WORKERS),
    help="Number of pictures worked on at a time.",
)


class Context:
    """What every command needs: the home and its settings."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self.home = home
        self.settings = settings

    def open_store(self) -> Store:
        """Open the catalog for a moment; say so if its last backup had to take its place."""
        return tell_restoration(Store(self.home.catalog, is_brief=True))


def tell_restoration(store: Store) -> Store:
    """Say on standard error if the catalog was damaged, and what became of it; return the store."""
    done = store.restored
    if done is not None:
        source = f"It is as it was at {done.backup_at}." if done.backup_at else "It begins anew."
        click.echo(
            f"The catalog was damaged ({done.found}). {source} "
            f"Originals and results are untouched; the damaged file is {done.kept}.",
            err=True,
        )
    return store


def refuse(reason: str) -> NoReturn:
    """Say why something can't be done, and end with the code for that."""
    click.echo(reason, err=True)
    sys.exit(EXIT_IMPOSSIBLE)
