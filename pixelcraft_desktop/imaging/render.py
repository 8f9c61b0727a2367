"""The whole of imaging in one call: one read, one decode, all renditions, metadata."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from pixelcraft_desktop.imaging.colour import find_profile, hide, to_eight_bit, to_srgb
from pixelcraft_desktop.imaging.geometry import Box, Size, base_size, cover_box, output_size
from pixelcraft_desktop.imaging.header import Header, estimate_memory, open_image
from pixelcraft_desktop.imaging.metadata import read_metadata
from pixelcraft_desktop.imaging.notes import Notes, note_file
from pixelcraft_desktop.imaging.orientation import swap_sides, turn_upright
from pixelcraft_desktop.imaging.output import encode, write_synced
from pixelcraft_desktop.imaging.source import open_source, unreadable_source
from pixelcraft_desktop.model import (
    Cause,
    KnownFailure,
    Limits,
    Recipe,
    Rendered,
    Rendering,
    RenditionSpec,
    Stage,
)

# Resampling first averages whole blocks as long as the result stays this many times larger than
# wanted. The thumbnail, cut from a clean preview, gets by with less: 1.7 ms instead of 4.1.
_BASE_GAP = 3.0
_RENDITION_GAP = 1.5
# How Pillow 13 words the lack of it: its own decoders and libavif in clear, libtiff by number.
_OUT_OF_MEMORY = ("out of memory", "decoder error -9")
_STAGES = {"thumbnail": Stage.THUMBNAIL, "preview": Stage.PREVIEW}


@dataclass(frozen=True)
class Order:
    """What to render: where from, how, and the temporary file of each rendition."""

    source: bytes
    recipe: Recipe
    targets: dict[str, str]
    limits: Limits
    known_sha256: str | None = None  # stop after hashing where the content is still this


@dataclass(frozen=True)
class Reporter:
    """Whom `render` tells. `ask_memory` returns once the bytes may be used, or raises."""

    enter_stage: Callable[[Stage, int], None]
    ask_memory: Callable[[int], None]


def render(order: Order, reporter: Reporter) -> Rendering:
    """Render every rendition of the order into its temporary file.

    Progress is told in percent as each step begins. Raises KnownFailure.
    """
    steps = len(order.recipe.renditions) + 2
    reporter.enter_stage(Stage.READING, 0)
    with open_source(order.source, order.limits) as source:
        granted_bytes = estimate_memory(source, order.source, order.limits)
        reporter.ask_memory(granted_bytes)
        data = _read_all(source)
    sha256 = hashlib.sha256(data).hexdigest()
    image, header = open_image(io.BytesIO(data), order.source, order.limits)
    if header.memory_bytes > granted_bytes:
        raise KnownFailure(Cause.DAMAGED, "The file was changed while it was being read.")
    done: list[Rendered] = []
    notes = Notes()
    unchanged = sha256 == order.known_sha256
    if not unchanged:
        note_file(image, header, order.source, data, notes)
        base = _make_base(image, header, order.recipe, notes)
        for number, spec in enumerate(order.recipe.renditions, 1):
            stage = _STAGES.get(spec.name, Stage.RENDITION)
            reporter.enter_stage(stage, 100 * number // steps)
            done.append(_make_rendition(base, header, spec, order.targets[spec.name]))
    reporter.enter_stage(Stage.METADATA, 100 * (steps - 1) // steps)
    return Rendering(
        sha256=sha256,
        format=header.format,
        width=header.upright[0],
        height=header.upright[1],
        mode=header.mode,
        bit_depth=header.bit_depth,
        size_bytes=len(data),
        metadata=read_metadata(image),
        renditions=tuple(done),
        unchanged=unchanged,
        notes=notes.codes,
    )


def _read_all(source: BinaryIO) -> bytes:
    """Return the file's bytes: read once, for the hash and for the decoder."""
    size_bytes = source.seek(0, os.SEEK_END)
    source.seek(0)
    try:
        # Never more than was there at first: read() sets aside memory for all it is asked for.
        data = source.read(size_bytes)
    except OSError as error:
        raise unreadable_source(error) from error
    if len(data) != size_bytes:
        raise KnownFailure(Cause.DAMAGED, "The file became shorter while it was being read.")
    return data


def _make_base(image: Image.Image, header: Header, recipe: Recipe, notes: Notes) -> Image.Image:
    """Return the upright sRGB picture from which all renditions are cut."""
    upright_size = base_size(recipe.renditions, header.upright)
    size = swap_sides(upright_size, header.orientation)
    # JPEG decodes at 1/2, 1/4 or 1/8 for next to nothing, if asked for a box of its own shape.
    image.draft(image.mode, size)
    _decode(image)
    profile = find_profile(image, notes)
    whole = to_eight_bit(image, notes)
    small = _resized(whole, size, None, _BASE_GAP)
    # Resizing weighs colours by their alpha, and so leaves none that is hidden.
    seen = hide(small) if small is whole else small
    return turn_upright(to_srgb(seen, profile, notes), header.orientation)


def _decode(image: Image.Image) -> None:
    try:
        image.load()
    except MemoryError:
        raise
    except Exception as error:
        if any(sign in str(error).lower() for sign in _OUT_OF_MEMORY):
            raise MemoryError(str(error)) from error
        # Any other exception while reading pixels means damage; see `header` for the kinds seen.
        how = "it ends early" if "truncated" in str(error) else "it can't be decoded"
        raise KnownFailure(Cause.DAMAGED, f"The picture is damaged: {how}.") from error


def _make_rendition(
    base: Image.Image, header: Header, spec: RenditionSpec, target: str
) -> Rendered:
    size = output_size(spec, header.upright)
    box = cover_box(base.size, size) if spec.fit == "cover" else None
    data = encode(_resized(base, size, box, _RENDITION_GAP), spec)
    write_synced(target, data)
    return Rendered(spec.name, size[0], size[1], len(data))


def _resized(image: Image.Image, size: Size, box: Box | None, gap: float) -> Image.Image:
    if image.size == size and box in (None, (0, 0, *size)):
        return image
    return image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=gap)
