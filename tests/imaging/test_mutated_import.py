"""A folder of damaged files through the whole program: every job ends, each with its cause."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

from conftest import CommandLine
from mutations import KNOWN_ENDS, apply, random_steps
from PIL import Image
from specimens import specimens

FILES = 300
EXTENSIONS = {
    **{"JPEG": "jpg", "PNG": "png", "WebP": "webp", "GIF": "gif", "BMP": "bmp", "TIFF": "tif"},
    **{"AVIF": "avif", "HEIC": "heic", "JPEG 2000": "jp2", "ICO": "ico", "PNM": "ppm", "OM": "orf"},
}


def write_damaged_files(folder: Path) -> dict[str, str]:
    """Write so many files, of all formats in turn; return their hashes by path."""
    kinds = [(name, data) for name, files in specimens().items() for data in files.values()]
    others = [data for _, data in kinds]
    written = {}
    for number in range(FILES):
        name, sound = kinds[number % len(kinds)]
        data = apply(random_steps(f"{name}, import", number, sound), sound, others)
        path = folder / f"{number:03}.{EXTENSIONS.get(name, name.split()[0].lower())}"
        path.write_bytes(data)
        written[str(path)] = hashlib.sha256(data).hexdigest()
    return written


def test_damaged_files_are_imported_or_refused(pixelcraft: CommandLine, photos: Path) -> None:
    written = write_damaged_files(photos)
    done = pixelcraft.json("import", str(photos), code=3)
    assert done["found"] == done["imported"] == done["completed"] + done["failed"] == FILES
    jobs = pixelcraft.json("jobs")
    assert {job["source"] for job in jobs} == set(written)
    for job in jobs:
        assert job["cause"] in KNOWN_ENDS, job
        assert (job["state"], bool(job["message"])) == (
            ("failed", True) if job["cause"] else ("completed", False)
        ), job
    states = Counter(job["state"] for job in jobs)
    assert states == {"completed": done["completed"], "failed": done["failed"]}
    assert min(states.values()) > FILES // 10  # neither all of it nor nothing was too much
    check_results(pixelcraft, written)


def check_results(pixelcraft: CommandLine, written: dict[str, str]) -> None:
    for image in pixelcraft.json("images"):
        results = [image["thumbnail"], image["preview"]]
        if image["state"] == "failed":
            assert results == [None, None], image
            continue
        assert image["sha256"] == written[image["source"]]
        for path in results:
            with Image.open(path, formats=["WEBP"]) as picture:
                picture.load()
    left = [path for path in pixelcraft.home.rglob("*") if path.suffix == ".tmp"]
    assert left == []
    after = {path: hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in written}
    assert after == written
