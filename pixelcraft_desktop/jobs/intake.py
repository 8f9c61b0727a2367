"""Takes in what the user gave: scanned, and recorded with waiting jobs in short transactions."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pixelcraft_desktop.catalog.batches import Tally, close_batch, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.filenames import display_name
from pixelcraft_desktop.jobs.policy import MAX_ATTEMPTS
from pixelcraft_desktop.jobs.scan import Skipped, scan
from pixelcraft_desktop.model import Recipe

_LARGEST_CHUNK = 500
_LONGEST_WAIT_S = 0.2  # on a slow drive the first pictures start while the rest is looked for


@dataclass
class Intake:
    """One import: `batch_id` exists from the start, `tally` grows while `run` works."""

    store: Store
    home: Path
    paths: Sequence[bytes]
    recipe: Recipe
    is_stopped: Callable[[], bool] = lambda: False
    tally: Tally = field(default_factory=Tally)
    unreadable: list[Skipped] = field(default_factory=list)
    batch_id: int = field(init=False)
    first_recorded: float | None = None  # time.time() of the first row

    def __post_init__(self) -> None:
        self.batch_id = open_batch(self.store, _name_batch(self.paths))

    def run(self) -> None:
        """Scan and record everything; what was recorded before a stop stays recorded."""
        chunk: list[Candidate] = []
        began = time.monotonic()
        for found in scan(self.paths, self.is_stopped, os.fsencode(self.home)):
            if isinstance(found, Skipped):
                self._skip(found)
                continue
            chunk.append(found)
            if len(chunk) >= _LARGEST_CHUNK or time.monotonic() - began > _LONGEST_WAIT_S:
                self._record(chunk)
                chunk, began = [], time.monotonic()
        self._record(chunk)
        close_batch(self.store, self.batch_id, self.tally)

    def _skip(self, skipped: Skipped) -> None:
        self.tally.skipped += 1
        if os.path.isdir(skipped.path):
            self.unreadable.append(skipped)

    def _record(self, chunk: Sequence[Candidate]) -> None:
        if not chunk:
            return
        if self.first_recorded is None:
            self.first_recorded = time.time()
        plan = Plan(self.batch_id, self.recipe.to_json(), MAX_ATTEMPTS)
        record(self.store, chunk, plan, self.tally)


def _name_batch(paths: Sequence[bytes]) -> str:
    """Return what people call the batch: the name of the first thing given."""
    first = display_name(os.path.basename(os.path.normpath(paths[0])) or paths[0])
    return first if len(paths) == 1 else f"{first} and {len(paths) - 1} more"
