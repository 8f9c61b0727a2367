"""Which picture format a file is, told by its first bytes and never by its name."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

HEAD_BYTES = 512  # enough for every signature below, an SVG's XML prologue included


@dataclass(frozen=True)
class Format:
    """A picture format. `plugin` is Pillow's name of it, None where we can't read it.

    Of Camera RAW it is the name of what is read from inside it.
    """

    name: str
    plugin: str | None = None
    is_strong: bool = True  # False: the signature alone does not make a file a picture


JPEG = Format("JPEG", "JPEG")
PNG = Format("PNG", "PNG")
WEBP = Format("WebP", "WEBP")
GIF = Format("GIF", "GIF")
BMP = Format("BMP", "BMP")
TIFF = Format("TIFF", "TIFF")
AVIF = Format("AVIF", "AVIF")
HEIC = Format("HEIC", "HEIF")
JPEG_XL = Format("JPEG XL")
JPEG_2000 = Format("JPEG 2000", "JPEG2000")
PSD = Format("Photoshop")
RAW = Format("Camera RAW", "JPEG")
JPEG_LS = Format("JPEG-LS")
BIG_ENDIAN_BIGTIFF = Format("Big-endian BigTIFF")  # Pillow 13 knows it by its little-endian mark
ICO = Format("ICO", "ICO", is_strong=False)
PNM = Format("PPM/PGM", "PPM", is_strong=False)
SVG = Format("SVG", is_strong=False)
PDF = Format("PDF", is_strong=False)
EPS = Format("EPS", is_strong=False)
TGA = Format("TGA", is_strong=False)
# Of other trades, and not looked for in folders: textures, measurements, layers, documents.
PAM = Format("PAM", is_strong=False)
PFM = Format("PFM", is_strong=False)
QOI = Format("QOI", is_strong=False)
FLIF = Format("FLIF", is_strong=False)
BPG = Format("BPG", is_strong=False)
JPEG_XR = Format("JPEG XR", is_strong=False)
DDS = Format("DDS", is_strong=False)
HDR = Format("Radiance HDR", is_strong=False)
EXR = Format("OpenEXR", is_strong=False)
XCF = Format("GIMP", is_strong=False)
DICOM = Format("DICOM", is_strong=False)
DJVU = Format("DjVu", is_strong=False)
MNG = Format("MNG", is_strong=False)

# Order matters: a Canon RAW file also begins like a TIFF.
_SIGNATURES: tuple[tuple[re.Pattern[bytes], Format], ...] = tuple(
    (re.compile(pattern, re.DOTALL), kind)
    for pattern, kind in (
        (rb"\xff\xd8\xff\xf7", JPEG_LS),
        (rb"\xff\xd8\xff", JPEG),
        (rb"\x89PNG\r\n\x1a\n", PNG),
        (rb"RIFF....WEBP", WEBP),
        (rb"GIF8[79]a", GIF),
        (rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", BMP),
        (rb"II\*\0.{4}CR|IIRO|IIRS|MMOR|IIU\0|FUJIFILMCCD-RAW", RAW),
        (rb"II.{4}HEAPCCDR|\0MRM\0|FOVb", RAW),  # Canon's before 2004, Minolta's, Sigma's
        (rb"II\*\0|MM\0\*|II\+\0\x08\0", TIFF),
        (rb"MM\0\+\0\x08", BIG_ENDIAN_BIGTIFF),
        (rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n", JPEG_XL),
        (rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51", JPEG_2000),
        (rb"8BPS\0[\x01\x02]", PSD),
        (rb"%PDF-", PDF),
        (rb"%!PS|\xc5\xd0\xd3\xc6", EPS),
        (rb"\0\0[\x01\x02]\0[\x01-\x40]\0", ICO),  # 2: a cursor, alike but for its hot spot
        (rb"P[1-6]\s+[\d#]", PNM),
        (rb"P7\n(?:#|WIDTH|HEIGHT|DEPTH|MAXVAL|TUPLTYPE)", PAM),
        (rb"P[Ff]\s+\d+\s+\d+\s", PFM),
        (rb"qoif.{8}[\x03\x04][\0\x01]", QOI),
        (rb"FLIF[\x31-\x6f]", FLIF),
        (rb"BPG\xfb", BPG),
        (rb"II\xbc[\0\x01]", JPEG_XR),
        (rb"DDS \x7c\0\0\0", DDS),
        (rb"#\?(?:RADIANCE|RGBE)\s", HDR),
        (rb"v/1\x01\x02", EXR),
        (rb"gimp xcf (?:file|v\d{3})\0", XCF),
        (rb".{128}DICM", DICOM),
        (rb"AT&TFORM.{4}DJV", DJVU),
        (rb"\x8a[MJ]NG\r\n\x1a\n", MNG),
        (
            # Atomic, (?>…): 70 empty comments can be cut up in 2^69 ways, and all would be tried.
            rb"\s*+(?:\xef\xbb\xbf)?(?:<\?xml[^>]*>)?"
            rb"(?>\s|<!--.*?-->|<!DOCTYPE (?!svg\b)[^>]*>)*+<(?:svg|!DOCTYPE svg)\b",
            SVG,
        ),
    )
)
_GZIP = b"\x1f\x8b\x08"
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

PICTURE_EXTENSIONS = frozenset(
    b".jpg .jpeg .jpe .jfif .mpo .png .apng .webp .gif .bmp .dib .tif .tiff .avif .avifs "
    b".heic .heif .hif .jxl .jp2 .j2k .jpf .jpx .j2c .ico .cur .ppm .pgm .pbm .pnm .tga "
    b".psd .psb .svg .svgz .eps .xcf .cr2 .cr3 .crw .nef .nrw .arw .sr2 .dng .raf .orf .rw2 .pef "
    b".srw .x3f .3fr .iiq .rwl .erf .kdc .mrw".split()
)


def sniff(head: bytes) -> Format | None:
    """Return the format of a file that begins with these bytes (`HEAD_BYTES` are enough)."""
    if head[4:8] == b"ftyp":
        return _sniff_iso_media(head)
    if head.startswith(_GZIP):
        return SVG if sniff(_unpacked(head)) is SVG else None
    for pattern, kind in _SIGNATURES:
        if pattern.match(head):
            return kind
    return None


def _unpacked(head: bytes) -> bytes:
    """Return what a packed file begins with, once and never again packed."""
    try:
        text = zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
    except zlib.error:
        return b""
    return b"" if text.startswith(_GZIP) else text


def _sniff_iso_media(head: bytes) -> Format | None:
    """Tell AVIF, HEIC and Canon's CR3 apart by the brands of the first box (ISO 14496-12)."""
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12]} | {head[at : at + 4] for at in range(16, size - 3, 4)}
    if brands & {b"avif", b"avis"}:
        return AVIF
    if head[8:12] == b"crx ":
        return RAW
    return HEIC if brands & _HEIF_BRANDS else None
