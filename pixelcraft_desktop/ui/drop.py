"""What a drop or a paste holds: paths as bytes, and whether it is anything for us."""

from __future__ import annotations

import os
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QMimeData, QUrl

_URI_LIST = "text/uri-list"
_LONGEST_LIST_BYTES = 64_000_000


def count_files(mime: QMimeData) -> int:
    """Return how many local files and folders are offered; 0: nothing for us."""
    return len(read_paths(mime))


def read_paths(mime: QMimeData) -> list[bytes]:
    """Return the absolute local paths in it. Web links and text are left out, nothing is opened.

    The raw list keeps names that are not UTF-8, which QUrl loses.
    """
    raw = bytes(mime.data(_URI_LIST).data())
    if raw and len(raw) <= _LONGEST_LIST_BYTES:
        lines = (line.strip() for line in raw.replace(b"\0", b"\n").splitlines())
        found = [path for line in lines if (path := _local_path(line))]
    else:
        found = [
            path for url in mime.urls() if (path := _local_path(bytes(url.toEncoded().data())))
        ]
    return list(dict.fromkeys(found))


def _local_path(line: bytes) -> bytes | None:
    """Return the path of a file: URL of this machine (RFC 8089); None for anything else."""
    if line[:5].lower() != b"file:":
        return None
    rest = line[5:]
    if rest.startswith(b"//"):
        host, slash, path = rest[2:].partition(b"/")
        if host.lower() not in {b"", b"localhost"} or not slash:
            return None
        rest = b"/" + path
    path = unquote_to_bytes(rest)
    if not path.startswith(b"/") or b"\0" in path:
        return None
    if os.name == "nt":
        return os.fsencode(QUrl.fromEncoded(line).toLocalFile())
    return os.path.normpath(path)
