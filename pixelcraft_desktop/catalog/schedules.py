"""Schedules: when each thing runs next, when it last ran, and how that ended."""

from __future__ import annotations

from dataclasses import dataclass

from pixelcraft_desktop.catalog.store import Store, now

INTERRUPTED = "interrupted"
FAILED = "failed"  # what the outcome of a run that failed begins with


@dataclass(frozen=True)
class Schedule:
    """One row. `next_run` is None where it never runs by itself; `outcome` while it runs."""

    name: str
    cron: str
    timezone: str
    enabled: bool
    next_run: str | None
    last_run: str | None
    outcome: str | None

    def is_due(self, moment: str) -> bool:
        """Tell whether its time has come at `moment`, a catalog time."""
        return self.next_run is not None and self.next_run <= moment


def list_schedules(store: Store) -> list[Schedule]:
    """Return all schedules by name."""
    rows = store.rows(
        "SELECT name, cron, timezone, enabled, next_run, last_run, outcome FROM schedules "
        "ORDER BY name"
    )
    return [Schedule(**{**row, "enabled": bool(row["enabled"])}) for row in rows]


def find_schedule(store: Store, name: str) -> Schedule | None:
    """Return the schedule of that name, if there is one."""
    return next((s for s in list_schedules(store) if s.name == name), None)


def add_missing(store: Store, schedule: Schedule) -> bool:
    """Record the schedule unless one of its name is there; return whether it was missing."""
    if find_schedule(store, schedule.name) is not None:
        return False
    with store.transaction() as tx:
        added = tx.run(
            "INSERT OR IGNORE INTO schedules (name, cron, timezone, enabled, next_run, revision) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            schedule.name,
            schedule.cron,
            schedule.timezone,
            int(schedule.enabled),
            schedule.next_run,
            tx.revision,
        )
    return bool(added)


def plan_run(store: Store, schedule: Schedule, next_run: str | None) -> bool:
    """Move the next run, unless it was moved since the schedule was read."""
    with store.transaction() as tx:
        changed = tx.run(
            "UPDATE schedules SET next_run = ?, revision = ? WHERE name = ? AND next_run IS ?",
            next_run,
            tx.revision,
            schedule.name,
            schedule.next_run,
        )
    return bool(changed)


def change(store: Store, schedule: Schedule) -> bool:
    """Record when it runs by itself from now on; False if there is none of its name."""
    with store.transaction(durable=True) as tx:
        changed = tx.run(
            "UPDATE schedules SET cron = ?, timezone = ?, enabled = ?, next_run = ?, "
            "revision = ? WHERE name = ?",
            schedule.cron,
            schedule.timezone,
            int(schedule.enabled),
            schedule.next_run,
            tx.revision,
            schedule.name,
        )
    return bool(changed)


def claim_run(store: Store, schedule: Schedule, began: str, next_run: str | None) -> bool:
    """Begin the run that is due; False if somebody else began it since the schedule was read."""
    with store.transaction() as tx:
        changed = tx.run(
            "UPDATE schedules SET next_run = ?, last_run = ?, outcome = NULL, revision = ? "
            "WHERE name = ? AND next_run IS ?",
            next_run,
            began,
            tx.revision,
            schedule.name,
            schedule.next_run,
        )
    return bool(changed)


def end_run(store: Store, name: str, began: str, outcome: str) -> bool:
    """Record how the run that `began` then ended; False if another one began since."""
    with store.transaction() as tx:
        changed = tx.run(
            "UPDATE schedules SET outcome = ?, revision = ? WHERE name = ? AND last_run IS ?",
            outcome,
            tx.revision,
            name,
            began,
        )
    return bool(changed)


def record_run(store: Store, name: str, began: str, outcome: str) -> None:
    """Record a run that was not asked for here: the next one stays where it is."""
    with store.transaction() as tx:
        tx.run(
            "UPDATE schedules SET last_run = ?, outcome = ?, revision = ? WHERE name = ?",
            began,
            outcome,
            tx.revision,
            name,
        )


def request_run(store: Store, name: str) -> bool:
    """Let a schedule run as soon as the process that runs them looks; False if there is none.

    Ring the doorbell afterwards, and it looks at once. One that is not enabled runs as well.
    """
    with store.transaction(durable=True) as tx:
        changed = tx.run(
            "UPDATE schedules SET next_run = ?, revision = ? WHERE name = ?",
            now(),
            tx.revision,
            name,
        )
    return bool(changed)


def repeat_interrupted(store: Store) -> int:
    """Let every run that was cut off be done again; return how many.

    Only for the holder of the run lock, before it runs any: a run of its own looks the same.
    """
    cut_off = "last_run IS NOT NULL AND outcome IS NULL"
    if not store.value(f"SELECT count(*) FROM schedules WHERE {cut_off}"):
        return 0
    with store.transaction() as tx:
        return tx.run(
            f"UPDATE schedules SET next_run = ?, outcome = ?, revision = ? WHERE {cut_off}",
            now(),
            INTERRUPTED,
            tx.revision,
        )
