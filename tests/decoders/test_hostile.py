"""Whatever a child says that was taken over, the parent stays sound and small."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import hostile
import psutil
import pytest
from orders import order_for

from pixelcraft_desktop.decoders import child
from pixelcraft_desktop.decoders.decoder import DecodeError, Decoder
from pixelcraft_desktop.decoders.memory import MemoryBudget
from pixelcraft_desktop.model import Cause, Failure

DEADLINE_S = 2.0


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    decoder = Decoder(MemoryBudget(500_000_000), DEADLINE_S)
    yield decoder
    decoder.close()


@pytest.mark.parametrize(
    ("main", "cause"),
    [
        (hostile.say_too_much, Cause.DECODER_CRASHED),
        (hostile.fail_at_length, Cause.DAMAGED),
        (hostile.tell_too_much, Cause.DECODER_CRASHED),
        (hostile.invent_a_cause, Cause.DECODER_CRASHED),
        (hostile.claim_a_size, Cause.DECODER_CRASHED),
        (hostile.ask_for_all, Cause.TOO_LARGE),
        (hostile.never_end, Cause.DECODER_CRASHED),
        (hostile.be_silent, Cause.TIMEOUT),
        (hostile.stall, Cause.TIMEOUT),
    ],
)
def test_a_hostile_child_is_a_failure_like_any(
    decoder: Decoder, monkeypatch: pytest.MonkeyPatch, main: Callable[..., None], cause: Cause
) -> None:
    monkeypatch.setattr(child, "main", main)
    decoder.start()
    before = psutil.Process().memory_info().rss
    began = time.monotonic()
    failure = failure_of(decoder)
    assert time.monotonic() - began < DEADLINE_S + 2
    assert failure.cause == cause
    assert len(failure.message) <= 1_000
    assert len(failure.traceback or "") <= 20_000
    assert psutil.Process().memory_info().rss - before < 30_000_000


def failure_of(decoder: Decoder) -> Failure:
    with pytest.raises(DecodeError) as caught:
        decoder.render(order_for(Path("/nowhere")), lambda stage, progress: None)
    return caught.value.failure


def test_what_an_honest_child_says_is_taken(
    decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "main", hostile.answer)
    rendering = decoder.render(order_for(Path("/nowhere")), lambda stage, progress: None)
    assert (rendering.format, rendering.unchanged) == ("PNG", True)
