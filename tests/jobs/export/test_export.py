"""Saving results into a folder, with a real catalog and real files."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shelf import BOTH, Shelf

from pixelcraft_desktop.catalog import removal
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.export.export import Export
from pixelcraft_desktop.jobs.export.progress import ExportProgress
from pixelcraft_desktop.paths import Home


@pytest.fixture
def shelf(store: Store, home: Home) -> Shelf:
    return Shelf(store, home)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "saved"
    folder.mkdir()
    return folder


def export(
    shelf: Shelf,
    ids: Sequence[int],
    folder: Path,
    renditions: Sequence[str] = ("preview",),
    listener: Callable[[], None] = lambda: None,
) -> Export:
    return Export(shelf.store, shelf.home, ids, os.fsencode(folder), renditions, listener)


def save(
    shelf: Shelf, ids: Sequence[int], folder: Path, renditions: Sequence[str] = ("preview",)
) -> ExportProgress:
    saving = export(shelf, ids, folder, renditions)
    saving.run()
    assert saving.progress.is_finished
    return saving.progress


def listing(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_preview_has_the_name_of_its_source(shelf: Shelf, folder: Path) -> None:
    ids = shelf.add("IMG_1.jpg", "IMG_2.tiff")
    progress = save(shelf, ids, folder)
    assert listing(folder) == ["IMG_1.webp", "IMG_2.webp"]
    assert (folder / "IMG_2.webp").read_bytes() == shelf.content(ids[1], "preview")
    assert progress == ExportProgress(
        done=2, total=2, saved=2, size_bytes=2 * len("preview of 1"), is_finished=True
    )


def test_a_thumbnail_alone_has_the_plain_name(shelf: Shelf, folder: Path) -> None:
    ids = shelf.add("IMG_1.jpg")
    save(shelf, ids, folder, ["thumbnail"])
    assert listing(folder) == ["IMG_1.webp"]
    assert (folder / "IMG_1.webp").read_bytes() == shelf.content(ids[0], "thumbnail")


@pytest.mark.parametrize("chosen", [BOTH, BOTH[::-1]])
def test_both_are_told_apart(shelf: Shelf, folder: Path, chosen: tuple[str, ...]) -> None:
    (image_id,) = shelf.add("IMG_1.jpg")
    progress = save(shelf, [image_id], folder, chosen)
    assert listing(folder) == ["IMG_1-thumbnail.webp", "IMG_1.webp"]
    assert (folder / "IMG_1.webp").read_bytes() == shelf.content(image_id, "preview")
    assert (progress.saved, progress.total) == (2, 2)


def test_copies_are_new_files_with_the_usual_permissions(shelf: Shelf, folder: Path) -> None:
    (image_id,) = shelf.add("IMG_1.jpg")
    (output,) = shelf.home.output_folder("preview").iterdir()
    os.utime(output, (1, 1))
    output.chmod(0o600)
    mask = os.umask(0o027)
    try:
        save(shelf, [image_id], folder)
    finally:
        os.umask(mask)
    facts = (folder / "IMG_1.webp").stat()
    assert abs(facts.st_mtime - time.time()) < 60
    if os.name == "posix":
        assert facts.st_mode & 0o777 == 0o640
        assert facts.st_nlink == 1


def test_pictures_of_one_name_are_numbered_in_the_order_given(shelf: Shelf, folder: Path) -> None:
    ids = shelf.add(*["IMG_1.jpg"] * 200)[::-1]
    assert save(shelf, ids, folder, BOTH).saved == 400
    assert len(listing(folder)) == 400
    for number, image_id in enumerate(ids[1:], 2):
        for name, addition in (("preview", ""), ("thumbnail", "-thumbnail")):
            file = folder / f"IMG_1 ({number}){addition}.webp"
            assert file.read_bytes() == shelf.content(image_id, name)


def test_saving_again_replaces_nothing(shelf: Shelf, folder: Path) -> None:
    ids = shelf.add("a.jpg", "a.png")
    for _ in range(3):
        save(shelf, ids, folder)
    numbered = [f"a ({number}).webp" for number in range(2, 7)]
    assert listing(folder) == [*numbered, "a.webp"]


def test_an_original_of_that_name_stays(shelf: Shelf, photos: Path) -> None:
    original = photos / "photo.webp"
    original.write_bytes(b"an original")
    os.utime(original, (1, 1))
    save(shelf, shelf.add("photo.webp"), photos)
    assert (original.read_bytes(), original.stat().st_mtime) == (b"an original", 1)
    assert listing(photos) == ["photo (2).webp", "photo.webp"]


def test_case_makes_no_difference(shelf: Shelf, folder: Path) -> None:
    (folder / "img_1.WEBP").write_bytes(b"here before")
    save(shelf, shelf.add("IMG_1.jpg", "Img_1.jpg"), folder)
    assert listing(folder) == ["IMG_1 (2).webp", "Img_1 (3).webp", "img_1.WEBP"]


@pytest.mark.parametrize("kind", ["dangling link", "link", "folder"])
def test_whatever_has_the_name_stays(shelf: Shelf, folder: Path, tmp_path: Path, kind: str) -> None:
    there = folder / "IMG_1.webp"
    aim = tmp_path / "aim"
    if kind == "folder":
        there.mkdir()
    else:
        there.symlink_to(aim)
    if kind == "link":
        aim.write_bytes(b"somebody's")
    save(shelf, shelf.add("IMG_1.jpg"), folder)
    assert listing(folder) == ["IMG_1 (2).webp", "IMG_1.webp"]
    assert there.is_symlink() or there.is_dir()
    assert aim.exists() == (kind == "link")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names there are Unicode")
def test_names_that_are_not_utf8_keep_their_bytes(shelf: Shelf, folder: Path) -> None:
    save(shelf, shelf.add(b"caf\xe9.jpg"), folder)
    assert os.listdir(os.fsencode(folder)) == [b"caf\xe9.webp"]


def test_long_names_are_cut(shelf: Shelf, folder: Path) -> None:
    assert save(shelf, shelf.add("日" * 83 + ".jpeg", "日" * 83 + ".png"), folder, BOTH).saved == 4
    assert all(len(name) <= 255 for name in os.listdir(os.fsencode(folder)))


def test_hostile_names_stay_in_the_folder(shelf: Shelf, folder: Path, tmp_path: Path) -> None:
    before = listing(tmp_path)
    assert save(shelf, shelf.add("..", "x/..", "../../y.png", "a\\..\\b.png"), folder).saved == 4
    assert listing(folder) == ["a_.._b.webp", "picture (2).webp", "picture.webp", "y.webp"]
    assert listing(tmp_path) == before


def test_pictures_without_results_are_counted(shelf: Shelf, folder: Path) -> None:
    done = shelf.add("a.jpg", "b.jpg")
    half = shelf.add("c.jpg", results=["thumbnail"])
    waiting = shelf.record([b"d.jpg"])
    removal.remove(shelf.store, done[1:])
    progress = save(shelf, [*waiting, *done, *half, *done, 999], folder)
    assert listing(folder) == ["a.webp"]
    assert (progress.saved, progress.total, progress.without_result) == (1, 1, 4)
    assert not progress.failed


def test_more_pictures_than_one_query_takes(shelf: Shelf, folder: Path) -> None:
    ids = shelf.add(*[f"{n}.jpg" for n in range(1_203)])
    shelf.record([b"x.jpg"])
    progress = save(shelf, [*ids, ids[-1] + 1], folder)
    assert (progress.saved, progress.total, progress.without_result) == (1_203, 1_203, 1)
    assert len(listing(folder)) == 1_203


def test_a_missing_or_damaged_result_fails_alone(shelf: Shelf, folder: Path) -> None:
    ids = shelf.add("a.jpg", "b.jpg", "c.jpg", "c.jpg")
    previews = shelf.home.output_folder("preview")
    (previews / f"{ids[0]}-1.webp").unlink()
    (previews / f"{ids[1]}-1.webp").write_bytes(b"")
    (previews / f"{ids[2]}-1.webp").unlink()
    (previews / f"{ids[2]}-1.webp").mkdir()
    progress = save(shelf, ids, folder)
    assert listing(folder) == ["c.webp"]
    assert (progress.done, progress.saved, progress.error) == (4, 1, None)
    assert [failure.source[2:] for failure in progress.failed] == ["/a.jpg", "/b.jpg", "/c.jpg"]
    assert [failure.reason.split(".")[0] for failure in progress.failed][:2] == [
        "Its preview is missing",
        "Its preview is damaged",
    ]


def test_a_result_made_anew_meanwhile_is_the_one_saved(shelf: Shelf, folder: Path) -> None:
    ids = shelf.add("a.jpg", "b.jpg")
    saving = export(
        shelf, ids, folder, listener=lambda: shelf.render_again(ids[1], "preview", b"anew")
    )
    saving.run()
    assert (folder / "b.webp").read_bytes() == b"anew"
    assert saving.progress.saved == 2


def test_a_stop_leaves_whole_files_only(shelf: Shelf, folder: Path) -> None:
    ids = shelf.add(*[f"{n}.jpg" for n in range(50)])

    def stop() -> None:
        saving.stop()

    saving = export(shelf, ids, folder, BOTH, stop)
    saving.run()
    progress = saving.progress
    assert (progress.is_finished, progress.was_stopped, progress.error) == (True, True, None)
    assert (progress.saved, progress.total) == (1, 100)
    assert listing(folder) == ["0.webp"]


def test_a_stop_in_the_middle_of_a_file_leaves_nothing(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pixelcraft_desktop.jobs.export.copier._PIECE_BYTES", 4)
    saving = export(shelf, shelf.add("a.jpg"), folder)
    checks: list[list[str]] = []

    def stop_later() -> bool:
        checks.append(listing(folder))
        return len(checks) > 1 and checks[-1] != [] and checks[-2] != []

    monkeypatch.setattr(saving._stop, "is_set", stop_later)
    saving.run()
    assert checks[-1][0].endswith(".tmp")  # it was stopped with a file begun
    assert saving.progress.was_stopped
    assert listing(folder) == []


def test_a_stop_before_the_start_saves_nothing(shelf: Shelf, folder: Path) -> None:
    saving = export(shelf, shelf.add("a.jpg"), folder)
    saving.stop()
    saving.start()
    assert saving.join(60)
    assert saving.progress.was_stopped
    assert listing(folder) == []


def test_it_runs_on_a_thread_and_tells_at_most_every_50_ms(shelf: Shelf, folder: Path) -> None:
    ids = shelf.add(*[f"{n}.jpg" for n in range(200)])
    calls: list[tuple[float, str, ExportProgress]] = []
    saving = export(
        shelf,
        ids,
        folder,
        listener=lambda: calls.append(
            (time.monotonic(), threading.current_thread().name, saving.progress)
        ),
    )
    assert not saving.join(0)
    saving.start()
    assert saving.join(60)
    moments = [moment for moment, _, _ in calls[:-1]]
    assert all(b - a >= 0.045 for a, b in pairwise(moments))
    assert {name for _, name, _ in calls} == {"export"}
    assert calls[-1][2] == saving.progress
    assert calls[-1][2].is_finished
    assert not any(progress.is_finished for _, _, progress in calls[:-1])


def test_a_listener_that_fails_does_no_harm(shelf: Shelf, folder: Path) -> None:
    def fail() -> None:
        raise RuntimeError

    saving = export(shelf, shelf.add("a.jpg", "b.jpg"), folder, listener=fail)
    saving.run()
    assert saving.progress.saved == 2


def test_a_bug_is_told_and_ends_it(shelf: Shelf, folder: Path) -> None:
    ids = shelf.add("a.jpg")
    shelf.store.close()
    assert save(shelf, ids, folder).error == "Something went wrong in PixelCraft itself."


def test_nothing_chosen_is_refused(shelf: Shelf, folder: Path) -> None:
    with pytest.raises(ValueError, match="rendition"):
        export(shelf, [], folder, [])


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.binary(min_size=1, max_size=120).map(lambda name: name.replace(b"\0", b"0"))
        | st.sampled_from([b"a.jpg", b"A.png", b"a (2).jpg", b"..", b"NUL", b"x" * 250]),
        max_size=8,
    )
)
def test_any_list_of_names_gives_as_many_files_inside_the_folder(paths: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as place:
        home = Home(Path(place) / "home")
        home.make()
        folder = Path(place) / "outer" / "folder"
        folder.mkdir(parents=True)
        store = Store(home.catalog)
        try:
            shelf = Shelf(store, home)
            assert save(shelf, shelf.add(*paths), folder, BOTH).saved == 2 * len(paths)
        finally:
            store.close()
        names = os.listdir(os.fsencode(folder))
        assert len(names) == 2 * len(paths)
        assert all(len(name) <= 255 for name in names)
        contents = {(folder / os.fsdecode(name)).read_bytes() for name in names}
        assert len(contents) == len(names)
        assert listing(folder.parent) == ["folder"]
        assert listing(Path(place)) == ["home", "outer"]
