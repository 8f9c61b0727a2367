"""Succession: a lane goes on with the next job in the commit that ends the one before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import MakePhoto

from pixelcraft_desktop.catalog import steering, transitions
from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.control import set_paused
from pixelcraft_desktop.catalog.database import OperationalError
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan, Ticket, count_states, next_waiting
from pixelcraft_desktop.catalog.rate_limit import RateLimit, set_rate_limit
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.decoders.decoder import Decoder, ProgressListener
from pixelcraft_desktop.decoders.memory import MemoryBudget
from pixelcraft_desktop.imaging.render import Order
from pixelcraft_desktop.jobs.allowance import Allowance
from pixelcraft_desktop.jobs.persistence import Persistence
from pixelcraft_desktop.jobs.pipeline import Pipeline
from pixelcraft_desktop.jobs.progress import Progress
from pixelcraft_desktop.model import Cause, KnownFailure, Limits, Rendering, State, standard_recipe
from pixelcraft_desktop.paths import Home

KNOWN = Rendering("0" * 64, "JPEG", 40, 30, "RGB", 8, 1, {}, (), unchanged=True)


class StandIn(Decoder):
    """Decodes nothing, and notes what it was given; `hook` runs meanwhile."""

    def __init__(self) -> None:
        super().__init__(MemoryBudget(1), 1)
        self.orders: list[bytes] = []
        self.hook: Callable[[], object] = lambda: None

    def render(self, order: Order, _listener: ProgressListener) -> Rendering:
        self.orders.append(order.source)
        self.hook()
        return KNOWN


@pytest.fixture
def decoder() -> StandIn:
    return StandIn()


@pytest.fixture
def allowance(store: Store) -> Allowance:
    return Allowance(store)


@pytest.fixture
def pipeline(store: Store, home: Home, allowance: Allowance) -> Pipeline:
    return Pipeline(
        store,
        home,
        Progress(store),
        Limits(),
        Persistence(lambda _trouble: None),
        allowance=allowance,
    )


def add_jobs(store: Store, count: int) -> list[Ticket]:
    plan = Plan(open_batch(store, "b"), standard_recipe().to_json(), 5)
    paths = [f"/{number}.jpg" for number in range(1, count + 1)]
    record(store, [Candidate(path.encode(), path, 1, 1) for path in paths], plan, Tally())
    return next_waiting(store, count)


def run(pipeline: Pipeline, decoder: Decoder, tickets: list[Ticket]) -> list[Ticket]:
    """Run the first ticket and hand out the others; return those that nobody asked for."""
    rest = list(tickets)
    pipeline.run(rest.pop(0), decoder, lambda: rest.pop(0) if rest else None)
    return rest


def revisions(store: Store, column: str) -> list[int]:
    return [row[column] for row in store.rows(f"SELECT {column} FROM jobs ORDER BY id")]


def test_the_end_of_one_job_and_the_claim_of_the_next_are_one_commit(
    store: Store, pipeline: Pipeline, decoder: StandIn
) -> None:
    tickets = add_jobs(store, 4)
    before = store.value("SELECT value FROM revision")
    assert run(pipeline, decoder, tickets) == []
    assert decoder.orders == [b"/1.jpg", b"/2.jpg", b"/3.jpg", b"/4.jpg"]
    assert count_states(store)[State.COMPLETED] == 4
    assert store.value("SELECT value FROM revision") - before == 5  # one, and one for each
    # A claim's token is the revision of its commit, and so is that of the job that ended in it.
    assert revisions(store, "revision")[:3] == revisions(store, "token")[1:]


def test_each_is_active_only_while_it_is_in_hand(
    store: Store, pipeline: Pipeline, decoder: StandIn
) -> None:
    active: list[list[int]] = []
    decoder.hook = lambda: active.append(
        [row["id"] for row in store.rows("SELECT id FROM jobs WHERE state = 'active'")]
    )
    run(pipeline, decoder, add_jobs(store, 3))
    assert active == [[1], [2], [3]]


def test_who_may_not_be_claimed_is_left_and_the_lane_goes_back(
    store: Store, pipeline: Pipeline, decoder: StandIn
) -> None:
    tickets = add_jobs(store, 3)
    steering.cancel(store, [2])
    assert run(pipeline, decoder, tickets) == [tickets[2]]  # it is fed again if it is to be done
    assert count_states(store)[State.COMPLETED] == 1
    set_paused(store, True)
    assert run(pipeline, decoder, tickets[2:]) == []
    assert count_states(store)[State.WAITING] == 1


def test_pausing_meanwhile_lets_the_job_in_hand_end(
    store: Store, pipeline: Pipeline, decoder: StandIn
) -> None:
    decoder.hook = lambda: set_paused(store, True)
    run(pipeline, decoder, add_jobs(store, 3))
    counts = count_states(store)
    assert (counts[State.COMPLETED], counts[State.WAITING], counts[State.ACTIVE]) == (1, 2, 0)


@pytest.mark.parametrize("mark", ["suspect", "lone"])
def test_who_has_to_run_alone_is_not_claimed_on_the_way(
    store: Store, pipeline: Pipeline, decoder: StandIn, mark: str
) -> None:
    tickets = add_jobs(store, 2)
    with store.transaction() as tx:
        tx.run(f"UPDATE jobs SET {mark} = 1 WHERE id = 2")
    assert transitions.claim(store, tickets[1], is_alone=False) is None
    run(pipeline, decoder, tickets)
    assert count_states(store)[State.COMPLETED] == 2
    alone, other = revisions(store, "token")[1], revisions(store, "revision")[0]
    assert alone > other  # in a commit of its own


def test_a_closing_pipeline_takes_nothing_more(
    store: Store, pipeline: Pipeline, decoder: StandIn
) -> None:
    decoder.hook = pipeline.close
    tickets = add_jobs(store, 3)
    assert run(pipeline, decoder, tickets) == tickets[1:]
    assert count_states(store)[State.COMPLETED] == 1


def test_a_limit_holds_on_the_way(
    store: Store, pipeline: Pipeline, decoder: StandIn, allowance: Allowance
) -> None:
    set_rate_limit(store, RateLimit(2, 3600))
    allowance.look()
    run(pipeline, decoder, add_jobs(store, 4))
    assert count_states(store)[State.COMPLETED] == 2
    assert allowance.room() == 0


def test_where_the_end_is_refused_the_next_is_not_lost(
    store: Store, pipeline: Pipeline, decoder: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = add_jobs(store, 2)
    commit, refusals = store._commit, [OperationalError("database is locked")]

    def refuse_once() -> None:
        if len(decoder.orders) == 1 and refusals:
            raise refusals.pop()
        commit()

    monkeypatch.setattr(store, "_commit", refuse_once)
    assert run(pipeline, decoder, tickets) == []
    counts = count_states(store)
    assert (counts[State.COMPLETED], counts[State.WAITING], counts[State.ACTIVE]) == (1, 1, 0)
    assert decoder.orders == [b"/1.jpg", b"/2.jpg"]


def test_real_pictures_follow_each_other(
    store: Store, pipeline: Pipeline, make_photo: MakePhoto, home: Home
) -> None:
    plan = Plan(open_batch(store, "b"), standard_recipe().to_json(), 5)
    paths: list[Path] = [make_photo(f"{number}.jpg", size=(60, 40)) for number in range(3)]
    paths.insert(1, paths[0].with_name("empty.jpg"))
    paths[1].write_bytes(b"")
    record(store, [Candidate(str(p).encode(), str(p), 1, 1) for p in paths], plan, Tally())
    tickets = next_waiting(store, 4)
    decoder = Decoder(MemoryBudget(10**9), 60)
    try:
        while tickets:  # a failure ends the succession, not the work
            run(pipeline, decoder, tickets)
            tickets = next_waiting(store, 4)
    finally:
        decoder.close()
    counts = count_states(store)
    assert (counts[State.COMPLETED], counts[State.FAILED]) == (3, 1)
    assert len(list(home.output_folder("preview").iterdir())) == 3


def test_what_is_half_made_goes_before_the_failure_is_recorded(
    store: Store, pipeline: Pipeline, decoder: StandIn, home: Home
) -> None:
    (ticket,) = add_jobs(store, 1)
    left: list[list[str]] = []

    def fail() -> None:
        token = store.value("SELECT token FROM jobs")
        (home.output_folder("preview") / f"1-{token}.webp.tmp").write_bytes(b"half")
        store.listen(lambda: left.append([p.name for p in home.outputs.rglob("*.tmp")]))
        raise KnownFailure(Cause.DAMAGED, "It ends too early.")

    decoder.hook = fail
    pipeline.run(ticket, decoder)
    assert left == [[]]  # at the commit of the failure: had it been killed then, nothing is left
    assert count_states(store)[State.FAILED] == 1
