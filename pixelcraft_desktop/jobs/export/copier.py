"""Copies one result into the folder, under a name that is free at that very moment."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import BinaryIO

from pixelcraft_desktop.catalog.renditions import Result, read_results
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.export.folder import NameRefused, TargetFolder
from pixelcraft_desktop.jobs.export.names import Names, safe_stem
from pixelcraft_desktop.paths import Home

_PIECE_BYTES = 1 << 20


class NotCopied(Exception):
    """This one result was not copied; the text says why, fit to show."""


class Copier:
    """Copies results one by one. `check_stopped` raises what is to end a copy half-way."""

    def __init__(
        self,
        store: Store,
        home: Home,
        folder: TargetFolder,
        names: Names,
        check_stopped: Callable[[], None],
    ) -> None:
        self._store = store
        self._home = home
        self._folder = folder
        self._names = names
        self._check_stopped = check_stopped

    def copy(self, result: Result, names: dict[str, bytes]) -> int:
        """Copy the result and return its size.

        `names` are those of its picture's files, empty before the first; the copier fills them in
        and changes them if they turn out to be taken. Raises NotCopied, FolderUnusable.
        """
        with self._open(result) as source:
            if not names:
                names.update(self._names.reserve(safe_stem(result.path)))
            self._save(result, names, partial(self._pump, result, source))
            return source.tell()

    def _save(
        self, result: Result, names: dict[str, bytes], write: Callable[[BinaryIO], None]
    ) -> None:
        keep_bytes = True
        while True:
            try:
                self._folder.save(names[result.name], write)
                return
            except FileExistsError:
                self._check_stopped()
            except NameRefused as error:
                # A memory card's file system wants UTF-8.
                if not keep_bytes:
                    raise NotCopied("The folder takes no file of that name.") from error
                keep_bytes = False
            names.update(self._names.reserve(safe_stem(result.path, keep_bytes)))

    def _open(self, result: Result) -> BinaryIO:
        """Return the result's file, or the one made in its place since."""
        try:
            try:
                return self._open_whole(result)
            except FileNotFoundError:
                again = read_results(self._store, [result.image_id], [result.name])
                if not again or again[0].file == result.file:
                    raise
                return self._open_whole(again[0])
        except FileNotFoundError as error:
            text = f"Its {result.name} is missing. Please make it again, then save it."
            raise NotCopied(text) from error
        except OSError as error:
            raise _unreadable(result, error) from error

    def _open_whole(self, result: Result) -> BinaryIO:
        with ExitStack() as stack:
            path = self._home.output_folder(result.name) / result.file
            file: BinaryIO = stack.enter_context(open(path, "rb"))
            if os.fstat(file.fileno()).st_size != result.size_bytes:
                text = f"Its {result.name} is damaged. Please make it again, then save it."
                raise NotCopied(text)
            stack.pop_all()
        return file

    def _pump(self, result: Result, source: BinaryIO, target: BinaryIO) -> None:
        source.seek(0)
        while piece := _read(result, source):
            self._check_stopped()
            target.write(piece)


def _read(result: Result, source: BinaryIO) -> bytes:
    try:
        return source.read(_PIECE_BYTES)
    except OSError as error:
        raise _unreadable(result, error) from error


def _unreadable(result: Result, error: OSError) -> NotCopied:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return NotCopied(f"Its {result.name} can't be read ({reason}).")
