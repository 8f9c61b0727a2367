"""What is left and for how long, of everything and of each batch; and each end is told once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from running_batches import Desk

from pixelcraft_desktop.catalog.batches import Batch
from pixelcraft_desktop.catalog.control import Hold
from pixelcraft_desktop.catalog.news import News, Scan
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.catalog.rate_limit import RateLimit
from pixelcraft_desktop.model import Cause, State
from pixelcraft_desktop.ui.batches.run import Ending


@pytest.fixture
def desk(qapp: QApplication) -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.close()


again = desk  # a second window


def work(desk: Desk, *queues: list[Picture], seconds: float, rounds: int) -> None:
    """Let one picture of each queue be made in so many seconds, for so many rounds."""
    for _ in range(rounds):
        for queue in queues:
            desk.become(State.COMPLETED, [queue.pop(0)])
        desk.wait(seconds)


def middle(desk: Desk, batch_id: int | None = None) -> float:
    """Return the middle of what is shown, of one batch or of all."""
    runs = {run.batch_id: run.countdown.shown for run in desk.workload.running}
    shown = desk.workload.time_left if batch_id is None else runs[batch_id]
    assert shown is not None
    return (shown.low + shown.high) / 2


def test_megapixels_and_lanes_make_the_time(desk: Desk) -> None:
    desk.measure("JPEG", 12.0, 0.5, 100)
    pictures = desk.open(1, "Photos", 400)
    assert desk.workload.time_left is None
    desk.wait(1.5)
    assert desk.workload.time_left is None  # not steady yet
    work(desk, pictures, seconds=0.5, rounds=10)
    assert middle(desk) == pytest.approx(390 * 0.5 / 2, rel=0.1)
    desk.queue(workers=4)
    desk.wait(0.5)
    assert desk.workload.time_left is None  # this is another forecast
    work(desk, pictures, seconds=0.5, rounds=10)
    assert middle(desk) == pytest.approx(380 * 0.5 / 4, rel=0.1)


def test_huge_pictures_behind_small_ones_are_not_overlooked(desk: Desk) -> None:
    desk.measure("JPEG", 0.3, 0.03, 100)
    desk.measure("TIFF", 60.0, 3.0, 100)
    small = desk.open(1, "Small", 100)
    desk.open(2, "Huge", 100, "tif")
    work(desk, small, seconds=0.5, rounds=8)
    # By counting, two a second: 96 s.
    assert middle(desk) == pytest.approx(100 * 3 / 2, rel=0.15)
    # Picture by picture in turns, both take about as long.
    assert middle(desk, 1) == pytest.approx(92 * 3.03 / 2, rel=0.15)
    assert middle(desk, 2) <= middle(desk) * 1.05


@pytest.mark.parametrize(
    "facts", [{"is_paused": True}, {"held": Hold(Cause.DISK_FULL, "No space", 1, "/", "")}]
)
def test_a_pause_or_a_full_drive_hides_it_until_it_is_steady_again(
    desk: Desk, facts: dict[str, Any]
) -> None:
    desk.measure("JPEG", 12.0, 0.5, 100)
    pictures = desk.open(1, "Photos", 400)
    work(desk, pictures, seconds=0.5, rounds=10)
    assert desk.workload.time_left is not None
    desk.queue(**facts)
    desk.wait(0.5)
    assert desk.workload.time_left is None
    desk.now += 3_600
    desk.queue(is_paused=False, held=None)
    desk.wait(1)
    assert desk.workload.time_left is None
    work(desk, pictures, seconds=0.5, rounds=4)
    assert middle(desk) == pytest.approx(386 * 0.5 / 2, rel=0.1)


def test_while_only_those_in_hand_are_finished_nothing_is_foretold(desk: Desk) -> None:
    desk.measure("JPEG", 12.0, 0.5, 100)
    pictures = desk.open(1, "Photos", 400)
    work(desk, pictures, seconds=0.5, rounds=10)
    desk.workload.suspend(True)
    assert desk.workload.is_still
    assert desk.workload.time_left is None
    desk.workload.suspend(False)  # somebody thought again
    work(desk, pictures, seconds=0.5, rounds=10)
    assert middle(desk) == pytest.approx(380 * 0.5 / 2, rel=0.1)


def test_a_search_hides_it_since_the_whole_is_not_known(desk: Desk) -> None:
    desk.measure("JPEG", 12.0, 0.5, 100)
    pictures = desk.open(1, "Photos", 400)
    work(desk, pictures, seconds=0.5, rounds=10)
    desk.queue(scans=(Scan(2, "More", 0, 0, 0),))
    desk.wait(0.5)
    assert desk.workload.time_left is None
    assert [run.batch_id for run in desk.workload.running] == [1, 2]
    assert desk.workload.is_scanning(2)


def test_where_nobody_works_nothing_is_foretold(desk: Desk) -> None:
    desk.measure("JPEG", 12.0, 0.5, 100)
    pictures = desk.open(1, "Photos", 400)
    work(desk, pictures, seconds=0.5, rounds=10)
    desk.wait(9)
    assert desk.workload.time_left is not None
    desk.wait(3)
    assert desk.workload.time_left is None


def test_what_waits_for_its_next_attempt_takes_its_own_time(desk: Desk) -> None:
    desk.measure("JPEG", 12.0, 0.5, 100)
    pictures = desk.open(1, "Photos", 40)
    work(desk, pictures, seconds=0.5, rounds=10)
    assert desk.workload.time_left is not None
    desk.become(State.COMPLETED, pictures[1:])
    desk.become(State.DELAYED, pictures[:1], cause=Cause.TIMEOUT)
    desk.wait(1)
    assert desk.workload.time_left is None
    assert [run.countdown.shown for run in desk.workload.running] == [None]


def test_a_large_picture_that_is_being_made_counts_as_partly_done(desk: Desk) -> None:
    desk.measure("TIFF", 60.0, 30.0, 100)
    desk.queue(workers=1)
    desk.become(State.ACTIVE, desk.open(1, "Scan", 1, "tif"))
    desk.wait(4)
    assert middle(desk) == pytest.approx(26, rel=0.15)
    desk.wait(16)
    shown = desk.workload.time_left
    assert shown is not None
    assert shown.low <= 10 <= shown.high <= 20
    desk.wait(20)  # it takes longer than was foretold
    assert middle(desk) == pytest.approx(3, abs=1)


def test_the_rate_limit_sets_the_pace(desk: Desk) -> None:
    desk.measure("JPEG", 12.0, 0.5, 100)
    pictures = desk.open(1, "Photos", 401)
    desk.queue(rate_limit=RateLimit(10, 60))
    desk.open(2, "Few", 20)
    work(desk, pictures, seconds=20, rounds=2)
    assert middle(desk) == pytest.approx(41 * 60, rel=0.15)
    assert middle(desk, 2) == pytest.approx(40 * 6, rel=0.15)  # in turns with the others


def test_what_the_user_put_off_is_no_work_yet(desk: Desk) -> None:
    desk.measure("JPEG", 12.0, 0.5, 100)
    later = desk.open(1, "Tonight", 100)
    desk.become(State.DELAYED, later, is_put_off=True)
    pictures = desk.open(2, "Now", 100)
    work(desk, pictures, seconds=0.5, rounds=10)
    assert middle(desk) == pytest.approx(90 * 0.5 / 2, rel=0.15)
    assert [run.batch_id for run in desk.workload.running] == [2]


def test_a_batch_counts_its_pictures_and_never_says_all_too_early(desk: Desk) -> None:
    pictures = desk.open(1, "Photos", 1_000)
    (run,) = desk.workload.running
    assert (run.done, run.total, run.per_mille) == (0, 1_000, 0)
    desk.become(State.COMPLETED, pictures[:998])
    desk.become(State.ACTIVE, pictures[998:], progress=99)
    assert (run.done, run.total, run.per_mille) == (998, 1_000, 999)
    desk.become(State.FAILED, pictures[998:999])
    desk.become(State.CANCELLED, pictures[999:])
    assert (run.done, run.total, run.per_mille) == (999, 999, 1_000)


def test_each_end_is_told_once_with_its_time(desk: Desk) -> None:
    pictures = desk.open(1, "Photos", 20)
    desk.wait(60)
    desk.queue(is_paused=True)
    desk.now += 3_600
    desk.queue(is_paused=False)
    desk.become(State.COMPLETED, pictures[:17])
    desk.become(State.FAILED, pictures[17:])
    desk.wait(60)
    desk.become(State.COMPLETED, pictures[:17], thumbnail="a.webp")
    ((ending,),) = desk.told
    assert replace(ending, seconds=None) == Ending(1, "Photos", 17, 3, 0, 0, None)
    assert ending.seconds == pytest.approx(60, abs=1)
    assert desk.workload.running == []
    desk.become(State.WAITING, pictures[17:])  # tried again: nobody needs to hear of it again
    desk.become(State.COMPLETED, pictures[17:])
    desk.wait(5)
    assert len(desk.told) == 1


def test_batches_that_end_together_are_told_together_and_others_go_on(desk: Desk) -> None:
    first, second, third = (desk.open(number, f"B{number}", 10) for number in (1, 2, 3))
    desk.become(State.COMPLETED, first)
    desk.wait(0.5)
    desk.become(State.COMPLETED, second)
    desk.wait(3)
    assert [[ending.batch_id for ending in told] for told in desk.told] == [[1, 2]]
    assert [run.batch_id for run in desk.workload.running] == [3]
    desk.become(State.COMPLETED, third)
    desk.wait(2)
    assert len(desk.told) == 2


def test_what_is_done_before_anybody_heard_of_it_is_told_too(desk: Desk) -> None:
    desk.library.take_in(
        News(
            pictures=[replace(desk.open(9, "sample", 1)[0], id=99, state=State.COMPLETED)],
            batches=[Batch(9, "One.jpg", 0, 0, is_scanned=True)],
        )
    )
    desk.become(State.COMPLETED, desk.library.pictures())
    desk.wait(2)
    assert [(e.name, e.completed) for told in desk.told for e in told] == [("One.jpg", 2)]


@pytest.mark.parametrize("how", ["cancelled", "removed"])
def test_who_cancels_or_removes_need_not_be_told(desk: Desk, how: str) -> None:
    pictures = desk.open(1, "Photos", 20)
    desk.become(State.COMPLETED, pictures[:5])
    if how == "cancelled":
        desk.become(State.CANCELLED, pictures[5:])
    else:
        desk.library.take_in(News(gone=[picture.id for picture in pictures[5:]]))
    desk.wait(5)
    assert desk.told == []
    if how == "cancelled":  # undone, and now it ends by itself
        desk.become(State.WAITING, pictures[5:])
        desk.become(State.COMPLETED, pictures[5:])
        desk.wait(5)
        assert [ending.completed for ending in desk.told[0]] == [20]


def test_what_was_there_when_the_window_opened_has_no_time(desk: Desk, again: Desk) -> None:
    pictures = desk.open(1, "Photos", 20)
    before, rest = pictures[:8], pictures[8:]
    again.library.take_in(
        News(
            pictures=[*(replace(p, state=State.COMPLETED) for p in before), *rest],
            batches=[Batch(1, "Photos", 0, 0, is_scanned=True)],
        )
    )
    (run,) = again.workload.running
    assert (run.done, run.total) == (8, 20)
    again.become(State.COMPLETED, rest)
    again.wait(2)
    assert again.told == [[Ending(1, "Photos", 20, 0, 0, 0, None)]]


def test_a_folder_that_is_dropped_again_takes_nothing_from_the_first_time(desk: Desk) -> None:
    pictures = desk.open(1, "Photos", 10)
    again = [replace(picture, batch_id=2, state=State.ACTIVE) for picture in pictures]
    desk.library.take_in(
        News(
            pictures=again,
            batches=[Batch(2, "Photos", 0, 10, is_scanned=True)],
            ended_scans=[Scan(2, "Photos", 0, 10, 0)],
        )
    )
    assert [run.batch_id for run in desk.workload.running] == [1]
    desk.become(State.COMPLETED, pictures)
    desk.wait(2)
    assert [[ending.batch_id for ending in told] for told in desk.told] == [[1]]


def test_at_rest_nothing_ticks(desk: Desk) -> None:
    pictures = desk.open(1, "Photos", 4)
    assert desk.workload._ticks.isActive()
    desk.become(State.DELAYED, pictures[:1], is_put_off=True)
    desk.become(State.COMPLETED, pictures[1:])
    desk.wait(3)
    assert not desk.workload._ticks.isActive()


@pytest.mark.parametrize("count", [1_000, 30_000])
def test_a_look_costs_the_same_however_many_there_are(
    desk: Desk, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in calls, which no busy machine changes."""
    desk.open(1, "Photos", count)
    asked: list[str] = []

    def seconds(kind: str, count: int, megapixels: float) -> float:
        asked.append(kind)
        return 1.0

    monkeypatch.setattr(desk.workload._costs, "seconds", seconds)
    desk.wait(5)
    assert len(asked) == 2 * 10  # the whole and the batch, ten looks, one kind
