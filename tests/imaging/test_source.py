"""Whatever lies at the path, opening it ends at once, with a file or with a cause."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pixelcraft_desktop.imaging.source import missing_source, open_source, read_head
from pixelcraft_desktop.model import Cause, KnownFailure, Limits

NOBODY = 65534


def failure_of(path: Path | bytes, limits: Limits | None = None) -> KnownFailure:
    """Return why the file can't be opened, having checked that no descriptor stays open."""
    before = os.listdir("/proc/self/fd")
    with pytest.raises(KnownFailure) as caught:
        open_source(os.fsencode(path), limits or Limits())
    assert os.listdir("/proc/self/fd") == before
    return caught.value


@contextmanager
def unprivileged() -> Iterator[None]:
    """Lay down the rights of root, whom no permission stops."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_file_is_opened_at_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"picture")
    with open_source(os.fsencode(path), Limits()) as source:
        assert source.read() == b"picture"
        assert not os.get_inheritable(source.fileno())


def test_a_name_need_not_be_utf_8(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9\xff.jpg"
    Path(os.fsdecode(path)).write_bytes(b"picture")
    with open_source(path, Limits()) as source:
        assert source.read() == b"picture"
    assert read_head(path, 3) == b"pic"


def test_a_pipe_nobody_writes_to_does_not_hold_us(tmp_path: Path) -> None:
    path = tmp_path / "pipe.jpg"
    os.mkfifo(path)
    failure = failure_of(path)
    assert (failure.cause, failure.message) == (Cause.NOT_A_FILE, "This is a pipe, not a file.")
    assert read_head(os.fsencode(path), 10) == b""


def test_a_socket_is_not_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path may have 107 bytes, the folder's may be longer
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.jpg")
        assert failure_of(tmp_path / "socket.jpg").cause == Cause.NOT_A_FILE


def test_a_device_is_not_a_file() -> None:
    assert failure_of(b"/dev/zero").message == "This is a device, not a file."


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    failure = failure_of(tmp_path)
    assert (failure.cause, failure.message) == (Cause.NOT_A_FILE, "This is a folder, not a file.")
    assert read_head(os.fsencode(tmp_path), 10) == b""


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real.jpg").write_bytes(b"picture")
    link = tmp_path / "link.jpg"
    link.symlink_to("real.jpg")
    failure = failure_of(link)
    assert (failure.cause, failure.message) == (Cause.NOT_A_FILE, "This is a link, not a file.")
    assert read_head(os.fsencode(link), 10) == b""


def test_a_link_to_nothing_is_missing(tmp_path: Path) -> None:
    link = tmp_path / "link.jpg"
    link.symlink_to("gone.jpg")
    assert failure_of(link).cause == Cause.SOURCE_MISSING


@pytest.mark.parametrize("name", ["gone.jpg", "gone/a.jpg", "file/a.jpg"])
def test_a_missing_file_says_where_it_was(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"no folder")
    failure = failure_of(tmp_path / name)
    assert failure.cause == Cause.SOURCE_MISSING
    assert str((tmp_path / name).parent) in failure.message
    assert read_head(os.fsencode(tmp_path / name), 10) == b""


def test_a_folder_that_is_not_utf_8_can_be_told() -> None:
    assert missing_source(b"/caf\xe9/a.jpg").message == r"The file is no longer at /caf\xe9."


def test_an_empty_file_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    assert failure_of(tmp_path / "a.jpg").cause == Cause.EMPTY


def test_the_largest_file_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.touch()
    os.truncate(path, 3_000_000)
    with open_source(os.fsencode(path), Limits(file_bytes=3_000_000)):
        pass
    failure = failure_of(path, Limits(file_bytes=2_999_999))
    assert failure.cause == Cause.TOO_LARGE
    assert "3 MB" in failure.message


def test_a_forbidden_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"picture")
    path.chmod(0)
    with unprivileged():
        failure = failure_of(path)
        assert read_head(os.fsencode(path), 10) == b""
    assert failure.cause == Cause.PERMISSION_DENIED


def test_a_name_too_long_for_the_drive_is_told(tmp_path: Path) -> None:
    failure = failure_of(tmp_path / ("a" * 300))
    assert failure.cause == Cause.DAMAGED
    assert "File name too long" in failure.message
