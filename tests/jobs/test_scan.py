"""What is a picture, what is skipped, and what can not trap the scan."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from conftest import MakePhoto

from pixelcraft_desktop.catalog.images import Candidate
from pixelcraft_desktop.jobs.scan import Found, Skipped, scan


def look(*paths: Path, ignored: Path | None = None) -> list[Found]:
    named = [os.fsencode(path) for path in paths]
    return list(scan(named, lambda: False, os.fsencode(ignored or "/nonexistent")))


def names(found: list[Found], kind: type[Candidate | Skipped] = Candidate) -> list[str]:
    return [os.fsdecode(each.path).rsplit("/", 1)[1] for each in found if isinstance(each, kind)]


def test_folders_are_walked_in_order(photos: Path, make_photo: MakePhoto) -> None:
    for name in ("b.jpg", "a/deep/x.png", "a/y.webp", "c.JPG"):
        make_photo(name)
    assert names(look(photos)) == ["b.jpg", "c.JPG", "y.webp", "x.png"]


def test_size_and_time_are_recorded(make_photo: MakePhoto) -> None:
    path = make_photo("a.jpg")
    (found,) = look(path)
    facts = path.stat()
    assert found == Candidate(os.fsencode(path), str(path), facts.st_size, facts.st_mtime_ns)


@pytest.mark.parametrize("name", ["a.heic", "b.cr2", "c.JXL", "d.psd", "e.svg", "f.tga"])
def test_known_picture_names_are_candidates_even_if_unreadable(photos: Path, name: str) -> None:
    (photos / name).write_bytes(b"anything")
    assert names(look(photos)) == [name]


def test_other_files_are_skipped_but_a_pictures_content_tells(
    photos: Path, make_photo: MakePhoto
) -> None:
    make_photo("a.png").rename(photos / "no-extension")
    (photos / "notes.txt").write_text("BM is how bitmaps begin, but this is a note")
    (photos / "paper.pdf").write_bytes(b"%PDF-1.7")
    found = look(photos)
    assert names(found) == ["no-extension"]
    assert names(found, Skipped) == ["notes.txt", "paper.pdf"]


def test_a_file_named_by_the_user_is_always_a_candidate(photos: Path) -> None:
    note = photos / ".hidden.txt"
    note.write_text("no picture")
    assert names(look(note)) == [".hidden.txt"]


def test_hidden_and_junk_is_not_worth_a_word(photos: Path, make_photo: MakePhoto) -> None:
    for name in (".git/a.png", "__MACOSX/b.png", "@eaDir/c.png", "._d.png", "e.png"):
        make_photo(name)
    (photos / "Thumbs.db").write_bytes(b"x")
    found = look(photos)
    assert names(found) == ["e.png"]
    assert names(found, Skipped) == []


def test_links_are_followed_once(photos: Path, make_photo: MakePhoto, tmp_path: Path) -> None:
    real = make_photo("a.jpg")
    (photos / "sub").mkdir()
    (photos / "sub" / "loop").symlink_to(photos)
    (photos / "sub" / "self").symlink_to("self")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    real.rename(elsewhere / "b.jpg")
    (photos / "link").symlink_to(elsewhere)
    (photos / "z.jpg").symlink_to(elsewhere / "b.jpg")
    found = look(photos)
    paths = {each.path for each in found if isinstance(each, Candidate)}
    assert paths == {os.fsencode(elsewhere / "b.jpg")}


def test_a_link_to_nowhere_with_a_pictures_name_is_recorded(photos: Path) -> None:
    (photos / "gone.jpg").symlink_to(photos / "nothing")
    assert names(look(photos)) == ["gone.jpg"]


def test_pipes_and_sockets_with_a_pictures_name_are_candidates(photos: Path) -> None:
    os.mkfifo(photos / "pipe.jpg")
    os.mkfifo(photos / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(photos / "s.png"))
        found = look(photos)
    assert names(found) == ["pipe.jpg", "s.png"]
    assert names(found, Skipped) == ["pipe"]


def test_names_that_are_not_text_survive(photos: Path) -> None:
    path = os.fsencode(photos) + b"/caf\xe9.jpg"
    with open(path, "wb") as file:
        file.write(b"x")
    (found,) = look(photos)
    assert found == Candidate(path, f"{photos}/caf\\xe9.jpg", 1, os.stat(path).st_mtime_ns)


def test_our_own_home_is_not_scanned(photos: Path, make_photo: MakePhoto) -> None:
    make_photo("home/outputs/thumbnails/1-1.webp")
    make_photo("a.jpg")
    assert names(look(photos, ignored=photos / "home")) == ["a.jpg"]


def test_a_deep_tree_is_no_problem(photos: Path) -> None:
    folder = photos
    for _ in range(150):
        folder /= "d"
        folder.mkdir()
    (folder / "a.jpg").write_bytes(b"x")
    assert names(look(photos)) == ["a.jpg"]


def test_a_stop_ends_the_scan(photos: Path, make_photo: MakePhoto) -> None:
    for number in range(5):
        make_photo(f"{number}.jpg", size=(8, 8))
    seen: list[Found] = []
    for found in scan([os.fsencode(photos)], lambda: len(seen) >= 2, b"/nonexistent"):
        seen.append(found)
    assert len(seen) == 2


def test_a_folder_that_can_not_be_reached_is_named(photos: Path) -> None:
    deep = os.fsencode(photos)
    at = os.open(deep, os.O_RDONLY)
    for _ in range(25):  # 5,000 bytes: longer than a path may be
        os.mkdir(b"n" * 200, dir_fd=at)
        below = os.open(b"n" * 200, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)
    found = list(scan([os.fsencode(photos)], lambda: False, b"/nowhere"))
    (skipped,) = found
    assert isinstance(skipped, Skipped)
    assert skipped.is_folder
