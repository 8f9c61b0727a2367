"""The user's retry settings, each of them felt by a running engine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from conftest import MakePhoto

from pixelcraft_desktop.catalog import jobs, transitions
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.catalog.transitions import Defeat
from pixelcraft_desktop.decoders.decoder import DecodeError, Decoder, ProgressListener
from pixelcraft_desktop.imaging.render import Order
from pixelcraft_desktop.jobs.engine import Engine
from pixelcraft_desktop.jobs.intake import Intake
from pixelcraft_desktop.model import Cause, Failure, Rendering, State, standard_recipe
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

PATIENCE_S = 15.0


class Failing(Decoder):
    """A decoder without a child, to which nothing can be saved."""

    def start(self) -> None:
        """Start nothing."""

    def render(self, order: Order, listener: ProgressListener) -> Rendering:
        raise DecodeError(Failure(Cause.OUTPUT_ERROR, "…"))


def gaps_of(store: Store, home: Home, settings: Settings) -> list[float]:
    """Run the only job of the home until it failed; return the seconds between its attempts."""
    engine = Engine(store, home, settings)
    engine.start()
    try:
        end = time.monotonic() + PATIENCE_S
        while not jobs.count_states(store)[State.FAILED]:
            assert time.monotonic() < end
            time.sleep(0.01)
    finally:
        engine.stop()
    times = [
        [datetime.fromisoformat(attempt[key]) for key in ("started_at", "finished_at")]
        for attempt in jobs.list_attempts(store, 1)
    ]
    return [(later[0] - earlier[1]).total_seconds() for earlier, later in pairwise(times)]


def noting(delay: Callable[..., bool], planned: list[float]) -> Callable[..., bool]:
    """Return `delay`, noting for how many seconds a job is put off."""

    def note(store: Store, ticket: jobs.Ticket, defeat: Defeat, run_at: str, *rest: bool) -> bool:
        left = datetime.fromisoformat(run_at) - datetime.now(UTC)
        planned.append(left.total_seconds())
        return delay(store, ticket, defeat, run_at, *rest)

    return note


@pytest.mark.parametrize(
    ("attempts", "factor", "jitter", "chance", "pauses"),
    [
        (4, 3.0, 0.0, 1.0, [0.05, 0.15, 0.2]),  # the cap instead of 0.45
        (3, 1.0, 0.0, 1.0, [0.05, 0.05]),
        (2, 2.0, 0.6, 0.5, [0.035]),
        (4, 3.0, 1.0, 1.0, [0.0, 0.0, 0.0]),
        (1, 2.0, 0.0, 0.0, []),
    ],
)
def test_attempts_first_pause_factor_cap_and_jitter(
    store: Store,
    home: Home,
    make_photo: MakePhoto,
    monkeypatch: pytest.MonkeyPatch,
    attempts: int,
    factor: float,
    jitter: float,
    chance: float,
    pauses: list[float],
) -> None:
    monkeypatch.setattr("pixelcraft_desktop.jobs.engine.Decoder", Failing)
    monkeypatch.setattr("random.random", lambda: chance)
    Intake(store, home, [os.fsencode(make_photo("a.png"))], standard_recipe()).run()
    settings = Settings(
        workers=1,
        retry_attempts=attempts,
        retry_first_delay_s=0.05,
        retry_factor=factor,
        retry_longest_delay_s=0.2,
        retry_jitter=jitter,
    )
    planned: list[float] = []
    monkeypatch.setattr(transitions, "delay", noting(transitions.delay, planned))
    gaps = gaps_of(store, home, settings)
    assert len(gaps) == len(planned) == len(pauses)
    # Planned for no later and kept no earlier: so a busy machine can't spoil either.
    assert all(plan <= pause + 0.002 for plan, pause in zip(planned, pauses, strict=True))
    assert all(gap >= pause - 0.001 for gap, pause in zip(gaps, pauses, strict=True))
    assert jobs.list_jobs(store)[0]["max_attempts"] == attempts
