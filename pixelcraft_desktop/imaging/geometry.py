"""Sizes: what fits into what. Pairs are (width, height) in pixels."""

from __future__ import annotations

from pixelcraft_desktop.model import RenditionSpec

WEBP_LARGEST_SIDE_PX = 16_383
Size = tuple[int, int]
Box = tuple[float, float, float, float]


def output_size(spec: RenditionSpec, upright: Size) -> Size:
    """Return the size of a rendition of a picture whose upright size is given."""
    if spec.fit == "cover":
        return spec.width_px, spec.height_px or spec.width_px
    width, height = upright
    scale = min(1.0, spec.width_px / width, WEBP_LARGEST_SIDE_PX / height)
    return scaled(upright, scale)


def base_size(specs: tuple[RenditionSpec, ...], upright: Size) -> Size:
    """Return the smallest size, aspect kept, from which every rendition can be cut.

    It never passes the picture's own size: what must be enlarged is enlarged from there.
    """
    return max(_needed_size(spec, upright) for spec in specs)


def _needed_size(spec: RenditionSpec, upright: Size) -> Size:
    width, height = output_size(spec, upright)
    if spec.fit == "width":
        return width, height
    scale = max(width / upright[0], height / upright[1])
    return upright if scale >= 1.0 else scaled(upright, scale)


def scaled(size: Size, scale: float) -> Size:
    """Return the size times the scale, at least one pixel a side."""
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def cover_box(source: Size, target: Size) -> Box:
    """Return the centred part of `source` that has the shape of `target`."""
    scale = min(source[0] / target[0], source[1] / target[1])
    # Rounding of floats must not reach past an edge, which Pillow refuses.
    width = min(source[0], target[0] * scale)
    height = min(source[1], target[1] * scale)
    left, top = (source[0] - width) / 2, (source[1] - height) / 2
    return left, top, min(source[0], left + width), min(source[1], top + height)
