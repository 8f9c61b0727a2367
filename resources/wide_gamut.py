"""A profile for the colours of Display P3, made from the published numbers."""

from __future__ import annotations

import struct

_HEADER_BYTES = 128

# The red, green and blue of P3 as XYZ, adapted from daylight (D65) to the D50 that profiles speak
# of, and the matrix of that adaptation (Bradford's). ICC.1:2022 wants both.
_PRIMARIES = {
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}
_D50 = (0.96420, 1.0, 0.82491)
_ADAPTATION = (1.04788, 0.02292, -0.0502, 0.02959, 0.99048, -0.01706, -0.00923, 0.01508, 0.75168)
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def profile() -> bytes:
    """Return the ICC profile (version 4), the same bytes every time."""
    curve = b"para" + struct.pack(">4xHxx", 3) + _numbers(_SRGB_CURVE)
    tags = {
        b"desc": _text("Wide gamut (Display P3 primaries)"),
        b"cprt": _text("No copyright, use freely"),
        b"wtpt": b"XYZ \0\0\0\0" + _numbers(_D50),
        b"chad": b"sf32\0\0\0\0" + _numbers(_ADAPTATION),
        **{name: b"XYZ \0\0\0\0" + _numbers(primary) for name, primary in _PRIMARIES.items()},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, body = struct.pack(">I", len(tags)), b""
    start = _HEADER_BYTES + len(table) + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    return _header(start + len(body)) + table + body


def _header(length: int) -> bytes:
    made = (2026, 1, 1, 0, 0, 0)
    header = struct.pack(">I4xI", length, 0x04400000) + b"mntrRGB XYZ "
    header += struct.pack(">6H", *made) + b"acsp"
    header += b"\0" * 28 + _numbers(_D50)  # any platform, any device, perceptual intent
    return header.ljust(_HEADER_BYTES, b"\0")


def _numbers(values: tuple[float, ...]) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _text(text: str) -> bytes:
    letters = text.encode("utf-16-be")
    return b"mluc" + struct.pack(">4xII4sII", 1, 12, b"enUS", len(letters), 28) + letters
