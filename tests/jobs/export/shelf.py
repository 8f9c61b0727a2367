"""A shelf of finished pictures: rows and output files, without decoding anything."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from pixelcraft_desktop.catalog.batches import Tally, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan
from pixelcraft_desktop.catalog.renditions import make_current
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.filenames import display_name
from pixelcraft_desktop.model import Rendered
from pixelcraft_desktop.paths import Home

BOTH = ("preview", "thumbnail")


class Shelf:
    """Puts pictures with results into a catalog. The bytes of a result name its image."""

    def __init__(self, store: Store, home: Home) -> None:
        self.store = store
        self.home = home

    def add(self, *paths: bytes | str, results: Sequence[str] = BOTH) -> list[int]:
        """Record the paths with these results each; return the ids of the images."""
        ids = self.record([os.fsencode(path) for path in paths])
        with self.store.transaction() as tx:
            for image_id in ids:
                made = {name: self.content(image_id, name) for name in results}
                make_current(tx, image_id, "", self._write(image_id, made))
        return ids

    def record(self, paths: Sequence[bytes]) -> list[int]:
        """Record images that have no result yet."""
        plan = Plan(open_batch(self.store, "shelf"), "", 1)
        last = self.store.value("SELECT coalesce(max(id), 0) FROM images")
        # A folder each, because the path is the identity and the tests are about equal names.
        places = [b"/%d/%s" % (last + n, path) for n, path in enumerate(paths)]
        candidates = [Candidate(place, display_name(place), 1, 1) for place in places]
        for at in range(0, len(candidates), 500):
            record(self.store, candidates[at : at + 500], plan, Tally())
        rows = self.store.rows("SELECT id FROM images WHERE id > ? ORDER BY id", last)
        return [row["id"] for row in rows]

    def render_again(self, image_id: int, name: str, content: bytes) -> None:
        """Replace the image's results by one, as a changed original does."""
        with self.store.transaction() as tx:
            older = make_current(tx, image_id, "", self._write(image_id, {name: content}, "new"))
        for rendition, file in older:
            (self.home.output_folder(rendition) / file).unlink()

    @staticmethod
    def content(image_id: int, name: str) -> bytes:
        """Return what is in the result."""
        return f"{name} of {image_id}".encode()

    def _write(
        self, image_id: int, made: Mapping[str, bytes], mark: str = "1"
    ) -> Iterable[tuple[Rendered, str]]:
        for name, content in made.items():
            file = f"{image_id}-{mark}.webp"
            (self.home.output_folder(name) / file).write_bytes(content)
            yield Rendered(name, 1, 1, len(content)), file
