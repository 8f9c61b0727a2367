"""Poison beside photographs, in the real program: nobody has to wait, and nothing bursts."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest import CommandLine
from PIL import Image
from poison import POISON, Poison

from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import Cause

DEADLINE_S = 4  # busy.jpg takes it twice; the next slowest half a second
BUDGET_BYTES = 1_300_000_000
LANES = 2
# What a child has besides its grant: an interpreter with Pillow, 32 MB measured, and the address
# space that `decoders.child` leaves it for stacks, arenas and tables.
SLACK_BYTES = LANES * (256_000_000 + 50_000_000)
PHOTOGRAPHS = 20
ATTEMPTS = """
SELECT i.source, j.state, j.attempt, a.cause, a.message, a.finished_at,
       (julianday(a.finished_at) - julianday(a.started_at)) * 86400 AS seconds
FROM attempts a JOIN jobs j ON j.id = a.job_id JOIN images i ON i.id = j.image_id
"""


@dataclass
class Memory:
    """The most resident bytes that were seen of the program itself and of its children."""

    program: list[int] = field(default_factory=list)
    children: list[int] = field(default_factory=list)

    def watch(self, importing: subprocess.Popen[str]) -> None:
        """Look thirty times a second until the program ends."""
        process = psutil.Process(importing.pid)
        while importing.poll() is None:
            try:
                self.children.append(sum(p.memory_info().rss for p in process.children()))
                self.program.append(process.memory_info().rss)
            except psutil.NoSuchProcess:
                pass  # one of them ended while it was looked at
            time.sleep(0.03)


@dataclass
class Run:
    """One import of poison and photographs: each attempt by file name, the report, the memory."""

    attempts: dict[str, dict[str, Any]]
    report: dict[str, Any]
    memory: Memory

    def photographs(self) -> list[dict[str, Any]]:
        """Return the attempts at photographs, first ended first."""
        found = [row for name, row in self.attempts.items() if name.endswith("photograph.jpg")]
        return sorted(found, key=lambda row: str(row["finished_at"]))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("poison")
    home, pictures = folder / "home", folder / "pictures"
    home.mkdir()
    pictures.mkdir()
    chosen = f"decoder_deadline_s = {DEADLINE_S}\nmemory_mb = {BUDGET_BYTES // 1_000_000}\n"
    (home / "settings.toml").write_text(chosen, encoding="utf-8")
    for number, poison in enumerate(POISON):
        (pictures / f"{number:02} {poison.name}").write_bytes(poison.make())
    photograph = Image.effect_noise((1500, 1000), 60).resize((3000, 2000)).convert("RGB")
    for number in range(PHOTOGRAPHS):
        photograph.putpixel((0, 0), (number, 0, 0))
        photograph.save(pictures / f"{number:02} photograph.jpg")
    importing = CommandLine(home).start("import", "--json", f"--workers={LANES}", str(pictures))
    memory = Memory()
    memory.watch(importing)
    out, err = importing.communicate(timeout=60)
    assert importing.returncode == 3, err
    store = Store(home / "catalog.db")
    attempts = {Path(str(row["source"])).name: row for row in store.rows(ATTEMPTS)}
    store.close()
    return Run(attempts, json.loads(out), memory)


@pytest.mark.parametrize(
    ("number", "poison"), list(enumerate(POISON)), ids=[p.name for p in POISON]
)
def test_poison_ends_for_its_true_cause(run: Run, number: int, poison: Poison) -> None:
    attempt = run.attempts[f"{number:02} {poison.name}"]
    assert attempt["cause"] == poison.cause
    assert attempt["state"] == ("failed" if poison.cause else "completed")
    assert poison.says in (attempt["message"] or "")


def test_photographs_complete_meanwhile(run: Run) -> None:
    photographs = run.photographs()
    assert [row["state"] for row in photographs] == ["completed"] * PHOTOGRAPHS
    busy = next(row for row in run.attempts.values() if row["cause"] == Cause.TIMEOUT)
    assert photographs[4]["finished_at"] < busy["finished_at"]
    assert run.report["completed"] + run.report["failed"] == PHOTOGRAPHS + len(POISON)


def test_every_attempt_ends_within_its_deadline(run: Run) -> None:
    longest = max(run.attempts.values(), key=lambda row: float(row["seconds"]))
    assert DEADLINE_S <= longest["seconds"] < DEADLINE_S + 2
    assert longest["cause"] == Cause.TIMEOUT


def test_the_programs_own_memory_stays(run: Run) -> None:
    # Not the rise alone, which is to stay under this: all of it.
    assert max(run.memory.program) < 200_000_000


def test_the_children_stay_within_the_budget(run: Run) -> None:
    assert 200_000_000 < max(run.memory.children) < BUDGET_BYTES + SLACK_BYTES
