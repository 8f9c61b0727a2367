"""What is dropped: paths as bytes; web links and text are nothing for us, and are not opened."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QUrl

from pixelcraft_desktop.ui.drop import count_files, read_paths


def mime_with(*lines: bytes) -> QMimeData:
    mime = QMimeData()
    mime.setData("text/uri-list", b"\r\n".join(lines) + b"\r\n")
    return mime


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (b"file:///home/me/a.jpg", b"/home/me/a.jpg"),
        (b"file:///home/me/a%20b.jpg", b"/home/me/a b.jpg"),
        (b"file://localhost/a.jpg", b"/a.jpg"),
        (b"file:/a.jpg", b"/a.jpg"),
        (b"FILE:///a.jpg", b"/a.jpg"),
        (b"file:///a/%FF%FE.jpg", b"/a/\xff\xfe.jpg"),
        (b"file:///a/../b.jpg", b"/b.jpg"),
        (b"file:///a//b/", b"/a/b"),
    ],
)
def test_local_files(line: bytes, path: bytes) -> None:
    assert read_paths(mime_with(line)) == [path]


@pytest.mark.parametrize(
    "line",
    [
        b"https://example.org/a.jpg",
        b"ftp://example.org/a.jpg",
        b"file://fileserver/share/a.jpg",
        b"file:relative.jpg",
        b"file:///a%00b.jpg",
        b"data:image/png;base64,AAAA",
        b"javascript:alert(1)",
        b"# a comment",
        b"/home/me/a.jpg",
        b"",
    ],
)
def test_everything_else_is_left_out(line: bytes) -> None:
    assert read_paths(mime_with(line)) == []


def test_order_is_kept_and_doubles_are_not() -> None:
    mime = mime_with(b"file:///b", b"https://example.org", b"file:///a", b"file:///b")
    assert read_paths(mime) == [b"/b", b"/a"]
    assert count_files(mime) == 2


def test_text_is_no_file() -> None:
    mime = QMimeData()
    mime.setText("/etc/passwd")
    assert read_paths(mime) == []


def test_urls_of_qt_itself(tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "ä b#c?.jpg"))])
    assert read_paths(mime) == [os.fsencode(tmp_path / "ä b#c?.jpg")]


@given(st.lists(st.binary(min_size=1, max_size=30), max_size=20))
def test_any_name_survives(names: list[bytes]) -> None:
    names = [n.replace(b"\0", b"0").replace(b"/", b"1") for n in names]
    names = [n for n in names if n not in {b".", b".."}]
    lines = [b"file:///d/" + quote(name).encode() for name in names]
    assert read_paths(mime_with(*lines)) == list(dict.fromkeys(b"/d/" + n for n in names))


@given(st.binary(max_size=300))
def test_nonsense_is_harmless(raw: bytes) -> None:
    assert all(path.startswith(b"/") for path in read_paths(mime_with(raw)))
