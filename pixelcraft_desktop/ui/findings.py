"""Findings: what happened while nobody looked, as far as nobody was told of it yet."""

from __future__ import annotations

from dataclasses import dataclass

from pixelcraft_desktop.catalog.recovery import Recovery, last_recovery
from pixelcraft_desktop.catalog.reports import unseen_report
from pixelcraft_desktop.catalog.store import Store


@dataclass(frozen=True)
class Findings:
    """What a start found of the run before, and the week of a report, such as "2026-W48"."""

    recovery: Recovery | None = None
    report: str | None = None


def read_findings(store: Store) -> Findings:
    """Return what there is to tell."""
    return Findings(last_recovery(store), unseen_report(store))
