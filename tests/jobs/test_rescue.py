"""After a crash: jobs wait again, litter goes, what is not ours stays."""

from __future__ import annotations

from pixelcraft_desktop.catalog import jobs, transitions
from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan
from pixelcraft_desktop.catalog.removal import remove, restore
from pixelcraft_desktop.catalog.renditions import make_current
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.rescue import Rescue, rescue
from pixelcraft_desktop.model import Rendered
from pixelcraft_desktop.paths import Home


def add_active(store: Store) -> None:
    plan = Plan(open_batch(store, "b"), "[]", 1)
    record(store, [Candidate(b"/a.jpg", "/a.jpg", 1, 1)], plan, Tally())
    assert transitions.claim(store, jobs.next_waiting(store, 1)[0]) is not None


def test_active_jobs_wait_again_and_nobody_pays(store: Store, home: Home) -> None:
    add_active(store)
    found = rescue(store, home)
    assert found.recovery is not None
    assert (found.recovery.resumed, found.recovery.suspects, found.files) == (1, 0, 0)
    (job,) = jobs.list_jobs(store)
    assert (job["state"], job["attempt"], job["stage"]) == ("waiting", 0, None)
    assert rescue(store, home) == Rescue(recovery=None, files=0)


def test_litter_goes_and_the_rest_stays(store: Store, home: Home) -> None:
    add_active(store)
    previews = home.output_folder("preview")
    for name in ("1-7.webp", "1-9.webp", "1-9.webp.tmp", "2-3.webp.tmp", "mine.webp", "notes.txt"):
        (previews / name).write_bytes(b"x")
    with store.transaction() as tx:
        make_current(tx, 1, "[]", [(Rendered("preview", 1, 1, 1), "1-7.webp")])
    assert rescue(store, home).files == 3
    assert sorted(p.name for p in previews.iterdir()) == ["1-7.webp", "mine.webp", "notes.txt"]


def test_what_may_still_be_undone_stays(store: Store, home: Home) -> None:
    add_active(store)
    remove(store, [1])
    rescue(store, home)
    assert restore(store, [1]) == [1]
    remove(store, [1])
    with store.transaction() as tx:
        tx.run("UPDATE images SET removed_at = '2026-01-01T00:00:00.000Z'")
    rescue(store, home)
    assert restore(store, [1]) == []
