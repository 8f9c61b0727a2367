"""Paths as they are typed: all of them must be there."""

from __future__ import annotations

import os

import click

from pixelcraft_desktop.filenames import display_name, printable


def existing_paths(paths: tuple[str, ...]) -> list[bytes]:
    """Return the paths as absolute ones, all of which are there."""
    return [_absolute(os.fsencode(path)) for path in paths]


def _absolute(path: bytes) -> bytes:
    shown = printable(display_name(path))
    if not path:  # an unset variable in a script; the current folder is called "."
        raise click.UsageError("An empty path names nothing.")
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        hint = "" if os.sep.encode() in path else " It is no command either."
        raise click.UsageError(f"There is no {shown}.{hint}") from None
    except OSError as error:
        raise click.UsageError(f"{shown} can't be reached: {error.strerror}.") from error
    return os.path.abspath(path)
