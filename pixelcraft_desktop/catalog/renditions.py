"""Renditions: which output file of an image is the current one."""

from __future__ import annotations

from collections.abc import Iterable

from pixelcraft_desktop.catalog.store import Store, Transaction
from pixelcraft_desktop.model import Rendered


def current_files(store: Store, image_id: int, recipe: str) -> dict[str, str]:
    """Return the current file of each rendition that this very recipe made."""
    rows = store.rows(
        "SELECT name, file FROM renditions WHERE image_id = ? AND recipe = ?", image_id, recipe
    )
    return {row["name"]: row["file"] for row in rows}


def make_current(
    tx: Transaction, image_id: int, recipe: str, made: Iterable[tuple[Rendered, str]]
) -> list[tuple[str, str]]:
    """Make the files current and return (name, file) of those they replace."""
    older = tx.rows("SELECT name, file FROM renditions WHERE image_id = ?", image_id)
    tx.run("DELETE FROM renditions WHERE image_id = ?", image_id)
    for rendered, file in made:
        tx.run(
            "INSERT INTO renditions (image_id, name, file, recipe, width, height, size_bytes) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            image_id,
            rendered.name,
            file,
            recipe,
            rendered.width,
            rendered.height,
            rendered.size_bytes,
        )
    return [(row["name"], row["file"]) for row in older]


def all_files(store: Store) -> set[tuple[str, str]]:
    """Return (name, file) of every current rendition."""
    return {(row["name"], row["file"]) for row in store.rows("SELECT name, file FROM renditions")}
