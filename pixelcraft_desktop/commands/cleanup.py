"""`cleanup` removes what nobody needs, here and now."""

from __future__ import annotations

from contextlib import suppress

import click

from pixelcraft_desktop import report
from pixelcraft_desktop.catalog.database import DriveFull
from pixelcraft_desktop.catalog.store import now
from pixelcraft_desktop.commands.context import Context, json_option
from pixelcraft_desktop.jobs.schedules.cleanup import clean_up
from pixelcraft_desktop.jobs.schedules.duties import CLEANUP, clean_up_all, standard_timetable
from pixelcraft_desktop.jobs.schedules.timetable import utc_now

# What scripts are told; what expired, `schedules` tells too.
_FIELDS = ("temporary_files", "orphaned_outputs", "purged_images", "bytes_freed", "files")


@click.command()
@click.option("--dry-run", is_flag=True, help="Remove nothing, only tell what would be.")
@json_option
@click.pass_obj
def cleanup(context: Context, dry_run: bool, as_json: bool) -> None:
    """Remove unfinished files, results nobody needs, removed pictures and old history."""
    store = context.open_store()
    began = now()
    if dry_run:
        done = clean_up(store, context.home, dry_run=True)
    else:
        done = clean_up_all(store, context.home, context.settings, utc_now())
        timetable = standard_timetable(store, context.home, context.settings)
        with suppress(DriveFull):  # what could be removed is; that it was need not be known
            timetable.record(CLEANUP, began, str(done))
    store.close()
    fields = {"dry_run": dry_run, **{name: getattr(done, name) for name in _FIELDS}}
    if as_json:
        report.write_json(fields)
    else:
        report.write_cleanup(fields)
        expired = done.expired_jobs + done.expired_attempts + done.expired_events
        if expired:
            click.echo(f"{report.plural(expired, 'record')} of the past removed.")
