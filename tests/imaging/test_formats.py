"""A file is what its first bytes say, whatever it is called."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import READABLE, encoded, gradient

from pixelcraft_desktop.imaging import formats
from pixelcraft_desktop.imaging.formats import HEAD_BYTES, Format, sniff


def iso_media(major: bytes, *compatible: bytes) -> bytes:
    brands = major + bytes(4) + b"".join(compatible)
    return (8 + len(brands)).to_bytes(4, "big") + b"ftyp" + brands + b"\0\0\0\x08mdat"


SIGNATURES = [
    (b"\xff\xd8\xff\xe1", formats.JPEG),
    (b"\x89PNG\r\n\x1a\n", formats.PNG),
    (b"RIFF\x10\0\0\0WEBPVP8 ", formats.WEBP),
    (b"GIF87a", formats.GIF),
    (b"GIF89a", formats.GIF),
    (b"BM" + bytes(12) + b"\x0c\0\0\0", formats.BMP),
    (b"BM" + bytes(12) + b"\x7c\0\0\0", formats.BMP),
    (b"II*\0\x08\0\0\0", formats.TIFF),
    (b"MM\0*\0\0\0\x08", formats.TIFF),
    (b"II+\0\x08\0\0\0", formats.TIFF),
    (b"MM\0+\0\x08\0\0", formats.BIG_ENDIAN_BIGTIFF),
    (iso_media(b"avif", b"mif1"), formats.AVIF),
    (iso_media(b"mif1", b"avif", b"miaf"), formats.AVIF),
    (iso_media(b"avis", b"msf1"), formats.AVIF),
    (iso_media(b"heic", b"mif1"), formats.HEIC),
    (iso_media(b"mif1", b"heix"), formats.HEIC),
    (iso_media(b"crx ", b"isom"), formats.RAW),
    (b"II*\0\x10\0\0\0CR\x02\0", formats.RAW),
    (b"IIRO\x08\0\0\0", formats.RAW),
    (b"IIU\0\x18\0\0\0", formats.RAW),
    (b"FUJIFILMCCD-RAW 0201", formats.RAW),
    (b"\xff\x0a\xfa\x7f", formats.JPEG_XL),
    (b"\0\0\0\x0cJXL \r\n\x87\n", formats.JPEG_XL),
    (b"\0\0\0\x0cjP  \r\n\x87\n", formats.JPEG_2000),
    (b"\xff\x4f\xff\x51\0\x2f", formats.JPEG_2000),
    (b"8BPS\0\x01", formats.PSD),
    (b"8BPS\0\x02", formats.PSD),
    (b"%PDF-1.7", formats.PDF),
    (b"%!PS-Adobe-3.0 EPSF-3.0", formats.EPS),
    (b"\xc5\xd0\xd3\xc6", formats.EPS),
    (b"\0\0\x01\0\x03\0", formats.ICO),
    (b"P6\n3 2\n255\n", formats.PNM),
    (b"\0\0\x02\0\x01\0", formats.ICO),
    (b"\xff\xd8\xff\xf7\0\x0b", formats.JPEG_LS),
    (b"II\x1a\0\0\0HEAPCCDR", formats.RAW),
    (b"\0MRM\0\x01", formats.RAW),
    (b"FOVb\0\0", formats.RAW),
    (b"P7\nWIDTH 2\n", formats.PAM),
    (b"P7\n# note\n", formats.PAM),
    (b"Pf\n3 2\n-1.0\n", formats.PFM),
    (b"PF 3 2 1.0\n", formats.PFM),
    (b"qoif" + bytes(8) + b"\x04\0", formats.QOI),
    (b"FLIF\x33\x31", formats.FLIF),
    (b"BPG\xfb\0", formats.BPG),
    (b"II\xbc\x01\x20\0", formats.JPEG_XR),
    (b"DDS \x7c\0\0\0", formats.DDS),
    (b"#?RADIANCE\n", formats.HDR),
    (b"#?RGBE\n", formats.HDR),
    (b"v/1\x01\x02\0\0\0", formats.EXR),
    (b"gimp xcf file\0", formats.XCF),
    (b"gimp xcf v011\0", formats.XCF),
    (bytes(128) + b"DICM", formats.DICOM),
    (b"AT&TFORM\0\0\0\0DJVM", formats.DJVU),
    (b"\x8aMNG\r\n\x1a\n", formats.MNG),
    (gzip.compress(b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'>"), formats.SVG),
    (gzip.compress(b"<svg>" + bytes(100_000_000)), formats.SVG),
    (b"<svg xmlns='http://www.w3.org/2000/svg'>", formats.SVG),
    (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a --><!-- b -->\n<svg>", formats.SVG),
]
UNKNOWN = [
    b"",
    b"\xff",
    b"\xff\xd8",
    b"hello, world\n",
    b"PK\x03\x04",
    b"\x7fELF",
    b"RIFF\x10\0\0\0WAVEfmt ",
    b"BM is how this letter begins",
    b"P7 is no map of pixels",
    b"P7 332",
    b"Pf is no map either",
    b"PFIFF",
    b"qoif is a word",
    b"FLIF",
    b"#? what",
    b"gimp xcf",
    bytes(127) + b"DICM",
    b"\0\0\x02\0\0\0",  # a TGA
    b"\xff\xd8\xf7",
    b"\x1f\x8b\x08",
    gzip.compress(b"hello"),
    gzip.compress(gzip.compress(b"<svg>")),
    gzip.compress(b"\x89PNG\r\n\x1a\n"),
    gzip.compress(b"<svg>")[:10] + b"\xff" * 20,
    b"<html><svg></svg></html>",
    iso_media(b"isom", b"mp42"),
    b"\0\0\0\0ftyp",
    b"8BPS\0\x03",
]


@pytest.mark.parametrize(("head", "kind"), SIGNATURES, ids=lambda value: getattr(value, "name", ""))
def test_every_signature_is_known(head: bytes, kind: Format) -> None:
    assert sniff(head) is kind
    assert sniff(head.ljust(HEAD_BYTES, b"\0")) is kind


@pytest.mark.parametrize("head", UNKNOWN)
def test_anything_else_is_unknown(head: bytes) -> None:
    assert sniff(head) is None


@pytest.mark.parametrize("plugin", READABLE)
def test_what_pillow_writes_is_known(plugin: str) -> None:
    kind = sniff(encoded(gradient(), plugin)[:HEAD_BYTES])
    assert kind is not None
    assert kind.plugin == plugin


@given(st.binary(max_size=HEAD_BYTES))
def test_no_head_is_too_strange(head: bytes) -> None:
    assert sniff(head) is None or isinstance(sniff(head), Format)


@pytest.mark.parametrize("filler", [b"<!---->", b" ", b"<!-- ", b"<!DOCTYPE html>", b"<?xml >"])
def test_no_head_takes_long(filler: bytes) -> None:
    # Tried out in every way there is, 73 comments in a row would keep the program busy for ever.
    assert sniff((filler * HEAD_BYTES)[:HEAD_BYTES]) is None


def test_extensions_are_lower_case_and_dotted() -> None:
    for extension in formats.PICTURE_EXTENSIONS:
        assert extension == extension.lower()
        assert extension.startswith(b".")
