"""PixelCraft's rendering beside sharp, the Node package: sizes, likeness, bytes and CPU time."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image

from benchmarks.kinds import make_specimens
from benchmarks.node_package import NodeMissing
from benchmarks.reference import flatten, make_reference
from benchmarks.sharp_process import VERSIONS, SharpFailed, SharpProcess
from benchmarks.ssim import ssim
from pixelcraft_desktop.imaging.render import Order, Reporter, render
from pixelcraft_desktop.model import KnownFailure, Limits, standard_recipe

# sharp's own default comes first: it is what somebody who uses sharp gets, and the headline. The
# second is PixelCraft's, to tell what the effort alone is worth.
DEFAULT_EFFORT, SAME_EFFORT = 4, 2
ROUNDS = 3
RENDITIONS = ("thumbnail", "preview")
AIMS = {"likeness": -0.005, "bytes": 1.03, "CPU": 0.6}
_SUFFIXES = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WebP"}


@dataclass(frozen=True)
class Made:
    """What one program made of a picture. `likeness` is the preview's SSIM to the reference."""

    sizes: tuple[tuple[int, int], ...]
    bytes: int
    cpu_s: float
    likeness: float


@dataclass(frozen=True)
class Compared:
    """One picture by PixelCraft, and by sharp with either effort."""

    kind: str
    name: str
    ours: Made
    sharp: Made
    sharp_same_effort: Made


@dataclass(frozen=True)
class Picture:
    """A file to render, under the heading it is reported by."""

    kind: str
    path: Path


class Studio:
    """Renders pictures in a folder of its own, by us and by sharp in turns."""

    def __init__(self, folder: Path, sharp: SharpProcess) -> None:
        self._folder = folder
        self._sharp = sharp

    def compare(self, picture: Picture, rounds: int) -> Compared:
        """Return what came of it. Raises KnownFailure, SharpFailed."""
        ways = {
            "ours": self._render_ours,
            "sharp": self._sharp_with(DEFAULT_EFFORT),
            "same": self._sharp_with(SAME_EFFORT),
        }
        # In turns, so that a noisy neighbour hits all alike; the quietest round counts.
        rows = [
            {name: way(picture.path, name) for name, way in ways.items()} for _ in range(rounds)
        ]
        cpu = {name: min(row[name] for row in rows) for name in ways}
        with Image.open(self._place("ours", "preview")) as preview:
            reference = flatten(make_reference(picture.path, preview.size))
        made = {name: self._look(name, cpu[name], reference) for name in ways}
        title = picture.path.name
        return Compared(picture.kind, title, made["ours"], made["sharp"], made["same"])

    def _place(self, way: str, rendition: str) -> Path:
        return self._folder / f"{way}-{rendition}.webp"

    def _render_ours(self, path: Path, way: str) -> float:
        targets = {name: str(self._place(way, name)) for name in RENDITIONS}
        order = Order(os.fsencode(path), standard_recipe(), targets, Limits())
        reporter = Reporter(lambda *_: None, lambda _: None)
        # CPU time: waiting for the disk, which sharp doesn't, is no part of it.
        began = time.process_time()
        render(order, reporter)
        return time.process_time() - began

    def _sharp_with(self, effort: int) -> Callable[[Path, str], float]:
        def render_sharp(path: Path, way: str) -> float:
            thumbnail, preview = (self._place(way, name) for name in RENDITIONS)
            return self._sharp.render(path, thumbnail, preview, effort)

        return render_sharp

    def _look(self, way: str, cpu_s: float, reference: Image.Image) -> Made:
        places = [self._place(way, name) for name in RENDITIONS]
        pictures = []
        for place in places:
            with Image.open(place) as image:
                image.load()
            pictures.append(image)
        preview = pictures[RENDITIONS.index("preview")]
        same = preview.size == reference.size
        return Made(
            sizes=tuple(image.size for image in pictures),
            bytes=sum(place.stat().st_size for place in places),
            cpu_s=cpu_s,
            likeness=ssim(flatten(preview), reference) if same else 0.0,
        )


def find_pictures(folder: Path) -> list[Picture]:
    """Return the JPEGs, PNGs and WebPs of a folder, by the ends of their names."""
    return [
        Picture(f"wallpapers, {_SUFFIXES[path.suffix.lower()]}", path)
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in _SUFFIXES
    ]


def write_specimens(folder: Path) -> list[Picture]:
    """Write a picture of every kind into the folder."""
    pictures = []
    for specimen in make_specimens():
        path = folder / specimen.name
        path.write_bytes(specimen.data)
        pictures.append(Picture(specimen.kind, path))
    return pictures


def compare_all(studio: Studio, pictures: Sequence[Picture], rounds: int) -> list[Compared]:
    """Compare every picture, and say which one either program could not render."""
    studio.compare(pictures[0], 1)  # whatever is loaded or compiled at first use
    found = []
    for number, picture in enumerate(pictures, 1):
        if sys.stderr.isatty():
            print(f"\r  {number} of {len(pictures)}", end="\r", file=sys.stderr)
        try:
            found.append(studio.compare(picture, rounds))
        except KnownFailure as failure:
            print(f"  {picture.path.name}: PixelCraft: {failure.message}")
        except SharpFailed as failure:
            print(f"  {picture.path.name}: sharp: {failure}")
    return found


@dataclass(frozen=True)
class Row:
    """One kind of picture against one way of sharp's."""

    pictures: int
    same_size: int
    ours: float
    sharp: float
    difference: float
    worst: float
    bytes: float
    cpu: float
    median_cpu: float


def sum_up(found: Sequence[Compared], same_effort: bool = False) -> Row:
    """Return means for likeness, ratios of the totals for bytes and CPU, and the median of CPU."""
    pairs = [(one.ours, one.sharp_same_effort if same_effort else one.sharp) for one in found]
    differences = [ours.likeness - sharp.likeness for ours, sharp in pairs]
    return Row(
        pictures=len(pairs),
        same_size=sum(ours.sizes == sharp.sizes for ours, sharp in pairs),
        ours=statistics.mean(ours.likeness for ours, _ in pairs),
        sharp=statistics.mean(sharp.likeness for _, sharp in pairs),
        difference=statistics.mean(differences),
        worst=min(differences),
        bytes=sum(ours.bytes for ours, _ in pairs) / sum(sharp.bytes for _, sharp in pairs),
        cpu=sum(ours.cpu_s for ours, _ in pairs) / sum(sharp.cpu_s for _, sharp in pairs),
        median_cpu=statistics.median(ours.cpu_s / sharp.cpu_s for ours, sharp in pairs),
    )


def group(found: Sequence[Compared]) -> dict[str, list[Compared]]:
    """Return the pictures by their kind, then all of them and all JPEGs."""
    groups: dict[str, list[Compared]] = {}
    for one in found:
        groups.setdefault(one.kind, []).append(one)
    return groups | {
        "every picture": list(found),
        "every JPEG": [one for one in found if "JPEG" in one.kind and "TIFF" not in one.kind],
    }


def print_table(found: Sequence[Compared]) -> None:
    """Print a line for each kind."""
    columns = f"{'SSIM':>7} {'sharp':>7} {'diff.':>7} {'worst':>7} {'bytes':>6} {'CPU':>6}"
    print(f"  {'':<22}{'same size':>10}  {columns}   {'at the same effort':>20}")
    for kind, members in group(found).items():
        row, same = sum_up(members), sum_up(members, same_effort=True)
        print(
            f"  {kind:<22}{row.same_size:>5}/{row.pictures:<4}  {row.ours:7.4f} {row.sharp:7.4f} "
            f"{row.difference:+7.4f} {row.worst:+7.4f} {row.bytes:5.2f}× {row.cpu:5.2f}×   "
            f"{same.difference:+7.4f} {same.bytes:5.2f}× {same.cpu:5.2f}×"
        )


def print_aims(found: Sequence[Compared]) -> None:
    """Print for each aim whether it is met, and by which kinds it is not."""
    rows = {kind: sum_up(members) for kind, members in group(found).items()}
    every, jpeg = rows.pop("every picture"), rows.pop("every JPEG")
    aims = (
        ("same dimensions", f"{every.same_size}/{every.pictures}", "all", _differ_in_size),
        ("SSIM to sharp's", f"{every.difference:+.4f}", f"≥ {AIMS['likeness']}", _is_less_like),
        ("bytes", f"{every.bytes:.3f}×", f"≤ {AIMS['bytes']}×", _is_larger),
        ("CPU per JPEG", f"{jpeg.cpu:.2f}×", f"≤ {AIMS['CPU']}×", _is_slower),
    )
    totals = {"CPU per JPEG": jpeg}
    for name, value, aim, misses in aims:
        verdict = "MISSED" if misses("JPEG", totals.get(name, every)) else "met"
        kinds = [kind for kind, row in rows.items() if misses(kind, row)]
        print(f"  {name:<16} {value:>8}   aim {aim:<9} {verdict}", end="")
        print(f"; by itself not {'; '.join(kinds)}" if kinds else ", by every kind")
    short = sum(one.ours.likeness - one.sharp.likeness < AIMS["likeness"] for one in found)
    print(f"  Of single previews {short} of {len(found)} fall short of the SSIM.")
    print(f"  Of single JPEGs half take more CPU than {jpeg.median_cpu:.2f}× sharp's, half less.")


def _differ_in_size(_: str, row: Row) -> bool:
    return row.same_size < row.pictures


def _is_less_like(_: str, row: Row) -> bool:
    return row.difference < AIMS["likeness"]


def _is_larger(_: str, row: Row) -> bool:
    return row.bytes > AIMS["bytes"]


def _is_slower(kind: str, row: Row) -> bool:
    return "JPEG" in kind and "TIFF" not in kind and row.cpu > AIMS["CPU"]


def main() -> None:
    """Measure, print the table and the aims."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, help="a folder of JPEG, PNG and WebP files")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", type=Path, help="where to write every single figure")
    options = parser.parse_args()
    folder = options.pictures or os.environ.get("PIXELCRAFT_PICTURES")
    print(f"beside sharp {VERSIONS['sharp']} at its default effort, {DEFAULT_EFFORT}")
    print(
        f"  On the right at PixelCraft's, {SAME_EFFORT}. The quietest of {options.rounds} rounds."
    )
    try:
        with SharpProcess() as sharp, tempfile.TemporaryDirectory() as place:
            pictures = find_pictures(Path(folder)) if folder else []
            if not pictures:
                print("  No wallpapers: name a folder with --pictures or PIXELCRAFT_PICTURES.")
            pictures += write_specimens(Path(place))
            found = compare_all(Studio(Path(place), sharp), pictures, options.rounds)
    except NodeMissing as reason:
        print(f"  Skipped: {reason}.")
        return
    print_table(found)
    print_aims(found)
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in found]), encoding="utf-8")


if __name__ == "__main__":
    main()
