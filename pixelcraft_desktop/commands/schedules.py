"""`schedules` shows what runs by itself, runs it now, and changes when it runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from pixelcraft_desktop import report
from pixelcraft_desktop.catalog.database import DriveFull
from pixelcraft_desktop.catalog.schedules import FAILED, Schedule, find_schedule, list_schedules
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.commands.context import EXIT_SOME_FAILED, Context, json_option, refuse
from pixelcraft_desktop.filenames import printable
from pixelcraft_desktop.jobs.doorbell import ring
from pixelcraft_desktop.jobs.file_lock import FileLock
from pixelcraft_desktop.jobs.schedules.cron import BadCron, is_timezone
from pixelcraft_desktop.jobs.schedules.duties import standard_timetable
from pixelcraft_desktop.jobs.schedules.timetable import Timetable

_CRON_FIELDS = 5
_LOOK_S = 0.05
_PATIENCE_S = 300.0  # with another process, whose mail server may be slow


@click.group("schedules", invoke_without_command=True)
@json_option
@click.pass_context
def schedules(context: click.Context, as_json: bool) -> None:
    """Show what runs by itself: when next, when last, and how that ended."""
    if context.invoked_subcommand is not None:
        if as_json:
            raise click.UsageError("--json stands after the name of the command.")
        return
    store = context.obj.open_store()
    with suppress(DriveFull):  # those that are recorded can be shown
        standard_timetable(store, context.obj.home, context.obj.settings).record_new()
    found = list_schedules(store)
    store.close()
    if as_json:
        report.write_json([asdict(schedule) for schedule in found])
    else:
        _write_table(found)


@schedules.command()
@click.argument("name")
@json_option
@click.pass_obj
def run(context: Context, name: str, as_json: bool) -> None:
    """Run one now, and wait until it is done."""
    store, timetable = _open(context)
    before = _find(store, name).last_run
    timetable.request(name)
    ring(context.home.doorbell)
    done = _follow(store, timetable, name, before, FileLock(context.home.run_lock))
    store.close()
    if as_json:
        report.write_json(asdict(done))
    else:
        click.echo(f"{name} {printable(done.outcome or 'is still running')}")
    sys.exit(EXIT_SOME_FAILED if (done.outcome or "").startswith(FAILED) else 0)


@schedules.command()
@click.argument("name")
@click.pass_obj
def enable(context: Context, name: str) -> None:
    """Let one run by itself again."""
    _change(context, name, enabled=True)


@schedules.command()
@click.argument("name")
@click.pass_obj
def disable(context: Context, name: str) -> None:
    """Let one run no more, but when it is asked for."""
    _change(context, name, enabled=False)


@schedules.command("set")
@click.argument("name")
@click.argument("cron")
@click.option("--timezone", metavar="ZONE", help='Such as "Europe/Berlin". Default: as it is.')
@click.pass_obj
def set_(context: Context, name: str, cron: str, timezone: str | None) -> None:
    """Change when one runs: CRON has five fields, such as "30 2 * * *" for half past two."""
    if timezone is not None and not is_timezone(timezone):
        raise click.UsageError(f"There is no time zone {_shown(timezone)}.")
    if len(cron.split()) != _CRON_FIELDS:  # a sixth would mean seconds, and nothing looks so often
        raise click.UsageError(f"{_shown(cron)} is no cron expression: it has five fields.")
    _change(context, name, cron=cron, timezone=timezone)


def _open(context: Context) -> tuple[Store, Timetable]:
    """Open the catalog, with all schedules recorded that there are."""
    store = context.open_store()
    timetable = standard_timetable(store, context.home, context.settings)
    timetable.record_new()
    return store, timetable


def _find(store: Store, name: str) -> Schedule:
    found = find_schedule(store, name)
    if found is None:
        names = ", ".join(schedule.name for schedule in list_schedules(store))
        store.close()
        refuse(f"There is no schedule {_shown(name)}. There are: {names}.")
    return found


def _change(context: Context, name: str, **changes: Any) -> None:
    store, timetable = _open(context)
    _find(store, name)
    try:
        timetable.change(name, **changes)
    except BadCron as error:
        reason = f"{_shown(changes['cron'])} is no cron expression: {printable(str(error))}."
        raise click.UsageError(reason) from None
    changed = _find(store, name)
    store.close()
    ring(context.home.doorbell)
    if changed.next_run is not None:
        click.echo(f"{name} runs next on {_local(changed.next_run)}.")
    else:
        click.echo(f"{name} runs only when it is asked for.")


def _follow(
    store: Store, timetable: Timetable, name: str, before: str | None, lock: FileLock
) -> Schedule:
    """Run it here as soon as no other process runs this home, or wait for the one that does."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        if lock.acquire():
            timetable.run(name)
            lock.release()
            return _find(store, name)
        found = _find(store, name)
        has_ended = found.last_run != before and found.outcome is not None
        if has_ended or time.monotonic() >= end:
            return found
        time.sleep(_LOOK_S)


def _write_table(found: Sequence[Schedule]) -> None:
    head = ("name", "cron", "time zone", "enabled", "next run", "last run", "outcome")
    rows = [
        (
            schedule.name,
            schedule.cron,
            schedule.timezone,
            "yes" if schedule.enabled else "no",
            _local(schedule.next_run),
            _local(schedule.last_run),
            "running" if schedule.outcome is None and schedule.last_run else schedule.outcome or "",
        )
        for schedule in found
    ]
    lines = [head, *(tuple(map(printable, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _shown(argument: str) -> str:
    """Return what was typed so that it can be seen, where it is nothing or no character too."""
    return f"'{printable(argument)}'"


def _local(moment: str | None) -> str:
    """Return a catalog time as the clock on this machine's wall shows it."""
    if moment is None:
        return "–"
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"
