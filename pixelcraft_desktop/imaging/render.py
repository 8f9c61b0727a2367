"""The whole of imaging in one call: one read, one decode, all renditions, metadata."""

from __future__ import annotations

import hashlib
import io
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from pixelcraft_desktop.imaging.colour.claim import Claim, read_claim
from pixelcraft_desktop.imaging.colour.conversion import drop_idle_alpha, hide, to_srgb
from pixelcraft_desktop.imaging.colour.samples import to_eight_bit
from pixelcraft_desktop.imaging.containers import gif, jpeg2000
from pixelcraft_desktop.imaging.containers.scans import has_end
from pixelcraft_desktop.imaging.damage import (
    Remains,
    fill_between,
    find_remains,
    paint_missing,
)
from pixelcraft_desktop.imaging.draft import draft
from pixelcraft_desktop.imaging.geometry import Box, Size, base_size, cover_box, output_size
from pixelcraft_desktop.imaging.header import (
    Header,
    ends_early,
    estimate_memory,
    memory_to_open,
    open_image,
)
from pixelcraft_desktop.imaging.metadata.summary import read_metadata
from pixelcraft_desktop.imaging.notes import Notes, note_file
from pixelcraft_desktop.imaging.orientation import swap_sides, turn_upright
from pixelcraft_desktop.imaging.output import encode, write_synced
from pixelcraft_desktop.imaging.source import open_source, unreadable_source
from pixelcraft_desktop.model import (
    Cause,
    KnownFailure,
    Limits,
    Note,
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
    salvage: bool = False  # of a damaged picture, make what can be made


@dataclass(frozen=True)
class Reporter:
    """Whom `render` tells. `ask_memory` returns once the bytes may be used, or raises.

    What is asked for later replaces what was granted before.
    """

    enter_stage: Callable[[Stage, int], None]
    ask_memory: Callable[[int], None]


def render(order: Order, reporter: Reporter) -> Rendering:
    """Render every rendition of the order into its temporary file.

    Progress is told in percent as each step begins. Raises KnownFailure.
    """
    steps = len(order.recipe.renditions) + 2
    reporter.enter_stage(Stage.READING, 0)
    with open_source(order.source, order.limits) as source:
        opening_bytes = memory_to_open(source, order.limits)
        if opening_bytes:
            reporter.ask_memory(opening_bytes)
        wanted = order.recipe.renditions
        granted_bytes = estimate_memory(source, order.source, order.limits, wanted)
        reporter.ask_memory(granted_bytes)
        data = _read_all(source)
    sha256 = hashlib.sha256(data).hexdigest()
    image, header = open_image(io.BytesIO(data), order.source, order.limits, wanted)
    if header.memory_bytes > granted_bytes:
        raise KnownFailure(Cause.DAMAGED, "The file was changed while it was being read.")
    done: list[Rendered] = []
    notes = Notes()
    remains = Remains(image)
    unchanged = sha256 == order.known_sha256
    if not unchanged:
        note_file(image, header, order.source, data, notes)
        size = swap_sides(base_size(order.recipe.renditions, header.upright), header.orientation)
        claim = read_claim(image, data, header.bit_depth, notes)
        remains = _decode(image, data, header, order, size)
        _note_remains(remains, notes)
        image = remains.image
        base = _make_base(remains, claim, header, size, notes)
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
        metadata=read_metadata(image, data, notes, order.limits),
        renditions=tuple(done),
        unchanged=unchanged,
        notes=notes.codes,
        is_damaged=not (unchanged or remains.is_whole),
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


def _decode(image: Image.Image, data: bytes, header: Header, order: Order, size: Size) -> Remains:
    """Decode the picture to about that size: all of it, or where it is to be salvaged what is left.

    Raises KnownFailure: damaged.
    """
    error = _load(image, size)
    if error is None:
        # Pillow passes some JPEGs that were cut off: those with zeros in the place of the rest.
        if header.format != "JPEG" or has_end(data):
            return Remains(image)
    else:
        image.close()  # what follows needs the memory, of which the decoder in there holds on
        traceback.clear_frames(error.__traceback__)
    is_cut_off = (
        error is None or "truncated" in str(error) or ends_early(io.BytesIO(data), header.format)
    )

    def open_again(data: bytes) -> Image.Image:
        return open_image(io.BytesIO(data), order.source, order.limits)[0]

    try:
        remains = find_remains(data, header.format, open_again, is_cut_off)
    except MemoryError:  # it takes more than to decode a sound one
        if order.salvage:
            raise
        remains = None  # where it ends isn't known then, but that it is damaged
    if remains is None and error is None:
        return Remains(image)
    if remains is not None and (remains.is_whole or order.salvage):
        error = _load(remains.image, size)
        if error is None:
            return remains
    raise _damaged(remains, is_cut_off) from error


def _load(image: Image.Image, size: Size) -> Exception | None:
    """Decode the picture; return what went wrong, if anything did. Raises MemoryError."""
    draft(image, size)
    jpeg2000.shrink(image, size)
    try:
        image.load()
    except MemoryError:
        raise
    except Exception as error:
        if any(sign in str(error).lower() for sign in _OUT_OF_MEMORY):
            raise MemoryError(str(error)) from error
        return error
    return None


def _damaged(remains: Remains | None, is_cut_off: bool) -> KnownFailure:
    # Any exception while reading pixels means damage; see `header` for the kinds seen.
    how = "it ends early" if is_cut_off else "it can't be decoded"
    if remains is not None:
        is_partial = remains.missing is not None
        how = f"it ends at {remains.percent} %" if is_partial else "its finer details are missing"
    return KnownFailure(Cause.DAMAGED, f"The picture is damaged: {how}.")


def _note_remains(remains: Remains, notes: Notes) -> None:
    if remains.missing is not None:
        notes.add(Note.SALVAGED, remains.percent)
    elif remains.is_coarse:
        notes.add(Note.SALVAGED_COARSE)
    elif remains.is_cut_off:
        notes.add(Note.END_MARKER)


def _make_base(
    remains: Remains, claim: Claim, header: Header, size: Size, notes: Notes
) -> Image.Image:
    """Return the upright sRGB picture from which all renditions are cut; `size` is as stored."""
    whole = gif.clear_canvas(remains.image, to_eight_bit(remains.image, notes, claim.samples))
    whole = drop_idle_alpha(whole)
    missing = remains.missing
    if missing is not None:
        whole, missing = fill_between(whole, missing, size)
    whole, box = jpeg2000.align(whole, remains.image, header.size)
    small = _resized(whole, size, box, _BASE_GAP)
    # Resizing weighs colours by their alpha, and so leaves none that is hidden.
    seen = to_srgb(hide(small) if small is whole else small, claim.profile, notes)
    if missing is not None:
        seen = paint_missing(seen, missing)
    return turn_upright(seen, header.orientation)


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
