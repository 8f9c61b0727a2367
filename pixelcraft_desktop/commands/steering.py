"""`retry`, `pause` and `resume` steer the queue."""

from __future__ import annotations

import click

from pixelcraft_desktop import report
from pixelcraft_desktop.catalog import control, jobs
from pixelcraft_desktop.commands.context import ID, Context, json_option, refuse
from pixelcraft_desktop.jobs.doorbell import ring


@click.command()
@click.argument("job_ids", type=ID, nargs=-1, metavar="ID…")
@click.option("--all", "is_all", is_flag=True, help="Every failed job.")
@click.option("--salvage", is_flag=True, help="Make what can be made of damaged pictures.")
@json_option
@click.pass_obj
def retry(
    context: Context, job_ids: tuple[int, ...], is_all: bool, salvage: bool, as_json: bool
) -> None:
    """Let failed jobs wait again."""
    if is_all == bool(job_ids):
        raise click.UsageError("Name the jobs to retry, or --all.")
    store = context.open_store()
    retried, refused = jobs.retry(store, None if is_all else job_ids, salvage)
    store.close()
    ring(context.home.doorbell)
    if as_json:
        report.write_json({"retried": retried, "refused": refused})
    elif retried or not refused:
        click.echo(f"{report.plural(len(retried), 'job')} will be tried again.")
    if refused:
        named = ", ".join(map(str, refused))
        which = "jobs that failed as damaged can be salvaged"
        if not salvage:
            which = "failed or cancelled jobs can be retried"
        refuse(f"Only {which}; there is none such: {named}.")


@click.command()
@click.pass_obj
def pause(context: Context) -> None:
    """Start no further jobs until `resume`; those being worked on are finished."""
    _set_paused(context, paused=True)


@click.command()
@click.pass_obj
def resume(context: Context) -> None:
    """Go on after `pause`."""
    _set_paused(context, paused=False)


def _set_paused(context: Context, paused: bool) -> None:
    store = context.open_store()
    has_changed = control.set_paused(store, paused)
    store.close()
    ring(context.home.doorbell)
    words = "paused" if paused else "running"
    click.echo(f"The queue is {words}." if has_changed else f"The queue was {words} already.")
