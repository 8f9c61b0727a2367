"""The command line. Everything here works without a window, and loads no Qt."""

from __future__ import annotations

import errno
import logging
import os
import sys
from typing import Any

import click

from pixelcraft_desktop import __version__, drive
from pixelcraft_desktop.catalog.database import CatalogDamaged, DatabaseError, DriveFull
from pixelcraft_desktop.catalog.schema import CatalogTooNew
from pixelcraft_desktop.commands.cleanup import cleanup
from pixelcraft_desktop.commands.context import Context, refuse
from pixelcraft_desktop.commands.doctor import doctor
from pixelcraft_desktop.commands.intake import import_, worker
from pixelcraft_desktop.commands.lists import (
    list_batches,
    list_events,
    list_images,
    list_jobs,
    show_job,
    status,
)
from pixelcraft_desktop.commands.orders import (
    cancel,
    delay,
    do_next,
    priority,
    promote,
    remove,
)
from pixelcraft_desktop.commands.path_arguments import existing_paths
from pixelcraft_desktop.commands.schedules import schedules
from pixelcraft_desktop.commands.steering import limit, pause, resume, retry, workers
from pixelcraft_desktop.display import has_display, is_watched
from pixelcraft_desktop.filenames import printable
from pixelcraft_desktop.logs import start_logs
from pixelcraft_desktop.paths import HOME_VARIABLE, Home, find_home
from pixelcraft_desktop.self_test.run import run_self_test
from pixelcraft_desktop.settings import SettingsError, read_settings

_FULL = (errno.ENOSPC, errno.EDQUOT)
_REFUSALS = (CatalogTooNew, CatalogDamaged, DatabaseError, OSError)  # DriveFull is one of them
_COMMANDS = (
    *(import_, worker),
    *(status, list_images, list_jobs, show_job, list_batches, list_events),
    *(retry, pause, resume, limit, workers),
    *(cancel, promote, priority, do_next, delay, remove),
    *(cleanup, schedules),
    doctor,
)


def _test_self(context: click.Context, _option: click.Parameter, is_wanted: bool) -> None:
    if is_wanted and not context.resilient_parsing:
        code = run_self_test()
        sys.stdout.flush()
        os._exit(code)  # as after any window: taking Qt apart helps nobody, and may crash


class _WindowFirst(click.Group):
    """A group in which a path in the place of a command opens the window with it."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; say in a window as well why none could be opened."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # whoever reads has seen enough, as `head` has: click ends silently
            raise
        except (*_REFUSALS, click.UsageError) as error:
            reason = _reason(error, ctx)
            if ctx.invoked_subcommand in (None, gui.name) and _is_unread() and is_watched():
                from pixelcraft_desktop.app import show_refusal  # noqa: PLC0415 - as in gui

                show_refusal(reason)
            if isinstance(error, click.UsageError):
                raise
            refuse(reason)

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
    if home is not None and not home.strip():
        raise click.UsageError("--home needs a folder.")  # not the usual one, for an unset variable
    place = find_home(home)
    try:
        place.make()
        settings = read_settings(place.settings)
        start_logs(place.logs)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        if error.errno in _FULL:
            raise DriveFull(_full_line(place)) from error
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
    chosen = existing_paths(paths)
    if not has_display():
        refuse(
            "There is no display here, so no window can be opened. "
            "`pixelcraft import PATH…` does the same work without one."
        )
    # The only command that loads Qt, which takes as long as all the others together.
    from pixelcraft_desktop.app import open_window  # noqa: PLC0415 - see above

    sys.exit(open_window(context.home, context.settings, chosen))


for _command in _COMMANDS:
    cli.add_command(_command)


def run(arguments: list[str] | None = None) -> None:
    """Run the command line with these arguments, else the process's own."""
    cli.main(args=arguments, prog_name="pixelcraft")


def _reason(error: Exception, context: click.Context) -> str:
    """Return in a sentence why something can't be done; what is not the user's matter is logged."""
    if isinstance(error, click.UsageError):
        return error.format_message()
    if isinstance(error, CatalogTooNew | CatalogDamaged):
        return str(error)
    home = context.obj.home if context.obj else None
    if isinstance(error, OSError) and error.errno in _FULL and home and drive.is_full(home.root):
        error = DriveFull(_full_line(home))
    if isinstance(error, DriveFull):
        logging.getLogger(__name__).error("the home can't be written", exc_info=error)
        return f"This can't be done: {printable(str(error))}. Free some there, then try again."
    if isinstance(error, OSError):
        logging.getLogger(__name__).error("the home can't be used", exc_info=error)
        return f"The home folder can't be used: {error.strerror or error}."
    logging.getLogger(__name__).error("the catalog can't be used", exc_info=error)
    return f"The catalog can't be used: {error}."


def _is_unread() -> bool:
    """Tell whether nobody may see standard error, as where an icon was clicked."""
    return sys.stderr is None or not sys.stderr.isatty()


def _full_line(home: Home) -> str:
    return f"no space is left on the drive {drive.drive_of(home.root)}"
