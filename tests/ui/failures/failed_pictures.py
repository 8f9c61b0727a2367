"""Pictures that failed, for the tests beside."""

from __future__ import annotations

from dataclasses import replace

from pixelcraft_desktop.catalog.news import News
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import Cause, State
from pixelcraft_desktop.ui.library import Library

JOB = 1000  # the job of picture 7 is 1007
FAILED = Picture(
    id=0,
    path=b"/photos/a.jpg",
    source="drop",
    width=None,
    height=None,
    thumbnail=None,
    job_id=JOB,
    state=State.FAILED,
    stage=None,
    progress=0,
    attempt=1,
    max_attempts=5,
    cause=Cause.DAMAGED,
    message="The picture is damaged: it ends at 41 %.",
    run_at=None,
)


def picture(image_id: int, state: State = State.FAILED, path: bytes | None = None) -> Picture:
    """Return a picture with that id, in that state."""
    path = path or b"/photos/IMG_%04d.jpg" % image_id
    return replace(FAILED, id=image_id, job_id=JOB + image_id, path=path, state=state)


def tell(library: Library, *image_ids: int, state: State = State.FAILED) -> None:
    """Let the library learn that these pictures are in that state."""
    library.take_in(News([picture(image_id, state) for image_id in image_ids]))
