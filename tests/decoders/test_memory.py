"""One budget for all: never overdrawn, oldest first, given back whatever happens."""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from pixelcraft_desktop.decoders.memory import MemoryBudget
from pixelcraft_desktop.model import Cause, KnownFailure

PATIENCE_S = 30


class Customer:
    """Asks for memory in a thread of its own, and keeps it until told to leave."""

    def __init__(self, pool: ThreadPoolExecutor, budget: MemoryBudget, size_bytes: int) -> None:
        self.waits, self.has_it, self.may_leave = (threading.Event() for _ in range(3))
        self.gives_up = False
        self._budget = budget
        self.done: Future[bool] = pool.submit(self._ask, size_bytes)

    def _ask(self, size_bytes: int) -> bool:
        grant = self._budget.grant(size_bytes, self.waits.set, lambda: self.gives_up)
        with grant as is_granted:
            if is_granted:
                self.has_it.set()
                assert self.may_leave.wait(PATIENCE_S)
            return is_granted

    def leave(self) -> None:
        """Give the memory back, and see that it was."""
        self.may_leave.set()
        assert self.done.result(PATIENCE_S)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


@pytest.fixture
def budget() -> MemoryBudget:
    return MemoryBudget(100)


def unexpected() -> None:
    raise AssertionError("nobody should have to wait")


@contextmanager
def at_once(budget: MemoryBudget, size_bytes: int) -> Iterator[None]:
    with budget.grant(size_bytes, unexpected, lambda: False) as is_granted:
        assert is_granted
        yield


def test_what_is_there_is_granted_at_once(budget: MemoryBudget) -> None:
    with at_once(budget, 60), at_once(budget, 40), at_once(budget, 0):
        pass
    with at_once(budget, 100):
        pass


def test_more_than_there_is_at_all_is_too_large(budget: MemoryBudget) -> None:
    with (
        pytest.raises(KnownFailure) as caught,
        budget.grant(101, unexpected, lambda: False),
    ):
        pass
    assert caught.value.cause == Cause.TOO_LARGE


def test_an_accident_gives_it_back(budget: MemoryBudget) -> None:
    with pytest.raises(ZeroDivisionError), at_once(budget, 100):
        raise ZeroDivisionError
    with at_once(budget, 100):
        pass


def test_an_accident_while_waiting_frees_the_queue(budget: MemoryBudget) -> None:
    with (
        at_once(budget, 60),
        pytest.raises(AssertionError),
        budget.grant(50, unexpected, lambda: False),
    ):
        pass
    with at_once(budget, 100):
        pass


def test_the_oldest_comes_first_even_where_a_younger_would_fit(
    pool: ThreadPoolExecutor, budget: MemoryBudget
) -> None:
    first = Customer(pool, budget, 60)
    assert first.has_it.wait(PATIENCE_S)
    large = Customer(pool, budget, 90)
    assert large.waits.wait(PATIENCE_S)
    small = Customer(pool, budget, 20)
    assert small.waits.wait(PATIENCE_S)
    first.leave()
    assert large.has_it.wait(PATIENCE_S)
    assert not small.has_it.is_set()
    large.leave()
    assert small.has_it.wait(PATIENCE_S)
    small.leave()


def test_who_gives_up_lets_the_next_one_by(pool: ThreadPoolExecutor, budget: MemoryBudget) -> None:
    first = Customer(pool, budget, 60)
    assert first.has_it.wait(PATIENCE_S)
    large = Customer(pool, budget, 90)
    assert large.waits.wait(PATIENCE_S)
    small = Customer(pool, budget, 20)
    assert small.waits.wait(PATIENCE_S)
    large.gives_up = True
    budget.wake()
    assert large.done.result(PATIENCE_S) is False
    assert small.has_it.wait(PATIENCE_S)
    small.leave()
    first.leave()


def test_it_is_never_overdrawn(pool: ThreadPoolExecutor, budget: MemoryBudget) -> None:
    in_use: queue.SimpleQueue[int] = queue.SimpleQueue()

    def work(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(200):
            size_bytes = chance.randint(1, 100)
            with budget.grant(size_bytes, lambda: None, lambda: False):
                in_use.put(size_bytes)
                in_use.put(-size_bytes)

    for done in [pool.submit(work, seed) for seed in range(4)]:
        done.result(PATIENCE_S)
    total = 0
    while not in_use.empty():
        total += in_use.get()
        assert 0 <= total <= 100
    with at_once(budget, 100):
        pass
