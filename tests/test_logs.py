"""Log files: they tell what happened, and don't grow for ever."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from pixelcraft_desktop import logs


@pytest.mark.parametrize(("size_bytes", "is_rotated"), [(10, False), (11, True)])
def test_a_long_log_makes_room_for_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size_bytes: int, is_rotated: bool
) -> None:
    monkeypatch.setattr(logs, "LARGEST_LOG_BYTES", 10)
    log = tmp_path / "faults.log"
    log.write_bytes(bytes(size_bytes))
    (tmp_path / "faults.log.1").write_text("older")
    logs._rotate(log)
    assert log.exists() != is_rotated
    assert ((tmp_path / "faults.log.1").read_text() == "older") != is_rotated


def test_there_need_be_no_log_yet(tmp_path: Path) -> None:
    logs._rotate(tmp_path / "faults.log")
    assert list(tmp_path.iterdir()) == []


def test_a_log_whose_folder_is_gone_raises_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)  # as `start_logs` has it
    folder = tmp_path / "logs"
    folder.mkdir()
    log = logs._LogFile(folder / "pixelcraft.log")
    try:
        log.emit(make_record("before"))
        folder.rename(tmp_path / "away")
        log.emit(make_record("meanwhile"))
        assert not folder.exists()
        (tmp_path / "away").rename(folder)
        log.emit(make_record("after"))
    finally:
        log.close()
    assert (folder / "pixelcraft.log").read_text().split() == ["before", "after"]


def make_record(message: str) -> logging.LogRecord:
    return logging.LogRecord("test", logging.INFO, "", 0, message, None, None)
