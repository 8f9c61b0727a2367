"""Pictures that end early: how much is told to be there, and what is made of it."""

from __future__ import annotations

import io
import random
import re
import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pictures import Studio, encoded, gradient, png_chunk
from PIL import Image, ImageChops, ImageStat

from pixelcraft_desktop.imaging.containers.jpeg import EOI_BYTES
from pixelcraft_desktop.model import Cause, KnownFailure, Rendering

SIZE = (96, 240)
GREY = 128
JPEGS: dict[str, dict[str, Any]] = {
    "baseline": {},
    "progressive": {"progressive": True},
    "restarts by row": {"restart_marker_rows": 1},
    "restarts by block": {"restart_marker_blocks": 3},
    "progressive with restarts": {"progressive": True, "restart_marker_rows": 2},
    "all chroma": {"subsampling": 0},
    "optimised": {"optimize": True},
}


def noise(size: tuple[int, int] = SIZE, mode: str = "RGB") -> Image.Image:
    """Return a picture in which every row takes as many bytes, always the same one."""
    randomly = random.Random(1)
    pixels = size[0] * size[1]
    if mode == "CMYK":
        return Image.frombytes("CMYK", size, randomly.randbytes(4 * pixels))
    if mode in {"RGB", "RGBA"}:
        return Image.frombytes("RGB", size, randomly.randbytes(3 * pixels)).convert(mode)
    grey = Image.frombytes("L", size, randomly.randbytes(pixels))
    if mode == "P":
        return grey.quantize(64)
    return grey.convert(mode) if mode != "F" else grey.point(lambda value: value / 255, "F")


def plain_ppm(size: tuple[int, int]) -> bytes:
    pixels = " ".join(f"{value:03d}" for value in noise(size, "L").tobytes())
    return b"P2\n%d %d\n255\n" % size + pixels.encode()


def tiff_of_strips(compression: int = 1, orientation: int = 1) -> bytes:
    """Return a grey TIFF whose directory comes first, as most programs write it."""
    width, height, rows = *SIZE, 8
    pixels = noise(mode="L").tobytes()
    strips = [pixels[at : at + width * rows] for at in range(0, len(pixels), width * rows)]
    if compression == 5:
        strips = [lzw(strip) for strip in strips]
    count, head = len(strips), 8 + 2 + 11 * 12 + 4
    starts, at = [], head + 8 * len(strips)
    for strip in strips:
        starts.append(at)
        at += len(strip)
    tags = [
        *((256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, compression)),
        *((262, 3, 1, 1), (273, 4, count, head), (274, 3, 1, orientation), (277, 3, 1, 1)),
        *((278, 4, 1, rows), (279, 4, count, head + 4 * count), (284, 3, 1, 1)),
    ]
    lists = struct.pack(f"<{2 * count}I", *starts, *map(len, strips))
    rows_of_tags = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    directory = struct.pack("<H", len(tags)) + rows_of_tags + bytes(4)
    return b"II*\0" + struct.pack("<I", 8) + directory + lists + b"".join(strips)


def lzw(strip: bytes) -> bytes:
    """Return the strip as libtiff packs it."""
    image = Image.frombytes("L", (SIZE[0], len(strip) // SIZE[0]), strip)
    file = encoded(image, "TIFF", compression="tiff_lzw")
    with Image.open(io.BytesIO(file), formats=["TIFF"]) as opened:
        tags: Any = opened
        start, length = tags.tag_v2[273][0], tags.tag_v2[279][0]
    return file[start : start + length]


FILES: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: encoded(noise(), "JPEG"),
    "JPEG with restarts": lambda: encoded(noise(), "JPEG", restart_marker_blocks=3),
    "JPEG in grey": lambda: encoded(noise(mode="L"), "JPEG"),
    "JPEG in CMYK": lambda: encoded(noise(mode="CMYK"), "JPEG"),
    "PNG": lambda: encoded(noise(), "PNG"),
    "PNG with alpha": lambda: encoded(noise(mode="RGBA"), "PNG"),
    "PNG of 16 bits": lambda: encoded(noise(mode="I;16"), "PNG"),
    "PNG with palette": lambda: encoded(noise(mode="P"), "PNG"),
    "PNG of 1 bit": lambda: encoded(noise(mode="1"), "PNG", compress_level=0),
    "GIF": lambda: encoded(noise(mode="P"), "GIF", interlace=0),
    "GIF with transparency": lambda: encoded(noise(mode="P"), "GIF", interlace=0, transparency=0),
    "GIF, interlaced": lambda: encoded(noise(mode="P"), "GIF", interlace=1),
    "BMP": lambda: encoded(noise(), "BMP"),
    "BMP with palette": lambda: encoded(noise(mode="P"), "BMP"),
    "TIFF": tiff_of_strips,
    "TIFF with LZW": lambda: tiff_of_strips(5),
    "TIFF by Pillow": lambda: encoded(noise(), "TIFF"),
    "TIFF of floats": lambda: encoded(noise(mode="F"), "TIFF"),
    "PPM": lambda: encoded(noise(), "PPM"),
    "PGM as text": lambda: plain_ppm(SIZE),
}
_made: dict[str, bytes] = {}


def file_of(kind: str) -> bytes:
    if kind not in _made:
        _made[kind] = FILES[kind]()
    return _made[kind]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def percent_of(studio: Studio, data: bytes) -> int:
    """Return where the picture is said to end: 0 for nowhere, 100 for a whole one."""
    try:
        studio.render(data)
    except KnownFailure as failure:
        said = re.fullmatch(r"The picture is damaged: it ends at (\d+) %\.", failure.message)
        return int(said[1]) if said and failure.cause is Cause.DAMAGED else 0
    return 100


def salvaged_percent(rendering: Rendering) -> int:
    assert rendering.is_damaged
    (code,) = (code for code in rendering.notes if code.startswith("salvaged:"))
    return int(code.partition(":")[2])


def is_grey(image: Image.Image) -> bool:
    """Tell whether all of it is opaque and of the grey that stands for what is missing."""
    *colours, alpha = image.convert("RGBA").split()
    values = [value for band in colours for value in band.tobytes()]
    return max(abs(value - GREY) for value in values) <= 3 and min(alpha.tobytes()) == 255


@pytest.mark.parametrize("kind", FILES)
def test_where_it_ends_is_told(studio: Studio, kind: str) -> None:
    data = file_of(kind)
    told = [percent_of(studio, data[: len(data) * share // 100]) for share in (30, 50, 75, 95)]
    for share, percent in zip((30, 50, 75, 95), told, strict=True):
        # Headers take their part of the file, and a last row or block that is cut does not count.
        assert share - 17 <= percent <= share + 2
    assert percent_of(studio, data) == 100


@pytest.mark.parametrize("kind", FILES)
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(cuts=st.lists(st.floats(0, 1, exclude_max=True), min_size=3, max_size=3))
def test_more_of_a_file_is_never_less_of_a_picture(
    studio: Studio, kind: str, cuts: list[float]
) -> None:
    data = file_of(kind)
    with warnings.catch_warnings(action="ignore"):  # Pillow warns of TIFF directories that are cut
        told = [percent_of(studio, data[: max(1, int(len(data) * cut))]) for cut in sorted(cuts)]
    assert told == sorted(told)


@pytest.mark.parametrize("kind", FILES)
def test_little_is_missing_but_never_nothing(studio: Studio, kind: str) -> None:
    data = file_of(kind).removesuffix(EOI_BYTES)
    assert 85 <= percent_of(studio, data[:-40]) <= 99


@pytest.mark.parametrize("kind", FILES)
def test_what_is_readable_is_shown_and_the_rest_is_grey(studio: Studio, kind: str) -> None:
    data = file_of(kind)
    studio.render(data)
    whole = studio.rendition("preview")
    rendering = studio.render(data[: len(data) * 6 // 10], salvage=True)
    percent = salvaged_percent(rendering)
    assert 40 <= percent <= 61
    preview = studio.rendition("preview")
    assert (preview.size, (rendering.width, rendering.height)) == (SIZE, SIZE)
    height = SIZE[1] * percent // 100
    edge = 8  # WebP mixes what lies in one of its blocks
    readable, lost = (0, 0, SIZE[0], height - edge), (0, height + 2 * edge, *SIZE)
    if kind.startswith("BMP"):  # from the bottom up
        readable, lost = (0, SIZE[1] - height + edge, *SIZE), (0, 0, SIZE[0], SIZE[1] - height - 16)
    if "interlaced" not in kind:
        difference = ImageChops.difference(preview.convert("RGB"), whole.convert("RGB"))
        assert max(ImageStat.Stat(difference.crop(readable)).mean) < 12
        assert is_grey(preview.crop(lost))
    assert studio.rendition("thumbnail").size == (200, 200)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_what_is_lost_turns_with_the_picture(studio: Studio, kind: str, orientation: int) -> None:
    if kind == "TIFF":
        data = tiff_of_strips(orientation=orientation)
    else:
        exif = Image.Exif()
        exif[274] = orientation
        data = encoded(noise(), "JPEG", exif=exif)
    rendering = studio.render(data[: len(data) // 2], salvage=True)
    assert 40 <= salvaged_percent(rendering) <= 50
    preview = studio.rendition("preview")
    width, height = preview.size
    assert (width, height) == (SIZE if orientation < 5 else SIZE[::-1])
    # The end of what is stored: bottom, top, left, right.
    box = {
        1: (0, height * 3 // 4, width, height),
        3: (0, 0, width, height // 4),
        6: (0, 0, width // 4, height),
        8: (width * 3 // 4, 0, width, height),
    }[orientation]
    assert is_grey(preview.crop(box))
    assert max(ImageStat.Stat(preview).stddev) > 20


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize(
    ("name", "size"),
    [(name, SIZE) for name in JPEGS]  # decoded in full, and at a scale
    + [(name, (2000, 1500)) for name in ("baseline", "progressive", "restarts by row")],
)
def test_a_jpeg_without_its_end_marker_is_complete(
    studio: Studio, mode: str, name: str, size: tuple[int, int]
) -> None:
    data = encoded(gradient(size, mode), "JPEG", **JPEGS[name])
    studio.render(data)
    whole = studio.rendition("preview").tobytes()
    body = data.removesuffix(EOI_BYTES)
    for end in (body, body + b"\xff"):
        rendering = studio.render(end)
        assert "end_marker" in rendering.notes
        assert not rendering.is_damaged
        assert studio.rendition("preview").tobytes() == whole
    assert "end_marker" not in studio.render(data).notes


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("name", JPEGS)
def test_a_jpeg_without_its_last_bytes_is_damaged(studio: Studio, mode: str, name: str) -> None:
    body = encoded(noise(mode=mode), "JPEG", **JPEGS[name]).removesuffix(EOI_BYTES)
    for missing in (2, 3, 10, 100):
        with pytest.raises(KnownFailure, match=r"ends at \d+ %|finer details") as caught:
            studio.render(body[:-missing])
        assert caught.value.cause is Cause.DAMAGED


def test_a_jpeg_cut_where_it_restarts_is_damaged(studio: Studio) -> None:
    data = encoded(noise(), "JPEG", restart_marker_rows=1)
    restarts = list(re.finditer(rb"\xff[\xd0-\xd7]", data))
    assert len(restarts) == 14  # fifteen rows of blocks
    # What chroma lends to the row above its block makes it one row less.
    expected = [100 * (16 * rows - 1) // SIZE[1] for rows in range(1, 15)]
    assert [percent_of(studio, data[: found.start()]) for found in restarts] == expected
    assert [percent_of(studio, data[: found.end()]) for found in restarts] == expected


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_progressive_jpeg_cut_between_scans_lacks_its_details(studio: Studio, mode: str) -> None:
    data = encoded(noise((320, 240), mode), "JPEG", progressive=True)
    scans = [found.start() for found in re.finditer(rb"\xff\xda", data)]
    assert len(scans) == (10 if mode == "RGB" else 6)
    studio.render(data)
    whole = studio.rendition("preview")
    errors = []
    for start in scans[1:]:
        with pytest.raises(KnownFailure, match="its finer details are missing"):
            studio.render(data[:start])
        rendering = studio.render(data[:start], salvage=True)
        assert (rendering.notes[0], rendering.is_damaged) == ("salvaged_coarse", True)
        difference = ImageChops.difference(studio.rendition("preview"), whole)
        errors.append(max(ImageStat.Stat(difference).mean))
    assert errors[-1] < errors[0] / 2


def test_a_progressive_jpeg_cut_in_its_first_scan_ends_there(studio: Studio) -> None:
    data = encoded(noise((640, 480)), "JPEG", progressive=True)
    first, second = [found.start() for found in re.finditer(rb"\xff\xda", data)][:2]
    told = [percent_of(studio, data[: first + (second - first) * n // 10]) for n in range(2, 10)]
    assert told == sorted(told)
    assert told[0] <= 20
    assert 70 <= told[-1] <= 90


@pytest.mark.parametrize("empty", [b"\x00", b"\xff"])
def test_a_download_whose_end_was_never_written_is_damaged(studio: Studio, empty: bytes) -> None:
    data = encoded(noise(), "JPEG")
    half = data[: len(data) // 2]
    told = percent_of(studio, half + empty * (len(data) - len(half)))
    assert told == percent_of(studio, half)
    assert 40 <= told <= 50


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_what_comes_whole_or_not_at_all_fails_again(studio: Studio, kind: str) -> None:
    data = encoded(noise(), kind)
    failures = []
    for salvage in (False, True):
        with pytest.raises(KnownFailure) as caught:
            studio.render(data[: len(data) // 2], salvage=salvage)
        failures.append((caught.value.cause, caught.value.message))
    assert failures[0] == failures[1]
    assert failures[0][0] is Cause.DAMAGED


@pytest.mark.parametrize("kind", FILES)
def test_nothing_readable_fails_again(studio: Studio, kind: str) -> None:
    data = file_of(kind)
    start = {"J": data.rfind(b"\xff\xda") + 14, "G": data.find(b"\x2c\0\0\0\0") + 16, "P": 45}.get(
        kind[0], 60
    )
    with warnings.catch_warnings(action="ignore"), pytest.raises(KnownFailure) as caught:
        studio.render(data[:start], salvage=True)
    assert caught.value.cause is Cause.DAMAGED
    assert "%" not in caught.value.message


@pytest.mark.parametrize("kind", FILES)
def test_a_sound_picture_has_nothing_to_salvage(studio: Studio, kind: str) -> None:
    plain = studio.render(file_of(kind))
    assert studio.render(file_of(kind), salvage=True) == plain
    assert not plain.is_damaged


def test_metadata_of_what_was_salvaged(studio: Studio) -> None:
    exif = Image.Exif()
    exif[271] = "Canon"
    for plugin in ("JPEG", "PNG"):
        data = encoded(noise(), plugin, exif=exif)
        assert studio.render(data[: len(data) // 2], salvage=True).metadata["make"] == "Canon"


@pytest.mark.parametrize(("share", "least"), [(4, 1), (30, 20), (60, 50), (90, 80)])
def test_an_interlaced_picture_is_seen_before_it_is_whole(
    studio: Studio, share: int, least: int
) -> None:
    data = interlaced_png(gradient((128, 128), "L"))
    studio.render(data)
    whole = studio.rendition("preview").convert("L")
    rendering = studio.render(data[: len(data) * share // 100], salvage=True)
    assert least <= salvaged_percent(rendering) <= share
    preview = studio.rendition("preview").convert("L")
    # Two grey values a pixel: after the first pass some are shown half of eight pixels off.
    assert ImageStat.Stat(ImageChops.difference(preview, whole)).mean[0] < (8 if share == 4 else 3)


def test_an_interlaced_gif_is_seen_before_it_is_whole(studio: Studio) -> None:
    slope = Image.linear_gradient("L").resize((640, 640))
    data = encoded(Image.blend(slope, noise((640, 640), "L"), 0.1), "GIF", interlace=1)
    studio.render(data)
    whole = studio.rendition("preview").convert("L")
    rendering = studio.render(data[: len(data) // 5], salvage=True)
    assert 15 <= salvaged_percent(rendering) <= 20  # every eighth row, and some between
    difference = ImageChops.difference(studio.rendition("preview").convert("L"), whole)
    assert ImageStat.Stat(difference).mean[0] < 10  # 48 if what lies between were grey


def interlaced_png(image: Image.Image) -> bytes:
    """Return a grey picture as PNG, uncompressed, in the seven passes of Adam7."""
    size, values = image.size, image.tobytes()
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4)]
    rows = b""
    for left, top, across, down in [*passes, (1, 0, 2, 2), (0, 1, 1, 2)]:
        for y in range(top, size[1], down):
            rows += b"\0" + values[y * size[0] + left : (y + 1) * size[0] : across]
    header = struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 1)
    chunks = png_chunk(b"IHDR", header), png_chunk(b"IDAT", zlib.compress(rows, 0))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(kind=st.sampled_from(sorted(FILES)), seed=st.integers(0, 2**32), cut=st.floats(0.3, 1))
def test_salvaging_nonsense_brings_a_picture_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, kind: str, seed: int, cut: float
) -> None:
    randomly = random.Random(seed)
    data = bytearray(file_of(kind))
    for _ in range(randomly.randint(1, 8)):
        data[randomly.randrange(len(data))] = randomly.randrange(256)
    studio = Studio(tmp_path_factory.mktemp("studio"))
    try:
        with warnings.catch_warnings(action="ignore"):
            rendering = studio.render(bytes(data[: int(len(data) * cut)]), salvage=True)
    except (KnownFailure, MemoryError):
        return
    assert rendering.is_damaged == any(code.startswith("salvaged") for code in rendering.notes)
    assert studio.rendition("preview").size == (
        rendering.renditions[1].width,
        rendering.renditions[1].height,
    )
