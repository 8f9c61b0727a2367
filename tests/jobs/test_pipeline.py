"""One job from claim to publish, with a real decoder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import MakePhoto
from PIL import Image

from pixelcraft_desktop.catalog import jobs, transitions
from pixelcraft_desktop.catalog.images import list_images
from pixelcraft_desktop.catalog.jobs import Ticket, next_waiting
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.decoders.decoder import Decoder, Interrupted, ProgressListener
from pixelcraft_desktop.decoders.memory import MemoryBudget
from pixelcraft_desktop.imaging.render import Order
from pixelcraft_desktop.jobs.intake import Intake
from pixelcraft_desktop.jobs.persistence import Persistence
from pixelcraft_desktop.jobs.pipeline import Pipeline
from pixelcraft_desktop.jobs.progress import Progress
from pixelcraft_desktop.model import Limits, Rendering, standard_recipe
from pixelcraft_desktop.paths import Home


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    decoder = Decoder(MemoryBudget(10**9), 60)
    yield decoder
    decoder.close()


@pytest.fixture
def pipeline(store: Store, home: Home) -> Pipeline:
    return Pipeline(store, home, Progress(store), Limits(), Persistence(lambda _trouble: None))


def take_in(store: Store, home: Home, path: Path) -> Ticket:
    Intake(store, home, [os.fsencode(path)], standard_recipe()).run()
    return next_waiting(store, 1)[0]


def outputs(home: Home) -> list[str]:
    return sorted(name for _, _, names in os.walk(home.outputs) for name in names)


def test_a_picture_becomes_its_renditions(
    store: Store, home: Home, make_photo: MakePhoto, pipeline: Pipeline, decoder: Decoder
) -> None:
    path = make_photo("a.jpg", size=(1000, 500))
    pipeline.run(take_in(store, home, path), decoder)
    (row,) = list_images(store)
    assert (row["state"], row["format"], row["width"], row["height"]) == (
        "completed",
        "JPEG",
        1000,
        500,
    )
    with Image.open(home.output_folder("thumbnail") / row["thumbnail"]) as image:
        assert (image.format, image.size) == ("WEBP", (200, 200))
    with Image.open(home.output_folder("preview") / row["preview"]) as image:
        assert (image.format, image.size) == ("WEBP", (800, 400))
    assert row["thumbnail"] == f"{row['id']}-{store.value('SELECT token FROM jobs')}.webp"


def test_what_was_lost_is_kept_in_the_catalog(
    store: Store, home: Home, photos: Path, pipeline: Pipeline, decoder: Decoder
) -> None:
    path = photos / "a.png"
    Image.new("CMYK", (40, 30)).save(path, "TIFF")
    for _ in range(2):  # the second time its content is known, and it is not decoded
        pipeline.run(take_in(store, home, path), decoder)
        assert list_images(store)[0]["notes"] == '["extension:png", "cmyk_assumed"]'
        os.utime(path, ns=(1, 1))


def test_a_message_delivered_twice_does_its_work_once(
    store: Store, home: Home, make_photo: MakePhoto, pipeline: Pipeline, decoder: Decoder
) -> None:
    ticket = take_in(store, home, make_photo("a.png"))
    pipeline.run(ticket, decoder)
    before = outputs(home)
    pipeline.run(ticket, decoder)
    assert outputs(home) == before
    assert len(jobs.list_attempts(store, ticket.job_id)) == 1


def test_changed_content_replaces_the_older_set(
    store: Store, home: Home, make_photo: MakePhoto, pipeline: Pipeline, decoder: Decoder
) -> None:
    pipeline.run(take_in(store, home, make_photo("a.png")), decoder)
    before = outputs(home)
    path = make_photo("a.png", size=(400, 400))
    pipeline.run(take_in(store, home, path), decoder)
    after = outputs(home)
    assert len(after) == 2
    assert not set(after) & set(before)
    assert list_images(store)[0]["width"] == 400


def test_touched_but_equal_content_is_not_rendered_again(
    store: Store, home: Home, make_photo: MakePhoto, pipeline: Pipeline, decoder: Decoder
) -> None:
    path = make_photo("a.png")
    pipeline.run(take_in(store, home, path), decoder)
    before = outputs(home)
    os.utime(path, ns=(1, 1))
    pipeline.run(take_in(store, home, path), decoder)
    assert outputs(home) == before
    assert list_images(store)[0]["state"] == "completed"


def test_equal_content_is_rendered_again_if_a_file_was_lost(
    store: Store, home: Home, make_photo: MakePhoto, pipeline: Pipeline, decoder: Decoder
) -> None:
    path = make_photo("a.png")
    pipeline.run(take_in(store, home, path), decoder)
    (home.output_folder("preview") / outputs(home)[0]).unlink()
    os.utime(path, ns=(1, 1))
    pipeline.run(take_in(store, home, path), decoder)
    assert len(outputs(home)) == 2


class MeddledDecoder(Decoder):
    """A real decoder; `meddle` happens after it rendered and before the result is published."""

    def __init__(self, store: Store) -> None:
        super().__init__(MemoryBudget(10**9), 60)
        self._store = store

    def render(self, order: Order, listener: ProgressListener) -> Rendering:
        rendering = super().render(order, listener)
        self.meddle(order)
        return rendering

    def meddle(self, order: Order) -> None:
        """Take the job away, as a cancel or a rescue does."""
        transitions.give_back(self._store)


def test_a_result_that_comes_too_late_leaves_nothing(
    store: Store, home: Home, make_photo: MakePhoto, pipeline: Pipeline
) -> None:
    ticket = take_in(store, home, make_photo("a.png"))
    decoder = MeddledDecoder(store)
    pipeline.run(ticket, decoder)
    decoder.close()
    assert outputs(home) == []
    assert list_images(store)[0]["state"] == "waiting"


class InterruptedDecoder(MeddledDecoder):
    def meddle(self, order: Order) -> None:
        raise Interrupted


class VanishingOutputs(MeddledDecoder):
    def meddle(self, order: Order) -> None:
        os.unlink(order.targets["preview"])


class BuggyDecoder(MeddledDecoder):
    def meddle(self, order: Order) -> None:
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("kind", "state", "cause", "attempt"),
    [
        (InterruptedDecoder, "waiting", None, 0),
        (VanishingOutputs, "delayed", "output_error", 1),
        (BuggyDecoder, "delayed", "internal_error", 1),
    ],
)
def test_whatever_happens_the_job_has_a_state_and_no_litter(
    store: Store,
    home: Home,
    make_photo: MakePhoto,
    pipeline: Pipeline,
    kind: type[MeddledDecoder],
    state: str,
    cause: str | None,
    attempt: int,
) -> None:
    ticket = take_in(store, home, make_photo("a.png"))
    decoder = kind(store)
    pipeline.run(ticket, decoder)
    decoder.close()
    (job,) = jobs.list_jobs(store)
    assert (job["state"], job["cause"], job["attempt"]) == (state, cause, attempt)
    assert outputs(home) == []


def test_a_full_disk_says_so(
    store: Store, home: Home, make_photo: MakePhoto, pipeline: Pipeline, decoder: Decoder
) -> None:
    ticket = take_in(store, home, make_photo("a.png"))
    token = store.value("SELECT value FROM revision") + 1
    full = home.output_folder("thumbnail") / f"1-{token}.webp.tmp"
    full.symlink_to("/dev/full")
    pipeline.run(ticket, decoder)
    (job,) = jobs.list_jobs(store)
    assert job["cause"] == "disk_full"
    assert "thumbnails" in job["message"]
    assert outputs(home) == []


def test_what_the_catalog_can_not_hold_is_our_bug(
    store: Store, home: Home, make_photo: MakePhoto, pipeline: Pipeline, decoder: Decoder
) -> None:
    ticket = take_in(store, home, make_photo("a.png"))
    with store.transaction() as tx:
        tx.run(
            "CREATE TRIGGER refuse BEFORE INSERT ON renditions BEGIN SELECT raise(ABORT, 'no'); END"
        )
    pipeline.run(ticket, decoder)
    (job,) = jobs.list_jobs(store)
    assert (job["state"], job["cause"]) == ("delayed", "internal_error")
    assert list(home.output_folder("preview").iterdir()) == []


def test_a_home_of_any_name_tells_its_failures(
    tmp_path: Path, make_photo: MakePhoto, decoder: Decoder
) -> None:
    home = Home(tmp_path / os.fsdecode(b"h\xff"))
    home.make()
    store = Store(home.catalog)
    quiet = Persistence(lambda _trouble: None)
    pipeline = Pipeline(store, home, Progress(store), Limits(), quiet)
    ticket = take_in(store, home, make_photo("a.png"))
    shutil.rmtree(home.output_folder("preview"))
    pipeline.run(ticket, decoder)
    (job,) = jobs.list_jobs(store)
    assert (job["state"], job["cause"]) == ("delayed", "output_error")
    assert "h\\xff" in job["message"]
    store.close()


def damaged_photo(photos: Path) -> Path:
    """Return a JPEG of 320 × 240 that ends after less than half of it."""
    path = photos / "a.jpg"
    Image.effect_noise((320, 240), 80).save(path)
    os.truncate(path, path.stat().st_size // 2)
    return path


def try_again(store: Store, pipeline: Pipeline, decoder: Decoder, salvage: bool) -> str:
    """Retry job 1 and return its state."""
    assert transitions.retry(store, [1], salvage) == ([1], [])
    pipeline.run(next_waiting(store, 1)[0], decoder)
    return str(jobs.list_jobs(store)[0]["state"])


def shown(store: Store) -> list[int]:
    """Return of each current rendition whether it is of a damaged picture."""
    return [row["is_damaged"] for row in store.rows("SELECT is_damaged FROM renditions")]


@pytest.fixture
def salvaged(store: Store, home: Home, photos: Path, pipeline: Pipeline, decoder: Decoder) -> Path:
    """A damaged picture of which is shown what can be read."""
    path = damaged_photo(photos)
    pipeline.run(take_in(store, home, path), decoder)
    (job,) = jobs.list_jobs(store)
    assert (job["cause"], job["message"]) == (
        "damaged",
        "The picture is damaged: it ends at 46 %.",
    )
    assert try_again(store, pipeline, decoder, salvage=True) == "completed"
    return path


def test_what_is_readable_is_kept_and_marked(store: Store, home: Home, salvaged: Path) -> None:
    (row,) = list_images(store)
    assert (row["notes"], row["state"]) == ('["salvaged:46"]', "completed")
    assert shown(store) == [1, 1]
    with Image.open(home.output_folder("preview") / row["preview"]) as image:
        assert image.size == (320, 240)
        assert image.convert("RGB").getpixel((160, 200)) == pytest.approx((128,) * 3, abs=3)
    causes = [attempt["cause"] for attempt in jobs.list_attempts(store, 1)]
    assert causes == ["damaged", None]


def test_what_was_salvaged_is_not_known_content(
    store: Store, home: Home, salvaged: Path, pipeline: Pipeline, decoder: Decoder
) -> None:
    before = outputs(home)
    os.utime(salvaged, ns=(1, 1))
    pipeline.run(take_in(store, home, salvaged), decoder)
    again = jobs.list_jobs(store)[-1]
    assert (again["id"], again["state"], again["cause"]) == (2, "failed", "damaged")
    assert (outputs(home), shown(store)) == (before, [1, 1])
    assert list_images(store)[0]["notes"] == '["salvaged:46"]'


def test_the_same_file_again_is_no_new_job_and_stays_marked(
    store: Store, home: Home, salvaged: Path
) -> None:
    Intake(store, home, [os.fsencode(salvaged)], standard_recipe()).run()
    assert next_waiting(store, 1) == []
    assert (list_images(store)[0]["state"], shown(store)) == ("completed", [1, 1])


def test_a_mended_file_is_no_longer_marked(
    store: Store, home: Home, salvaged: Path, pipeline: Pipeline, decoder: Decoder
) -> None:
    Image.effect_noise((320, 240), 80).save(salvaged)
    pipeline.run(take_in(store, home, salvaged), decoder)
    (row,) = list_images(store)
    assert (row["state"], row["notes"], shown(store)) == ("completed", "[]", [0, 0])
    assert len(outputs(home)) == 2


def test_nothing_readable_fails_again_for_the_same_reason(
    store: Store, home: Home, photos: Path, pipeline: Pipeline, decoder: Decoder
) -> None:
    path = photos / "a.webp"
    Image.effect_noise((320, 240), 80).save(path)
    os.truncate(path, path.stat().st_size // 2)
    pipeline.run(take_in(store, home, path), decoder)
    before = jobs.list_jobs(store)[0]["message"]
    assert try_again(store, pipeline, decoder, salvage=True) == "failed"
    assert jobs.list_jobs(store)[0]["message"] == before
    assert (outputs(home), shown(store)) == ([], [])


def test_a_plain_retry_of_a_salvage_that_was_cut_off_is_plain(
    store: Store, home: Home, photos: Path, pipeline: Pipeline, decoder: Decoder
) -> None:
    pipeline.run(take_in(store, home, damaged_photo(photos)), decoder)
    interrupted = InterruptedDecoder(store)
    assert try_again(store, pipeline, interrupted, salvage=True) == "waiting"
    interrupted.close()
    pipeline.run(next_waiting(store, 1)[0], decoder)
    assert shown(store) == [1, 1]  # it was still to be salvaged
    with store.transaction() as tx:
        tx.run("UPDATE jobs SET state = 'failed', cause = 'damaged'")
    assert try_again(store, pipeline, decoder, salvage=False) == "failed"


def test_a_salvage_that_comes_too_late_leaves_nothing(
    store: Store, home: Home, photos: Path, pipeline: Pipeline, decoder: Decoder
) -> None:
    pipeline.run(take_in(store, home, damaged_photo(photos)), decoder)
    late = MeddledDecoder(store)
    assert try_again(store, pipeline, late, salvage=True) == "waiting"
    late.close()
    assert (outputs(home), shown(store)) == ([], [])
