"""Rows follow the library: new ones, changed ones, gone ones, with a filter and without."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from gallery_pictures import make_library, make_picture, tell
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import Cause, State
from pixelcraft_desktop.ui.gallery.model import PICTURE_ROLE, GalleryModel
from pixelcraft_desktop.ui.library import Library

IDS = st.integers(min_value=1, max_value=40)
STATES = st.sampled_from(list(State))
FILTERS = st.none() | st.frozensets(STATES, max_size=4)
STEPS = st.lists(
    st.tuples(st.dictionaries(IDS, STATES, max_size=20), st.frozensets(IDS, max_size=8)),
    max_size=8,
)


def shown(model: GalleryModel) -> list[int]:
    return ids(model, 0, model.rowCount() - 1)


def ids(model: GalleryModel, first: int, last: int) -> list[int]:
    """Return the ids of the pictures from the one row to the other."""
    return [picture.id for picture in model.pictures(first, last)]


def list_changes(model: GalleryModel) -> list[tuple[str, int, int]]:
    """Return a list that fills with what the model tells: what, first row, last row."""
    told: list[tuple[str, int, int]] = []

    def note(what: str) -> Any:
        def noted(_: QModelIndex, first: int, last: int) -> None:
            told.append((what, first, last))

        return noted

    model.rowsInserted.connect(note("in"))
    model.rowsRemoved.connect(note("out"))
    model.dataChanged.connect(lambda first, last: told.append(("changed", first.row(), last.row())))
    return told


def test_obeys_the_rules_of_models(qtmodeltester: Any) -> None:
    library = make_library(20)
    model = GalleryModel(library)
    qtmodeltester.check(model)
    tell(library, [make_picture(50), make_picture(30, state=State.ACTIVE)])
    tell(library, [make_picture(3, state=State.FAILED), make_picture(40)], gone=[1, 2, 20])
    model.show_states(frozenset({State.WAITING}))
    tell(library, [make_picture(4, state=State.COMPLETED), make_picture(3)], gone=[50])
    model.show_states(frozenset())
    tell(library, [make_picture(7, state=State.ACTIVE)])
    model.show_states(None)
    qtmodeltester.check(model)


@settings(max_examples=150, deadline=None)
@given(start=FILTERS, steps=STEPS, later=FILTERS)
def test_shows_what_a_simple_list_would(
    start: frozenset[State] | None,
    steps: list[tuple[dict[int, State], frozenset[int]]],
    later: frozenset[State] | None,
) -> None:
    library, expected = Library(), dict[int, Picture]()
    model = GalleryModel(library)
    model.show_states(start)
    follower: list[int] = []  # learns of the rows by signals alone, as a view does
    model.rowsInserted.connect(
        lambda _, first, last: follower.__setitem__(slice(first, first), ids(model, first, last))
    )
    model.rowsRemoved.connect(lambda _, first, last: follower.__delitem__(slice(first, last + 1)))
    for states, gone in steps:
        pictures = [make_picture(i, state=state) for i, state in states.items() if i not in gone]
        tell(library, pictures, gone)
        expected |= {picture.id: picture for picture in pictures}
        expected = {i: expected[i] for i in sorted(expected) if i not in gone}
        wanted = [p for p in expected.values() if start is None or p.state in start]
        assert [model.picture_at(row) for row in range(model.rowCount())] == wanted
        assert follower == [picture.id for picture in wanted]
        assert [model.row_of(picture.id) for picture in wanted] == list(range(len(wanted)))
    model.show_states(later)
    assert shown(model) == [i for i, p in expected.items() if later is None or p.state in later]


def test_tells_of_stretches_not_of_rows(qtbot: QtBot) -> None:
    library = make_library(10)
    model = GalleryModel(library)
    told = list_changes(model)
    tell(library, (make_picture(number) for number in range(11, 1_011)))
    assert told == [("in", 10, 1_009)]
    told.clear()
    tell(library, (make_picture(n, state=State.ACTIVE) for n in (1, 2, 3, 7, 9, 10)))
    assert told == [("changed", 0, 2), ("changed", 6, 6), ("changed", 8, 9)]
    told.clear()
    tell(library, gone=[2, 3, 4, 10])
    assert told == [("out", 9, 9), ("out", 1, 3)]
    told.clear()
    tell(library, [make_picture(2), make_picture(3), make_picture(2_000)])
    assert told == [("in", 1, 2), ("in", 1_008, 1_008)]


def test_pictures_enter_and_leave_a_filter(qtbot: QtBot) -> None:
    library = make_library(4)
    model = GalleryModel(library)
    model.show_states(frozenset({State.ACTIVE}))
    assert shown(model) == []
    tell(library, [make_picture(2, state=State.ACTIVE), make_picture(3, state=State.ACTIVE)])
    assert shown(model) == [2, 3]
    tell(library, [make_picture(2, state=State.COMPLETED)])
    assert shown(model) == [3]
    assert model.row_of(2) is None


def test_a_slot_that_asks_for_a_filter_in_between_does_no_harm(qtbot: QtBot) -> None:
    library = Library()
    models: list[GalleryModel] = []
    library.pictures_added.connect(lambda: models[0].show_states(frozenset({State.WAITING})))
    models.append(GalleryModel(library))
    tell(library, [make_picture(1), make_picture(2, state=State.FAILED), make_picture(3)])
    assert shown(models[0]) == [1, 3]


def test_what_it_says_of_a_picture(qtbot: QtBot) -> None:
    library = Library()
    failed = make_picture(
        1,
        path=b"/photos/<img src='x'>\xff.jpg",
        state=State.FAILED,
        cause=Cause.DAMAGED,
        message="It ends at 41 % & more.",
    )
    tell(library, [failed])
    model = GalleryModel(library)
    index = model.index(0)
    assert index.data(PICTURE_ROLE) is failed
    assert index.data() == [r"<img src='x'>\xff.jpg"][-1]
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).endswith("Failed, Damaged picture")
    tip = index.data(Qt.ItemDataRole.ToolTipRole)
    assert "<img" not in tip
    assert "&lt;img src=&#x27;x&#x27;&gt;" in tip
    assert "It ends at 41 % &amp; more." in tip
    assert Qt.ItemFlag.ItemIsDragEnabled in index.flags()


def test_it_says_what_was_lost(qtbot: QtBot) -> None:
    library = Library()
    facts = {"width": 4032, "height": 3024, "format": "HEIC"}
    notes = ("bit_depth:10", "wide_gamut")
    tell(library, [make_picture(1, state=State.COMPLETED, notes=notes, **facts), make_picture(2)])
    model = GalleryModel(library)
    index = model.index(0)
    assert index.data(Qt.ItemDataRole.ToolTipRole) == (
        "<qt>IMG_0001.jpg<br>4032 × 3024 HEIC<br>10-bit → 8-bit<br>"
        "Wide gamut converted to sRGB<br>/photos</qt>"
    )
    assert index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == (
        "10-bit → 8-bit; Wide gamut converted to sRGB"
    )
    assert model.index(1).data(Qt.ItemDataRole.AccessibleDescriptionRole) == ""


@pytest.mark.parametrize(
    ("typed", "start", "row"),
    [
        ("img", 0, 0),
        ("B", 0, 1),
        ("ö", 0, 2),
        ("Öl", 0, 2),
        ("i", 1, 3),
        ("B", 2, 1),
        ("z", 0, None),
    ],
)
def test_finds_what_is_typed(qtbot: QtBot, typed: str, start: int, row: int | None) -> None:
    names = ["IMG_1.jpg", "beach.png", "Öl.jpg", "img_2.jpg"]
    library = Library()
    tell(library, (make_picture(i, path=f"/z/{name}".encode()) for i, name in enumerate(names)))
    model = GalleryModel(library)
    found = model.match(model.index(start), Qt.ItemDataRole.DisplayRole, typed)
    assert [index.row() for index in found] == ([] if row is None else [row])


def test_a_picture_that_is_the_same_is_no_news(qtbot: QtBot) -> None:
    library = make_library(3)
    told = list_changes(GalleryModel(library))
    same = library.picture(2)
    assert same is not None
    tell(library, [replace(same)])
    assert told == []
