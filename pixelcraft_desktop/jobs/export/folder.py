"""The folder results are saved into: new files appear there whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from pixelcraft_desktop.filenames import display_name
from pixelcraft_desktop.jobs.export.names import LONGEST_NAME_BYTES

Write = Callable[[BinaryIO], None]

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_GONE = {
    *(errno.ENOENT, errno.ENOTDIR, errno.ENODEV, errno.ENXIO),
    getattr(errno, "ESTALE", errno.ENOENT),
}
_BAD_NAME = {errno.EILSEQ, errno.EINVAL, errno.ENAMETOOLONG}
_CAN_NOT_SYNC = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}


class FolderUnusable(Exception):
    """Nothing can be saved in the folder; the text says why, fit to show."""


class NameRefused(Exception):
    """The folder's file system takes no file of this name."""


class TargetFolder:
    """A folder of the user's. Raises FolderUnusable where nothing can be saved in it."""

    def __init__(self, path: bytes, forbidden: Path) -> None:
        """`forbidden` is the folder in and under which nothing may be saved."""
        self.path = os.path.abspath(path)
        self._has_links = True
        try:
            self._device = os.stat(self.path).st_dev
            if not os.path.isdir(self.path):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        except OSError as error:
            raise self._unusable(error) from error
        if _is_within(self.path, forbidden):
            raise FolderUnusable(
                f"{display_name(self.path)} belongs to PixelCraft, which tidies it up. "
                "Please choose a folder of your own."
            )

    def names(self) -> Iterator[bytes]:
        """Yield what is there; nothing where the folder may be written to but not looked into."""
        try:
            with os.scandir(self.path) as entries:
                for entry in entries:
                    yield entry.name
        except PermissionError:
            return
        except OSError as error:
            raise self._unusable(error) from error

    def longest_name_bytes(self) -> int:
        """Return how long names may be: 255 bytes, or less where the file system says so."""
        try:
            limit = os.pathconf(self.path, "PC_NAME_MAX")
        except (AttributeError, OSError, ValueError):
            return LONGEST_NAME_BYTES
        return min(LONGEST_NAME_BYTES, limit) if limit > 0 else LONGEST_NAME_BYTES

    def save(self, name: bytes, write: Write) -> None:
        """Have `write` fill a new file of that name, perhaps twice; it appears when it is whole.

        Raises FileExistsError, NameRefused, FolderUnusable, and what `write` raises, of which an
        OSError counts as the folder's.
        """
        final = os.path.join(self.path, name)
        try:
            self._check_device()
            if os.path.lexists(final):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            if self._has_links and self._save_beside(final, write):
                return
            self._save_in_place(final, write)
            self._has_links = False
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno in _BAD_NAME:
                raise NameRefused from error
            raise self._unusable(error) from error

    def sync(self) -> None:
        """Have the names on the disk too, as far as the system can."""
        if sys.platform == "win32":
            return
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError:
            pass  # each file is on the disk already

    def _save_beside(self, final: bytes, write: Write) -> bool:
        """Write a temporary file and give it its name; False if it could not be given."""
        temporary = os.path.join(self.path, b".pixelcraft-%s.tmp" % secrets.token_hex(8).encode())
        file = open(temporary, "xb")  # noqa: SIM115 - closed before it gets its name
        try:
            _fill(file, write)
            return _give_name(temporary, final)
        finally:
            _remove_quietly(temporary)

    def _save_in_place(self, final: bytes, write: Write) -> None:
        """Write under the final name, which is ours from the moment the file is created."""
        file = open(final, "xb")  # noqa: SIM115 - closed by _fill
        try:
            _fill(file, write)
        except BaseException:
            _remove_quietly(final)
            raise

    def _check_device(self) -> None:
        """A drive that was pulled leaves its mount point behind, on another device."""
        if os.stat(self.path).st_dev != self._device:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    def _unusable(self, error: OSError) -> FolderUnusable:
        folder = display_name(self.path)
        if error.errno in _FULL:
            return FolderUnusable(f"There is no space left in {folder}.")
        if error.errno in _GONE:
            return FolderUnusable(f"The folder {folder} is not there.")
        if error.errno in _REFUSED:
            return FolderUnusable(f"You are not allowed to save anything in {folder}.")
        reason = os.strerror(error.errno) if error.errno else str(error)
        return FolderUnusable(f"Nothing can be saved in {folder} ({reason}).")


def _fill(file: BinaryIO, write: Write) -> None:
    """Write the file, have it on the disk, and close it."""
    with file:
        write(file)
        file.flush()
        try:
            os.fsync(file.fileno())
        except OSError as error:
            if error.errno not in _CAN_NOT_SYNC:
                raise


def _give_name(temporary: bytes, final: bytes) -> bool:
    """Let the file have its final name; False where the file system can't without replacing.

    Raises FileExistsError.
    """
    try:
        if sys.platform == "win32":
            os.rename(temporary, final)  # never replaces there
        else:
            os.link(temporary, final)
    except FileExistsError:
        raise
    except OSError:
        return False
    return True


def _is_within(path: bytes, outer: Path) -> bool:
    """Tell whether the folder is `outer` or below it, whatever they are called."""
    place = os.path.realpath(path)
    while True:
        try:
            if os.path.samefile(place, os.fsencode(outer)):
                return True
        except OSError:
            pass  # what can't be looked at is no folder of ours
        parent = os.path.dirname(place)
        if parent == place:
            return False
        place = parent


def _remove_quietly(path: bytes) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # gone already, with its folder or under its final name
