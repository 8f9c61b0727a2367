"""The command line. Everything here works without a window, and loads no Qt."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from dataclasses import asdict
from types import FrameType

import click

from pixelcraft_desktop import __version__, report
from pixelcraft_desktop.catalog import control, images, jobs
from pixelcraft_desktop.catalog.database import DatabaseError, is_full
from pixelcraft_desktop.catalog.schema import CatalogTooNew
from pixelcraft_desktop.catalog.store import Store, now
from pixelcraft_desktop.display import has_display
from pixelcraft_desktop.filenames import display_name, printable
from pixelcraft_desktop.headless import Ending, ImportRun, run_worker
from pixelcraft_desktop.jobs.doorbell import ring
from pixelcraft_desktop.jobs.schedules.cleanup import clean_up
from pixelcraft_desktop.jobs.schedules.duties import CLEANUP, standard_timetable
from pixelcraft_desktop.logs import start_logs
from pixelcraft_desktop.model import State
from pixelcraft_desktop.paths import HOME_VARIABLE, Home, find_home
from pixelcraft_desktop.self_test.run import run_self_test
from pixelcraft_desktop.settings import Settings, SettingsError, read_settings

EXIT_SOME_FAILED = 3
EXIT_OCCUPIED = 4
EXIT_IMPOSSIBLE = 5

_ID = click.IntRange(0, 2**63 - 1)  # what SQLite can hold
_json_option = click.option("--json", "as_json", is_flag=True, help="Write one JSON document.")
_workers_option = click.option(
    "--workers", type=click.IntRange(1, 64), help="Number of pictures worked on at a time."
)


class Context:
    """What every command needs: the home and its settings."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self.home = home
        self.settings = settings

    def open_store(self) -> Store:
        """Open the catalog."""
        return Store(self.home.catalog)


def _test_self(context: click.Context, _option: click.Parameter, is_wanted: bool) -> None:
    if is_wanted and not context.resilient_parsing:
        code = run_self_test()
        sys.stdout.flush()
        os._exit(code)  # as after any window: taking Qt apart helps nobody, and may crash


class _WindowFirst(click.Group):
    """A group in which a path in the place of a command opens the window with it."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None:
            return gui.name, gui, args
        return super().resolve_command(ctx, args)


@click.group(
    cls=_WindowFirst,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--home",
    metavar="DIR",
    help=f"Folder that holds everything. Default: ${HOME_VARIABLE}, else your data folder.",
)
@click.option(
    "--self-test",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_test_self,
    help="Try everything in a temporary folder, say what works, and exit.",
)
@click.version_option(__version__, prog_name="pixelcraft")
@click.pass_context
def cli(context: click.Context, home: str | None) -> None:
    """Thumbnails, previews and metadata for thousands of pictures. Originals are never changed.

    Without a command, the window opens; with paths in its place, it adds them.
    """
    place = find_home(home)
    try:
        place.make()
        settings = read_settings(place.settings)
        start_logs(place.logs)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise click.UsageError(f"The home folder {place.root} can't be used: {reason}") from error
    context.obj = Context(place, settings)
    if context.invoked_subcommand is None:
        context.invoke(gui)


@cli.command()
@click.argument("paths", nargs=-1, metavar="[PATH…]")
@click.pass_obj
def gui(context: Context, paths: tuple[str, ...] = ()) -> None:
    """Open the window, and add these pictures and folders."""
    chosen = _existing(paths)
    if not has_display():
        _refuse(
            "There is no display here, so no window can be opened. "
            "`pixelcraft import PATH…` does the same work without one."
        )
    # The only command that loads Qt, which takes as long as all the others together.
    from pixelcraft_desktop.app import open_window  # noqa: PLC0415 - see above

    sys.exit(open_window(context.home, context.settings, chosen))


@cli.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@_workers_option
@click.option("--no-wait", is_flag=True, help="Return as soon as everything is recorded.")
@_json_option
@click.pass_obj
def import_(
    context: Context, paths: tuple[str, ...], workers: int | None, no_wait: bool, as_json: bool
) -> None:
    """Take in pictures and folders, and wait until their pictures are done."""
    chosen = _existing(paths)
    stop = _StopSignal()
    lane_count = workers or context.settings.lane_count
    with report.ImportBar(is_shown=not as_json) as bar:
        run = ImportRun(context.home, context.settings, stop, bar.show, report.write_trouble)
        outcome = run.run(chosen, lane_count, wait=not no_wait)
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


def _existing(paths: tuple[str, ...]) -> list[bytes]:
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


def _import_code(ending: Ending, counts: dict[State, int]) -> int:
    return EXIT_SOME_FAILED if ending is Ending.DONE and counts[State.FAILED] else 0


@cli.command()
@click.option("--until-idle", is_flag=True, help="End when nothing is left to do.")
@_workers_option
@click.pass_obj
def worker(context: Context, until_idle: bool, workers: int | None) -> None:
    """Run waiting jobs without a window."""
    stop = _StopSignal()
    lane_count = workers or context.settings.lane_count
    ending = run_worker(
        context.home, context.settings, lane_count, until_idle, stop, report.write_trouble
    )
    if ending is Ending.OCCUPIED:
        click.echo("Another PixelCraft runs the jobs of this home already.", err=True)
        sys.exit(EXIT_OCCUPIED)
    if ending is Ending.PAUSED:
        click.echo("The queue is paused; `pixelcraft resume` continues it.", err=True)
    sys.exit(stop.exit_code)


@cli.command()
@_json_option
@click.pass_obj
def status(context: Context, as_json: bool) -> None:
    """Show how many jobs are in each state."""
    store = context.open_store()
    fields: dict[str, int | bool] = {s.value: n for s, n in jobs.count_states(store).items()}
    fields["paused"] = control.is_paused(store)
    store.close()
    if as_json:
        report.write_json(fields)
    else:
        report.write_status(fields)


@cli.command("images")
@_json_option
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


@cli.command("jobs")
@click.option("--state", type=click.Choice([state.value for state in State]))
@click.option("--batch", type=_ID, help="Only the jobs of this import.")
@_json_option
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


@cli.command("job")
@click.argument("job_id", type=_ID, metavar="ID")
@_json_option
@click.pass_obj
def show_job(context: Context, job_id: int, as_json: bool) -> None:
    """Show one job with all its attempts."""
    store = context.open_store()
    rows = jobs.list_jobs(store, job_id=job_id)
    attempts = jobs.list_attempts(store, job_id)
    store.close()
    if not rows:
        _refuse(f"There is no job {job_id}.")
    if as_json:
        report.write_json({**rows[0], "attempts": attempts})
    else:
        report.write_job(rows[0], attempts)


@cli.command()
@click.argument("job_ids", type=_ID, nargs=-1, metavar="ID…")
@click.option("--all", "is_all", is_flag=True, help="Every failed job.")
@click.option("--salvage", is_flag=True, help="Make what can be made of damaged pictures.")
@_json_option
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
        _refuse(f"Only {which}; there is none such: {named}.")


@cli.command()
@click.option("--dry-run", is_flag=True, help="Remove nothing, only tell what would be.")
@_json_option
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


@cli.command()
@click.pass_obj
def pause(context: Context) -> None:
    """Start no further jobs until `resume`; those being worked on are finished."""
    _set_paused(context, paused=True)


@cli.command()
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


def _refuse(reason: str) -> None:
    """Say why something can't be done, and end with the code for that."""
    click.echo(reason, err=True)
    sys.exit(EXIT_IMPOSSIBLE)


class _StopSignal(threading.Event):
    """Set by Ctrl+C and SIGTERM; a second one ends the program at once."""

    def __init__(self) -> None:
        super().__init__()
        self.exit_code = 0
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._ask_to_stop)

    def _ask_to_stop(self, number: int, _frame: FrameType | None) -> None:
        if self.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self.exit_code = 128 + number  # what shells expect: 130 for Ctrl+C
        self.set()


def run(arguments: list[str] | None = None) -> None:
    """Run the command line with these arguments, else the process's own."""
    try:
        cli.main(args=arguments, prog_name="pixelcraft")
    except CatalogTooNew as error:
        _refuse(str(error))
    except OSError as error:
        logging.getLogger(__name__).exception("the home can't be used")
        _refuse(f"The home folder can't be used: {error.strerror or error}.")
    except DatabaseError as error:
        logging.getLogger(__name__).exception("the catalog can't be used")
        hint = " Free some space on its drive, then try again." if is_full(error) else ""
        _refuse(f"The catalog can't be used: {error}.{hint}")
