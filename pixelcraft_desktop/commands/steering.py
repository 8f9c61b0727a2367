"""`retry`, `pause`, `resume`, `limit` and `workers` steer the queue."""

from __future__ import annotations

import click

from pixelcraft_desktop import report
from pixelcraft_desktop.catalog import control, transitions
from pixelcraft_desktop.catalog.rate_limit import RateLimit, rate_limit, set_rate_limit
from pixelcraft_desktop.commands.context import MOST_WORKERS, Context, json_option, refuse
from pixelcraft_desktop.commands.number_arguments import ID, Whole
from pixelcraft_desktop.jobs.doorbell import ring
from pixelcraft_desktop.model import Cause

# A negative number must not be taken for an option.
_NEGATIVE = {"ignore_unknown_options": True}


@click.command()
@click.argument("job_ids", type=ID, nargs=-1, metavar="ID…")
@click.option("--all", "is_all", is_flag=True, help="Every failed job.")
@click.option("--cause", type=click.Choice([c.value for c in Cause]), help="All that failed so.")
@click.option("--salvage", is_flag=True, help="Make what can be made of damaged pictures.")
@json_option
@click.pass_obj
def retry(
    context: Context,
    job_ids: tuple[int, ...],
    is_all: bool,
    cause: str | None,
    salvage: bool,
    as_json: bool,
) -> None:
    """Let failed jobs wait again."""
    if (is_all or cause is not None) == bool(job_ids):
        raise click.UsageError("Name the jobs to retry, or --all, or a --cause.")
    store = context.open_store()
    retried, refused = transitions.retry(
        store, job_ids or None, salvage, Cause(cause) if cause else None
    )
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


@click.command(context_settings=_NEGATIVE)
@click.argument("rate", required=False, metavar="[N/PERIOD|off]")
@json_option
@click.pass_obj
def limit(context: Context, rate: str | None, as_json: bool) -> None:
    """Start at most so many jobs in a period, such as 10/s or 1000/h; without one, tell it."""
    try:
        wanted = None if rate in (None, "off") else RateLimit.parse(rate)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from error
    store = context.open_store()
    if rate is not None:
        set_rate_limit(store, wanted)
        ring(context.home.doorbell)
    found = rate_limit(store)
    store.close()
    if as_json:
        report.write_json({"limit": None if found is None else str(found)})
    else:
        click.echo("There is no limit." if found is None else f"At most {found} are started.")


@click.command(context_settings=_NEGATIVE)
@click.argument("count", type=Whole(1, MOST_WORKERS), metavar="N")
@click.pass_obj
def workers(context: Context, count: int) -> None:
    """Work on so many pictures at a time, at once and from now on."""
    store = context.open_store()
    control.set_workers(store, count)
    store.close()
    ring(context.home.doorbell)
    click.echo(f"{report.plural(count, 'picture')} at a time.")


def _set_paused(context: Context, paused: bool) -> None:
    store = context.open_store()
    has_changed = control.set_paused(store, paused)
    store.close()
    ring(context.home.doorbell)
    words = "paused" if paused else "running"
    click.echo(f"The queue is {words}." if has_changed else f"The queue was {words} already.")
