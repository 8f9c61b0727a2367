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
from pixelcraft_desktop.display import has_display
from pixelcraft_desktop.filenames import printable
from pixelcraft_desktop.logs import start_logs
from pixelcraft_desktop.paths import HOME_VARIABLE, Home, find_home
from pixelcraft_desktop.self_test.run import run_self_test
from pixelcraft_desktop.settings import SettingsError, read_settings

_FULL = (errno.ENOSPC, errno.EDQUOT)
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
        """Run the command. Raises DriveFull where the home's drive refuses to take any more."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.errno in _FULL and ctx.obj and drive.is_full(ctx.obj.home.root):
                raise DriveFull(_full_line(ctx.obj.home)) from error
            raise

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
    try:
        cli.main(args=arguments, prog_name="pixelcraft")
    except CatalogTooNew as error:
        refuse(str(error))
    except OSError as error:
        logging.getLogger(__name__).exception("the home can't be used")
        refuse(f"The home folder can't be used: {error.strerror or error}.")
    except CatalogDamaged as error:
        refuse(str(error))
    except DriveFull as error:
        logging.getLogger(__name__).exception("the home can't be written")
        refuse(f"This can't be done: {printable(str(error))}. Free some there, then try again.")
    except DatabaseError as error:
        logging.getLogger(__name__).exception("the catalog can't be used")
        refuse(f"The catalog can't be used: {error}.")


def _full_line(home: Home) -> str:
    return f"no space is left on the drive {drive.drive_of(home.root)}"
