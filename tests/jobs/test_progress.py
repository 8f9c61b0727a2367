"""Progress: the last value is written, and a stop always ends the thread."""

from __future__ import annotations

import threading

from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.jobs.progress import Progress

LONG_S = 10


class StopBeforeClear(threading.Event):
    """Stops the progress at the worst moment: just before the thread clears its wake-up."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress
        self.stopper = threading.Thread(target=progress.stop, daemon=True)

    def clear(self) -> None:
        if not self.stopper.ident:
            super().clear()
            self.stopper.start()
            assert self.wait(LONG_S)
        super().clear()


def test_a_stop_at_the_worst_moment_ends_the_thread(store: Store) -> None:
    progress = Progress(store)
    wake_up = StopBeforeClear(progress)
    progress._has_values = wake_up
    progress.start()
    wake_up.set()
    progress._thread.join(LONG_S)
    assert not progress._thread.is_alive()
    wake_up.stopper.join(LONG_S)
    assert not wake_up.stopper.is_alive()
