"""Log files in the home: what happened, and where a fatal signal struck."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from logging.handlers import WatchedFileHandler
from pathlib import Path

LARGEST_LOG_BYTES = 5_000_000


def start_logs(folder: Path) -> None:
    """Write the log to `folder`/pixelcraft.log and fatal signals to `folder`/faults.log.

    Several processes may append to one log. Each rotates it at its start only, and the others
    follow the new file (WatchedFileHandler), so no line is written into a deleted file for long.
    """
    path = folder / "pixelcraft.log"
    try:
        if path.stat().st_size > LARGEST_LOG_BYTES:
            path.replace(folder / "pixelcraft.log.1")
    except FileNotFoundError:
        pass
    handler = WatchedFileHandler(path, encoding="utf-8", errors="backslashreplace")
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
    # Kept open on purpose: it is written to from a signal handler, when nothing can be opened.
    faults = (folder / "faults.log").open("a", encoding="utf-8")
    faulthandler.enable(faults)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_lost_thread


def _log_lost_thread(lost: threading.ExceptHookArgs) -> None:
    name = lost.thread.name if lost.thread else "?"
    error = lost.exc_value or lost.exc_type()
    logging.getLogger(__name__).critical("the thread %s ended", name, exc_info=error)


def _log_uncaught(kind: type[BaseException], error: BaseException, _trace: object) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        logging.getLogger(__name__).critical("uncaught", exc_info=error)
    sys.__excepthook__(kind, error, error.__traceback__)
