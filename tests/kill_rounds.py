"""Rounds of kill -9 at random moments: `python tests/kill_rounds.py 100`, or `make kill`."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from conftest import CommandLine
from PIL import Image

from pixelcraft_desktop.catalog.store import Store

# Patient enough that nothing is given up while its folder is away, whatever the machine's load.
SETTINGS = """
workers = 2
retry_attempts = 100
retry_first_delay_s = 0.1
retry_longest_delay_s = 0.3
"""
SOUND, LARGE, ABSENT = 164, 8, 12
# Folder: how many pictures of it, and the cause for which each fails.
PERMANENT = {"empty": 4, "not_an_image": 4, "damaged": 4, "unsupported_format": 4}
PICTURES = SOUND + LARGE + ABSENT + sum(PERMANENT.values())
LONGEST_S = 120.0


@dataclass
class Tally:
    """What the rounds struck, so that a run that never struck anything is seen."""

    rounds: int = 0
    libraries: int = 0
    cut_off: int = 0  # jobs that were active when the program was killed
    struck: int = 0  # rounds in which there was one
    decoders: int = 0  # that were killed alone
    missing: int = 0  # attempts that met a folder that was away


class Rounds:
    """Libraries in `place`, each killed again and again until all of it is done, then checked."""

    def __init__(self, place: Path, seed: int) -> None:
        self._place = place
        self._chance = random.Random(seed)
        self._photos = place / "photos"
        self._away = place / "away"
        self.tally = Tally()
        make_pictures(self._photos, self._chance)

    def run(self, count: int) -> Tally:
        """Kill so many times. Raises AssertionError for whatever is not as it should be."""
        before = contents(self._photos)
        while self.tally.rounds < count:
            self._run_library(count)
        assert contents(self._photos) == before
        return self.tally

    def _run_library(self, count: int) -> None:
        self.tally.libraries += 1
        program = CommandLine(self._place / f"home-{self.tally.libraries}")
        program.home.mkdir()
        (program.home / "settings.toml").write_text(SETTINGS)
        kills_decoder = True
        while self.tally.rounds < count:
            # Also again while a part of the folder is away: a folder may come and go.
            process = program.start("import", str(self._photos), start_new_session=True)
            children = self._strike(process, kills_decoder)
            kills_decoder = kills_decoder and self.tally.decoders != self.tally.libraries
            program.finish(process, LONGEST_S)
            _, alive = psutil.wait_procs(children, timeout=10)
            assert alive == [], "a decoder outlived its program"
            self.tally.rounds += 1
            self._put_back()
            if self._is_nearly_done(program):
                break
        done = program.start("import", str(self._photos))
        _, err = program.finish(done, LONGEST_S)
        assert done.returncode == 3, err  # some pictures can't be made
        self.tally.missing += check_library(program, self._photos)

    def _strike(self, process: subprocess.Popen[str], kills_decoder: bool) -> list[psutil.Process]:
        """Kill the program at a random moment; return the children it had."""
        first, second, third = sorted(self._chance.uniform(0.1, 2.2) for _ in range(3))
        time.sleep(first)
        if self._chance.random() < 0.5 and self._is_recorded():
            (self._photos / "absent").rename(self._away)
        time.sleep(second - first)
        program = psutil.Process(process.pid)
        children = program.children(recursive=True)
        if kills_decoder and children:
            # Once a library: a second one might meet the same picture, and that would be its end.
            self._chance.choice(children).kill()
            self.tally.decoders += 1
        time.sleep(third - second)
        children = list({*children, *program.children(recursive=True)})
        if self._chance.random() < 0.5:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        return children

    def _is_recorded(self) -> bool:
        """Tell whether the pictures of this library are known: what is away is not found anew."""
        catalog = self._place / f"home-{self.tally.libraries}" / "catalog.db"
        if not catalog.exists():
            return False
        store = Store(catalog)
        count = store.value("SELECT count(*) FROM images")
        store.close()
        return bool(count == PICTURES)

    def _put_back(self) -> None:
        if self._away.exists():
            self._away.rename(self._photos / "absent")

    def _is_nearly_done(self, program: CommandLine) -> bool:
        """Tell whether too little is left to be struck; count what was cut off."""
        if not (program.home / "catalog.db").exists():
            return False
        store = Store(program.home / "catalog.db")
        active = store.value("SELECT count(*) FROM jobs WHERE state = 'active'")
        done = store.value("SELECT count(*) FROM jobs WHERE state IN ('completed', 'failed')")
        store.close()
        self.tally.cut_off += active
        self.tally.struck += active > 0
        return bool(done > 0.9 * PICTURES)


def make_pictures(folder: Path, chance: random.Random) -> None:
    """Make 200 pictures: sound ones, large ones, some that will be away, some that are none."""
    for name in ("sound", "large", "absent", *PERMANENT):
        (folder / name).mkdir(parents=True)
    for number in range(SOUND):
        make_picture(folder / "sound" / f"{number}.{chance.choice(['jpg', 'png'])}", 320, number)
    for number in range(LARGE):
        make_picture(folder / "large" / f"{number}.jpg", 2400, number)
    for number in range(ABSENT):
        make_picture(folder / "absent" / f"{number}.jpg", 200, number)
    for number in range(4):
        (folder / "empty" / f"{number}.jpg").touch()
        (folder / "not_an_image" / f"{number}.jpg").write_text(f"a letter, {number}")
        broken = folder / "damaged" / f"{number}.png"
        make_picture(broken, 320, 1000 + number)
        broken.write_bytes(broken.read_bytes()[:-300])
        # The first bytes of a JPEG XL stream.
        (folder / "unsupported_format" / f"{number}.jxl").write_bytes(b"\xff\x0a" + bytes(64))


def make_picture(path: Path, edge_px: int, number: int) -> None:
    """Make a picture that differs from all others of its size."""
    image = Image.linear_gradient("L").rotate(number).resize((edge_px, edge_px * 3 // 4))
    image.convert("RGB").save(path)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below the folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def check_library(program: CommandLine, photos: Path) -> int:
    """Check the right end of every picture; return how many attempts met a missing file."""
    store = Store(program.home / "catalog.db")
    try:
        assert store.value("PRAGMA integrity_check") == "ok"
        assert store.rows("PRAGMA foreign_key_check") == []
        check_ends(store, photos)
        check_files(store, program.home)
        check_events(store)
        return int(store.value("SELECT count(*) FROM attempts WHERE cause = 'source_missing'"))
    finally:
        store.close()


def check_ends(store: Store, photos: Path) -> None:
    """Each picture has one job, in its right state, and paid for no attempt that was cut off."""
    jobs = store.rows(
        """
        SELECT i.source, j.state, j.cause, j.attempt,
            (SELECT count(*) FROM attempts WHERE job_id = j.id) AS attempts,
            (SELECT count(*) FROM attempts WHERE job_id = j.id
                AND cause IN ('source_missing', 'decoder_crashed')) AS spoilt
        FROM images i LEFT JOIN jobs j ON j.image_id = i.id
        """
    )
    assert len({job["source"] for job in jobs}) == len(jobs) == PICTURES
    for job in jobs:
        kind = Path(job["source"]).relative_to(photos).parts[0]
        if kind in PERMANENT:
            # Each import tries them anew; a decoder that was killed over one cost it a try.
            assert (job["state"], job["cause"]) == ("failed", kind), job
            assert 1 <= job["attempt"] <= 1 + job["spoilt"], job
        else:
            assert (job["state"], job["cause"]) == ("completed", None), job
            assert job["attempt"] == job["attempts"] == job["spoilt"] + 1, job
            assert job["spoilt"] <= (1 if kind != "absent" else 100), job


def check_files(store: Store, home: Path) -> None:
    """One output set for each completed picture; nothing else, and nothing half made."""
    rows = store.rows(
        "SELECT i.id, r.name, r.file FROM images i JOIN jobs j ON j.image_id = i.id "
        "LEFT JOIN renditions r ON r.image_id = i.id WHERE j.state = 'completed' "
        "OR r.id IS NOT NULL"
    )
    sets: dict[int, list[str]] = {}
    for row in rows:
        sets.setdefault(row["id"], []).append(row["name"])
    assert all(sorted(names) == ["preview", "thumbnail"] for names in sets.values())
    assert len(sets) == SOUND + LARGE + ABSENT
    wanted = {f"{row['name']}s/{row['file']}" for row in rows}
    assert set(contents(home / "outputs")) == wanted
    assert list(home.rglob("*.tmp")) == []


def check_events(store: Store) -> None:
    """Each transition is told once: every event begins where the one before it ended."""
    states: dict[int, str | None] = {}
    for event in store.rows("SELECT job_id, old_state, new_state FROM events ORDER BY id"):
        assert event["old_state"] == states.get(event["job_id"]), event
        states[event["job_id"]] = event["new_state"]
    jobs = store.rows("SELECT id, state FROM jobs")
    assert states == {job["id"]: job["state"] for job in jobs}


def main() -> None:
    """Run as many rounds as the first argument says, with the seed that the second one says."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1_000_000)
    print(f"{count} rounds of kill -9 over {PICTURES} pictures, seed {seed}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        tally = Rounds(Path(place), seed).run(count)
    print(f"all as it should be after {time.monotonic() - began:.0f} s: {tally}")


if __name__ == "__main__":
    main()
