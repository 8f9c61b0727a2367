"""One process at a time: to run the jobs of a home, to scan a batch, to own the window."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


_HELD = {errno.EAGAIN, errno.EACCES, errno.EDEADLK}  # by somebody else
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


class FileLock:
    """A lock the system itself releases when its process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        """Take the lock without waiting; tell whether it is ours.

        Raises OSError where the file system has no locks: nobody could be kept apart there.
        """
        if self._file is not None:
            return True
        file = open(self._path, "a+", encoding="ascii")  # noqa: SIM115 - held until release
        try:
            _lock(file)
        except OSError as error:
            file.close()
            if error.errno not in _HELD:
                raise
            return False
        try:  # the lock is what counts; who has it is told where there is space for it
            os.truncate(file.fileno(), 0)
            os.write(file.fileno(), f"{os.getpid()}\n".encode("ascii"))
        except OSError as error:
            if error.errno not in _NO_SPACE:
                file.close()
                raise
        self._file = file
        return True

    def release(self) -> None:
        """Give the lock up."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _lock(file: IO[str]) -> None:
    if sys.platform == "win32":
        file.seek(1 << 20)  # a byte nobody writes, so that the process id stays readable
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
