"""GIF (GIF89a): how many frames it has, and what of its canvas the first one leaves free."""

from __future__ import annotations

from PIL import GifImagePlugin, Image

_EXTENSION, _FRAME = 0x21, 0x2C


def count_frames(data: bytes, most: int) -> int:
    """Return how many frames there are, none of them decoded; at most `most`."""
    frames = 0
    try:
        at = 13 + _colour_table_bytes(data[10])
        while frames < most and data[at] in (_EXTENSION, _FRAME):
            if data[at] == _FRAME:
                frames += 1
                at += 11 + _colour_table_bytes(data[at + 9])
            else:
                at += 2
            while data[at]:
                at += data[at] + 1
            at += 1
    except IndexError:
        pass  # it ends early, and decoding will tell
    return frames


def _colour_table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def clear_canvas(image: Image.Image, seen: Image.Image) -> Image.Image:
    """Return what is seen of the decoded picture, clear where its first frame doesn't reach.

    So browsers show it. Pillow fills the canvas with the first colour of the palette.
    """
    if not isinstance(image, GifImagePlugin.GifImageFile) or image.dispose_extent is None:
        return seen
    left, top, right, bottom = image.dispose_extent
    if (left, top) == (0, 0) and (right, bottom) == image.size:
        return seen
    clear = Image.new("RGBA", seen.size)
    clear.paste(seen.crop((left, top, right, bottom)).convert("RGBA"), (left, top))
    return clear
