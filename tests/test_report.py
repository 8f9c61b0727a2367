"""What an import says of itself: how long still while it runs, and in the end what it brought."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pixelcraft_desktop.catalog.batches import Tally
from pixelcraft_desktop.forecast.countdown import Range
from pixelcraft_desktop.headless import Ending, ImportProgress, ImportReport
from pixelcraft_desktop.model import State
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.report import ImportBar, write_batches, write_import


class Terminal(io.StringIO):
    """Standard error, as a terminal."""

    def isatty(self) -> bool:
        return True


def counts(**others: int) -> dict[State, int]:
    return dict.fromkeys(State, 0) | {State(name): count for name, count in others.items()}


REPORT = ImportReport(
    7,
    Tally(1_204, 3, 2),
    counts(completed=1_187, failed=17),
    124.2,
    Ending.DONE,
    (),
    "Photos\x1b 24",
)


@pytest.mark.parametrize(
    ("report", "lines"),
    [
        (
            REPORT,
            [
                "Photos\\x1b 24: 1,207 pictures found (3 known already, 2 other files left alone).",
                "1,187 completed in 2 minutes.",
                "17 failed; `pixelcraft jobs --state failed` says why.",
            ],
        ),
        (
            replace(REPORT, name="", tally=Tally(1), counts=counts(completed=1), seconds=0.31),
            ["1 picture found.", "1 completed in 0.3 s."],
        ),
    ],
)
def test_the_end_says_name_counts_and_time(
    report: ImportReport,
    lines: Sequence[str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    write_import(report, Home(tmp_path))
    assert capsys.readouterr().out.splitlines()[:-1] == lines


def test_a_bar_says_how_long_it_still_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    progress = ImportProgress(Tally(100), counts(waiting=60, completed=40), is_recorded=True)
    with ImportBar(is_shown=True) as bar:
        assert bar.is_shown
        bar.show(progress)
        assert "40/100" in terminal.getvalue()
        assert " s" not in terminal.getvalue().split("40/100")[1]  # nothing is guessed
        bar.show(replace(progress, time_left=Range(130, 170)))
        assert terminal.getvalue().rstrip().endswith("40/100  2–3 minutes")
        bar.show(replace(progress, counts=counts(completed=100)))
        assert "minutes" not in terminal.getvalue().rpartition("100/100")[2]


def test_where_there_is_no_terminal_there_is_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with ImportBar(is_shown=True) as bar:
        assert not bar.is_shown
        bar.show(ImportProgress(Tally(1), counts(waiting=1), is_recorded=True))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("states", "percent"),
    [
        ({}, "     "),
        ({"waiting": 3}, "  0 %"),
        ({"completed": 1_000, "failed": 2, "active": 1}, " 99 %"),
        ({"completed": 10, "failed": 2, "cancelled": 50}, "100 %"),
        ({"cancelled": 50}, "     "),
    ],
)
def test_a_list_of_batches_says_how_far_each_is(
    states: dict[str, int], percent: str, capsys: pytest.CaptureFixture[str]
) -> None:
    by_state = {str(state): count for state, count in counts(**states).items()}
    write_batches([{"id": 1, "name": "Photos", "created_at": "then", **by_state}])
    assert capsys.readouterr().out.startswith(f"     1  then  {percent}  Photos: ")
