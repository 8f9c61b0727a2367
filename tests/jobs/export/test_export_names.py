"""Names for saved results: safe everywhere, never the same twice."""

from __future__ import annotations

import os
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelcraft_desktop.jobs.export.names import Names, safe_stem

ONE = {"preview": ""}
BOTH = {"preview": "", "thumbnail": "-thumbnail"}
RESERVED = {"con", "prn", "aux", "nul", "com1", "lpt9"}


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        (b"/photos/IMG_1.jpg", "IMG_1"),
        (b"archive.tar.gz", "archive.tar"),
        (b"/photos/no extension", "no extension"),
        (b"/photos/CON.jpg", "_CON"),
        (b"/photos/nul", "_nul"),
        (b"/photos/aux .x.png", "_aux .x"),
        (b"/photos/COM1.scan.png", "_COM1.scan"),
        ("/photos/lpt².png".encode(), "_lpt²"),
        (b"/photos/console.png", "console"),
        (b"/photos/10:30 <a>|b?.png", "10_30 _a__b_"),
        (b"/photos/a\\..\\b.png", "a_.._b"),
        (b"/photos/line\nbreak\x7f\xc2\x85.png", "line_break__"),
        (b"/photos/dots... .png", "dots"),
        (b"/photos/..", "picture"),
        (b"/photos/", "picture"),
        (b"...", "picture"),
        (b".hidden", ".hidden"),
        ("/photos/Dés 日本.png".encode(), "Dés 日本"),
    ],
)
def test_a_stem_is_safe_everywhere(path: bytes, stem: str) -> None:
    assert safe_stem(path) == stem


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names there are Unicode")
def test_bytes_that_are_not_utf8_are_kept() -> None:
    assert Names(ONE).reserve(safe_stem(b"/a/caf\xe9.jpg")) == {"preview": b"caf\xe9.webp"}


def test_bytes_that_are_not_utf8_can_be_written_as_utf8() -> None:
    stem = safe_stem(b"/a/caf\xe9.jpg", keep_bytes=False)
    assert Names(ONE).reserve(stem) == {"preview": "caf�.webp".encode()}


def test_the_files_of_one_picture_share_its_number() -> None:
    names = Names(BOTH)
    assert names.reserve("a") == {"preview": b"a.webp", "thumbnail": b"a-thumbnail.webp"}
    assert names.reserve("a") == {"preview": b"a (2).webp", "thumbnail": b"a (2)-thumbnail.webp"}


def test_one_taken_name_renames_both() -> None:
    names = Names(BOTH)
    names.take(b"a-thumbnail.webp")
    assert names.reserve("a")["preview"] == b"a (2).webp"


@pytest.mark.parametrize(
    ("taken", "stem"), [("IMG_1", "img_1"), ("Straße", "STRASSE"), ("é", "e\u0301")]
)
def test_case_and_unicode_form_make_no_difference(taken: str, stem: str) -> None:
    names = Names(ONE)
    names.take(f"{taken}.webp".encode())
    assert names.reserve(stem) == {"preview": f"{stem} (2).webp".encode()}


@pytest.mark.parametrize("character", ["x", "é", "日", "😀", "\udce9"])
@pytest.mark.parametrize("length", [60, 61, 62, 63, 64, 120, 230, 245, 250, 251, 400])
def test_long_names_are_cut_between_characters(character: str, length: int) -> None:
    names = Names(BOTH)
    for _ in range(12):
        for name in names.reserve(character * length).values():
            assert len(name) <= 255
            text = name.decode("utf-8", "surrogateescape").removesuffix(".webp")
            text = text.removesuffix("-thumbnail")
            assert set(text.rstrip(" (0123456789)")) == {character}


def test_a_name_that_fits_is_not_cut() -> None:
    assert Names(ONE).reserve("x" * 250) == {"preview": b"x" * 250 + b".webp"}


def test_a_cut_leaves_no_device_and_no_empty_name() -> None:
    assert Names(ONE).reserve("CON" + " " * 300 + "x") == {"preview": b"_CON.webp"}
    assert Names(ONE).reserve("." * 300 + "x") == {"preview": b"picture.webp"}


def test_long_names_that_are_cut_to_the_same_are_told_apart() -> None:
    names = Names(ONE, 100)
    given = [names.reserve("x" * 150 + str(n))["preview"] for n in range(2_000)]
    assert len(set(given)) == 2_000
    assert max(map(len, given)) <= 100


def test_fifty_thousand_of_one_name_are_named_at_once() -> None:
    names = Names(BOTH)
    for _ in range(49_999):
        names.reserve("IMG_1")
    assert names.reserve("IMG_1")["preview"] == b"IMG_1 (50000).webp"  # in minutes, if quadratic


@given(st.lists(st.binary(max_size=300) | st.sampled_from([b"a", b"A", b"a (2)", b"CON", b".."])))
def test_names_are_distinct_safe_and_short(stems: list[bytes]) -> None:
    names = Names(BOTH)
    given = [name for stem in stems for name in names.reserve(safe_stem(stem)).values()]
    texts = [name.decode("utf-8", "surrogateescape") for name in given]
    assert len({unicodedata.normalize("NFC", text).casefold() for text in texts}) == len(given)
    assert len(given) == 2 * len(stems)
    for name, text in zip(given, texts, strict=True):
        assert len(name) <= 255
        assert os.path.basename(name) == name
        assert not set(text) & set('<>:"/\\|?*\0')
        assert text.split(".")[0].rstrip().lower() not in RESERVED
