"""Walks what a user dropped, and tells pictures from everything else."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pixelcraft_desktop.catalog.images import Candidate
from pixelcraft_desktop.filenames import display_name
from pixelcraft_desktop.imaging.formats import HEAD_BYTES, PICTURE_EXTENSIONS, sniff
from pixelcraft_desktop.imaging.source import read_head

_log = logging.getLogger(__name__)
# What operating systems, network drives and archives leave beside pictures.
_JUNK_FOLDERS = {
    b"__macosx",
    b"@eadir",
    b"$recycle.bin",
    b"system volume information",
    b"lost+found",
    b"#recycle",
}
_JUNK_FILES = {b"thumbs.db", b"ehthumbs.db", b"desktop.ini"}


@dataclass(frozen=True)
class Skipped:
    """A file that is no picture, or a folder that can't be read."""

    path: bytes
    reason: str
    is_folder: bool = False


Found = Candidate | Skipped


def scan(paths: Sequence[bytes], is_stopped: Callable[[], bool], ignored: bytes) -> Iterator[Found]:
    """Yield what lies at the absolute `paths`, folders walked, until it is stopped.

    Links are followed to where they lead, each folder once. `ignored` is our own home: a
    thumbnail is not a picture to make a thumbnail of.
    """
    visited: set[tuple[int, int]] = set()
    if os.path.isdir(ignored):
        visited.add(_identity(os.stat(ignored)))
    for path in paths:
        yield from _scan_named(os.path.realpath(path), path, visited, is_stopped)


def _scan_named(
    path: bytes, named: bytes, visited: set[tuple[int, int]], is_stopped: Callable[[], bool]
) -> Iterator[Found]:
    try:
        facts = os.lstat(path)
    except OSError:
        yield Candidate(named, display_name(named), 0, 0)  # gone since, or a link to nowhere
        return
    if stat.S_ISDIR(facts.st_mode):
        yield from _walk(path, visited, is_stopped)
    else:
        yield _candidate(path, facts)


def _walk(
    root: bytes, visited: set[tuple[int, int]], is_stopped: Callable[[], bool]
) -> Iterator[Found]:
    """Yield the files of a tree in the order of their names, without recursion."""
    pending = [root]
    while pending and not is_stopped():
        folder = pending.pop()
        try:
            identity = _identity(os.stat(folder))
            if identity in visited:  # a loop of links, or a folder reached a second way
                continue
            visited.add(identity)
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            _log.warning("can't list %s: %s", display_name(folder), error.strerror)
            yield Skipped(folder, f"can't be listed: {error.strerror}", is_folder=True)
            continue
        folders: list[bytes] = []
        for entry in entries:
            if is_stopped():
                return
            found = _look_at(entry)
            if isinstance(found, bytes):
                folders.append(found)
            elif found is not None:
                yield found
        pending.extend(reversed(folders))


def _look_at(entry: os.DirEntry[bytes]) -> Found | bytes | None:
    """Return what an entry is: a folder to walk (its path), a file, or nothing worth a word."""
    name = entry.name.lower()
    if name.startswith(b".") or name in _JUNK_FILES:
        return None
    try:
        if entry.is_dir():
            is_link = entry.is_symlink()
            path = os.path.realpath(entry.path) if is_link else entry.path
            return None if name in _JUNK_FOLDERS else path
        path = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
        facts = os.lstat(path) if path != entry.path else entry.stat(follow_symlinks=False)
    except OSError:
        if _has_picture_name(name):
            return Candidate(entry.path, display_name(entry.path), 0, 0)
        return Skipped(entry.path, "can't be looked at")
    if _has_picture_name(name) or _has_picture_content(path, facts):
        return _candidate(path, facts)
    return Skipped(path, "not a picture")


def _candidate(path: bytes, facts: os.stat_result) -> Candidate:
    return Candidate(path, display_name(path), facts.st_size, facts.st_mtime_ns)


def _has_picture_name(name: bytes) -> bool:
    return os.path.splitext(name)[1].lower() in PICTURE_EXTENSIONS


def _has_picture_content(path: bytes, facts: os.stat_result) -> bool:
    if not stat.S_ISREG(facts.st_mode) or facts.st_size == 0:
        return False
    kind = sniff(read_head(path, HEAD_BYTES))
    return kind is not None and kind.is_strong


def _identity(facts: os.stat_result) -> tuple[int, int]:
    return facts.st_dev, facts.st_ino
