"""`cancel`, `promote`, `priority`, `next`, `delay` and `remove` decide about single jobs."""

from __future__ import annotations

from datetime import datetime

import click

from pixelcraft_desktop import report
from pixelcraft_desktop.catalog import removal, steering
from pixelcraft_desktop.catalog.jobs import image_of_each
from pixelcraft_desktop.catalog.steering import Chosen
from pixelcraft_desktop.commands.context import Context, json_option, refuse
from pixelcraft_desktop.commands.number_arguments import ID
from pixelcraft_desktop.commands.timing import MOMENT, PRIORITY, SECONDS, choose_run_at
from pixelcraft_desktop.jobs.doorbell import ring

_IDS = click.argument("job_ids", type=ID, nargs=-1, required=True, metavar="ID…")
_QUEUED = "waiting or delayed jobs"
_IDLE = "jobs of the library that are not active"


@click.command()
@click.argument("job_ids", type=ID, nargs=-1, metavar="ID…")
@click.option("--all", "is_all", is_flag=True, help="Every job that is not done yet.")
@json_option
@click.pass_obj
def cancel(context: Context, job_ids: tuple[int, ...], is_all: bool, as_json: bool) -> None:
    """Cancel jobs; those being worked on are broken off."""
    if is_all == bool(job_ids):
        raise click.UsageError("Name the jobs to cancel, or --all.")
    store = context.open_store()
    chosen = steering.cancel(store, None if is_all else job_ids)
    store.close()
    _tell(context, chosen, as_json, "cancelled", "waiting, delayed or active jobs", "cancelled")


@click.command()
@_IDS
@json_option
@click.pass_obj
def promote(context: Context, job_ids: tuple[int, ...], as_json: bool) -> None:
    """Let delayed jobs wait for their turn now."""
    store = context.open_store()
    chosen = steering.promote(store, job_ids)
    store.close()
    _tell(context, chosen, as_json, "promoted", "delayed jobs", "promoted")


# A negative number must not be taken for an option.
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("job_id", type=ID, metavar="ID")
@click.argument("priority", type=PRIORITY, metavar="N")
@json_option
@click.pass_obj
def priority(context: Context, job_id: int, priority: int, as_json: bool) -> None:
    """Let a job go before all of a lower priority; 0 is usual."""
    store = context.open_store()
    chosen = steering.set_priority(store, [job_id], priority)
    store.close()
    _tell(context, chosen, as_json, "prioritised", _QUEUED, "given a priority")


@click.command("next")
@_IDS
@json_option
@click.pass_obj
def do_next(context: Context, job_ids: tuple[int, ...], as_json: bool) -> None:
    """Let jobs go before all others."""
    store = context.open_store()
    chosen = steering.do_next(store, job_ids)
    store.close()
    _tell(context, chosen, as_json, "prioritised", _QUEUED, "done next")


@click.command()
@_IDS
@click.option("--in", "delay_s", type=SECONDS, metavar="SECONDS", help="Start so much later.")
@click.option("--at", "start", type=MOMENT, help="Start then: 18:30, or 2026-03-01T18:30.")
@json_option
@click.pass_obj
def delay(
    context: Context,
    job_ids: tuple[int, ...],
    delay_s: float | None,
    start: datetime | None,
    as_json: bool,
) -> None:
    """Let jobs start later."""
    run_at = choose_run_at(delay_s, start)
    if run_at is None:
        raise click.UsageError("Say when: --in or --at.")
    store = context.open_store()
    chosen = steering.delay_until(store, job_ids, run_at)
    store.close()
    _tell(context, chosen, as_json, "delayed", _QUEUED, "delayed")


@click.command()
@_IDS
@json_option
@click.pass_obj
def remove(context: Context, job_ids: tuple[int, ...], as_json: bool) -> None:
    """Take the pictures of jobs out of the library, and out of the queue.

    The files themselves stay where they are. To have a picture again, import it again. One that is
    being worked on has to be cancelled first.
    """
    store = context.open_store()
    image_ids = image_of_each(store, job_ids)
    chosen = list(dict.fromkeys(image_ids.values()))
    gone = set(removal.remove(store, chosen, even_active=False))
    store.close()
    asked = list(dict.fromkeys(job_ids))
    removed = [i for i in asked if image_ids.get(i) in gone]
    refused = [i for i in asked if image_ids.get(i) not in gone]
    _tell(context, (removed, refused), as_json, "removed", _IDLE, "removed")


def _tell(context: Context, chosen: Chosen, as_json: bool, key: str, which: str, done: str) -> None:
    """Wake whoever runs the jobs, and say what was done and what could not be."""
    ring(context.home.doorbell)
    changed, refused = chosen
    if as_json:
        report.write_json({key: changed, "refused": refused})
    elif changed or not refused:
        click.echo(f"{report.plural(len(changed), 'job')} {done}.")
    if refused:
        named = ", ".join(map(str, refused))
        refuse(f"Only {which} can be {done}; there is none such: {named}.")
