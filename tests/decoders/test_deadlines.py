"""Deadlines: what is not over by then is acted on, and nothing else."""

from __future__ import annotations

import threading
import time

import pytest

from pixelcraft_desktop.decoders.deadlines import Deadlines


def test_what_lasts_too_long_is_acted_on_once_and_in_time() -> None:
    acted: list[float] = []
    told = threading.Event()

    def act() -> None:
        acted.append(time.monotonic())
        told.set()

    began = time.monotonic()
    with Deadlines().keep(0.05, act):
        assert told.wait(5)
        time.sleep(0.05)
    assert len(acted) == 1
    assert acted[0] - began >= 0.05


def test_what_ends_in_time_is_left_alone() -> None:
    deadlines, acted = Deadlines(), threading.Event()
    for _ in range(100):
        with deadlines.keep(0.02, acted.set):
            pass
    assert not acted.wait(0.06)


def test_an_earlier_deadline_is_not_kept_waiting_by_a_later_one() -> None:
    deadlines, acted = Deadlines(), threading.Event()
    with deadlines.keep(60, acted.set):
        began = time.monotonic()
        with deadlines.keep(0.02, acted.set):
            assert acted.wait(5)
        assert time.monotonic() - began < 1


def test_one_thread_watches_for_all() -> None:
    deadlines, acted = Deadlines(), threading.Event()
    before = threading.active_count()
    for _ in range(3):
        with deadlines.keep(60, acted.set), deadlines.keep(60, acted.set):
            assert threading.active_count() == before + 1
    assert not acted.is_set()


def test_what_fails_when_it_is_acted_on_is_logged_and_ends_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    deadlines, failed, acted = Deadlines(), threading.Event(), threading.Event()

    def fail() -> None:
        failed.set()
        raise ValueError("closed")

    with deadlines.keep(0, fail), deadlines.keep(0.02, acted.set):
        assert failed.wait(5)
        assert acted.wait(5)
    assert "could not be ended" in caplog.text


def test_threads_share_it() -> None:
    deadlines, acted = Deadlines(), []
    gate = threading.Barrier(8)

    def last_or_end(number: int) -> None:
        gate.wait()
        told = threading.Event()

        def act() -> None:
            acted.append(number)
            told.set()

        for _ in range(50):
            with deadlines.keep(30, act):
                pass
        with deadlines.keep(0.01, act):
            if number % 2:
                assert told.wait(5)

    threads = [threading.Thread(target=last_or_end, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each for each in acted if each % 2) == [1, 3, 5, 7]
