"""Folders that can't be saved into, and file systems that can do less than others."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from shelf import BOTH, Shelf

from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.export import folder as folder_module
from pixelcraft_desktop.jobs.export.export import Export
from pixelcraft_desktop.jobs.export.progress import ExportProgress
from pixelcraft_desktop.paths import Home

Mount = Callable[[str], None]


@pytest.fixture
def shelf(store: Store, home: Home) -> Shelf:
    return Shelf(store, home)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "saved"
    folder.mkdir()
    return folder


@pytest.fixture
def mount(folder: Path) -> Iterator[Mount]:
    """Mount a small file system of its own over the folder."""
    mounted = 0

    def mount(options: str) -> None:
        nonlocal mounted
        command = ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)]
        if not sys.platform.startswith("linux") or os.geteuid() != 0:
            pytest.skip("only root on Linux may mount")
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting is not allowed here")
        mounted += 1

    yield mount
    for _ in range(mounted):
        subprocess.run(["umount", str(folder)], check=True)


def save(
    shelf: Shelf, ids: list[int], folder: Path, listener: Callable[[], None] = lambda: None
) -> ExportProgress:
    saving = Export(shelf.store, shelf.home, ids, os.fsencode(folder), BOTH, listener)
    saving.run()
    assert saving.progress.is_finished
    assert not saving.progress.was_stopped
    return saving.progress


def refuse(number: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_full_disk_stops_with_one_sentence(shelf: Shelf, folder: Path, mount: Mount) -> None:
    ids = shelf.add(*[f"{n}.jpg" for n in range(100)])
    mount("size=64k")
    progress = save(shelf, ids, folder)
    assert progress.error == f"There is no space left in {folder}."
    assert not progress.failed
    assert 0 < progress.saved < progress.total == 200
    names = os.listdir(folder)
    assert len(names) == progress.saved
    assert not [name for name in names if name.endswith(".tmp")]
    assert all((folder / name).read_bytes().startswith((b"prev", b"thumb")) for name in names)


def test_no_room_for_another_name_is_a_full_disk(shelf: Shelf, folder: Path, mount: Mount) -> None:
    ids = shelf.add(*[f"{n}.jpg" for n in range(10)])
    mount("nr_inodes=6")
    progress = save(shelf, ids, folder)
    assert progress.error == f"There is no space left in {folder}."
    assert len(os.listdir(folder)) == progress.saved


def test_a_file_that_can_not_be_finished_leaves_nothing(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = shelf.add("a.jpg", "b.jpg")
    monkeypatch.setattr(os, "fsync", refuse(errno.ENOSPC))
    assert save(shelf, ids, folder).error == f"There is no space left in {folder}."
    assert os.listdir(folder) == []


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_that_may_not_be_written_to(shelf: Shelf, folder: Path, mount: Mount) -> None:
    ids = shelf.add("a.jpg", "b.jpg")
    if os.geteuid() == 0:
        mount("ro")
    else:
        folder.chmod(0o500)
    progress = save(shelf, ids, folder)
    assert progress.error == f"You are not allowed to save anything in {folder}."
    assert (progress.saved, progress.failed) == (0, ())


def test_a_folder_that_is_not_there(shelf: Shelf, tmp_path: Path) -> None:
    ids = shelf.add("a.jpg")
    (tmp_path / "file").touch()
    for place in (tmp_path / "nowhere", tmp_path / "file"):
        assert save(shelf, ids, place).error == f"The folder {place} is not there."
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_vanishes(shelf: Shelf, folder: Path) -> None:
    ids = shelf.add(*[f"{n}.jpg" for n in range(20)])
    away = folder.with_name("away")

    def move_away() -> None:
        if folder.exists():
            folder.rename(away)

    progress = save(shelf, ids, folder, move_away)
    assert progress.error == f"The folder {folder} is not there."
    assert (progress.saved, progress.failed) == (1, ())
    assert os.listdir(away) == ["0.webp"]


def test_a_drive_that_is_pulled(shelf: Shelf, folder: Path, mount: Mount) -> None:
    ids = shelf.add(*[f"{n}.jpg" for n in range(20)])
    progress = save(shelf, ids, folder, lambda: mount("size=1m"))  # another device in its place
    assert progress.error == f"The folder {folder} is not there."
    assert os.listdir(folder) == []


@pytest.mark.parametrize("below", ["", "previews", "link"])
def test_our_own_outputs_are_refused(shelf: Shelf, home: Home, tmp_path: Path, below: str) -> None:
    ids = shelf.add("a.jpg")
    place = home.outputs / below
    if below == "link":
        place = tmp_path / "link"
        place.symlink_to(home.output_folder("thumbnail"))
    before = list(home.outputs.rglob("*"))
    error = save(shelf, ids, place).error
    assert error is not None
    assert "belongs to PixelCraft" in error
    assert list(home.outputs.rglob("*")) == before


@pytest.mark.skipif(os.name != "posix", reason="hard links are used on POSIX")
class TestWithoutHardLinks:
    """FAT and some network drives."""

    @pytest.fixture(autouse=True)
    def links(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "link", refuse(errno.EPERM))

    def test_files_are_saved_under_their_names(self, shelf: Shelf, folder: Path) -> None:
        (folder / "a (2).webp").symlink_to(folder / "aim")
        ids = shelf.add("a.jpg", "a.jpg")
        assert save(shelf, ids, folder).saved == 4
        assert sorted(os.listdir(folder)) == [
            *("a (2).webp", "a (3)-thumbnail.webp", "a (3).webp"),
            *("a-thumbnail.webp", "a.webp"),
        ]
        assert (folder / "a (3).webp").read_bytes() == shelf.content(ids[1], "preview")

    def test_a_full_disk_leaves_nothing_half_written(
        self, shelf: Shelf, folder: Path, mount: Mount
    ) -> None:
        ids = shelf.add(*[f"{n}.jpg" for n in range(100)])
        mount("size=64k")
        progress = save(shelf, ids, folder)
        assert progress.error == f"There is no space left in {folder}."
        names = os.listdir(folder)
        assert len(names) == progress.saved > 0
        assert all((folder / name).stat().st_size for name in names)


@pytest.mark.skipif(os.name != "posix", reason="hard links are used on POSIX")
class TestCaseInsensitive:
    """A file system that takes names for one which this process thinks are two."""

    def test_the_file_system_has_the_last_word(
        self, shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        link = os.link
        refused: list[bytes] = []

        def link_once(source: bytes, target: bytes) -> None:
            if target.endswith(b"a.webp") and not refused:
                refused.append(target)
                raise FileExistsError(errno.EEXIST, "exists")
            link(source, target)

        monkeypatch.setattr(os, "link", link_once)
        assert save(shelf, shelf.add("a.jpg"), folder).saved == 2
        assert sorted(os.listdir(folder)) == ["a (2)-thumbnail.webp", "a (2).webp"]


@pytest.mark.skipif(os.name != "posix", reason="names there are Unicode")
def test_a_file_system_that_wants_utf8_gets_it(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_names_that_are_not_utf8(monkeypatch)
    assert save(shelf, shelf.add(b"caf\xe9.jpg", b"b.jpg"), folder).saved == 4
    assert sorted(os.listdir(folder)) == [
        *("b-thumbnail.webp", "b.webp", "caf�-thumbnail.webp", "caf�.webp")
    ]


def test_a_name_the_folder_never_takes_fails_alone(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_names_that_are_not_utf8(monkeypatch, also=b"never")
    progress = save(shelf, shelf.add("never.jpg", "b.jpg"), folder)
    assert sorted(os.listdir(folder)) == ["b-thumbnail.webp", "b.webp"]
    reasons = {failure.reason for failure in progress.failed}
    assert reasons == {"The folder takes no file of that name."}
    assert len(progress.failed) == 2


def refuse_names_that_are_not_utf8(monkeypatch: pytest.MonkeyPatch, also: bytes = b"\0") -> None:
    link, rename = os.link, os.rename

    def is_bad(path: bytes) -> bool:
        name = os.path.basename(path)
        return also in name or name.decode("utf-8", "replace").encode() != name

    def open_checked(name: bytes, mode: str) -> object:
        if is_bad(name):
            raise OSError(errno.EILSEQ, os.strerror(errno.EILSEQ))
        return open(name, mode)

    def checked(give: Callable[[bytes, bytes], None]) -> Callable[[bytes, bytes], None]:
        def give_checked(source: bytes, target: bytes) -> None:
            if is_bad(target):
                raise OSError(errno.EILSEQ, os.strerror(errno.EILSEQ))
            give(source, target)

        return give_checked

    monkeypatch.setattr(folder_module, "open", open_checked, raising=False)
    monkeypatch.setattr(os, "link", checked(link))
    monkeypatch.setattr(os, "rename", checked(rename))


def test_two_exports_into_one_folder_replace_nothing(shelf: Shelf, folder: Path) -> None:
    ids = shelf.add(*["a.jpg"] * 60)
    exports = [
        Export(shelf.store, shelf.home, ids, os.fsencode(folder), ["preview"]) for _ in range(4)
    ]
    for saving in exports:
        saving.start()
    assert all(saving.join(60) for saving in exports)
    assert [saving.progress.saved for saving in exports] == [60] * 4
    names = os.listdir(folder)
    assert len(names) == 240
    contents = [(folder / name).read_bytes() for name in names]
    assert all(contents.count(shelf.content(image_id, "preview")) == 4 for image_id in ids)
    assert not [thread for thread in threading.enumerate() if thread.name == "export"]
