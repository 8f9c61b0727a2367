"""`doctor` looks whether everything is as it should be, and mends what is not."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

import click

from pixelcraft_desktop import report
from pixelcraft_desktop.catalog.schema import refuse_newer
from pixelcraft_desktop.commands.context import (
    EXIT_OCCUPIED,
    EXIT_SOME_FAILED,
    Context,
    json_option,
)
from pixelcraft_desktop.doctor.checkup import Checkup, examine
from pixelcraft_desktop.doctor.repair import Occupied, repair
from pixelcraft_desktop.filenames import printable


@click.command()
@click.option("--repair", "is_repair", is_flag=True, help="Mend what is found.")
@json_option
@click.pass_obj
def doctor(context: Context, is_repair: bool, as_json: bool) -> None:
    """Check versions, formats, catalog, results, disk and backups."""
    refuse_newer(context.home.catalog)
    found = examine(context.home, context.settings)
    repairs: list[str] = []
    if is_repair:
        try:
            repair(context.home, context.settings, found, repairs.append)
        except Occupied:
            click.echo("The catalog is in use. Close PixelCraft everywhere, then repair.", err=True)
            sys.exit(EXIT_OCCUPIED)
        found = examine(context.home, context.settings)
    if as_json:
        report.write_json(_fields(found, repairs))
    else:
        _write(found, repairs)
    sys.exit(EXIT_SOME_FAILED if found.problems else 0)


def _fields(found: Checkup, repairs: list[str]) -> dict[str, Any]:
    problems = [asdict(problem) for problem in found.problems]
    return {
        "healthy": not problems,
        "problems": problems,
        "repairs": repairs,
        **found.sections,
    }


def _write(found: Checkup, repairs: list[str]) -> None:
    versions, disk = found.sections["versions"], found.sections["disk"]
    click.echo(f"PixelCraft {versions['pixelcraft']}, Python {versions['python']}")
    click.echo(f"SQLite {versions['sqlite']}, journal {versions['journal']}")
    formats = found.sections["formats"]
    click.echo(f"Reads {', '.join(name for name, state in formats.items() if state == 'ok')}")
    click.echo(f"Catalog: {printable(found.sections['catalog']['integrity'])}")
    restored = found.sections["catalog"].get("restored")
    if restored:
        backup = restored["backup_at"]
        source = f"the backup of {backup} took its place" if backup else "a new one took its place"
        click.echo(f"It was damaged on {restored['at']}; {source}.")
    click.echo(f"Home {printable(disk['home'])}: {disk['free_bytes']:,} bytes free")
    backups = found.sections["backups"]
    click.echo(f"Last backup: {backups[0]['at'] if backups else 'none yet'}")
    if found.sections["last_crash"]:
        click.echo("PixelCraft crashed once; see faults*.log in the folder logs.")
    for done in repairs:
        click.echo(f"Repaired: {printable(done)}")
    for problem in found.problems:
        click.echo(f"Problem ({problem.kind}): {printable(problem.text)}")
    if not found.problems:
        click.echo("Everything is as it should be.")
