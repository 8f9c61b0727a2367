"""The sections: what the user put off is not what failed and is tried again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.catalog.news import News
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import Cause, State
from pixelcraft_desktop.ui.commands import START_LATER, TRY_NOW, picture_menu, try_text
from pixelcraft_desktop.ui.gallery.model import GalleryModel
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.sections import COUNT_ROLE, GLYPH_ROLE, SECTIONS, SectionList
from pixelcraft_desktop.ui.theme import LIGHT

_WAITING = Picture(
    *(1, b"/p/a.jpg", "drop", 4032, 3024, None, 1, State.WAITING, None, 0, 1, 5, None, None, None)
)
_RUN_AT = "2099-01-01T08:00:00.000Z"
_PUT_OFF = replace(_WAITING, id=2, state=State.DELAYED, run_at=_RUN_AT, is_put_off=True)
# Put off while it was about to be tried again: what went wrong is still known.
_PUT_OFF_RETRY = replace(_PUT_OFF, id=3, cause=Cause.TIMEOUT)
_RETRYING = replace(_WAITING, id=4, state=State.DELAYED, run_at=_RUN_AT, cause=Cause.TIMEOUT)


def rows(sections: SectionList) -> dict[str, tuple[str, int]]:
    """Return glyph and count of each section that is seen."""
    model = sections.model()
    seen = [row for row in range(model.rowCount()) if not sections.isRowHidden(row)]
    indexes = [model.index(row, 0) for row in seen]
    return {i.data(): (i.data(GLYPH_ROLE), i.data(COUNT_ROLE)) for i in indexes}


@pytest.fixture
def library() -> Library:
    return Library()


def test_each_has_a_section_of_its_own_while_there_is_one(library: Library, qtbot: QtBot) -> None:
    sections = SectionList(library, LIGHT)
    qtbot.addWidget(sections)
    assert {"Scheduled", "Retrying"}.isdisjoint(rows(sections))
    library.take_in(News(pictures=[_WAITING, _PUT_OFF, _PUT_OFF_RETRY]))
    assert rows(sections)["Scheduled"] == ("◷", 2)
    assert "Retrying" not in rows(sections)
    library.take_in(News(pictures=[_RETRYING]))
    assert rows(sections)["Retrying"] == ("↻", 1)
    assert rows(sections)["Scheduled"] == ("◷", 2)
    library.take_in(News(pictures=[replace(_WAITING, id=2)], gone=[3]))
    assert "Scheduled" not in rows(sections)


def test_the_gallery_shows_either(library: Library) -> None:
    library.take_in(News(pictures=[_WAITING, _PUT_OFF, _RETRYING]))
    model = GalleryModel(library)
    shown = {}
    for section in SECTIONS:
        model.show_states(section.states, section.put_off)
        shown[section.name] = [p.id for p in model.pictures(0, model.rowCount() - 1)]
    assert shown["All pictures"] == [1, 2, 4]
    assert (shown["Scheduled"], shown["Retrying"]) == ([2], [4])
    scheduled = next(section for section in SECTIONS if section.name == "Scheduled")
    model.show_states(scheduled.states, scheduled.put_off)
    library.take_in(News(pictures=[replace(_PUT_OFF, id=1), replace(_RETRYING, id=2)]))
    assert [p.id for p in model.pictures(0, model.rowCount() - 1)] == [1]


def test_what_starts_it_is_called_by_what_it_is() -> None:
    assert try_text([_PUT_OFF, _WAITING]) == "Start now"
    assert try_text([_PUT_OFF, _RETRYING]) == try_text([_WAITING]) == "Try now"
    assert {TRY_NOW, START_LATER} <= set(picture_menu([_PUT_OFF]))
    assert START_LATER in picture_menu([_WAITING])
    assert START_LATER not in picture_menu([replace(_WAITING, state=State.ACTIVE)])
