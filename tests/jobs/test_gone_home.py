"""A home that is taken away while jobs run: nothing is begun in its place, and it may come back."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest
from conftest import MakePhoto

from pixelcraft_desktop.catalog import control
from pixelcraft_desktop.catalog.jobs import count_states
from pixelcraft_desktop.catalog.store import CatalogGone, CatalogReplaced, Store, require_sound
from pixelcraft_desktop.jobs import runner as module
from pixelcraft_desktop.jobs.imports import Imports
from pixelcraft_desktop.jobs.runner import Runner
from pixelcraft_desktop.model import State, standard_recipe
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

Trouble = SimpleQueue[str | None]
PATIENCE_S = 20.0


def wait_for(trouble: Trouble, is_it: Callable[[str | None], bool]) -> str | None:
    """Return what holds the jobs up, as soon as it is that."""
    while True:
        told = trouble.get(timeout=PATIENCE_S)
        if is_it(told):
            return told


@pytest.fixture
def trouble() -> Trouble:
    return SimpleQueue()


@pytest.fixture
def runner(
    store: Store, home: Home, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Runner]:
    """What a window has, in a hurry."""
    monkeypatch.setattr(module, "_TRY_AGAIN_S", 0.05)
    monkeypatch.setattr(module, "_RESUME_S", 0.05)
    imports = Imports(store, home, standard_recipe())
    made = Runner(store, home, Settings(workers=1), imports, trouble.put)
    made.start()
    yield made
    made.stop(PATIENCE_S)
    imports.stop()


@pytest.mark.usefixtures("runner")
def test_it_goes_on_when_the_folder_comes_back(
    store: Store, home: Home, trouble: Trouble, make_photo: MakePhoto, tmp_path: Path
) -> None:
    wait_for(trouble, lambda told: told is None)
    home.root.rename(tmp_path / "away")
    told = wait_for(trouble, lambda told: told is not None and "is gone" in told)
    assert told == (
        f"the folder {home.root} is gone; put it back, or start PixelCraft again to begin anew"
    )
    for _ in range(3):
        assert "is gone" in str(trouble.get(timeout=PATIENCE_S))
    assert not home.root.exists()
    (tmp_path / "away").rename(home.root)
    wait_for(trouble, lambda told: told is None)
    imports = Imports(store, home, standard_recipe())
    imports.add([bytes(make_photo("a.png"))])
    end = time.monotonic() + PATIENCE_S
    while count_states(store)[State.COMPLETED] == 0:
        assert time.monotonic() < end
        time.sleep(0.02)
    imports.stop()


def test_neither_a_folder_nor_a_file_is_made_in_its_place(store: Store, home: Home) -> None:
    home.catalog.rename(home.root / "elsewhere")
    with pytest.raises(CatalogGone, match=r"catalog\.db is gone"):
        control.set_paused(store, True)
    with pytest.raises(CatalogGone):
        store.reopen()
    assert not home.catalog.exists()
    shutil.rmtree(home.root)
    with pytest.raises(CatalogGone, match="the folder"):
        store.foreign_version()
    with pytest.raises(CatalogGone):
        require_sound(store)
    assert not home.root.exists()


def test_another_file_in_its_place_is_a_backup(store: Store, home: Home) -> None:
    shutil.copyfile(home.catalog, home.root / "copy")
    (home.root / "copy").replace(home.catalog)
    with pytest.raises(CatalogReplaced):
        control.set_paused(store, True)
    store.reopen()
    assert control.set_paused(store, True)
