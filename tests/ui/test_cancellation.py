"""Cancelling asks at once, speaks once, and is undone by trying again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from pixelcraft_desktop.catalog.news import News, QueueFacts, Scan
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui.cancellation import Cancellation
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.removal import Removal
from pixelcraft_desktop.ui.toast import Toast

pytestmark = pytest.mark.qt_log_ignore(
    "This plugin does not support (propagateSizeHints|raise)", extend=True
)


class Desk:
    """A library of a thousand pictures, and what is asked for beside it."""

    def __init__(self, qtbot: QtBot) -> None:
        ground = QWidget()
        qtbot.addWidget(ground)
        ground.resize(900, 300)
        ground.show()
        self.library = Library()
        self.toast = Toast(ground)
        self.removal = Removal(self.library, self.toast)
        self.cancellation = Cancellation(self.library, self.toast)
        self.asked: list[object] = []
        self.retried: list[list[int]] = []
        self.restored: list[list[int]] = []
        self.cancellation.cancel_requested.connect(self.asked.append)
        self.cancellation.retry_requested.connect(self.retried.append)
        self.returned: list[tuple[list[int], str]] = []
        self.cancellation.return_requested.connect(lambda *asked: self.returned.append(asked))
        self.removal.restoration_requested.connect(self.restored.append)
        states = [State.WAITING, State.DELAYED, State.ACTIVE, State.COMPLETED, State.FAILED]
        sample = Picture(
            *(0, b"/p/a.jpg", "drop", 4032, 3024, None, 0, State.WAITING, None, 0, 1, 5),
            *(None, None, None),
        )
        self.pictures = [
            replace(sample, id=number, job_id=1_000 + number, state=states[number % 5])
            for number in range(1_000)
        ]
        self.library.take_in(News(pictures=self.pictures))

    def undone(self) -> list[Picture]:
        return [p for p in self.pictures if p.state not in {State.COMPLETED, State.FAILED}]

    def become_cancelled(self, pictures: Sequence[Picture]) -> None:
        changed = [replace(picture, state=State.CANCELLED) for picture in pictures]
        self.library.take_in(News(pictures=changed))


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


def test_only_what_is_not_done_is_cancelled(desk: Desk) -> None:
    desk.cancellation.cancel(desk.pictures[:10])
    assert desk.asked == [[1_000, 1_001, 1_002, 1_005, 1_006, 1_007]]
    desk.cancellation.cancel(desk.pictures[3:5])
    assert len(desk.asked) == 1


def test_all_in_parts_is_offered_once_and_undone_whole(desk: Desk, qtbot: QtBot) -> None:
    desk.cancellation.cancel_all()
    assert desk.asked == [None]
    undone = desk.undone()
    for start in range(0, len(undone), 100):
        desk.become_cancelled(undone[start : start + 100])
        assert not desk.toast.is_offered
    qtbot.waitUntil(lambda: desk.toast.is_offered)
    assert desk.toast.accessibleName() == "600 pictures were cancelled."
    desk.toast.undo()
    assert desk.retried == [[picture.job_id for picture in undone]]
    desk.cancellation.cancel_all()
    assert len(desk.asked) == 1  # nothing is left to cancel


def test_what_others_cancel_is_not_offered(desk: Desk, qtbot: QtBot) -> None:
    first, second, third = desk.undone()[:3]
    desk.become_cancelled([first])
    desk.cancellation.cancel([second])
    desk.become_cancelled([second, third])
    qtbot.waitUntil(lambda: desk.toast.is_offered)
    assert desk.toast.accessibleName() == "1 picture was cancelled."
    desk.toast.undo()
    assert desk.retried == [[second.job_id]]


def test_removal_and_cancelling_share_a_toast_and_nothing_else(desk: Desk, qtbot: QtBot) -> None:
    first, second = desk.undone()[:2]
    desk.removal.remove([second.id])
    desk.cancellation.cancel([first])
    desk.become_cancelled([first])
    qtbot.waitUntil(lambda: desk.toast.is_offered)
    desk.toast.undo()
    assert (desk.retried, desk.restored) == ([[first.job_id]], [])
    desk.library.take_in(News(gone=[second.id]))
    desk.toast.undo()
    assert (desk.retried, desk.restored) == ([[first.job_id]], [[second.id]])


def test_one_batch_is_cancelled_and_undone(desk: Desk, qtbot: QtBot) -> None:
    mine = [
        replace(p, id=5_000 + p.id, job_id=6_000 + p.id, batch_id=7) for p in desk.pictures[:20]
    ]
    desk.library.take_in(News(pictures=mine))
    desk.cancellation.cancel_batch(7)
    undone = [picture for picture in mine if picture.state not in {State.COMPLETED, State.FAILED}]
    assert desk.asked == [[picture.job_id for picture in undone]]
    desk.become_cancelled(undone)
    qtbot.waitUntil(lambda: desk.toast.is_offered)
    assert desk.toast.accessibleName() == "12 pictures were cancelled."
    desk.toast.undo()
    assert desk.retried == [[picture.job_id for picture in undone]]


_LATER = "2999-03-01T22:00:00.000Z"


def test_what_was_put_off_has_its_time_again(desk: Desk, qtbot: QtBot) -> None:
    delayed = [p for p in desk.pictures if p.state is State.DELAYED][:5]
    times = [_LATER, _LATER, "2999-03-02T08:00:00.000Z", "2001-01-01T08:00:00.000Z", None]
    put_off = [
        replace(p, is_put_off=time is not None, run_at=time or _LATER)
        for p, time in zip(delayed, times, strict=True)
    ]
    desk.library.take_in(News(pictures=put_off))
    desk.cancellation.cancel(put_off)
    gone = [replace(p, state=State.CANCELLED, is_put_off=False, run_at=None) for p in put_off]
    desk.library.take_in(News(pictures=gone))
    qtbot.waitUntil(lambda: desk.toast.is_offered)
    desk.toast.undo()
    ids = [picture.job_id for picture in put_off]
    # Who was retrying, or whose time is over, waits for a lane.
    assert desk.retried == [ids[3:]]
    assert desk.returned == [(ids[:2], _LATER), (ids[2:3], "2999-03-02T08:00:00.000Z")]


@pytest.mark.parametrize("is_all", [True, False])
def test_what_a_search_still_finds_goes_as_well_and_is_one_offer(
    desk: Desk, qtbot: QtBot, is_all: bool
) -> None:
    stopped: list[int] = []
    desk.cancellation.scan_stop_wanted.connect(stopped.append)
    scan = Scan(7, "Photos", 500, 0, 0)
    sample = replace(desk.pictures[0], batch_id=7)
    mine = [replace(sample, id=5_000 + n, job_id=6_000 + n) for n in range(4)]
    gone = [replace(picture, state=State.CANCELLED) for picture in mine]
    desk.library.take_in(News(gone=[p.id for p in desk.pictures], pictures=mine[:1]))
    desk.library.take_in(News(queue=QueueFacts(scans=(scan,))))
    if is_all:
        desk.cancellation.cancel_all()
    else:
        desk.cancellation.cancel_batch(7)
    assert (stopped, desk.asked) == ([7], [None if is_all else [6_000]])
    desk.library.take_in(News(pictures=[gone[0], mine[1]], queue=desk.library.queue))
    desk.library.take_in(News(pictures=gone[1:3], queue=desk.library.queue))  # one never seen
    qtbot.waitUntil(lambda: desk.toast.is_offered)
    text = "3 pictures were cancelled, and no more are looked for."
    assert desk.toast.accessibleName() == text
    desk.library.take_in(News(pictures=mine[3:], ended_scans=[scan]))
    assert desk.asked[1:] == [[6_003]]
    desk.library.take_in(News(pictures=gone[3:]))
    qtbot.waitUntil(lambda: desk.toast.accessibleName() == text.replace("3", "4"))
    desk.toast.undo()
    assert [sorted(ids) for ids in desk.retried] == [[6_000, 6_001, 6_002, 6_003]]


def test_the_next_click_is_another_offer(desk: Desk, qtbot: QtBot) -> None:
    for picture in desk.undone()[:2]:
        desk.cancellation.cancel([picture])
        desk.become_cancelled([picture])
        qtbot.waitUntil(lambda: desk.toast.is_offered)
        qtbot.wait(200)
    assert desk.toast.accessibleName() == "1 picture was cancelled."
    desk.toast.undo()
    assert desk.retried == [[desk.undone()[1].job_id]]


def test_a_batch_that_is_looked_for_is_cancelled_with_what_is_still_found(desk: Desk) -> None:
    stopped: list[int] = []
    desk.cancellation.scan_stop_wanted.connect(stopped.append)
    scan = Scan(7, "Photos", 500, 0, 0)
    desk.library.take_in(News(queue=QueueFacts(scans=(scan,))))
    desk.cancellation.cancel_batch(7)
    assert (stopped, desk.asked) == ([7], [])
    late = replace(desk.pictures[0], id=5_000, job_id=6_000, batch_id=7)
    desk.library.take_in(News(pictures=[late], ended_scans=[scan]))
    assert (stopped, desk.asked) == ([7], [[6_000]])
