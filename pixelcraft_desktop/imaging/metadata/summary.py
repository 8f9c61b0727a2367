"""The summary of a picture's metadata: EXIF, IPTC, XMP and ICC joined, cleaned, and cut to size."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image

from pixelcraft_desktop.imaging.containers.forgiven import forgiven
from pixelcraft_desktop.imaging.metadata.blocks import exif_blocks, iptc_block, xmp_block
from pixelcraft_desktop.imaging.metadata.exif import read_exif
from pixelcraft_desktop.imaging.metadata.icc import read_icc
from pixelcraft_desktop.imaging.metadata.iptc import IptcBlock, read_iptc
from pixelcraft_desktop.imaging.metadata.reading import Reading, told
from pixelcraft_desktop.imaging.metadata.texts import clean
from pixelcraft_desktop.imaging.metadata.xmp import read_xmp
from pixelcraft_desktop.imaging.notes import Notes
from pixelcraft_desktop.model import Limits, Note

MOST_KEYWORDS = 200
_SHORTER_TEXTS = (500, 250, 125, 60)  # characters
# docs/metadata.md says of each what it is and where it comes from.
_KEYS = (
    *("title", "caption", "keywords", "rating", "creator", "copyright", "taken_at", "gps"),
    *("make", "model", "lens", "lens_make", "exposure_time_s", "f_number", "iso"),
    *("focal_length_mm", "focal_length_35mm", "flash", "software", "icc_profile"),
)
_Facts = dict[str, Any]


def read_metadata(image: Image.Image, data: bytes, notes: Notes, limits: Limits) -> _Facts:
    """Return what the picture says about itself, keys left out where nothing is told.

    `data` is the whole file. Best effort, after the pixels: never raises, a block that can't be
    read is noted and the others count. Texts are cleaned and cut, and the whole has at most
    `limits.metadata_bytes` as JSON.
    """
    _finish_png(image)
    for name in forgiven(image.info):
        notes.add(Note.BAD_METADATA, name)
    exif = _read("exif", notes, lambda: read_exif(exif_blocks(image, data)))
    block = _find_iptc(image, data, notes)
    iptc = _read("iptc", notes, lambda: read_iptc(block))
    xmp = _read("xmp", notes, lambda: read_xmp(xmp_block(image, data)))
    icc = _read_icc(image, notes)
    # Metadata Working Group, Guidelines for Handling Image Metadata 2.0, section 3.
    rest = (iptc, xmp) if block.is_newer_than_xmp else (xmp, iptc)
    found = _joined(exif, *rest, icc)
    return _cut_to_size(_cleaned(found, notes), limits.metadata_bytes, notes)


def _finish_png(image: Image.Image) -> None:
    """Have what lies behind the pixels read too, where the pixels were not asked for."""
    if image.format != "PNG":
        return
    try:
        image.load()
    except Exception:
        return  # whoever wants the pixels hears of it


def _find_iptc(image: Image.Image, data: bytes, notes: Notes) -> IptcBlock:
    try:
        return iptc_block(image, data)
    except Exception:
        notes.add(Note.BAD_METADATA, "iptc")
        return IptcBlock()


def _read_icc(image: Image.Image, notes: Notes) -> _Facts:
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or not profile or Note.BAD_PROFILE in notes.codes:
        return {}  # there is none, or that says it already
    return _read("icc", notes, lambda: read_icc(profile))


def _read(name: str, notes: Notes, read: Callable[[], Reading]) -> _Facts:
    try:
        reading = read()
    except Exception:
        # Broken blocks raise anything, and a picture is worth having without them.
        reading = Reading(is_broken=True)
    if reading.is_broken:
        notes.add(Note.BAD_METADATA, name)
    if reading.is_cut:
        notes.add(Note.METADATA_CUT)
    return reading.facts


def _joined(*readings: _Facts) -> _Facts:
    """Return each fact as the first reading tells it that tells it at all."""
    found: _Facts = {}
    for facts in readings:
        for key, value in facts.items():
            found.setdefault(key, value)
    found.setdefault("taken_at", found.get("modified_at"))
    return {key: found[key] for key in _KEYS if found.get(key) is not None}


def _cleaned(value: Any, notes: Notes) -> Any:
    """Return the value with its texts fit to keep; those of which nothing is left are left out."""
    if isinstance(value, str):
        text, is_cut = clean(value)
        if is_cut:
            notes.add(Note.METADATA_CUT)
        return text
    if isinstance(value, list):
        return _cleaned_keywords(value, notes)
    if isinstance(value, dict):
        return told(**{key: _cleaned(each, notes) for key, each in value.items()})
    return value


def _cleaned_keywords(keywords: list[str], notes: Notes) -> list[str]:
    kept: dict[str, None] = {}
    for keyword in keywords:
        text = _cleaned(keyword, notes)
        if text and text not in kept and len(kept) == MOST_KEYWORDS:
            notes.add(Note.METADATA_CUT)
            break
        if text:
            kept[text] = None
    return list(kept)


def _cut_to_size(found: _Facts, most_bytes: int, notes: Notes) -> _Facts:
    if len(json.dumps(found)) <= most_bytes:
        return found
    notes.add(Note.METADATA_CUT)
    return next((v for v in _ever_less(found) if len(json.dumps(v)) <= most_bytes), {})


def _ever_less(found: _Facts) -> Iterator[_Facts]:
    """Yield the facts with ever shorter texts, the longest cut first, then ever fewer keywords."""
    for longest in _SHORTER_TEXTS:
        found = _shortened(found, longest)
        yield found
    keywords = found.get("keywords", [])
    while keywords:
        keywords = keywords[: len(keywords) // 2]
        yield told(**{**found, "keywords": keywords})


def _shortened(value: Any, longest: int) -> Any:
    if isinstance(value, str):
        return value[:longest]
    if isinstance(value, list):
        return list(dict.fromkeys(filter(None, (_shortened(each, longest) for each in value))))
    if isinstance(value, dict):
        return told(**{key: _shortened(each, longest) for key, each in value.items()})
    return value
