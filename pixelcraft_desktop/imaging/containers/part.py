"""A part of a file, read as if it were the whole: the picture inside of a RAW file or an icon."""

from __future__ import annotations

import io
import os
from typing import Any, BinaryIO, cast


def open_part(source: BinaryIO, start: int, end: int) -> BinaryIO:
    """Return the bytes from `start` to `end` (not included) of the source, read when needed."""
    return cast("BinaryIO", io.BufferedReader(_Part(source, start, end)))


class _Part(io.RawIOBase):
    def __init__(self, source: BinaryIO, start: int, end: int) -> None:
        self._source, self._start, self._end = source, start, max(start, end)
        self._at = start

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer)
        self._source.seek(self._at)
        data = self._source.read(max(0, min(len(view), self._end - self._at)))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        origin = {os.SEEK_SET: self._start, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        self._at = max(self._start, origin + offset)
        return self._at - self._start
