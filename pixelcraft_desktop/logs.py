"""Log files in the home: what happened, and where a fatal signal struck."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import IO

LARGEST_LOG_BYTES = 5_000_000


def start_logs(folder: Path) -> None:
    """Write the log to `folder`/pixelcraft.log and fatal signals to `folder`/faults.log.

    Several processes may append to one log. Each rotates it at its start only, and the others
    follow the new file (WatchedFileHandler), so no line is written into a deleted file for long.
    Where there is no folder for it any more, nothing is told.
    """
    path = folder / "pixelcraft.log"
    _rotate(path)
    handler = _LogFile(path, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
    )
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.raiseExceptions = False  # a log that can't be written (full disk) is no news to users
    # Huey tells of every task at INFO; the catalog holds that history already.
    logging.getLogger("huey").setLevel(logging.WARNING)
    logging.getLogger("PIL").setLevel(logging.WARNING)
    _rotate(folder / "faults.log")
    faults.start(folder / "faults.log")
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_lost_thread


class _LogFile(WatchedFileHandler):
    """A log whose file may be gone, with its folder too."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record. What logs a failure must not fail itself: a thread would end by it."""
        try:
            super().emit(record)
        except OSError:  # opening a new file is outside of what `logging` itself forgives
            self.handleError(record)


class Faults:
    """Where this process tells of a fatal signal: the log of all, or for a while a file of its own.

    faulthandler writes no process id, so only a file of its own says whose crash it was.
    """

    def __init__(self) -> None:
        self._shared: IO[str] | None = None
        self._own: IO[str] | None = None

    def start(self, path: Path) -> None:
        """Tell at the end of the file from now on."""
        # Kept open on purpose: it is written to from a signal handler, when nothing can be opened.
        self._shared = path.open("a", encoding="utf-8")
        faulthandler.enable(self._shared)

    def divert(self, own: IO[str]) -> None:
        """Tell in `own` instead, until `restore` closes it. Nothing where logs never started."""
        former, self._own = self._own, own
        if self._shared is not None:
            faulthandler.enable(own)
        if former is not None:
            former.close()

    def restore(self) -> None:
        """Tell in the log of all again."""
        if self._shared is not None:
            faulthandler.enable(self._shared)
        if self._own is not None:
            self._own.close()
            self._own = None


faults = Faults()  # one, as faulthandler itself is: it belongs to the process


def _rotate(path: Path) -> None:
    try:
        if path.stat().st_size > LARGEST_LOG_BYTES:
            path.replace(path.with_name(path.name + ".1"))
    except FileNotFoundError:
        pass


def _log_lost_thread(lost: threading.ExceptHookArgs) -> None:
    name = lost.thread.name if lost.thread else "?"
    error = lost.exc_value or lost.exc_type()
    logging.getLogger(__name__).critical("the thread %s ended", name, exc_info=error)


def _log_uncaught(kind: type[BaseException], error: BaseException, _trace: object) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        logging.getLogger(__name__).critical("uncaught", exc_info=error)
    sys.__excepthook__(kind, error, error.__traceback__)
