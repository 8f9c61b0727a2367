"""Renditions: which output file of an image is the current one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pixelcraft_desktop.catalog.store import Store, Transaction
from pixelcraft_desktop.model import Rendered


@dataclass(frozen=True, slots=True)
class Result:
    """A current output file, with the image it was made from. `source` is `path` fit to show."""

    image_id: int
    path: bytes
    source: str
    name: str
    file: str
    size_bytes: int


def sound_files(store: Store, image_id: int, recipe: str) -> dict[str, str]:
    """Return the current file of each rendition that this very recipe made of a whole picture."""
    rows = store.rows(
        "SELECT name, file FROM renditions WHERE image_id = ? AND recipe = ? AND NOT is_damaged",
        image_id,
        recipe,
    )
    return {row["name"]: row["file"] for row in rows}


def make_current(
    tx: Transaction,
    image_id: int,
    recipe: str,
    made: Iterable[tuple[Rendered, str]],
    is_damaged: bool = False,
) -> list[tuple[str, str]]:
    """Make the files current and return (name, file) of those they replace.

    `is_damaged`: they show what could be read of a damaged picture.
    """
    older = tx.rows("SELECT name, file FROM renditions WHERE image_id = ?", image_id)
    tx.run("DELETE FROM renditions WHERE image_id = ?", image_id)
    for rendered, file in made:
        tx.run(
            "INSERT INTO renditions (image_id, name, file, recipe, width, height, size_bytes, "
            "is_damaged) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            image_id,
            rendered.name,
            file,
            recipe,
            rendered.width,
            rendered.height,
            rendered.size_bytes,
            is_damaged,
        )
    return [(row["name"], row["file"]) for row in older]


def count_results(store: Store, image_ids: Sequence[int], names: Sequence[str]) -> int:
    """Return how many current files of these renditions the images have, removed ones left out."""
    sql = f"SELECT count(*) FROM {_results_of(image_ids, names)}"
    return int(store.value(sql, *image_ids, *names))


def read_results(store: Store, image_ids: Sequence[int], names: Sequence[str]) -> list[Result]:
    """Return the images' current files of these renditions, in the order of `image_ids`, `names`.

    Removed images are left out. Both take some hundreds of ids at a time.
    """
    rows = store.rows(
        "SELECT i.id AS image_id, i.path, i.source, r.name, r.file, r.size_bytes "
        f"FROM {_results_of(image_ids, names)}",
        *image_ids,
        *names,
    )
    places = {image_id: place for place, image_id in enumerate(image_ids)}
    results = [Result(**row) for row in rows]
    return sorted(results, key=lambda r: (places[r.image_id], names.index(r.name)))


def _results_of(image_ids: Sequence[int], names: Sequence[str]) -> str:
    ids, chosen = ", ".join("?" * len(image_ids)), ", ".join("?" * len(names))
    return (
        "images i JOIN renditions r ON r.image_id = i.id "
        f"WHERE i.removed_at IS NULL AND i.id IN ({ids}) AND r.name IN ({chosen})"
    )
