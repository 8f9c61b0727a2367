"""`status`, `images`, `jobs`, `job`, `batches` and `events` show what the catalog holds."""

from __future__ import annotations

import click

from pixelcraft_desktop import report
from pixelcraft_desktop.catalog import batches, control, events, images, jobs
from pixelcraft_desktop.commands.context import Context, json_option, refuse
from pixelcraft_desktop.commands.number_arguments import ID, Whole
from pixelcraft_desktop.jobs.hold import find_hold
from pixelcraft_desktop.model import State

_MOST_EVENTS = 1_000_000_000


@click.command()
@json_option
@click.pass_obj
def status(context: Context, as_json: bool) -> None:
    """Show how many jobs are in each state."""
    store = context.open_store()
    fields: dict[str, int | bool] = {s.value: n for s, n in jobs.count_states(store).items()}
    fields["paused"] = control.is_paused(store)
    hold = find_hold(store, context.home)
    store.close()
    if as_json:
        report.write_json(fields)
    else:
        report.write_status(fields, hold)


@click.command("images")
@json_option
@click.pass_obj
def list_images(context: Context, as_json: bool) -> None:
    """List every picture with its results."""
    store = context.open_store()
    rows = images.list_images(store)
    store.close()
    if as_json:
        report.write_json([report.image_fields(row, context.home) for row in rows])
    else:
        report.write_images(rows)


@click.command("jobs")
@click.option("--state", type=click.Choice([state.value for state in State]))
@click.option("--batch", type=ID, help="Only the jobs of this import.")
@json_option
@click.pass_obj
def list_jobs(context: Context, state: str | None, batch: int | None, as_json: bool) -> None:
    """List jobs with their state, progress and failure."""
    store = context.open_store()
    rows = jobs.list_jobs(store, State(state) if state else None, batch)
    store.close()
    if as_json:
        report.write_json(rows)
    else:
        report.write_jobs(rows)


@click.command("job")
@click.argument("job_id", type=ID, metavar="ID")
@json_option
@click.pass_obj
def show_job(context: Context, job_id: int, as_json: bool) -> None:
    """Show one job with all its attempts."""
    store = context.open_store()
    rows = jobs.list_jobs(store, job_id=job_id)
    attempts = jobs.list_attempts(store, job_id)
    store.close()
    if not rows:
        refuse(f"There is no job {job_id}.")
    if as_json:
        report.write_json({**rows[0], "attempts": attempts})
    else:
        report.write_job(rows[0], attempts)


@click.command("batches")
@json_option
@click.pass_obj
def list_batches(context: Context, as_json: bool) -> None:
    """List the imports, with their jobs by state."""
    store = context.open_store()
    rows = batches.list_batches(store)
    store.close()
    if as_json:
        report.write_json(rows)
    else:
        report.write_batches(rows)


@click.command("events")
@click.option("--job", "job_id", type=ID, help="Only what became of this job.")
@click.option("--most", type=Whole(1, _MOST_EVENTS), default=1000, help="At most so many; 1000.")
@json_option
@click.pass_obj
def list_events(context: Context, job_id: int | None, most: int, as_json: bool) -> None:
    """List the latest transitions of jobs, oldest first."""
    store = context.open_store()
    rows = events.list_events(store, most, job_id)
    store.close()
    if as_json:
        report.write_json(rows)
    else:
        report.write_events(rows)
