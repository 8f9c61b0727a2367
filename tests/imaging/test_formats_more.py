"""HEIC, JPEG 2000, icons and PPM: the right picture, upright, at a price known beforehand."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import pi_heif
import pytest
from heic import box, full_box, heic
from mutations import end_of
from pictures import Studio, encoded, exif_with, gradient, pictures_made
from PIL import Image, ImageCms
from test_orientation import difference, pattern

from pixelcraft_desktop.imaging import formats
from pixelcraft_desktop.imaging.formats import HEAD_BYTES, sniff
from pixelcraft_desktop.imaging.header import Header, estimate_memory, open_image
from pixelcraft_desktop.model import Cause, KnownFailure, Limits

# How HEIF says what EXIF says by 1–8: quarter turns to the left first, then a mirror.
LEFT, MIRROR, FLIP = [[box(b"irot", bytes([n]))] for n in range(4)], b"\1", b"\0"
TURNS: dict[int, tuple[list[bytes], Image.Transpose | None]] = {
    1: ([], None),
    2: ([box(b"imir", MIRROR)], Image.Transpose.FLIP_LEFT_RIGHT),
    3: (LEFT[2], Image.Transpose.ROTATE_180),
    4: ([box(b"imir", FLIP)], Image.Transpose.FLIP_TOP_BOTTOM),
    5: ([*LEFT[1], box(b"imir", FLIP)], Image.Transpose.TRANSPOSE),
    6: (LEFT[3], Image.Transpose.ROTATE_270),
    7: ([*LEFT[1], box(b"imir", MIRROR)], Image.Transpose.TRANSVERSE),
    8: (LEFT[1], Image.Transpose.ROTATE_90),
}
PNM_SPECKS = [
    (b"P1 2 1\n0 1", (255, 0)),
    (b"P1\n#note\n2 1\n01", (255, 0)),
    (b"P2 2 1 3\n3 0", (255, 0)),
    (b"P3 2 1 9\n9 9 9 0 0 0", (255, 0)),
    (b"P4 2 1\n\x40", (255, 0)),
    (b"P5 2 1 255\n\x80\x00", (128, 0)),
    (b"P5 2 1 65535\n\x80\x80\x00\x00", (128, 0)),
    (b"P5 2 1 1023\n\x02\x00\x00\x00", (128, 0)),
    (b"P6 2 1 255\n\xff\xff\xff\x00\x00\x00", (255, 0)),
]
MOST_BYTES = 4_000_000_000  # of memory, that all decoders may have together


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(tmp_path_factory.mktemp("studio"))


def header_of(data: bytes, limits: Limits | None = None) -> Header:
    header = open_image(io.BytesIO(data), b"", limits or Limits())[1]
    assert header.memory_bytes == estimate_memory(io.BytesIO(data), b"", limits or Limits())
    return header


def failure_of(data: bytes, limits: Limits | None = None, name: bytes = b"") -> KnownFailure:
    with pytest.raises(KnownFailure) as caught:
        estimate_memory(io.BytesIO(data), name, limits or Limits())
    return caught.value


def icon(*sizes: int, bitmap: str = "bmp", mode: str = "RGBA") -> bytes:
    options: dict[str, Any] = {"sizes": [(size, size) for size in sizes], "bitmap_format": bitmap}
    return encoded(gradient((256, 256), mode), "ICO", **options)


def icon_of(piece: bytes, sides: bytes = b"\x10\x10") -> bytes:
    return (
        struct.pack("<HHH", 0, 1, 1)
        + sides
        + struct.pack("<BBHHII", 0, 0, 1, 32, len(piece), 22)
        + piece
    )


def jp2(size: tuple[int, int] = (64, 64), mode: str = "RGB", **options: Any) -> bytes:
    return encoded(gradient(size, mode), "JPEG2000", **options)


def resized(data: bytes, outer: tuple[int, int], inner: tuple[int, int]) -> bytes:
    """Return the JPEG 2000 with other sizes in its two headers."""
    changed = bytearray(data)
    at = data.index(b"ihdr") + 4
    changed[at : at + 8] = struct.pack(">II", outer[1], outer[0])
    at = data.index(b"\xff\x4f\xff\x51") + 8
    changed[at : at + 8] = struct.pack(">II", *inner)
    changed[at + 16 : at + 24] = struct.pack(">II", *inner)  # one tile
    return bytes(changed)


SOUND = {
    "HEIC": [
        heic(),
        heic(
            *TURNS[7][0],
            exif=exif_with({271: "Maker", 274: 6}, {}, {}),
            profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        ),
    ],
    "JPEG 2000": [
        *(jp2((16, 11), mode) for mode in ("L", "LA", "RGB", "RGBA")),
        jp2((16, 11), no_jp2=True),
    ],
    "ICO": [icon(16, 32), icon(16, bitmap="png"), icon(24, mode="1"), icon(16, mode="RGB")],
    "PPM/PGM": [
        *(data for data, _ in PNM_SPECKS),
        *(encoded(gradient((16, 11), mode), "PPM") for mode in ("1", "L", "RGB")),
    ],
}


@pytest.mark.parametrize("name", SOUND)
def test_every_one_is_known_by_its_content(studio: Studio, name: str) -> None:
    for data in SOUND[name]:
        kind = sniff(data[:HEAD_BYTES])
        assert kind is not None
        assert kind.name == header_of(data).format == studio.render(data).format == name


@pytest.mark.parametrize("name", SOUND)
def test_the_limit_of_pixels_holds(name: str) -> None:
    for data in SOUND[name]:
        width, height = header_of(data).size
        header_of(data, Limits(pixels=width * height))
        assert failure_of(data, Limits(pixels=width * height - 1)).cause == Cause.TOO_LARGE


@pytest.mark.parametrize("name", SOUND)
def test_a_beginning_alone_is_damaged(name: str) -> None:
    for data in SOUND[name]:
        assert failure_of(data[:5] if name == "PPM/PGM" else data[:30]).cause in {
            Cause.DAMAGED,
            Cause.NOT_AN_IMAGE,
        }


@pytest.mark.parametrize("orientation", TURNS)
def test_heic_is_turned_once(studio: Studio, orientation: int) -> None:
    turns, method = TURNS[orientation]
    # Cameras write the orientation into EXIF too, for those who don't know HEIF.
    rendering = studio.render(heic(*turns, exif=exif_with({274: orientation}, {}, {})))
    assert (rendering.width, rendering.height) == (64, 64)
    wanted = pattern() if method is None else pattern().transpose(method)
    assert difference(studio.rendition("preview"), wanted) < 2


def test_exif_alone_turns_no_heic(studio: Studio) -> None:
    studio.render(heic(exif=exif_with({271: "Maker", 274: 6}, {}, {})))
    assert difference(studio.rendition("preview"), pattern()) < 2


def test_heic_tells_its_camera(studio: Studio) -> None:
    rendering = studio.render(heic(exif=exif_with({271: "Maker"}, {}, {})))
    assert rendering.metadata["make"] == "Maker"


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"heim", b"zzzz"])
def test_heic_is_read_whatever_its_first_brand(studio: Studio, brand: bytes) -> None:
    assert studio.render(heic(brand=brand)).format == "HEIC"


def test_heic_is_decoded_by_one_thread_and_without_its_extras() -> None:
    options = pi_heif.options
    assert options.DECODE_THREADS == 1
    assert not any((options.THUMBNAILS, options.DEPTH_IMAGES, options.AUX_IMAGES))
    assert not options.DISABLE_SECURITY_LIMITS


def test_heic_that_would_make_its_reader_write_past_the_end_is_refused() -> None:
    data = bytearray(heic())
    at = data.index(b"hvcC") + 4 + 17
    data[at] = data[at] & 0xF8 | 2  # says ten bits of grey; the stream has eight
    assert failure_of(bytes(data)).cause == Cause.UNSUPPORTED_FORMAT


def test_heic_whose_items_are_no_words_is_damaged() -> None:
    sound = heic(exif=exif_with({271: "Maker"}, {}, {}))
    assert failure_of(sound.replace(b"Exif\0", b"Ex\xa1\xa5\0", 1)).cause == Cause.DAMAGED


def test_a_heic_file_of_absurd_size_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "picture"
    with path.open("w+b") as source:
        source.write(heic())
        source.truncate(300_000_000)
        with pytest.raises(KnownFailure) as caught:
            estimate_memory(source, b"", Limits())
    assert caught.value.cause == Cause.TOO_LARGE


def test_heic_bombs_cost_nothing_to_refuse(studio: Studio) -> None:
    assert failure_of(heic(size=(20_000, 20_000))).cause == Cause.TOO_LARGE
    assert end_of(studio, heic(size=(440, 440))) in {None, Cause.DAMAGED}
    assert failure_of(heic()[:60]).cause == Cause.DAMAGED
    assert end_of(studio, heic()[:-20]) in {None, Cause.DAMAGED}
    assert end_of(studio, heic().replace(full_box(b"pitm", b"\0\1"), b"")) == Cause.DAMAGED


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("bare", [False, True])
def test_jpeg_2000_keeps_its_greys(studio: Studio, mode: str, bare: bool) -> None:
    studio.render(encoded(pattern().convert(mode), "JPEG2000", no_jp2=bare))
    assert difference(studio.rendition("preview"), pattern()) < 2


def test_jpeg_2000_of_sixteen_bits(studio: Studio) -> None:
    half = Image.new("I;16", (8, 8), 32_896)
    assert abs(studio.colour(encoded(half, "JPEG2000"))[0] - 128) <= 2
    assert header_of(encoded(half, "JPEG2000")).bit_depth == 16


@pytest.mark.parametrize(
    ("outer", "inner"), [((8, 8), (9_000, 9_000)), ((9_000, 9_000), (64, 64)), ((64, 64), (64, 65))]
)
def test_jpeg_2000_that_says_two_things_is_damaged(
    outer: tuple[int, int], inner: tuple[int, int]
) -> None:
    assert failure_of(resized(jp2(), outer, inner)).cause == Cause.DAMAGED


def test_jpeg_2000_with_other_channels_inside_is_damaged() -> None:
    data = bytearray(jp2(mode="L"))
    at = data.index(b"\xff\x4f\xff\x51") + 40
    data[at : at + 2] = b"\x40\0"
    assert failure_of(bytes(data)).cause == Cause.DAMAGED


@pytest.mark.parametrize("bare", [False, True])
def test_a_jpeg_2000_bomb_is_weighed_and_not_opened(bare: bool) -> None:
    side = 14_100
    bomb = resized(jp2((64, 64)), (side, side), (side, side))
    if bare:
        bomb = bomb[bomb.index(b"\xff\x4f\xff\x51") :]
    before, began = pictures_made(), time.perf_counter()
    assert estimate_memory(io.BytesIO(bomb), b"", Limits()) > MOST_BYTES
    assert time.perf_counter() - began < 0.1
    assert pictures_made() == before
    assert failure_of(resized(bomb, (15_000,) * 2, (15_000,) * 2) if not bare else bomb,
                      Limits(pixels=100_000_000)).cause == Cause.TOO_LARGE  # fmt: skip


PEAK = """
import io, sys
from PIL import Image
from pixelcraft_desktop.imaging.header import open_image
from pixelcraft_desktop.model import Limits
data = open(sys.argv[1], "rb").read()
def peak():
    status = open("/proc/self/status").read()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])
before = peak()
image, header = open_image(io.BytesIO(data), b"", Limits())
image.load()
image.convert("RGBA").resize((800, 600), Image.Resampling.LANCZOS, reducing_gap=3.0)
print(peak() - before, header.memory_bytes)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the peak")
@pytest.mark.parametrize(
    ("plugin", "mode"), [("JPEG2000", "L"), ("JPEG2000", "RGB"), ("JPEG2000", "RGBA"),
                         ("PPM", "RGB"), ("PPM", "I;16")]
)  # fmt: skip
def test_decoding_takes_no_more_than_was_told(tmp_path: Path, plugin: str, mode: str) -> None:
    path = tmp_path / "picture"
    image = gradient((3000, 2000), "L")
    path.write_bytes(encoded(image.convert("I").convert(mode) if mode == "I;16"
                             else image.convert(mode), plugin))  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True
    )
    peak, told = map(int, done.stdout.split())
    assert told / 4 < peak < told


def test_the_largest_picture_of_an_icon_is_shown(studio: Studio) -> None:
    for bitmap in ("bmp", "png"):
        rendering = studio.render(icon(16, 256, 48, bitmap=bitmap))
        assert (rendering.width, rendering.height) == (256, 256)
        assert difference(studio.rendition("preview"), gradient((256, 256))) < 2


def test_an_icon_is_as_large_as_its_picture_says_and_not_its_table(studio: Studio) -> None:
    inside = encoded(gradient((300, 200)), "PNG")
    rendering = studio.render(icon_of(inside))
    assert (rendering.format, rendering.width, rendering.height) == ("ICO", 300, 200)


def test_a_png_in_an_icon_meets_the_limits_before_it_is_decoded() -> None:
    inside = bytearray(encoded(gradient((1, 1)), "PNG"))
    inside[16:24] = struct.pack(">II", 20_000, 20_000)
    inside[29:33] = struct.pack(">I", zlib.crc32(bytes(inside[12:29])))
    before = pictures_made()
    assert failure_of(icon_of(bytes(inside))).cause == Cause.TOO_LARGE
    assert pictures_made() == before


def test_a_bitmap_larger_than_an_icon_can_be_is_damaged() -> None:
    bitmap = struct.pack("<IiiHHIIiiII", 40, 20_000, 40_000, 1, 32, 0, 0, 0, 0, 0, 0)
    before = pictures_made()
    assert failure_of(icon_of(bitmap + bytes(64))).cause == Cause.DAMAGED
    assert pictures_made() == before


def test_an_icon_whose_alpha_is_empty_is_seen_by_its_mask(studio: Studio) -> None:
    bitmap = struct.pack("<IiiHHIIiiII", 40, 2, 4, 1, 32, 0, 0, 0, 0, 0, 0)
    pixels = b"\xff\x80\x40\0" * 4
    mask = b"\0\0\0\0" + b"\xc0\0\0\0"  # the upper row is not shown
    studio.render(icon_of(bitmap + pixels + mask))
    alpha = studio.rendition("preview").convert("RGBA").getchannel("A")
    assert alpha.tobytes() == b"\0\0\xff\xff"


@pytest.mark.parametrize(("data", "greys"), PNM_SPECKS)
def test_every_kind_of_pnm(studio: Studio, data: bytes, greys: tuple[int, int]) -> None:
    rendering = studio.render(data)
    assert (rendering.format, rendering.width, rendering.height) == ("PPM/PGM", 2, 1)
    shown = studio.rendition("preview").convert("L").tobytes()
    assert all(abs(seen - grey) <= 4 for seen, grey in zip(shown, greys, strict=True))


def test_pnm_of_sixteen_bits_says_so() -> None:
    assert header_of(b"P5 2 1 65535\n\x80\x80\x00\x00").bit_depth == 16


@pytest.mark.parametrize("text", [b"P1 is the first of our plans", b"P5\n\nP6\n"])
def test_a_letter_is_no_pnm(text: bytes) -> None:
    assert sniff(text) is None


def test_a_wrong_extension_changes_nothing(studio: Studio) -> None:
    for name, files in SOUND.items():
        path = studio.write(files[0], "picture.jpg")
        with path.open("rb") as source:
            assert open_image(source, b"picture.jpg", Limits())[1].format == name


def test_what_is_still_not_read_is_named() -> None:
    for kind in (formats.JPEG_XL, formats.PSD, formats.SVG, formats.PDF, formats.EPS):
        assert kind.plugin is None
