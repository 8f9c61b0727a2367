"""Opens what a user gave us without being trapped by it."""

from __future__ import annotations

import errno
import os
import stat
from typing import BinaryIO

from pixelcraft_desktop.filenames import display_name
from pixelcraft_desktop.imaging.limits import tell_apart
from pixelcraft_desktop.model import Cause, KnownFailure, Limits

# O_NONBLOCK: opening a pipe must not wait for a writer for ever. O_NOFOLLOW: the file that was
# recorded, not whatever a link was turned to since.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISLNK, "a link"),
)
_MISSING = {errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ENODEV}


def open_source(path: bytes, limits: Limits) -> BinaryIO:
    """Return the regular file at `path`, open for reading in binary.

    Raises KnownFailure: source_missing, permission_denied, not_a_file, empty, too_large, damaged.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        raise _why_not_open(path, error) from error
    try:
        facts = os.fstat(descriptor)
        _require_regular(facts.st_mode)
        if facts.st_size == 0:
            raise KnownFailure(Cause.EMPTY, "The file is empty (0 bytes).")
        if facts.st_size > limits.file_bytes:
            found, limit = tell_apart(facts.st_size, limits.file_bytes)
            raise KnownFailure(Cause.TOO_LARGE, f"The file has {found} MB; the limit is {limit}.")
    except KnownFailure:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def _require_regular(mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    kind = next((name for test, name in _KINDS if test(mode)), "something else")
    raise KnownFailure(Cause.NOT_A_FILE, f"This is {kind}, not a file.")


def _why_not_open(path: bytes, error: OSError) -> KnownFailure:
    if error.errno in _MISSING:
        return missing_source(path)
    if error.errno in {errno.EACCES, errno.EPERM}:
        return KnownFailure(Cause.PERMISSION_DENIED, "PixelCraft may not read this file.")
    if error.errno == errno.ELOOP:
        if os.path.exists(path):
            return KnownFailure(Cause.NOT_A_FILE, "This is a link, not a file.")
        return missing_source(path)
    if error.errno == errno.ENXIO:  # what opening a socket says
        return KnownFailure(Cause.NOT_A_FILE, "This is a socket or a device, not a file.")
    return unreadable_source(error)


def missing_source(path: bytes) -> KnownFailure:
    """Return the failure of a file that is gone."""
    folder = display_name(os.path.dirname(path))
    return KnownFailure(Cause.SOURCE_MISSING, f"The file is no longer at {folder}.")


def unreadable_source(error: OSError) -> KnownFailure:
    """Return the failure of a drive that gives the file but not its bytes."""
    reason = os.strerror(error.errno) if error.errno else "unknown reason"
    return KnownFailure(Cause.DAMAGED, f"The file can't be read from its drive ({reason}).")


def read_head(path: bytes, size_bytes: int) -> bytes:
    """Return the first bytes of a regular file; nothing where it can't be read."""
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError:
        return b""
    try:
        is_regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return os.read(descriptor, size_bytes) if is_regular else b""
    except OSError:
        return b""
    finally:
        os.close(descriptor)
