"""From the catalog to the window: what the library holds is what the catalog says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pytestqt.qtbot import QtBot

from pixelcraft_desktop import lasting_thread
from pixelcraft_desktop.catalog import control, jobs, transitions
from pixelcraft_desktop.catalog.batches import Tally, close_batch, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record, save_facts
from pixelcraft_desktop.catalog.jobs import Plan, Ticket
from pixelcraft_desktop.catalog.pictures import changes_since, read_pictures
from pixelcraft_desktop.catalog.removal import purge, remove, restore, trim
from pixelcraft_desktop.catalog.schema import CatalogTooNew
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.catalog.transitions import Defeat
from pixelcraft_desktop.model import Cause, Failure, Stage, State
from pixelcraft_desktop.ui import feed as module
from pixelcraft_desktop.ui.feed import Feed
from pixelcraft_desktop.ui.library import Library


@pytest.fixture
def library(store: Store) -> Iterator[Library]:
    library = Library()
    feed = Feed(store.path)
    feed.news_arrived.connect(library.take_in)
    store.listen(feed.wake)
    feed.start()
    yield library
    feed.stop()


def add(store: Store, count: int, start: int = 0) -> int:
    """Record so many images, and return their batch."""
    tally = Tally()
    batch_id = open_batch(store, "drop")
    numbers = range(start, start + count)
    candidates = [Candidate(b"/p/%d.jpg" % n, f"/p/{n}.jpg", 1, 1) for n in numbers]
    record(store, candidates, Plan(batch_id, "[]", 1), tally)
    close_batch(store, batch_id, tally)
    return batch_id


def ticket_of(store: Store, job_id: int) -> Ticket:
    return Ticket(job_id, store.value("SELECT token FROM jobs WHERE id = ?", job_id))


def is_true_to(store: Store, library: Library) -> bool:
    """Tell whether the library shows the catalog as it is."""
    ids = changes_since(store, 0).changed
    return library.pictures() == read_pictures(store, ids)


def test_what_was_there_and_what_comes(store: Store, library: Library, qtbot: QtBot) -> None:
    add(store, 3)
    qtbot.waitUntil(lambda: len(library) == 3)
    with qtbot.waitSignal(library.pictures_added) as told:
        add(store, 2, start=10)
    assert [picture.id for picture in told.args[0]] == [4, 5]
    assert library.counts[State.WAITING] == 5
    assert is_true_to(store, library)


def test_states_follow(store: Store, library: Library, qtbot: QtBot) -> None:
    add(store, 2)
    qtbot.waitUntil(lambda: len(library) == 2)
    claim = transitions.claim(store, ticket_of(store, 1))
    assert claim is not None
    transitions.save_progress(store, [(claim.ticket, Stage.PREVIEW, 50)])
    qtbot.waitUntil(lambda: library.pictures()[0].progress == 50)
    assert library.counts[State.ACTIVE] == 1
    transitions.fail(
        store, claim.ticket, Defeat(Failure(Cause.EMPTY, "The file is empty."), Stage.READING)
    )
    qtbot.waitUntil(lambda: library.counts[State.FAILED] == 1)
    assert library.pictures(frozenset({State.FAILED}))[0].cause is Cause.EMPTY
    transitions.retry(store, None)
    qtbot.waitUntil(lambda: library.counts[State.WAITING] == 2)
    assert is_true_to(store, library)


def test_pictures_share_what_many_have(store: Store) -> None:
    add(store, 4)
    wanted = [["cmyk", "frames:24"], ["cmyk", "frames:24"], ["cmyk"], []]
    with store.transaction() as tx:
        for image_id, notes in enumerate(wanted, 1):
            save_facts(tx, image_id, {"format": "JPEG 2000", "notes": notes})
    pictures = read_pictures(store, [1, 2, 3, 4])
    assert [list(picture.notes) for picture in pictures] == wanted
    assert pictures[0].notes is pictures[1].notes
    assert {picture.format for picture in pictures} == {"JPEG 2000"}
    assert len({id(picture.format) for picture in pictures}) == 1
    add(store, 1, start=10)
    assert read_pictures(store, [5])[0].notes == ()


def test_removed_pictures_go_and_come_back(store: Store, library: Library, qtbot: QtBot) -> None:
    add(store, 3)
    qtbot.waitUntil(lambda: len(library) == 3)
    assert remove(store, [1, 3, 99]) == [1, 3]
    qtbot.waitUntil(lambda: len(library) == 1)
    assert restore(store, [1]) == [1]
    qtbot.waitUntil(lambda: len(library) == 2)
    purge(store, [1, 3])
    assert [image["id"] for image in store.rows("SELECT id FROM images ORDER BY id")] == [1, 2]
    assert is_true_to(store, library)


def test_a_window_that_slept_for_days_misses_nothing(
    store: Store, library: Library, qtbot: QtBot
) -> None:
    add(store, 4)
    qtbot.waitUntil(lambda: len(library) == 4)
    remove(store, [4])  # its delivery is on the way while the window sleeps
    remove(store, [1, 2])
    purge(store, [1, 2])
    for days in (1, 2):
        trim(store, datetime(2026, 3, days, tzinfo=UTC))
    add(store, 1, start=10)
    qtbot.waitUntil(lambda: len(library) == 2)
    assert [picture.id for picture in library.pictures()] == [3, 5]
    assert is_true_to(store, library)


def test_a_removed_picture_does_not_run_until_it_comes_back(store: Store) -> None:
    add(store, 2)
    claim = transitions.claim(store, ticket_of(store, 1))
    assert claim is not None
    remove(store, [1, 2])
    assert jobs.next_waiting(store, 10) == []
    with store.transaction() as tx:
        assert not transitions.finish(tx, claim.ticket)
    assert sum(jobs.count_states(store).values()) == 0
    restore(store, [1])
    assert [ticket.job_id for ticket in jobs.next_waiting(store, 10)] == [1]


def test_a_salvage_in_vain_is_known_until_something_else_is_tried(store: Store) -> None:
    add(store, 1)
    damaged = Defeat(Failure(Cause.DAMAGED, "It can't be decoded."), Stage.READING)

    def fail() -> None:
        claim = transitions.claim(store, ticket_of(store, 1))
        assert claim is not None
        assert transitions.fail(store, claim.ticket, damaged)

    def is_unreadable() -> bool:
        return read_pictures(store, [1])[0].is_unreadable

    fail()
    assert not is_unreadable()
    transitions.retry(store, [1], salvage=True)
    assert not is_unreadable()
    fail()
    assert is_unreadable()
    transitions.retry(store, [1])
    fail()
    assert not is_unreadable()


def test_what_is_on_screen_goes_first(store: Store) -> None:
    add(store, 6)
    order = [ticket.job_id for ticket in jobs.next_waiting(store, 4, visible=[5, 3])]
    assert order == [3, 5, 1, 2]
    with store.transaction() as tx:
        tx.run("UPDATE jobs SET priority = 1 WHERE id = 6")
    assert jobs.next_waiting(store, 1, visible=[5])[0].job_id == 6


def test_thousands_come_in_small_deliveries(store: Store, qtbot: QtBot) -> None:
    add(store, 1_700)
    library, feed = Library(), Feed(store.path)
    sizes: list[int] = []
    feed.news_arrived.connect(lambda news: sizes.append(len(news.pictures)))
    feed.news_arrived.connect(library.take_in)
    feed.start()
    qtbot.waitUntil(lambda: len(library) == 1_700)
    feed.stop()
    assert max(sizes) <= 500


def test_who_hears_that_a_search_has_ended_knows_all_it_found(store: Store, qtbot: QtBot) -> None:
    add(store, 1)
    library, feed = Library(), Feed(store.path)
    known: list[int] = []
    library.scan_ended.connect(lambda _scan: known.append(len(library)))
    feed.news_arrived.connect(library.take_in)
    feed.start()
    qtbot.waitUntil(lambda: len(library) == 1)
    add(store, 1_200, start=1)
    feed.wake()
    qtbot.waitUntil(lambda: bool(known))
    feed.stop()
    assert known == [1_201]


def test_pause_workers_and_scans_are_told(store: Store, library: Library, qtbot: QtBot) -> None:
    with qtbot.waitSignal(library.queue_changed):
        control.set_paused(store, True)
    assert library.queue.is_paused
    control.set_workers(store, 7)
    qtbot.waitUntil(lambda: library.queue.workers == 7)
    batch_id = open_batch(store, "Photos")
    qtbot.waitUntil(lambda: [scan.name for scan in library.queue.scans] == ["Photos"])
    with qtbot.waitSignal(library.scan_ended) as told:
        close_batch(store, batch_id, Tally(imported=3, skipped=2))
    assert (told.args[0].found, told.args[0].skipped) == (3, 2)
    assert library.queue.scans == ()


def test_another_process_is_heard_within_a_moment(
    store: Store, library: Library, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: library.queue is not None)
    other = Store(store.path)
    add(other, 1)
    other.close()
    qtbot.waitUntil(lambda: len(library) == 1, timeout=2_000)


def test_a_slow_window_gets_the_last_state_and_no_backlog(store: Store, qtbot: QtBot) -> None:
    add(store, 1)
    library, feed = Library(), Feed(store.path)
    feed.news_arrived.connect(library.take_in)
    store.listen(feed.wake)
    feed.start()
    qtbot.waitUntil(lambda: len(library) == 1)
    deliveries: list[int] = []
    feed.news_arrived.connect(lambda news: deliveries.append(len(news.pictures)))
    claim = transitions.claim(store, ticket_of(store, 1))
    assert claim is not None
    for percent in range(100):  # nobody takes anything in meanwhile
        transitions.save_progress(store, [(claim.ticket, Stage.PREVIEW, percent)])
    qtbot.waitUntil(lambda: library.pictures()[0].progress == 99)
    feed.stop()
    assert len(deliveries) <= 4


def test_a_stop_in_the_middle_of_a_delivery_waits_for_nobody(store: Store, qtbot: QtBot) -> None:
    add(store, 2_000)
    for _ in range(20):
        feed = Feed(store.path)
        feed.start()
        feed.wake()
        feed.stop()  # on the thread that would have to take the delivery in
        assert not any(thread.name == "feed" for thread in threading.enumerate())
        qtbot.wait(1)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), CatalogTooNew("…")])
def test_a_catalog_that_can_not_be_opened_is_opened_later(
    error: Exception, store: Store, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(store, 1)
    library = Library()
    follow_after(error, "Store", Feed(store.path), library, qtbot, monkeypatch)


def test_a_bug_in_one_delivery_does_not_end_the_news(
    store: Store, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    add(store, 1)
    library = Library()
    bug = KeyError("a bug")
    follow_after(bug, "changes_since", Feed(store.path), library, qtbot, monkeypatch)
    assert "the thread feed failed, and begins anew" in caplog.messages


def follow_after(
    error: Exception,
    name: str,
    feed: Feed,
    library: Library,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Let that part of the feed raise twice, and wait for the picture all the same."""
    monkeypatch.setattr(module, "_TRY_AGAIN_S", 0.01)
    monkeypatch.setattr(lasting_thread, "PAUSE_S", 0.01)
    errors = [error, error]
    part = getattr(module, name)

    def stumble(*arguments: object) -> object:
        if errors:
            raise errors.pop()
        return part(*arguments)

    monkeypatch.setattr(module, name, stumble)
    feed.news_arrived.connect(library.take_in)
    feed.start()
    qtbot.waitUntil(lambda: len(library) == 1)
    feed.stop()
    assert errors == []
