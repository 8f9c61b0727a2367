"""The run lock and the doorbell between processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pixelcraft_desktop.jobs.doorbell import Doorbell, ring
from pixelcraft_desktop.jobs.file_lock import FileLock
from pixelcraft_desktop.paths import Home

HOLD = """
import sys
from pathlib import Path
from pixelcraft_desktop.jobs.file_lock import FileLock
lock = FileLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


def test_one_holder_at_a_time_and_a_dead_one_lets_go(home: Home) -> None:
    command = [sys.executable, "-c", HOLD, str(home.run_lock)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        lock = FileLock(home.run_lock)
        assert not lock.acquire()
        assert home.run_lock.read_text() == f"{other.pid}\n"
        other.kill()
        other.wait()
    assert lock.acquire()
    assert lock.acquire()
    lock.release()
    again = FileLock(home.run_lock)
    assert again.acquire()
    again.release()


def test_a_ring_is_heard(home: Home) -> None:
    bell = Doorbell(home.doorbell)
    assert not bell.wait(0)
    ring(home.doorbell)
    assert bell.wait(5)
    assert not bell.wait(0)
    bell.press()
    assert bell.wait(5)
    bell.close()


def test_ringing_where_nobody_listens_is_harmless(home: Home, tmp_path: Path) -> None:
    ring(home.doorbell)
    bell = Doorbell(home.doorbell)
    for _ in range(100_000 // 8):
        ring(home.doorbell)
    assert bell.wait(5)
    bell.close()
    ring(home.doorbell)
    plain = tmp_path / "file"
    plain.write_bytes(b"keep")
    ring(plain)
    assert plain.read_bytes() == b"keep"
