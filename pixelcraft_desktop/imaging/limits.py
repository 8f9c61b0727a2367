"""What is too large, told before it costs anything."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image

from pixelcraft_desktop.imaging import formats
from pixelcraft_desktop.imaging.containers import iso_media, jpeg, webp
from pixelcraft_desktop.imaging.geometry import Size
from pixelcraft_desktop.model import Cause, KnownFailure, Limits

# Their decoders want the whole file, and a copy of it, before they say a size.
READ_WHOLE = (formats.HEIC, formats.AVIF, formats.WEBP)
_JPEG_COMPRESSIONS = (6, 7)  # TIFF 6.0, and its technical note 2
_COMPRESSION, _STRIPS, _TILES, _OLD_JPEG = 259, (273, 279), (324, 325), (513, 514)


def require_few_pixels(size: Size, limits: Limits) -> None:
    """Raise KnownFailure too_large for a picture with more pixels than the limit."""
    pixels = size[0] * size[1]
    if pixels > limits.pixels:
        found, limit = tell_apart(pixels, limits.pixels)
        raise KnownFailure(Cause.TOO_LARGE, f"{found} megapixels; the limit is {limit}.")


def tell_apart(value: int, limit: int) -> tuple[str, str]:
    """Return both in millions, as short as lets them differ: "412" and "200", "200.1" and "200".

    Rounded alone, the first one above a limit would be said to be as large as the limit.
    """
    limit_words = _shortened(f"{limit / 1e6:,.6f}")
    for digits in range(6):
        words = _shortened(f"{value / 1e6:,.{digits}f}")
        if words != limit_words and round(value / 1e6, digits) > limit / 1e6:
            return words, limit_words
    return _shortened(f"{value / 1e6:,.6f}"), limit_words


def _shortened(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def require_readable_whole(source: BinaryIO, kind: formats.Format, limits: Limits) -> None:
    """Raise KnownFailure too_large where a format that is read whole is not worth beginning."""
    if kind not in READ_WHOLE:
        return
    file_bytes = source.seek(0, os.SEEK_END)
    if file_bytes > limits.whole_file_bytes:
        found, limit = tell_apart(file_bytes, limits.whole_file_bytes)
        raise KnownFailure(
            Cause.TOO_LARGE, f"The file has {found} MB; the limit for {kind.name} is {limit}."
        )
    size = told_size(source, kind)
    if size is not None:
        require_few_pixels(size, limits)


def told_size(source: BinaryIO, kind: formats.Format) -> Size | None:
    """Return what a file that is read whole tells without its decoder; None where it does not."""
    size = None
    if kind is formats.WEBP:
        source.seek(0)
        size = webp.read_size(source.read(webp.HEAD_BYTES))
    if kind in (formats.AVIF, formats.HEIC):  # decoders call what is too large for them damaged
        size = max(_item_sizes(source), key=lambda each: each[0] * each[1], default=None)
    source.seek(0)
    return size


def _item_sizes(source: BinaryIO) -> Iterator[Size]:
    meta = iso_media.find_box(source, b"meta")
    if meta is None:
        return
    for box in iso_media.find_boxes(
        source, b"iprp", b"ipco", b"ispe", within=iso_media.skip(meta, 4)
    ):
        data = iso_media.read_box(source, box, 12)
        yield int.from_bytes(data[4:8], "big"), int.from_bytes(data[8:12], "big")


def require_few_scans(image: Image.Image, limits: Limits) -> None:
    """Raise KnownFailure too_large for a JPEG, or one in a TIFF, that repeats itself too often.

    A scan costs up to 10 ms a megapixel and may be 7 bytes long.
    """
    places = list(_jpegs_in(image))
    source = getattr(image, "fp", None)
    if not places or source is None:
        return
    source.seek(0)
    data = source.read()
    if any(jpeg.count_scans(data, limits.jpeg_scans, *p) > limits.jpeg_scans for p in places):
        raise KnownFailure(
            Cause.TOO_LARGE,
            f"This JPEG has more than {limits.jpeg_scans:,} scans; "
            f"the limit is {limits.jpeg_scans:,}.",
        )


def _jpegs_in(image: Image.Image) -> Iterator[tuple[int, ...]]:
    """Yield where JPEGs lie in the file: (start, end), or only a start."""
    tags = getattr(image, "tag_v2", {})
    if image.format in {"JPEG", "MPO"}:
        yield (0,)
    elif tags.get(_COMPRESSION) in _JPEG_COMPRESSIONS:
        for starts_tag, lengths_tag in (_STRIPS, _TILES, _OLD_JPEG):
            starts, lengths = _numbers(tags.get(starts_tag)), _numbers(tags.get(lengths_tag))
            for start, length in zip(starts, lengths, strict=False):
                yield start, start + length


def _numbers(value: object) -> tuple[int, ...]:
    values = value if isinstance(value, tuple) else (value,)
    return tuple(each for each in values if isinstance(each, int))
