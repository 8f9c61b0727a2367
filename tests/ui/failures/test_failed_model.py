"""The rows follow the library, whatever order the news comes in."""

from __future__ import annotations

import random

import pytest
from failed_pictures import picture, tell
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.modeltest import ModelTester

from pixelcraft_desktop.catalog.news import News
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui.failures.model import FailedModel
from pixelcraft_desktop.ui.library import Library


@pytest.fixture
def library() -> Library:
    """A library without pictures."""
    return Library()


def shown(model: FailedModel) -> list[int]:
    return model.ids(0, model.rowCount())


def test_only_failed_pictures_are_rows(library: Library) -> None:
    tell(library, 1, 3)
    tell(library, 2, state=State.COMPLETED)
    assert shown(FailedModel(library)) == [1, 3]


def test_every_change_keeps_the_rules_of_models(
    library: Library, qtmodeltester: ModelTester
) -> None:
    model = FailedModel(library)
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]  # pytest-qt types only half
    dice = random.Random(4)
    states: dict[int, State] = {}
    for _ in range(200):
        news = {dice.randrange(40): dice.choice(list(State)) for _ in range(dice.randrange(9))}
        gone = [i for i in states if i not in news and dice.random() < 0.1]
        states = {i: s for i, s in (states | news).items() if i not in gone}
        library.take_in(News([picture(i, s) for i, s in news.items()], gone))
        assert shown(model) == sorted(i for i, s in states.items() if s is State.FAILED)


def test_neighbours_come_and_go_together(library: Library) -> None:
    tell(library, 1, 2, 8, 9)
    model = FailedModel(library)
    inserted, removed = [], []
    model.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
    model.rowsRemoved.connect(lambda _parent, first, last: removed.append((first, last)))
    tell(library, 3, 4, 5, 10)
    assert inserted == [(4, 4), (2, 4)]
    tell(library, 2, 3, 4, 9, state=State.WAITING)
    assert removed == [(6, 6), (1, 3)]
    assert shown(model) == [1, 5, 8, 10]


def test_a_new_reason_changes_its_row_alone(library: Library) -> None:
    tell(library, 1, 2, 3)
    model = FailedModel(library)
    changed: list[int] = []
    model.dataChanged.connect(lambda first, last: changed.extend((first.row(), last.row())))
    library.take_in(News([picture(2, path=b"/photos/other.jpg")]))
    assert changed == [1, 1]


def test_a_row_says_all_of_it(library: Library) -> None:
    tell(library, 7)
    model = FailedModel(library)
    index = model.index(0)
    assert model.data(index) == "IMG_0007.jpg"
    assert model.data(index, Qt.ItemDataRole.AccessibleTextRole) == (
        "IMG_0007.jpg, The picture is damaged: it ends at 41 %, 1 attempt"
    )
    described = model.data(index, Qt.ItemDataRole.AccessibleDescriptionRole)
    assert "/photos" in described
    assert "Delete" in described


@pytest.mark.parametrize("role", [Qt.ItemDataRole.DecorationRole, Qt.ItemDataRole.ToolTipRole])
def test_a_row_says_nothing_else(library: Library, role: Qt.ItemDataRole) -> None:
    tell(library, 7)
    model = FailedModel(library)
    assert model.data(model.index(0), role) is None
    assert model.data(QModelIndex()) is None
