"""The fault record: whether the last process that ran the jobs of a home crashed."""

from __future__ import annotations

import logging
import os
import re
from datetime import UTC, datetime

from pixelcraft_desktop.logs import faults
from pixelcraft_desktop.paths import Home

_log = logging.getLogger(__name__)
# A header alone is the record of a run that vanished. On Windows faulthandler also tells of
# exceptions that programs live with; those have a number instead of a name.
_CRASH = re.compile(rb"Fatal Python error: |Windows fatal exception: (?!code )")
_LONGEST_BYTES = 64_000


class FaultRecord:
    """A file that is there while jobs are run, and holds a trace if that ended by a crash.

    Only for the holder of the run lock, so that it never speaks of two processes. Other processes
    on the home tell in faults.log, where what was recorded here is kept for people, too.
    """

    def __init__(self, home: Home) -> None:
        self._path = home.fault_record
        self._kept = home.logs / "faults.log"

    def read(self) -> str | None:
        """Return the trace of the crash that ended the last run; None if it ended otherwise."""
        try:
            with open(self._path, "rb") as file:
                data = file.read(_LONGEST_BYTES)
        except FileNotFoundError:
            return None
        except OSError:
            _log.exception("the fault record can't be read")
            return None
        if _CRASH.search(data) is None:
            return None
        return data.decode("utf-8", "replace").replace("\0", "")

    def open(self) -> None:
        """Begin the record of this run; what the last one left goes to faults.log."""
        trace = self.read()
        try:
            if trace is not None:
                with open(self._kept, "a", encoding="utf-8") as kept:
                    kept.write(f"{trace}\n")
            # A new file, not an emptied one: whoever still has the old one open can't add to it.
            self._path.unlink(missing_ok=True)
            file = open(self._path, "w", encoding="utf-8")  # noqa: SIM115 - held until close
            faults.divert(file)
            moment = datetime.now(UTC).isoformat(timespec="seconds")
            file.write(f"Process {os.getpid()} runs the jobs of this home since {moment}.\n")
            file.flush()
        except OSError:
            # A full disk, say: a crash then counts as if the program had vanished.
            _log.exception("no fault record of this run")

    def close(self) -> None:
        """End the record: what happens from now on concerns no job."""
        faults.restore()
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            _log.exception("the fault record stays")
