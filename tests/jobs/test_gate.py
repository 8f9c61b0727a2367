"""The gate: side by side, or one alone."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from pixelcraft_desktop.jobs.gate import Gate


def test_who_is_alone_has_nobody_beside() -> None:
    gate = Gate()
    inside: set[int] = set()
    guard = threading.Lock()
    most = 0

    def pass_through(number: int) -> None:
        nonlocal most
        alone = number % 5 == 0
        with gate.enter(alone) as is_open:
            assert is_open
            with guard:
                inside.add(number)
                most = max(most, len(inside))
            for _ in range(3):
                time.sleep(random.random() / 1000)
                assert not alone or inside == {number}
            with guard:
                inside.discard(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(pass_through, range(200)))
    assert most > 1


def test_nobody_overtakes_who_waits_to_be_alone() -> None:
    gate = Gate()
    order: list[str] = []
    first_may_leave = threading.Event()

    def go(name: str, alone: bool) -> None:
        with gate.enter(alone):
            order.append(name)
            if name == "first":
                first_may_leave.wait(5)

    threads = [
        threading.Thread(target=go, args=each) for each in [("first", False), ("lone", True)]
    ]
    for thread in threads:
        thread.start()
        time.sleep(0.05)
    late = threading.Thread(target=go, args=("late", False))
    late.start()
    time.sleep(0.05)
    assert order == ["first"]
    first_may_leave.set()
    for thread in [*threads, late]:
        thread.join(5)
    assert order == ["first", "lone", "late"]


def test_a_closed_gate_lets_everybody_who_waits_go() -> None:
    gate = Gate()
    outcomes: list[bool] = []

    def go(alone: bool) -> None:
        with gate.enter(alone) as is_open:
            outcomes.append(is_open)

    with gate.enter(alone=True):
        threads = [threading.Thread(target=go, args=(alone,)) for alone in (True, False)]
        for thread in threads:
            thread.start()
        gate.close()
        for thread in threads:
            thread.join(5)
    assert outcomes == [False, False]
