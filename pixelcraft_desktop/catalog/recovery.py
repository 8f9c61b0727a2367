"""Recovery: what becomes of the jobs that were active when the program ended badly."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from pixelcraft_desktop.catalog.jobs import Ticket
from pixelcraft_desktop.catalog.store import Store, Transaction, now
from pixelcraft_desktop.catalog.transitions import Defeat, fail, give_back_all
from pixelcraft_desktop.model import Cause, Failure, Reason, Stage

_SET_ASIDE = "PixelCraft crashed twice while reading this picture, so it is set aside."


@dataclass(frozen=True)
class Recovery:
    """What a start found of the run before: jobs that wait again, and jobs it set aside.

    `suspects`: how many of those that wait run alone first, since the program crashed beside them.
    `at` is a catalog time.
    """

    resumed: int
    suspects: int
    set_aside: int
    at: str


def recover(store: Store, crash: str | None) -> Recovery | None:
    """Let every active job wait again, its attempt given back; None if there was none.

    `crash` is the trace if the program crashed. Then what was active is suspect, and what was
    suspect already fails. Each step is whole by itself, so that one that is cut off goes on at the
    next start and counts no crash twice. Only for the holder of the run lock, before any lane runs.
    """
    if not store.value("SELECT EXISTS (SELECT 1 FROM jobs WHERE state = 'active')"):
        return None
    set_aside = 0 if crash is None else _set_aside(store, crash)
    with store.transaction() as tx:
        reason = Reason.RESCUED if crash is None else Reason.CRASH_SUSPECT
        suspects = 0 if crash is None else _suspect(tx)
        found = Recovery(give_back_all(tx, reason), suspects, set_aside, now())
        tx.run("REPLACE INTO control VALUES ('recovery', ?)", json.dumps(asdict(found)))
    return found


def last_recovery(store: Store) -> Recovery | None:
    """Return what the last start found that found something; None once it is forgotten."""
    value = store.value("SELECT value FROM control WHERE key = 'recovery'")
    return None if value is None else Recovery(**json.loads(value))


def forget_recovery(store: Store) -> None:
    """Learn that the user knows."""
    with store.transaction() as tx:
        tx.run("DELETE FROM control WHERE key = 'recovery'")


def _suspect(tx: Transaction) -> int:
    return tx.run("UPDATE jobs SET suspect = 1 WHERE state = 'active'")


def _set_aside(store: Store, crash: str) -> int:
    """Fail what was active at a crash for the second time; return how many."""
    failure = Failure(Cause.CRASHED_APP, _SET_ASIDE, crash)
    rows = store.rows(
        "SELECT id, token, coalesce(stage, ?) AS stage FROM jobs "
        "WHERE state = 'active' AND suspect > 0",
        Stage.READING,
    )
    return sum(
        fail(
            store,
            Ticket(row["id"], row["token"]),
            Defeat(failure, Stage(row["stage"])),
            Reason.QUARANTINED,
        )
        for row in rows
    )
