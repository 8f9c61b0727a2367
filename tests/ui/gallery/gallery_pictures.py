"""Pictures, libraries and thumbnails for every test of the gallery."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PIL import Image

from pixelcraft_desktop.catalog.news import News
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui.library import Library


def make_picture(image_id: int, **changed: Any) -> Picture:
    """Return a picture that waits, but for what is said otherwise."""
    facts: dict[str, Any] = {
        "id": image_id,
        "path": f"/photos/IMG_{image_id:04}.jpg".encode(),
        "source": "drop",
        "width": None,
        "height": None,
        "thumbnail": None,
        "job_id": image_id,
        "state": State.WAITING,
        "stage": None,
        "progress": 0,
        "attempt": 0,
        "max_attempts": 5,
        "cause": None,
        "message": None,
        "run_at": None,
    }
    return Picture(**(facts | changed))


def tell(library: Library, pictures: Iterable[Picture] = (), gone: Iterable[int] = ()) -> None:
    """Let the library take in that these are new or changed, and those gone."""
    news = News(pictures=sorted(pictures, key=lambda picture: picture.id), gone=list(gone))
    library.take_in(news)


def make_library(count: int, **changed: Any) -> Library:
    """Return a library of so many pictures, numbered from 1."""
    library = Library()
    tell(library, (make_picture(number, **changed) for number in range(1, count + 1)))
    return library


def save_thumbnail(folder: Path, file: str, colour: str = "red", edge_px: int = 200) -> None:
    """Write a WebP of one colour."""
    Image.new("RGB", (edge_px, edge_px), colour).save(folder / file, "WEBP", lossless=True)
