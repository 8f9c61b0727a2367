"""How fast files are recorded, with a job each, beside bare inserts of as many rows."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from sqlite_utils import Database

FILES = 10_000


def make_files(folder: Path) -> None:
    """Write small pictures that all differ."""
    seed = folder / "seed.webp"
    Image.radial_gradient("L").save(seed)
    data = seed.read_bytes()
    seed.unlink()
    for number in range(FILES):
        (folder / f"{number:05}.webp").write_bytes(data + str(number).encode())


def time_record(folder: Path) -> tuple[float, float]:
    """Return the program's own `seconds`, and the seconds of the whole command."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "pixelcraft_desktop", "--home", home]
        command += ["import", str(folder), "--no-wait", "--json"]
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=True)
        return float(json.loads(done.stdout)["seconds"]), time.perf_counter() - began


def time_bare() -> float:
    """Return the seconds for inserting as many rows in one transaction."""
    with tempfile.TemporaryDirectory() as place:
        database = Database(Path(place) / "bare.db")
        began = time.perf_counter()
        database.table("files").insert_all(
            ({"path": f"/photos/{number}.webp", "size": 1} for number in range(FILES)),
            batch_size=500,
        )
        seconds = time.perf_counter() - began
        database.close()
        return seconds


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as place:
        make_files(Path(place))
        bare, (own, whole) = time_bare(), time_record(Path(place))
    print(f"recording {FILES:,} files")
    print(f"  bare rows, one transaction   {bare:6.2f} s   1.0")
    print(f"  found, recorded, synced      {own:6.2f} s   {own / bare:.1f}   (aim ≤ 2 s)")
    print(f"  … with start and end         {whole:6.2f} s   {whole / bare:.1f}")


if __name__ == "__main__":
    main()
