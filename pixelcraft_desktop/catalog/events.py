"""Events: every transition of a job, once, as the triggers of the schema wrote it."""

from __future__ import annotations

from pixelcraft_desktop.catalog.store import Row, Store


def list_events(store: Store, most: int, job_id: int | None = None) -> list[Row]:
    """Return the latest `most` events, oldest first; of one job where its id is given."""
    rows = store.rows(
        "SELECT id, job_id, image_id, batch_id AS batch, at, old_state, new_state, reason, "
        "attempt, cause FROM events WHERE ?1 IS NULL OR job_id = ?1 ORDER BY id DESC LIMIT ?2",
        job_id,
        most,
    )
    return rows[::-1]
