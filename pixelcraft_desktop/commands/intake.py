"""`import` takes pictures in, `worker` works on what waits."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from pixelcraft_desktop import report
from pixelcraft_desktop.commands.context import (
    EXIT_OCCUPIED,
    EXIT_SOME_FAILED,
    Context,
    json_option,
    workers_option,
)
from pixelcraft_desktop.commands.path_arguments import existing_paths
from pixelcraft_desktop.commands.stop_signal import StopSignal
from pixelcraft_desktop.commands.timing import MOMENT, PRIORITY, SECONDS, choose_terms
from pixelcraft_desktop.filenames import display_name, printable
from pixelcraft_desktop.headless import Ending, ImportRun, run_worker
from pixelcraft_desktop.model import State


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@workers_option
@click.option("--no-wait", is_flag=True, help="Return as soon as everything is recorded.")
@click.option("--in", "delay_s", type=SECONDS, metavar="SECONDS", help="Start so much later.")
@click.option("--at", "start", type=MOMENT, help="Start then: 18:30, or 2026-03-01T18:30.")
@click.option("--priority", type=PRIORITY, default=0, help="Greater goes first; 0 is usual.")
@json_option
@click.pass_obj
def import_(
    context: Context,
    paths: tuple[str, ...],
    workers: int | None,
    no_wait: bool,
    delay_s: float | None,
    start: datetime | None,
    priority: int,
    as_json: bool,
) -> None:
    """Take in pictures and folders, and wait until their pictures are done."""
    chosen = existing_paths(paths)
    context.open_store().close()  # which says so if a backup had to take its place
    terms = choose_terms(priority, delay_s, start)
    stop = StopSignal()
    with report.ImportBar(is_shown=not as_json) as bar:
        run = ImportRun(
            context.home,
            context.settings,
            stop,
            bar.show,
            report.write_trouble,
            report.write_hold,
            report.write_recovery,
            report.write_standstill,
            is_watched=bar.is_shown,
        )
        outcome = run.run(chosen, workers, wait=not no_wait, terms=terms)
        run.close()
    for folder in outcome.unreadable:
        click.echo(f"{printable(display_name(folder.path))} {folder.reason}", err=True)
    if as_json:
        report.write_json(report.import_fields(outcome))
    else:
        report.write_import(outcome, context.home)
    if outcome.ending is Ending.PAUSED:
        click.echo("The queue is paused; `pixelcraft resume` continues it.", err=True)
    sys.exit(stop.exit_code or _import_code(outcome.ending, outcome.counts))


def _import_code(ending: Ending, counts: dict[State, int]) -> int:
    is_short = counts[State.FAILED] or counts[State.CANCELLED]
    return EXIT_SOME_FAILED if ending is Ending.DONE and is_short else 0


def _say_nothing() -> None:
    """Leave it at the end of the program, which says it as well."""


@click.command()
@click.option("--until-idle", is_flag=True, help="End when nothing is left to do.")
@workers_option
@click.pass_obj
def worker(context: Context, until_idle: bool, workers: int | None) -> None:
    """Run waiting jobs without a window."""
    context.open_store().close()
    stop = StopSignal()
    ending = run_worker(
        context.home,
        context.settings,
        workers,
        until_idle,
        stop,
        report.write_trouble,
        report.write_hold,
        report.write_recovery,
        _say_nothing if until_idle else report.write_drained,
    )
    if ending is Ending.OCCUPIED:
        click.echo("Another PixelCraft runs the jobs of this home already.", err=True)
        sys.exit(EXIT_OCCUPIED)
    if ending is Ending.PAUSED:
        click.echo("The queue is paused; `pixelcraft resume` continues it.", err=True)
    sys.exit(stop.exit_code)
