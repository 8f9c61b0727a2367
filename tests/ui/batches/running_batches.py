"""A desk for every test of batches: a library, its workload on a clock of ours, and batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject

from pixelcraft_desktop.catalog.batches import Batch
from pixelcraft_desktop.catalog.measurements import Measurement
from pixelcraft_desktop.catalog.news import News, Scan
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import Cause, State
from pixelcraft_desktop.ui.batches.run import Ending
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.workload import Workload

LANES = 2
_SAMPLE = Picture(
    *(0, b"/p/a.jpg", "drop", None, None, None, 0, State.WAITING, None, 0, 1, 5),
    *(None, None, None),
    size_bytes=4_000_000,
)


class Desk:
    """What the catalog would tell, and what comes of it. `say` moves the clock, then tells."""

    def __init__(self) -> None:
        self.now = 100.0
        self.root = QObject()
        self.library = Library(self.root)
        self.workload = Workload(self.library, LANES, lambda: self.now, self.root)
        self.told: list[list[Ending]] = []
        self.workload.batches_ended.connect(self.told.append)
        self._next = 1

    def close(self) -> None:
        """Let everything go here and now: a timer must not be collected on another thread."""
        self.root.deleteLater()
        QCoreApplication.sendPostedEvents(self.root, QEvent.Type.DeferredDelete)

    def open(self, batch_id: int, name: str, count: int, suffix: str = "jpg") -> list[Picture]:
        """Import so many pictures, scanned already; return them as they wait."""
        pictures = [
            replace(
                _SAMPLE,
                id=self._next + number,
                job_id=self._next + number,
                path=f"/p/{number}.{suffix}".encode(),
                batch_id=batch_id,
            )
            for number in range(count)
        ]
        self._next += count
        batch = Batch(batch_id, name, 0, 0, is_scanned=True)
        scan = Scan(batch_id, name, count, 0, 0)
        news = News(pictures=pictures, batches=[batch], ended_scans=[scan])
        self.library.take_in(replace(news, queue=self.library.queue))
        return pictures

    def become(self, state: State, pictures: Sequence[Picture], **changed: Any) -> list[Picture]:
        """Let these pictures, as they are now, be in that state."""
        if state is State.FAILED:
            changed |= {"cause": Cause.DAMAGED, "message": "It is damaged."}
        current = [self.library.picture(picture.id) or picture for picture in pictures]
        after = [replace(picture, state=state, **changed) for picture in current]
        self.library.take_in(News(pictures=after, queue=self.library.queue))
        return after

    def measure(self, format_name: str, megapixels: float, seconds: float, count: int) -> None:
        """Tell of pictures that were made, of four megabytes each."""
        each = Measurement(format_name, megapixels, 4.0, seconds)
        self.library.take_in(News(measurements=[each] * count, queue=self.library.queue))

    def queue(self, **facts: Any) -> None:
        """Let the queue be in that state."""
        self.library.take_in(News(queue=replace(self.library.queue, **facts)))

    def wait(self, seconds: float) -> None:
        """Let time go by, looked at twice a second."""
        for _ in range(round(seconds * 2)):
            self.now += 0.5
            self.workload.tick()
