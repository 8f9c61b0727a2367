"""Jobs that decode nothing: what is left of each is what the queue itself costs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.decoders.decoder import Decoder, ProgressListener
from pixelcraft_desktop.imaging.render import Order
from pixelcraft_desktop.model import Rendering, Stage, standard_recipe

STEPS = ((Stage.READING, 0), (Stage.THUMBNAIL, 25), (Stage.PREVIEW, 50), (Stage.METADATA, 75))
CHUNK = 500  # as large as the transactions of an import
# As of content that is known: there are no files to move in, and nothing else is left out.
_RENDERING = Rendering(
    sha256="0" * 64,
    format="JPEG",
    width=4000,
    height=3000,
    mode="RGB",
    bit_depth=8,
    size_bytes=3_000_000,
    metadata={},
    renditions=(),
    unchanged=True,
)


@contextmanager
def noop_decoders(on_order: Callable[[bytes], object] = lambda _path: None) -> Iterator[None]:
    """Let every lane that opens in the block tell four steps of each job and decode nothing.

    `on_order` is called with the path of each picture as soon as the lane hands it over.
    """

    class NoopDecoder(Decoder):
        def start(self) -> None:
            """Start no process."""

        def render(self, order: Order, listener: ProgressListener) -> Rendering:
            on_order(order.source)
            for stage, progress in STEPS:
                listener(stage, progress)
            return _RENDERING

    # A lane looks for the class when it opens its decoder, long after the engine was made.
    with patch("pixelcraft_desktop.jobs.engine.Decoder", NoopDecoder):
        yield


def record_jobs(store: Store, first: int, count: int) -> None:
    """Record as many images with a waiting job each, numbered from `first`, as an import does."""
    tally = Tally()
    plan = Plan(open_batch(store, "no-ops"), standard_recipe().to_json(), max_attempts=5)
    for start in range(first, first + count, CHUNK):
        numbers = range(start, min(start + CHUNK, first + count))
        paths = [f"/pictures/{number}.jpg" for number in numbers]
        record(store, [Candidate(os.fsencode(p), p, 1, 1) for p in paths], plan, tally)
