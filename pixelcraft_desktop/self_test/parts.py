"""The parts that work without a window: formats, catalog, queue, child decoder."""

from __future__ import annotations

import io
import os
import threading
import time
from multiprocessing import active_children
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms

from pixelcraft_desktop.catalog.database import journal_mode
from pixelcraft_desktop.catalog.jobs import list_jobs
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.decoders.decoder import DecodeError, Decoder
from pixelcraft_desktop.decoders.memory import MemoryBudget
from pixelcraft_desktop.headless import Ending, ImportRun
from pixelcraft_desktop.imaging import formats
from pixelcraft_desktop.imaging.colour.conversion import to_srgb
from pixelcraft_desktop.imaging.header import open_image
from pixelcraft_desktop.imaging.notes import Notes
from pixelcraft_desktop.imaging.render import Order
from pixelcraft_desktop.model import Cause, Limits, Rendering, Stage, standard_recipe
from pixelcraft_desktop.self_test.heic import PATTERN as HEIC_PATTERN
from pixelcraft_desktop.self_test.pattern import make_pattern, shows_pattern
from pixelcraft_desktop.self_test.step import Broken, Place
from pixelcraft_desktop.settings import Settings

QUEUE_S = 10.0
_DECODER_S = 5.0
_BUDGET_BYTES = 500_000_000
_SMALL = (32, 32)
_SMALL_FORMATS = {formats.ICO.name, formats.HEIC.name}  # an icon ends at 256 pixels
# TIFF without compression would not ask for libtiff, which reads nearly every real one.
_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    formats.TIFF.name: {"compression": "tiff_lzw"},
    formats.ICO.name: {"sizes": [_SMALL], "bitmap_format": "bmp"},
}


def try_formats(_place: Place) -> str:
    """Write and read the pattern in each format that the program says it reads."""
    found = read_formats()
    for name, trouble in found.items():
        if trouble is not None:
            raise Broken(f"{name}: {trouble}")
    _try_profiles(make_pattern())
    return ", ".join(found) + "; colour profiles"


def read_formats() -> dict[str, str | None]:
    """Return for each format that the program says it reads why it can't; None: it can."""
    readable = [
        (kind.name, kind.plugin)
        for kind in vars(formats).values()
        if isinstance(kind, formats.Format) and kind.plugin and kind is not formats.RAW
    ]
    pattern = make_pattern()
    small = pattern.resize(_SMALL, Image.Resampling.NEAREST)
    found: dict[str, str | None] = {}
    for name, plugin in readable:
        try:
            _try_format(small if name in _SMALL_FORMATS else pattern, name, plugin)
            found[name] = None
        except Exception as error:  # whatever it is, the other formats are to be told of too
            found[name] = str(error) or type(error).__name__
    return found


def _try_format(pattern: Image.Image, name: str, plugin: str) -> None:
    buffer = io.BytesIO(HEIC_PATTERN)
    if name != formats.HEIC.name:
        buffer = io.BytesIO()
        pattern.save(buffer, plugin, **_SAVE_OPTIONS.get(name, {}))
    image, header = open_image(buffer, b"", Limits())
    image.load()
    if header.format != name or image.size != pattern.size or not shows_pattern(image):
        raise Broken("what was read is not what was written")


def _try_profiles(pattern: Image.Image) -> None:
    """Read the pattern by a profile whose red is blue, and whose blue is red."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for before, after in ((b"rXYZ", b"none"), (b"bXYZ", b"rXYZ"), (b"none", b"bXYZ")):
        profile = profile.replace(before, after)
    red, green, blue = pattern.split()
    if not shows_pattern(to_srgb(Image.merge("RGB", (blue, green, red)), profile, Notes())):
        raise Broken("colour profiles are not applied")


def try_catalog(place: Place) -> str:
    """Make a catalog, and let SQLite check it."""
    store = Store(place.home.catalog)
    try:
        journal = str(store.value("PRAGMA journal_mode"))
        if journal != journal_mode():
            raise Broken(f"the journal is {journal} and should be {journal_mode()}")
        found = str(store.value("PRAGMA integrity_check"))
        if found != "ok":
            raise Broken(found)
        return f"SQLite {store.value('SELECT sqlite_version()')}, journal {journal}, sound"
    finally:
        store.close()


def try_queue(place: Place) -> str:
    """Import the picture: recorded, queued, decoded in a child, saved, completed."""
    stop = threading.Event()
    limit = threading.Timer(QUEUE_S, stop.set)
    limit.start()
    run = ImportRun(place.home, Settings(workers=1), stop, lambda *_: None)
    try:
        outcome = run.run([os.fsencode(place.picture)], lane_count=1, wait=True)
    finally:
        limit.cancel()
        run.close()
    if outcome.ending is not Ending.DONE:
        raise Broken(f"the picture was not done within {QUEUE_S:g} s")
    _require_completed(place)
    return f"a picture went through in {outcome.seconds * 1000:.0f} ms"


def _require_completed(place: Place) -> None:
    store = Store(place.home.catalog)
    jobs = list_jobs(store)
    store.close()
    if [job["state"] for job in jobs] != ["completed"]:
        raise Broken("; ".join(str(job["message"] or job["state"]) for job in jobs) or "no job")
    for spec in standard_recipe().renditions:
        files = list(place.home.output_folder(spec.name).iterdir())
        if len(files) != 1:
            raise Broken(f"{len(files)} files instead of one {spec.name}")
        with Image.open(files[0], formats=["WEBP"]) as image:
            if not shows_pattern(image):
                raise Broken(f"the {spec.name} shows something else")


def try_decoder(place: Place) -> str:
    """Kill a child in the middle of its work, and give the next picture to its successor."""
    decoder = Decoder(MemoryBudget(_BUDGET_BYTES), _DECODER_S)
    order = _order(place.picture, place.home.root)
    try:
        decoder.render(order, _kill)
    except DecodeError as error:
        if error.failure.cause is not Cause.DECODER_CRASHED:
            raise Broken(error.failure.message) from error
    else:
        raise Broken("a killed child went on working")
    try:
        began = time.monotonic()
        rendering = decoder.render(order, lambda *_: None)
        seconds = time.monotonic() - began
    except DecodeError as error:
        raise Broken(f"after one was killed: {error.failure.message}") from error
    finally:
        decoder.close()
    _require_rendered(rendering, order)
    return f"one was killed, the next was at work and done in {seconds * 1000:.0f} ms"


def _kill(_stage: Stage, _progress: int) -> None:
    # It has told its first stage, and waits for the memory it asks us for.
    for child in active_children():
        child.kill()


def _order(source: Path, folder: Path) -> Order:
    recipe = standard_recipe()
    targets = {spec.name: str(folder / f"{spec.name}.webp") for spec in recipe.renditions}
    return Order(os.fsencode(source), recipe, targets, Limits())


def _require_rendered(rendering: Rendering, order: Order) -> None:
    made = {each.name for each in rendering.renditions}
    if made != set(order.targets):
        raise Broken(f"it made {', '.join(sorted(made)) or 'nothing'}")
    for target in order.targets.values():
        with Image.open(target, formats=["WEBP"]) as image:
            if not shows_pattern(image):
                raise Broken("it made another picture")
