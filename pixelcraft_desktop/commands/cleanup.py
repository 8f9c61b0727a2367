"""`cleanup` removes what nobody needs, here and now."""

from __future__ import annotations

from dataclasses import asdict

import click

from pixelcraft_desktop import report
from pixelcraft_desktop.catalog.store import now
from pixelcraft_desktop.commands.context import Context, json_option
from pixelcraft_desktop.jobs.schedules.cleanup import clean_up
from pixelcraft_desktop.jobs.schedules.duties import CLEANUP, standard_timetable


@click.command()
@click.option("--dry-run", is_flag=True, help="Remove nothing, only tell what would be.")
@json_option
@click.pass_obj
def cleanup(context: Context, dry_run: bool, as_json: bool) -> None:
    """Remove unfinished files, results nobody needs, and pictures removed an hour ago."""
    store = context.open_store()
    began = now()
    done = clean_up(store, context.home, dry_run)
    if not dry_run:
        standard_timetable(store, context.home).record(CLEANUP, began, str(done))
    store.close()
    fields = {"dry_run": dry_run, **asdict(done)}
    if as_json:
        report.write_json(fields)
    else:
        report.write_cleanup(fields)
