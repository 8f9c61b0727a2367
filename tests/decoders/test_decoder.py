"""A decoder always answers: with a rendering, a cause, or that it was interrupted."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil
import pytest
from orders import (
    order_for,
    write_endless_picture,
    write_picture,
    write_picture_in_a_huge_tile,
)

from pixelcraft_desktop.decoders import decoder as decoder_module
from pixelcraft_desktop.decoders.decoder import DecodeError, Decoder, Interrupted
from pixelcraft_desktop.decoders.memory import MemoryBudget
from pixelcraft_desktop.imaging.render import Order
from pixelcraft_desktop.model import Cause, Failure, Stage

PATIENCE_S = 30
Told = list[tuple[Stage, int]]
BUDGET_BYTES = 500_000_000


class Lane:
    """A decoder, its budget and what it told."""

    def __init__(self) -> None:
        self.budget = MemoryBudget(BUDGET_BYTES)
        self.decoder = Decoder(self.budget, PATIENCE_S)
        self.told: Told = []

    def render(self, order: Order, at: Stage | None = None, do: Callable[[], None] = print) -> int:
        """Render and return the picture's width, doing something when a stage is told."""
        self.told.clear()

        def listen(stage: Stage, progress: int) -> None:
            self.told.append((stage, progress))
            if stage == at:
                do()

        return self.decoder.render(order, listen).width

    def failure_of(
        self, order: Order, at: Stage | None = None, do: Callable[[], None] = print
    ) -> Failure:
        """Return how rendering fails, having checked that all memory was given back."""
        with pytest.raises(DecodeError) as caught:
            self.render(order, at, do)
        self.check_budget()
        return caught.value.failure

    def check_budget(self) -> None:
        """Check that nothing is held or waited for any more."""

        def complain() -> None:
            raise AssertionError("memory is still held")

        with self.budget.grant(BUDGET_BYTES, complain, lambda: False) as is_granted:
            assert is_granted


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane()
    yield lane
    lane.decoder.close()
    assert multiprocessing.active_children() == []


@pytest.fixture
def quick(tmp_path: Path) -> Order:
    return order_for(write_picture(tmp_path))


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Order:
    return order_for(write_endless_picture(tmp_path_factory.mktemp("endless")))


def child_id() -> int:
    (process,) = multiprocessing.active_children()
    assert process.pid is not None
    return process.pid


def kill_child() -> None:
    os.kill(child_id(), signal.SIGKILL)


def test_a_picture_is_rendered_and_every_stage_told(lane: Lane, quick: Order) -> None:
    assert lane.render(quick) == 64
    assert lane.told == [
        (Stage.READING, 0),
        (Stage.THUMBNAIL, 25),
        (Stage.PREVIEW, 50),
        (Stage.METADATA, 75),
    ]
    assert all(os.path.getsize(path) for path in quick.targets.values())
    lane.check_budget()


def test_one_child_serves_all_orders(lane: Lane, quick: Order) -> None:
    lane.render(quick)
    pid = child_id()
    lane.decoder.start()
    lane.render(quick)
    assert child_id() == pid


def test_a_known_failure_comes_across_and_harms_nobody(
    lane: Lane, quick: Order, tmp_path: Path
) -> None:
    (tmp_path / "letter.jpg").write_text("Dear sir,")
    failure = lane.failure_of(order_for(tmp_path / "letter.jpg"))
    assert failure.cause == Cause.NOT_AN_IMAGE
    assert failure.message == "This is not a picture, though its name says .jpg."
    assert failure.traceback is not None
    assert "KnownFailure" in failure.traceback
    pid = child_id()
    assert lane.render(quick) == 64
    assert child_id() == pid


def test_a_picture_out_of_time_is_killed_and_the_next_one_served(
    quick: Order, endless: Order
) -> None:
    lane = Lane()
    lane.decoder = Decoder(lane.budget, 1.5)
    pids: list[int] = []
    failure = lane.failure_of(endless, Stage.READING, lambda: pids.append(child_id()))
    assert (failure.cause, failure.message) == (Cause.TIMEOUT, "Reading took longer than 1.5 s.")
    assert not psutil.pid_exists(pids[0])
    assert lane.render(quick) == 64
    assert child_id() != pids[0]
    lane.decoder.close()


def test_a_child_that_dies_is_a_crash_and_replaced(
    lane: Lane, quick: Order, endless: Order
) -> None:
    failure = lane.failure_of(endless, Stage.READING, kill_child)
    assert failure.cause == Cause.DECODER_CRASHED
    assert failure.traceback is not None
    assert f"exit code {-signal.SIGKILL}" in failure.traceback
    assert lane.render(quick) == 64


def test_a_child_that_died_while_idle_is_replaced_unnoticed(lane: Lane, quick: Order) -> None:
    lane.render(quick)
    (process,) = multiprocessing.active_children()
    process.kill()
    process.join(PATIENCE_S)
    assert lane.render(quick) == 64


def test_a_picture_can_be_interrupted(lane: Lane, quick: Order, endless: Order) -> None:
    has_begun = threading.Event()

    def interrupt() -> None:
        assert has_begun.wait(PATIENCE_S)
        lane.decoder.interrupt()

    other = threading.Thread(target=interrupt)
    other.start()
    with pytest.raises(Interrupted):
        lane.render(endless, Stage.READING, has_begun.set)
    other.join()
    lane.check_budget()
    assert lane.render(quick) == 64


def test_a_child_can_be_interrupted_before_it_is_there(lane: Lane, endless: Order) -> None:
    def interrupt() -> None:
        while not multiprocessing.active_children():
            pass
        lane.decoder.interrupt()

    other = threading.Thread(target=interrupt)
    other.start()
    with pytest.raises(Interrupted):
        lane.render(endless)
    other.join()


def test_interrupting_nothing_does_nothing(lane: Lane, quick: Order) -> None:
    lane.decoder.interrupt()
    assert lane.render(quick) == 64
    lane.decoder.interrupt()
    assert lane.render(quick) == 64


def test_an_interruption_that_comes_too_late_does_not_hit_the_next_picture(
    lane: Lane, quick: Order
) -> None:
    def interrupt_late() -> None:
        # Both renditions are made: the answer is all that is left to say.
        process = psutil.Process(child_id())
        while process.status() == psutil.STATUS_RUNNING:
            pass
        lane.decoder.interrupt()

    for _ in range(5):
        try:
            lane.render(quick, Stage.METADATA, interrupt_late)
        except Interrupted:
            pass
        assert lane.render(quick) == 64


def test_a_picture_larger_than_the_budget_is_too_large(
    lane: Lane, quick: Order, tmp_path: Path
) -> None:
    (tmp_path / "large").mkdir()
    failure = lane.failure_of(order_for(write_picture(tmp_path / "large", (9000, 9000))))
    assert failure.cause == Cause.TOO_LARGE
    assert "the limit is 500 MB" in failure.message
    assert lane.render(quick) == 64


def test_waiting_for_memory_is_told_and_costs_no_time(quick: Order) -> None:
    lane = Lane()
    lane.decoder = Decoder(lane.budget, 1.5)
    is_waiting = threading.Event()
    is_held = threading.Event()

    def hold() -> None:
        with lane.budget.grant(BUDGET_BYTES, lambda: None, lambda: False):
            is_held.set()
            assert is_waiting.wait(PATIENCE_S)
            threading.Event().wait(1.6)  # longer than the picture may take

    other = threading.Thread(target=hold)
    other.start()
    assert is_held.wait(PATIENCE_S)
    assert lane.render(quick, Stage.WAITING_FOR_MEMORY, is_waiting.set) == 64
    other.join()
    assert lane.told[:3] == [
        (Stage.READING, 0),
        (Stage.WAITING_FOR_MEMORY, 0),
        (Stage.THUMBNAIL, 25),
    ]
    lane.decoder.close()


def test_waiting_for_memory_can_be_interrupted(lane: Lane, quick: Order) -> None:
    is_waiting = threading.Event()

    def interrupt() -> None:
        assert is_waiting.wait(PATIENCE_S)
        lane.decoder.interrupt()

    other = threading.Thread(target=interrupt)
    with lane.budget.grant(BUDGET_BYTES, lambda: None, lambda: False):
        other.start()
        with pytest.raises(Interrupted):
            lane.render(quick, Stage.WAITING_FOR_MEMORY, is_waiting.set)
    other.join()
    assert lane.render(quick) == 64


def test_a_picture_that_takes_more_than_its_grant_is_out_of_memory(
    lane: Lane, quick: Order, tmp_path: Path
) -> None:
    failure = lane.failure_of(order_for(write_picture_in_a_huge_tile(tmp_path)))
    assert failure.cause == Cause.OUT_OF_MEMORY
    pid = child_id()
    assert lane.render(quick) == 64
    assert child_id() == pid


def test_a_closed_decoder_has_no_child(lane: Lane, quick: Order) -> None:
    lane.render(quick)
    pid = child_id()
    lane.decoder.close()
    lane.decoder.close()
    assert not psutil.pid_exists(pid)


def test_a_child_born_while_the_program_ends_does_not_outlive_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_exiting = threading.Event()
    start = decoder_module._start_deaf

    def start_late(process: BaseProcess) -> None:
        start(process)
        is_exiting.set()  # the interpreter's last round is over before the child is known

    monkeypatch.setattr(decoder_module, "_is_exiting", is_exiting)
    monkeypatch.setattr(decoder_module, "_start_deaf", start_late)
    with pytest.raises(OSError, match="the program ends"):
        Decoder(MemoryBudget(BUDGET_BYTES), PATIENCE_S).start()
    assert multiprocessing.active_children() == []
