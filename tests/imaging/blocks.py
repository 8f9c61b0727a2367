"""What files carry beside their pixels, broken or not, and files around it that are sound."""

from __future__ import annotations

import struct
from typing import Any

from heic import heic
from pictures import encoded
from PIL import ImageCms, PngImagePlugin
from profiles import display_p3, linear_grey
from specimens import Files, exif, picture

from pixelcraft_desktop.imaging.colour.profiles import coated_cmyk

_XMP = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmp:Rating="4"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">Title &amp; more</rdf:li></rdf:Alt>
</dc:title><dc:subject><rdf:Bag><rdf:li>one</rdf:li><rdf:li>two</rdf:li></rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""
_PROFILED = {
    "RGB": ("JPEG", "PNG", "WEBP", "TIFF"),
    "L": ("JPEG", "PNG", "TIFF", "HEIC"),
    "CMYK": ("JPEG", "TIFF"),
}


def blocks() -> dict[str, Files]:
    """Return blocks by what they tell of, and by what is special about them.

    The specials of a profile begin with the mode of the pictures it belongs to.
    """
    return {
        "profile": {
            "RGB, sRGB": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
            "RGB, matrix": display_p3(),
            "RGB, table": _table_profile(),
            "L, curve": linear_grey(),
            "CMYK, table": coated_cmyk(),
        },
        "EXIF": {"EXIF": exif()},
        "XMP": {"XMP": _XMP},
        "IPTC": {"IPTC": _iptc()},
    }


def put_block(number: int, special: str, block: bytes) -> bytes:
    """Return a sound file with this block in it; formats take turns by the number."""
    if special == "EXIF":
        return _with_exif(number, block)
    if special == "XMP":
        return _with_xmp(number, block)
    if special == "IPTC":
        return _after_start(b"\xed", b"Photoshop 3.0\0" + block)
    mode = special.split(",")[0]
    plugin = _PROFILED[mode][number // 5 % len(_PROFILED[mode])]
    return heic(profile=block) if plugin == "HEIC" else _saved(plugin, mode, icc_profile=block)


def _with_exif(number: int, block: bytes) -> bytes:
    plugin = ("JPEG", "PNG", "WEBP", "HEIC")[number % 4]
    if plugin == "JPEG":  # Pillow would look into it while saving
        return _after_start(b"\xe1", block)
    return heic(exif=block) if plugin == "HEIC" else _saved(plugin, exif=block)


def _with_xmp(number: int, block: bytes) -> bytes:
    plugin = ("JPEG", "PNG", "WEBP")[number % 3]
    if plugin == "JPEG":
        return _after_start(b"\xe1", b"http://ns.adobe.com/xap/1.0/\0" + block)
    text = PngImagePlugin.PngInfo()
    text.add(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + block)
    options = {"pnginfo": text} if plugin == "PNG" else {"xmp": block}
    return _saved(plugin, **options)


def _saved(plugin: str, mode: str = "RGB", **options: Any) -> bytes:
    quick = {"PNG": {"compress_level": 0}, "WEBP": {"method": 0}}  # thousands have to be made
    return encoded(picture(mode), plugin, **quick.get(plugin, {}), **options)


def _after_start(marker: bytes, block: bytes) -> bytes:
    """Return a JPEG that begins with this segment."""
    whole, content = _saved("JPEG"), block[:65_533]
    return whole[:2] + b"\xff" + marker + struct.pack(">H", 2 + len(content)) + content + whole[2:]


def _iptc() -> bytes:
    """Return IPTC's title, keywords and rights as Photoshop packs them (IIM 4.2)."""
    rows = [(90, b"\x1b%G"), (5, b"Title"), (25, b"one"), (25, b"two"), (116, b"Rights")]
    records = [(1 if tag == 90 else 2, tag, value) for tag, value in rows]
    data = b"".join(
        b"\x1c" + struct.pack(">BBH", *record[:2], len(record[2])) + record[2] for record in records
    )
    return b"8BIM\x04\x04\0\0" + struct.pack(">I", len(data)) + data + bytes(len(data) % 2)


def _table_profile() -> bytes:
    """Return a profile whose table leads from three inks to L*a*b* (ICC.1:2001-04, 6.5.7)."""
    matrix = struct.pack(">9i", *(65_536 * (n in (0, 4, 8)) for n in range(9)))
    straight = bytes(range(256)) * 3
    corners = bytes(255 * (n >> bit & 1) for n in range(8) for bit in (2, 1, 0))
    table = b"mft1" + bytes(4) + bytes((3, 3, 2, 0)) + matrix + straight + corners + straight
    start = 128 + 4 + 12
    head = bytearray(coated_cmyk()[:128])
    head[:4], head[16:24] = struct.pack(">I", start + len(table)), b"RGB Lab "
    return bytes(head) + struct.pack(">I4sII", 1, b"A2B1", start, len(table)) + table
