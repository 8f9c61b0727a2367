"""How much the whole program costs on top of decoding and encoding alone."""

from __future__ import annotations

import io
import json
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from benchmarks.photographs import make_photographs

PHOTOGRAPHS = 96
ROUNDS = 3
AIM = 1.35
PREVIEW, THUMBNAIL = (800, 600), (200, 200)


def decode_and_encode(path: str) -> None:
    """Decode once, as small as JPEG allows, and encode both renditions: the floor."""
    with Image.open(path) as image:
        image.draft("RGB", PREVIEW)
        image.load()
        small = image.resize(PREVIEW, Image.Resampling.LANCZOS)
    small.save(io.BytesIO(), "WEBP", quality=85, method=2)
    square = small.resize(THUMBNAIL, Image.Resampling.LANCZOS, box=(100, 0, 700, 600))
    square.save(io.BytesIO(), "WEBP", quality=80, method=2)


def time_bare(paths: list[Path], cores: int) -> float:
    """Return the seconds that `cores` warm processes need for nothing else."""
    with multiprocessing.get_context("spawn").Pool(cores) as pool:
        pool.map(decode_and_encode, [str(path) for path in paths[:cores]])
        began = time.perf_counter()
        pool.map(decode_and_encode, [str(path) for path in paths], chunksize=1)
        return time.perf_counter() - began


def time_import(folder: Path, cores: int) -> tuple[float, float]:
    """Return the program's own `seconds`, and the seconds of the whole command."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "pixelcraft_desktop", "--home", home]
        command += ["import", str(folder), "--json", "--workers", str(cores)]
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=True)
        return float(json.loads(done.stdout)["seconds"]), time.perf_counter() - began


def main() -> None:
    """Measure in turns, so that a noisy neighbour hits both, and print the ratio of medians."""
    cores = min(2, multiprocessing.cpu_count())
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        paths = make_photographs(folder, PHOTOGRAPHS)
        rounds = [(time_bare(paths, cores), *time_import(folder, cores)) for _ in range(ROUNDS)]
    bare, own, whole = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"{PHOTOGRAPHS} photographs of 12 MP on {cores} cores, median of {ROUNDS} rounds")
    print(f"  decoding and encoding alone  {bare:6.2f} s   1.00")
    print(f"  pixelcraft import            {own:6.2f} s   {own / bare:.2f}   (aim ≤ {AIM})")
    print(f"  … with start and end         {whole:6.2f} s   {whole / bare:.2f}")


if __name__ == "__main__":
    main()
