"""How long an import still takes, without a window."""

from __future__ import annotations

from pathlib import Path

import pytest

from pixelcraft_desktop.catalog import transitions
from pixelcraft_desktop.catalog.batches import Tally, close_batch, open_batch
from pixelcraft_desktop.catalog.control import set_paused
from pixelcraft_desktop.catalog.images import Candidate, record, save_facts
from pixelcraft_desktop.catalog.jobs import Plan, Ticket
from pixelcraft_desktop.catalog.rate_limit import RateLimit, set_rate_limit
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.catalog.transitions import Effort
from pixelcraft_desktop.outlook import Outlook

COUNT = 200


class Import:
    """200 JPEGs of 12 megapixels that take half a second each, on a clock of ours."""

    def __init__(self, store: Store) -> None:
        self.store, self.now, self.done = store, 0.0, 0
        batch_id = open_batch(store, "Photos")
        names = [f"/p/{number}.jpg" for number in range(COUNT)]
        candidates = [Candidate(name.encode(), name, 4_000_000, 1) for name in names]
        tally = Tally()
        record(store, candidates, Plan(batch_id, "[]", 1), tally)
        close_batch(store, batch_id, tally)
        self.outlook = Outlook(store, batch_id, lambda: self.now)

    def finish(self, count: int) -> None:
        for _ in range(count):
            self.done += 1
            token = self.store.value("SELECT token FROM jobs WHERE id = ?", self.done)
            claim = transitions.claim(self.store, Ticket(self.done, token))
            assert claim is not None
            with self.store.transaction() as tx:
                transitions.finish(tx, claim.ticket, Effort(500))
                save_facts(tx, self.done, {"format": "JPEG", "width": 4_000, "height": 3_000})

    def run(self, seconds: float, lanes: int = 2) -> tuple[float, float] | None:
        shown = None
        for _ in range(round(seconds * 2)):
            self.now += 0.5
            self.finish(lanes)
            shown = self.outlook.look(lanes)
        return None if shown is None else (shown.low, shown.high)


@pytest.fixture
def importing(store: Store) -> Import:
    return Import(store)


def test_it_is_told_once_it_is_known(importing: Import) -> None:
    assert importing.run(1) is None
    shown = importing.run(20)
    assert shown is not None
    assert shown[0] <= (COUNT - importing.done) * 0.5 / 2 <= shown[1]
    assert shown[1] < 1.5 * shown[0]
    importing.finish(COUNT - importing.done)
    assert importing.outlook.look(2) is None


def test_in_a_pause_it_is_not(importing: Import, store: Store) -> None:
    assert importing.run(10) is not None
    set_paused(store, True)
    importing.now += 0.5
    assert importing.outlook.look(2) is None


def test_a_rate_limit_makes_it_longer(importing: Import, store: Store) -> None:
    set_rate_limit(store, RateLimit(10, 60))
    shown = importing.run(10, lanes=1)
    assert shown is not None
    assert shown[0] <= (COUNT - importing.done - 10) * 6 <= shown[1]


def test_a_home_of_its_own(store: Store, tmp_path: Path) -> None:
    outlook = Outlook(store, 99)
    assert outlook.look(2) is None
