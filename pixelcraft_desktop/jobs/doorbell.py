"""Wakes the process that runs the jobs when another one changed the catalog.

The runner looks for foreign commits four times a second anyway; the bell only makes it at once
(median 0.4 ms instead of 125). A lost ring costs nothing but that quarter of a second.
"""

from __future__ import annotations

import errno
import os
import select
import stat
from pathlib import Path

IS_SUPPORTED = hasattr(os, "mkfifo")


def ring(path: Path) -> None:
    """Wake the runner of this home, if there is one."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except (OSError, AttributeError):
        return  # nobody listens, or the platform has no pipes with names
    try:
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            os.write(descriptor, b"!")
    except OSError:
        pass  # full: it has been rung often enough
    finally:
        os.close(descriptor)


class Doorbell:
    """The runner's end of the bell."""

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = None
        if not IS_SUPPORTED:
            return
        try:
            path.unlink(missing_ok=True)
            os.mkfifo(path, 0o600)
            # Read and write: with only readers, every ringer's leaving would look like an end.
            self._descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno not in {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES}:
                raise  # those are file systems without pipes; the quarter-second look remains

    @property
    def is_open(self) -> bool:
        """Whether there is a bell; without one, nobody rings."""
        return self._descriptor is not None

    def wait(self, seconds: float) -> bool:
        """Wait for a ring; tell whether there was one."""
        if self._descriptor is None:
            return False
        readable, _, _ = select.select([self._descriptor], [], [], seconds)
        if readable:
            os.read(self._descriptor, 4096)
        return bool(readable)

    def press(self) -> None:
        """Wake our own `wait`."""
        if self._descriptor is not None:
            try:
                os.write(self._descriptor, b"!")
            except OSError:
                pass  # full: it is awake

    def close(self) -> None:
        """Stop listening."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
