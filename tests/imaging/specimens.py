"""Small sound files of every format, each with something else of what the format has to offer."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache

from heic import box, heic
from pictures import encoded, exif_with, tiff
from PIL import Image
from profiles import display_p3, linear_grey
from test_orientation import pattern
from test_raw import FAMILIES, raw

SIZE = (48, 32)
Files = dict[str, bytes]


@cache
def specimens() -> dict[str, Files]:
    """Return the files by format and by what is special about them."""
    makers = {
        **{"JPEG": _jpeg, "PNG": _png, "WebP": _webp, "GIF": _gif, "BMP": _bmp, "TIFF": _tiff},
        **{"AVIF": _avif, "HEIC": _heic, "JPEG 2000": _jpeg_2000, "ICO": _icon, "PNM": _pnm},
    }
    # Large enough to be shown, and yet few bytes, so that the damage meets the directories.
    held = encoded(Image.new("L", (656, 280)), "JPEG")
    raws = {family: {"raw": raw(family, picture=held)} for family in FAMILIES}
    return {name: make(picture()) for name, make in makers.items()} | raws


@cache
def picture(mode: str = "RGB") -> Image.Image:
    """Return a picture with edges, slopes and colours in it."""
    grey = pattern().resize(SIZE)
    turned = [grey, grey.transpose(Image.Transpose.ROTATE_180), Image.linear_gradient("L")]
    colour = Image.merge("RGB", [channel.resize(SIZE) for channel in turned])
    if mode.endswith("A"):
        colour.putalpha(grey)
    return colour.convert(mode)


def exif() -> bytes:
    """Return EXIF of a camera, with text, numbers and a place."""
    main = {271: "Maker", 272: "Model", 274: 6, 306: "2024:01:01 00:00:00"}
    detail = {33434: 0.01, 34855: 200, 36867: "2024:01:01 00:00:00", 40961: 65535, 42036: "Lens"}
    return exif_with(main, detail, {1: "N", 2: (1.0, 2.0, 3.0), 3: "E", 4: (4.0, 5.0, 6.0)})


def _jpeg(image: Image.Image) -> Files:
    made: dict[str, Callable[[], bytes]] = {
        "baseline": lambda: encoded(image, "JPEG", exif=exif(), icc_profile=display_p3()),
        "restarts": lambda: encoded(image, "JPEG", restart_marker_blocks=2, subsampling=0),
        "progressive": lambda: encoded(image, "JPEG", progressive=True),
        "grey": lambda: encoded(picture("L"), "JPEG"),
        "CMYK": lambda: encoded(picture("CMYK"), "JPEG"),
        "MPO": lambda: encoded(image, "MPO", save_all=True, append_images=[image.rotate(90)]),
    }
    return {name: make() for name, make in made.items()}


def _png(image: Image.Image) -> Files:
    frames = [image.rotate(90), image.rotate(180)]
    files = {mode: encoded(picture(mode), "PNG") for mode in ("1", "L", "LA", "RGBA")}
    return {
        **files,
        "metadata": encoded(image, "PNG", exif=exif(), icc_profile=display_p3()),
        "palette": encoded(picture("P"), "PNG", transparency=3),
        "16 bits": encoded(picture("L").convert("I;16"), "PNG"),
        "animated": encoded(image, "PNG", save_all=True, append_images=frames),
    }


def _webp(image: Image.Image) -> Files:
    frames = [image.rotate(90), image.rotate(180)]
    return {
        "lossy": encoded(image, "WEBP", exif=exif(), icc_profile=display_p3()),
        "lossy, alpha": encoded(picture("RGBA"), "WEBP"),
        "lossless": encoded(picture("RGBA"), "WEBP", lossless=True),
        "animated": encoded(image, "WEBP", save_all=True, append_images=frames),
    }


def _gif(image: Image.Image) -> Files:
    frames = [image.rotate(90), image.rotate(180)]
    return {
        "still": encoded(image, "GIF"),
        "interlaced": encoded(picture("L"), "GIF", interlace=True, transparency=3),
        "animated": encoded(image, "GIF", save_all=True, append_images=frames, transparency=3),
    }


def _bmp(image: Image.Image) -> Files:
    return {mode: encoded(picture(mode), "BMP") for mode in ("RGB", "RGBA", "P", "L", "1")}


def _tiff(image: Image.Image) -> Files:
    packed = ("tiff_deflate", "tiff_lzw", "jpeg", "packbits")
    files = {name: encoded(image, "TIFF", compression=name) for name in packed}
    modes = {mode: encoded(picture(mode), "TIFF") for mode in ("1", "P", "RGBA", "CMYK")}
    depths = {mode: picture("L").convert("I").convert(mode) for mode in ("I;16", "F")}
    return {
        **files,
        **modes,
        **{name: encoded(deep, "TIFF") for name, deep in depths.items()},
        "strips": encoded(image, "TIFF", tiffinfo={278: 5}, exif=exif(), icc_profile=display_p3()),
        "tiles": _tiled(),
        "fax": encoded(picture("1"), "TIFF", compression="group4"),
        "pages": encoded(image, "TIFF", save_all=True, append_images=[picture("L")]),
        "64 bits": encoded(image, "TIFF", big_tiff=True),
    }


def _tiled() -> bytes:
    """Return a TIFF of 48 × 32 pixels in two tiles of grey, which Pillow can't write."""
    pixels = picture("L").tobytes()
    data = struct.pack("<4I", 24, 24 + 768, 768, 768) + pixels
    sides = [(256, 3, 1, 48), (257, 3, 1, 32), (322, 4, 1, 48), (323, 4, 1, 16)]
    plain = [(258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (277, 3, 1, 1)]
    return tiff(*sorted([*sides, *plain, (324, 4, 2, 8), (325, 4, 2, 16)]), data=data)


def _avif(image: Image.Image) -> Files:
    return {
        "still": encoded(image, "AVIF", exif=exif(), icc_profile=display_p3()),
        "alpha": encoded(picture("RGBA"), "AVIF", subsampling="4:4:4"),
        "animated": encoded(image, "AVIF", save_all=True, append_images=[image.rotate(90)]),
    }


def _heic(_image: Image.Image) -> Files:
    turns = [box(b"irot", b"\1"), box(b"imir", b"\0")]
    return {
        "bare": heic(),
        "EXIF": heic(exif=exif_with({271: "Maker"}, {}, {})),
        "turned": heic(*turns, exif=exif(), profile=linear_grey()),
    }


def _jpeg_2000(image: Image.Image) -> Files:
    options = {"no_jp2": True, "quality_layers": [40, 10], "progression": "RPCL"}
    return {
        **{f"jp2 {mode}": encoded(picture(mode), "JPEG2000") for mode in ("L", "LA", "RGBA")},
        "j2k": encoded(image, "JPEG2000", irreversible=True, **options),
        "tiles": encoded(image, "JPEG2000", tile_size=(16, 16), no_jp2=True),
    }


def _icon(_image: Image.Image) -> Files:
    sizes = [(16, 16), (32, 32)]
    icon = picture("RGBA").resize((32, 32))
    return {
        "bmp": encoded(icon, "ICO", sizes=sizes, bitmap_format="bmp"),
        "png": encoded(icon, "ICO", sizes=sizes),
        "1 bit": encoded(icon.convert("1"), "ICO", sizes=sizes, bitmap_format="bmp"),
    }


def _pnm(image: Image.Image) -> Files:
    def told(values: bytes) -> bytes:
        return b" ".join(b"%d" % value for value in values)

    bits = bytes(value > 0 for value in picture("1").convert("L").tobytes())
    return {
        "P1": b"P1\n# bits\n48 32\n" + told(bits),
        "P2": b"P2 48 32 255\n" + told(picture("L").tobytes()),
        "P3": b"P3\n48 32\n255\n" + told(image.tobytes()),
        "P4": encoded(picture("1"), "PPM"),
        "P5": encoded(picture("L"), "PPM"),
        "P5, 16 bits": encoded(picture("L").convert("I;16"), "PPM"),
        "P6": encoded(image, "PPM"),
    }
