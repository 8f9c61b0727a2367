"""The n-th write, fsync, replace or commit fails, once or lastingly: nothing torn, none stuck."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import IO, Any

import pytest
from conftest import MakePhoto
from PIL import Image
from PIL.Image import Image as Picture

from pixelcraft_desktop.catalog import control
from pixelcraft_desktop.catalog.database import OperationalError
from pixelcraft_desktop.catalog.jobs import list_jobs
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.catalog.transitions import retry
from pixelcraft_desktop.imaging import output
from pixelcraft_desktop.imaging.render import Order, Reporter, render
from pixelcraft_desktop.jobs.broker import WakingStorage
from pixelcraft_desktop.jobs.imports import Imports
from pixelcraft_desktop.jobs.intake import Intake
from pixelcraft_desktop.jobs.runner import Runner
from pixelcraft_desktop.model import Rendering, standard_recipe
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

_PICTURES = 2
_LASTING_S = 0.06  # some tries of everybody who tries again
_LONGEST_S = 15.0
_MOST_FAULTS = 400
# 2 pictures: 4 writes, 8 syncs, 4 moves, 2 messages there and back, and a commit for each step.
_FEWEST_FAULTS = 25
_FULL = OperationalError("database or disk is full")
_BROKEN = OperationalError("disk I/O error")


class Faults:
    """Counts operations; the n-th fails, or all from it on, for `lasting_s` or until `end`."""

    def __init__(
        self, nth: int, number: int, is_lasting: bool, lasting_s: float = _LASTING_S
    ) -> None:
        self._nth = nth
        self._number = number
        self._is_lasting = is_lasting
        self._lasting_s = lasting_s
        self._guard = threading.Lock()
        self._count = 0
        self.has_struck = threading.Event()
        self._end = float("inf")

    def end(self) -> None:
        """Let nothing fail any more."""
        self._end = 0.0

    def is_next(self) -> bool:
        """Count one operation; tell whether it is to fail."""
        with self._guard:
            self._count += 1
            fails = self._count == self._nth or (self._is_lasting and self._count > self._nth)
            fails = fails and time.monotonic() < self._end
            if fails and not self.has_struck.is_set():
                self._end = time.monotonic() + self._lasting_s
                self.has_struck.set()
        return fails

    def strike(self) -> None:
        """Count one operation of the file system, and raise if it is to fail."""
        if self.is_next():
            raise OSError(self._number, os.strerror(self._number))

    def strike_commit(self) -> None:
        """Count one commit, and raise if it is to fail."""
        if self.is_next():
            raise _FULL if self._number == errno.ENOSPC else _BROKEN


class _FaultyFile:
    """A file whose writes may fail half way."""

    def __init__(self, file: IO[bytes], faults: Faults) -> None:
        self._file = file
        self._faults = faults

    def __enter__(self) -> _FaultyFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> None:
        if self._faults.is_next():
            self._file.write(data[: len(data) // 2])
            self._file.flush()
            raise OSError(errno.ENOSPC, "half of it")
        self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()


class _InProcess:
    """A decoder without a child, so that its writes are ours to break."""

    def __init__(self, *_: object) -> None:
        pass

    def start(self) -> None:
        pass

    def close(self) -> None:
        pass

    def interrupt(self) -> None:
        pass

    def render(self, order: Order, listener: Any) -> Rendering:
        return render(order, Reporter(listener, lambda _size: None))


def inject(faults: Faults, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the faults where the program meets the disk."""
    real_fsync, real_replace, real_commit = os.fsync, os.replace, Store._commit
    real_enqueue, real_dequeue = WakingStorage.enqueue, WakingStorage.dequeue

    def fsync(descriptor: int) -> None:
        faults.strike()
        real_fsync(descriptor)

    def replace(source: Any, target: Any) -> None:
        faults.strike()
        real_replace(source, target)

    def commit(store: Store) -> None:
        faults.strike_commit()
        real_commit(store)

    def enqueue(storage: WakingStorage, *message: Any) -> None:
        faults.strike_commit()
        real_enqueue(storage, *message)

    def dequeue(storage: WakingStorage) -> bytes | None:
        message: bytes | None = real_dequeue(storage)
        if message is not None:  # it is lost with the fault, as with a kill at that moment
            faults.strike_commit()
        return message

    def open_faulty(path: str, mode: str) -> _FaultyFile:
        return _FaultyFile(Path(path).open(mode), faults)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(Store, "_commit", commit)
    monkeypatch.setattr(WakingStorage, "enqueue", enqueue)
    monkeypatch.setattr(WakingStorage, "dequeue", dequeue)
    monkeypatch.setattr(output, "open", open_faulty, raising=False)
    monkeypatch.setattr("pixelcraft_desktop.jobs.engine.Decoder", _InProcess)
    monkeypatch.setattr("pixelcraft_desktop.jobs.hold._LOOK_S", 0.02)
    monkeypatch.setattr("pixelcraft_desktop.jobs.runner._TRY_AGAIN_S", 0.02)
    monkeypatch.setattr("pixelcraft_desktop.jobs.persistence._TRY_AGAIN_S", 0.01)
    monkeypatch.setattr("pixelcraft_desktop.jobs.feeder._LOOK_ANYWAY_S", 0.05)
    monkeypatch.setattr("pixelcraft_desktop.lasting_thread.PAUSE_S", 0.02)
    monkeypatch.setattr(WakingStorage, "_longest_wait_s", 0.05)


def record(store: Store, home: Home, paths: list[bytes]) -> None:
    """Add the pictures; where that could not be done, the user is told and adds them again."""
    for _ in range(100):
        try:
            Intake(store, home, paths, standard_recipe()).run()
            return
        except OperationalError:
            threading.Event().wait(0.01)
    pytest.fail("it can't be recorded")


def states(store: Store) -> list[str]:
    return [job["state"] for job in list_jobs(store)]


def run_all(home: Home, photos: Path, faults: Faults) -> None:
    """Add the pictures and run their jobs until each is in a final state, then look closely."""
    store = Store(home.catalog)
    settings = Settings(workers=1, retry_first_delay_s=0.02)
    imports = Imports(store, home, standard_recipe())
    runner = Runner(store, home, settings, imports, lambda _trouble: None)
    try:
        record(store, home, [os.fsencode(photos)])
        runner.start()
        finish(store)
        if "failed" in states(store):  # too often in a row: told, and tried again by the user
            assert {job["cause"] for job in list_jobs(store)} <= {None, "output_error"}
            faults.end()
            retry(store, None)
            finish(store)
    finally:
        runner.stop(5)
        imports.stop()
    require_whole(store, home)
    store.close()


def run_in_vain(home: Home, photos: Path, faults: Faults) -> None:
    """Add the pictures and run their jobs until some time after a fault that does not end."""
    store = Store(home.catalog)
    imports = Imports(store, home, standard_recipe())
    settings = Settings(workers=1, retry_first_delay_s=0.02)
    runner = Runner(store, home, settings, imports, lambda _trouble: None)
    try:
        with suppress(OperationalError):
            Intake(store, home, [os.fsencode(photos)], standard_recipe()).run()
        runner.start()
        for _ in range(int(_LONGEST_S / 0.01)):
            if faults.has_struck.wait(0.01) or states(store) == ["completed"] * _PICTURES:
                break
        threading.Event().wait(_LASTING_S if faults.has_struck.is_set() else 0)
    finally:
        runner.stop(5)
        imports.stop()
        store.close()
    for path in home.outputs.rglob("*.webp"):
        with Image.open(path) as image:
            image.load()


def finish(store: Store) -> None:
    pause = threading.Event()
    for _ in range(int(_LONGEST_S / 0.01)):
        found = states(store)
        if len(found) == _PICTURES and not {"waiting", "active", "delayed"} & set(found):
            return
        pause.wait(0.01)
    pytest.fail(f"stuck: {states(store)}, held: {control.held(store)}")


def require_whole(store: Store, home: Home) -> None:
    assert store.value("PRAGMA integrity_check") == "ok"
    assert states(store) == ["completed"] * _PICTURES
    rows = store.rows("SELECT name, file, width, height FROM renditions")
    assert len(rows) == 2 * _PICTURES
    for row in rows:
        image: Picture
        with Image.open(home.output_folder(row["name"]) / row["file"]) as image:
            image.load()
            assert image.size == (row["width"], row["height"])
    files = {path.name for path in home.outputs.rglob("*") if path.is_file()}
    assert files == {row["file"] for row in rows}


@pytest.fixture
def two_photos(photos: Path, make_photo: MakePhoto) -> Path:
    for name in range(_PICTURES):
        make_photo(f"{name}.png", size=(40, 30))
    return photos


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one: hundreds of homes wait for no disk."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="pixelcraft-faults-", dir=place) as folder:
        yield Path(folder)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO], ids=["full", "broken"])
@pytest.mark.parametrize("is_lasting", [False, True], ids=["once", "lasting"])
def test_whatever_fails_nothing_is_torn_and_none_is_stuck(
    memory: Path,
    two_photos: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    is_lasting: bool,
) -> None:
    for nth in count(1):
        home = make_home(memory, nth)
        faults = Faults(nth, number, is_lasting)
        with monkeypatch.context() as patch:
            inject(faults, patch)
            run_all(home, two_photos, faults)
        if not faults.has_struck.is_set():
            break
    assert nth > _FEWEST_FAULTS


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO], ids=["full", "broken"])
def test_whatever_fails_until_the_end_is_made_at_the_next_start(
    memory: Path, two_photos: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    for nth in count(1):
        home = make_home(memory, nth)
        faults = Faults(nth, number, is_lasting=True, lasting_s=float("inf"))
        with monkeypatch.context() as patch:
            inject(faults, patch)
            run_in_vain(home, two_photos, faults)
            faults.end()
            run_all(home, two_photos, faults)
        if not faults.has_struck.is_set():
            break
    assert nth > _FEWEST_FAULTS


def make_home(folder: Path, nth: int) -> Home:
    assert nth < _MOST_FAULTS
    home = Home(folder / "home")
    shutil.rmtree(home.root, ignore_errors=True)
    home.make()
    return home
