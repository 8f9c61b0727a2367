"""What the first bytes of a picture tell: format, size, and what decoding it will cost."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import BinaryIO, cast

import pi_heif
from PIL import AvifImagePlugin, Image, ImageFile, Jpeg2KImagePlugin, PngImagePlugin

from pixelcraft_desktop.imaging import formats
from pixelcraft_desktop.imaging.containers import (
    heif,
    icon,
    iso_media,
    jpeg2000,
    jpeg_frame,
    layout,
    png,
    raw,
    segments,
    tiff,
    webp,
)
from pixelcraft_desktop.imaging.containers.part import open_part
from pixelcraft_desktop.imaging.geometry import Size, base_size
from pixelcraft_desktop.imaging.limits import (
    READ_WHOLE,
    require_few_pixels,
    require_few_scans,
    require_readable_whole,
    told_size,
)
from pixelcraft_desktop.imaging.orientation import read_orientation, swap_sides
from pixelcraft_desktop.imaging.source import unreadable_source
from pixelcraft_desktop.model import Cause, KnownFailure, Limits, RenditionSpec

# Pillow's own bomb check only warns, and knows no memory budget; ours is `Limits` and the grant.
Image.MAX_IMAGE_PIXELS = None
# One thread a picture: there is a decoder for each core already.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
pi_heif.options.DECODE_THREADS = 1
# Nothing but the picture itself, and whatever its first brand: `formats` has decided already.
pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False
Image.register_open("HEIF", pi_heif.HeifImageFile)
png.forgive_metadata()
segments.forgive_metadata()
layout.learn_layouts()

# Peak bytes a pixel while decoding, measured with resource.getrusage on Pillow 13, rounded up:
# the decoder's own buffers, Pillow's 4 bytes a pixel, and the copy that resizing alpha makes.
_BYTES_PER_PIXEL = {
    **{"JPEG": 8, "PNG": 9, "WebP": 16, "GIF": 9, "BMP": 9, "TIFF": 13, "AVIF": 16},
    **{"HEIC": 16, "JPEG 2000": 8, "ICO": 14, "PPM/PGM": 16, "Camera RAW": 8},
}
# JPEG 2000's decoder has 4 bytes for each channel, then 1 or 2: 19.9 in all for three channels.
_BYTES_PER_CHANNEL = {"JPEG 2000": 6}
# A progressive JPEG keeps 2 bytes more for each channel, beside the picture; that matters where
# it can't be decoded at half its size: up to 1,600 × 32,766, see `geometry`.
_PROGRESSIVE_BYTES, _WHOLE_PIXELS = 4, 1_600 * 32_766
_FIXED_BYTES = 32_000_000
_PNG_DEPTH = re.compile(r";(\d+)")
# The picture, its format, and how it stands where something else than the picture says that.
_Opened = tuple[Image.Image, formats.Format, int | None]
_BIT_DEPTHS = {"1": 1, "I": 32, "F": 32}


@dataclass(frozen=True)
class Header:
    """A picture before it is decoded. `size` is the stored one, `upright` the displayed one."""

    format: str
    size: Size
    upright: Size
    orientation: int
    mode: str
    bit_depth: int
    memory_bytes: int


def memory_to_open(source: BinaryIO, limits: Limits) -> int:
    """Return how many bytes it takes to learn the size; 0 where there is no need to ask.

    Raises KnownFailure: too_large, damaged.
    """
    kind = formats.sniff(_read_head(source))
    if kind not in READ_WHOLE:
        return 0
    try:
        require_readable_whole(source, kind, limits)
        file_bytes = source.seek(0, os.SEEK_END)
        width, height = (told_size(source, kind) if kind is formats.WEBP else None) or (0, 0)
    except OSError as error:
        raise unreadable_source(error) from error
    needed_bytes = 2 * file_bytes + width * height * _BYTES_PER_PIXEL[kind.name]
    return _FIXED_BYTES + needed_bytes if needed_bytes > _FIXED_BYTES else 0


def estimate_memory(
    source: BinaryIO, name: bytes, limits: Limits, wanted: tuple[RenditionSpec, ...] = ()
) -> int:
    """Return about how many bytes decoding will take, without decoding anything yet.

    That may be less where only these renditions are wanted. Raises KnownFailure as `open_image`
    does.
    """
    image, kind, _ = _open(source, name, limits)
    return _memory_bytes(kind, image, source, wanted)


def open_image(
    source: BinaryIO, name: bytes, limits: Limits, wanted: tuple[RenditionSpec, ...] = ()
) -> tuple[Image.Image, Header]:
    """Return the picture and its header.

    It is not decoded yet. Raises KnownFailure: not_an_image, unsupported_format, damaged,
    too_large.
    """
    image, kind, told_orientation = _open(source, name, limits)
    require_few_scans(image, limits)
    size = image.size
    png.find_late_exif(image)
    bit_depth = _bit_depth(image, source)  # before anything is decoded: Pillow forgets it then
    orientation = told_orientation or read_orientation(image)
    return image, Header(
        format=kind.name,
        size=size,
        upright=swap_sides(size, orientation),
        orientation=orientation,
        mode=image.mode,
        bit_depth=bit_depth,
        memory_bytes=_memory_bytes(kind, image, source, wanted),
    )


def _open(source: BinaryIO, name: bytes, limits: Limits) -> _Opened:
    kind, plugin = _require_readable(formats.sniff(_read_head(source)), name)
    try:
        require_readable_whole(source, kind, limits)
        if kind is formats.TIFF and raw.is_raw(source):
            kind = formats.RAW
        if kind is formats.RAW:
            opened = _open_raw(source)
        else:
            opened = _open_plain(source, kind, plugin), kind, None
    except OSError as error:  # what the formats make of bytes is caught where they are opened
        raise unreadable_source(error) from error
    require_few_pixels(opened[0].size, limits)
    return opened


def _read_head(source: BinaryIO) -> bytes:
    try:
        source.seek(0)
        head = source.read(formats.HEAD_BYTES)
        source.seek(0)
    except OSError as error:
        raise unreadable_source(error) from error
    return head


def _open_plain(source: BinaryIO, kind: formats.Format, plugin: str) -> Image.Image:
    try:
        if kind is formats.JPEG:
            _require_common_frame(source)
        if kind is formats.HEIC:
            _require_still(source)
            if not heif.has_sound_items(source):
                raise _damaged()
            source.seek(0)
        if kind is formats.ICO:
            source, plugin = _icon_picture(source)
        image = Image.open(source, formats=[plugin])
        if kind is formats.HEIC and image.mode.startswith("I;16"):
            # pi-heif 1.4 widens grey in place by the depth that the file's outer header claims,
            # and writes past the picture's end where the stream has 8 bits.
            raise KnownFailure(
                Cause.UNSUPPORTED_FORMAT,
                "HEIC pictures in grey of more than 8 bits can't be read yet.",
            )
        if kind is formats.TIFF:
            tiff.show_first_page(image, source)
            compression = layout.name_compression(getattr(image, "tag_v2", {}))
            if compression is not None:
                raise _unsupported(f"TIFF ({compression})")
            layout.keep_byte_order(image)
        if kind is formats.JPEG_2000:
            _require_one_extent(image, source)
    except (MemoryError, KnownFailure):
        raise
    except Exception as error:
        # Not only OSError: real files raised ValueError, IndexError, TypeError, SyntaxError,
        # KeyError and struct.error.
        unknown = layout.name_layout(source) if kind is formats.TIFF else None
        if unknown:
            raise _unsupported(f"TIFF ({unknown})") from error
        raise (
            _damaged("it ends early") if ends_early(source, kind.name) else _damaged()
        ) from error
    return image


def _require_common_frame(source: BinaryIO) -> None:
    """Refuse what is no damage, but no photograph either: Pillow takes one for the other."""
    frame = jpeg_frame.read_frame(source, 0, source.seek(0, os.SEEK_END))
    source.seek(0)
    if frame is not None and frame.is_lossless:
        raise _unsupported("Lossless JPEG")
    if frame is not None and frame.bits != 8:
        raise _unsupported(f"JPEG ({frame.bits}-bit)")


def _require_still(source: BinaryIO) -> None:
    if iso_media.find_box(source, b"moov") and not iso_media.find_box(source, b"meta"):
        raise KnownFailure(
            Cause.UNSUPPORTED_FORMAT,
            "HEIC sequences without a still picture can't be read yet.",
        )


def _icon_picture(source: BinaryIO) -> tuple[BinaryIO, str]:
    found = icon.largest_picture(source)
    if found is None:
        raise _damaged()
    return found


def _open_raw(source: BinaryIO) -> _Opened:
    """Return the largest finished picture in a RAW file, which lets nobody see the sensor's."""
    preview = raw.find_preview(source)
    part = open_part(source, preview.start, preview.end)
    return _open_plain(part, formats.JPEG, "JPEG"), formats.RAW, preview.orientation


def _require_one_extent(image: Image.Image, source: BinaryIO) -> None:
    """Refuse a JPEG 2000 whose two headers differ: the decoder follows the one not shown."""
    stream = jpeg2000.read_codestream(source)
    if stream is None or stream.size != image.size or stream.channels != _channels(image):
        raise _damaged()
    if jpeg2000.tells_too_many_packets(source, stream):
        raise _damaged("it ends early")
    if not stream.is_laid_out_right:
        raise _unsupported("JPEG 2000 (channels smaller than the picture)")
    colours = jpeg2000.unreadable_colours(source)
    if colours is not None:
        raise _unsupported(f"JPEG 2000 ({colours})")


def _channels(image: Image.Image) -> int:
    # A palette is one channel in the file.
    return {"P": 1, "PA": 2}.get(image.mode) or len(image.getbands())


def ends_early(source: BinaryIO, name: str) -> bool:
    """Tell whether the file, of a format by its name, says that it goes on where it has ended."""
    if name == formats.WEBP.name:
        return webp.ends_early(source)
    return name in {formats.AVIF.name, formats.HEIC.name} and iso_media.ends_early(source)


def _damaged(how: str = "its beginning can't be read") -> KnownFailure:
    return KnownFailure(Cause.DAMAGED, f"The picture is damaged: {how}.")


def _memory_bytes(
    kind: formats.Format, image: Image.Image, source: BinaryIO, wanted: tuple[RenditionSpec, ...]
) -> int:
    file_bytes = source.seek(0, os.SEEK_END)
    per_pixel = _BYTES_PER_PIXEL[kind.name]
    per_pixel += _BYTES_PER_CHANNEL.get(kind.name, 0) * _channels(image)
    pixels, more = image.width * image.height, 0
    if kind is formats.JPEG_2000:
        times = jpeg2000.count_halvings(image, base_size(wanted, image.size)) if wanted else 0
        more = jpeg2000.block_bytes(source)
        pixels = -(-image.width >> times) * -(-image.height >> times)
    if "progressive" in image.info:
        more = _PROGRESSIVE_BYTES * min(pixels, _WHOLE_PIXELS)
    return _FIXED_BYTES + 2 * file_bytes + pixels * per_pixel + more


def _require_readable(kind: formats.Format | None, name: bytes) -> tuple[formats.Format, str]:
    extension = name[name.rfind(b".") :].lower() if b"." in name else b""
    if kind is None and extension == b".tga":
        raise _unsupported("TGA")  # it has no signature, and matches random bytes
    if kind is None:
        but = ""
        if extension in formats.PICTURE_EXTENSIONS:
            but = f", though its name says {extension.decode('ascii')}"
        raise KnownFailure(Cause.NOT_AN_IMAGE, f"This is not a picture{but}.")
    if kind.plugin is None:
        raise _unsupported(kind.name)
    return kind, kind.plugin


def _unsupported(name: str) -> KnownFailure:
    return KnownFailure(Cause.UNSUPPORTED_FORMAT, f"{name} pictures can't be read yet.")


def _bit_depth(image: Image.Image, source: BinaryIO) -> int:
    bits = getattr(image, "tag_v2", {}).get(258)  # TIFF BitsPerSample
    if isinstance(bits, tuple) and bits and all(isinstance(b, int) for b in bits):
        return int(max(bits))
    if isinstance(image, Jpeg2KImagePlugin.Jpeg2KImageFile) and image.mode not in {"P", "PA"}:
        stream = jpeg2000.read_codestream(cast("BinaryIO", image.fp))
        return max(stream.depths, default=8) if stream else 8
    if image.mode.startswith("I;16") or (image.format == "PPM" and image.mode == "I"):
        return 16
    if image.format == "PPM" and isinstance(image, ImageFile.ImageFile) and image.tile:
        largest = image.tile[0].args[-1:] if isinstance(image.tile[0].args, tuple) else ()
        return 16 if largest and isinstance(largest[0], int) and largest[0] > 255 else 8
    if isinstance(image, AvifImagePlugin.AvifImageFile):
        return iso_media.av1_depth(source)
    if isinstance(image, pi_heif.HeifImageFile):
        return int(image.info.get("bit_depth", 8))
    if isinstance(image, PngImagePlugin.PngImageFile) and image.mode != "P" and image.tile:
        stored = _PNG_DEPTH.search(str(image.tile[0].args))  # "RGB;16B", "L;4"; nothing means 8
        if stored:
            return int(stored[1])
    return _BIT_DEPTHS.get(image.mode, 8)
