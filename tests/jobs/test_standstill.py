"""An import that waits says why, once for each reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pixelcraft_desktop import report
from pixelcraft_desktop.catalog import control, steering
from pixelcraft_desktop.catalog.batches import Tally, count_batch, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan, next_waiting
from pixelcraft_desktop.catalog.rate_limit import RateLimit, set_rate_limit
from pixelcraft_desktop.catalog.store import Store, timestamp
from pixelcraft_desktop.catalog.transitions import Defeat, claim, delay, give_back
from pixelcraft_desktop.jobs import standstill
from pixelcraft_desktop.jobs.standstill import Standstill, StandstillTeller, find_standstill
from pixelcraft_desktop.model import Cause, Failure, Stage

TOMORROW = timestamp(datetime.now(UTC) + timedelta(days=1))


@pytest.fixture
def batch(store: Store) -> int:
    """An import of three pictures, the jobs 1, 2 and 3."""
    batch_id = open_batch(store, "b")
    plan = Plan(batch_id, "[]", 5)
    names = ("/a.png", "/b.png", "/c.png")
    record(store, [Candidate(n.encode(), n, 1, 1) for n in names], plan, Tally())
    return batch_id


def look(store: Store, batch_id: int) -> Standstill | None:
    return find_standstill(store, batch_id, count_batch(store, batch_id))


def test_pictures_put_off_by_the_user_wait_until_then(store: Store, batch: int) -> None:
    assert look(store, batch) is None
    steering.delay_until(store, [1, 3], TOMORROW)
    assert look(store, batch) is None  # one more is to be worked on
    steering.delay_until(store, [2], "2999-01-01T00:00:00.000Z")
    assert look(store, batch) == Standstill(3, until=TOMORROW)
    assert look(store, open_batch(store, "other")) is None


def test_a_retry_comes_soon_and_is_no_standstill(store: Store, batch: int) -> None:
    steering.cancel(store, [2, 3])
    (ticket,) = next_waiting(store, 5)
    claimed = claim(store, ticket)
    assert claimed is not None
    assert look(store, batch) is None
    defeat = Defeat(Failure(Cause.TIMEOUT, "…"), Stage.READING)
    assert delay(store, claimed.ticket, defeat, TOMORROW)
    assert look(store, batch) is None


def test_the_limit_counts_only_once_it_is_reached(store: Store, batch: int) -> None:
    limit = RateLimit(1, 60)
    set_rate_limit(store, limit)
    assert look(store, batch) is None
    claimed = claim(store, next_waiting(store, 1)[0])
    assert claimed is not None
    assert look(store, batch) is None  # it is being worked on
    give_back(store)
    assert look(store, batch) == Standstill(3, limit=limit)
    control.set_paused(store, True)
    assert look(store, batch) is None


def test_each_reason_is_told_once(
    store: Store, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standstill, "_LOOK_S", 0.0)
    heard: list[Standstill] = []
    teller = StandstillTeller(store, heard.append)

    def tell() -> None:
        teller.look(batch, count_batch(store, batch))

    steering.delay_until(store, [1, 2, 3], TOMORROW)
    tell()
    tell()
    steering.promote(store, [1])
    tell()
    steering.cancel(store, [1])
    tell()  # fewer wait, for the same reason
    later = "2999-01-01T00:00:00.000Z"
    steering.delay_until(store, [2, 3], later)
    tell()
    assert heard == [Standstill(3, until=TOMORROW), Standstill(2, until=later)]


def test_many_commits_bring_two_looks_a_second(store: Store, batch: int) -> None:
    heard: list[Standstill] = []
    teller = StandstillTeller(store, heard.append)
    teller.look(batch, count_batch(store, batch))
    steering.delay_until(store, [1, 2, 3], TOMORROW)
    teller.look(batch, count_batch(store, batch))
    assert heard == []


def test_the_sentences() -> None:
    soon = datetime.now().astimezone().replace(microsecond=0) + timedelta(seconds=30)
    line = report.standstill_line(Standstill(1, until=timestamp(soon)))
    assert f"{soon:%H:%M:%S} for 1 picture (delayed)." in line
    far = datetime(2999, 3, 1, 22, 0).astimezone()
    line = report.standstill_line(Standstill(1200, until=timestamp(far)))
    assert line == "Waiting until 2999-03-01 22:00 for 1,200 pictures (delayed)."
    line = report.standstill_line(Standstill(90, limit=RateLimit(10, 60)))
    assert line == (
        "90 pictures wait: at most 10 a minute are started (`pixelcraft limit off` ends that)."
    )
    assert "1 picture waits: at most" in report.standstill_line(
        Standstill(1, limit=RateLimit(1, 1))
    )
    words = [RateLimit(count, s).in_words() for count, s in ((1000, 3600), (5, 10), (2, 86_400))]
    assert words == ["1,000 an hour", "5 in 10 seconds", "2 a day"]
