"""Camera RAW shows its largest finished JPEG, as the RAW file says it was held."""

from __future__ import annotations

import io
import struct
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from pictures import Studio, encoded, exif_with
from PIL import Image
from test_mutations import KNOWN_ENDS, damage, edits, end_of
from test_orientation import STORED_BY, difference, pattern

from pixelcraft_desktop.imaging.header import estimate_memory, open_image
from pixelcraft_desktop.imaging.raw import find_preview, is_raw
from pixelcraft_desktop.model import Cause, KnownFailure, Limits

Row = tuple[int, int, tuple[int, ...] | bytes]
LARGE, THUMBNAIL = (960, 720), (160, 120)
FAMILIES = ["CR2", "NEF", "ARW", "DNG", "RAF", "ORF", "OM", "RW2"]
SAYS_ITSELF = {"RAF"}  # whose orientation only the JPEG tells


def jpeg(size: tuple[int, int] = LARGE, orientation: int = 1, exif: int | None = None) -> bytes:
    """Return the pattern as a camera stores it that is held so; `exif` is what the JPEG says."""
    turn = STORED_BY.get(orientation)
    size = size if orientation < 5 else (size[1], size[0])
    image = pattern() if turn is None else pattern().transpose(turn)
    block = exif_with({274: exif}, {}, {}) if exif else b""
    return encoded(image.resize(size), "JPEG", quality=90, exif=block)


class RawFile:
    """A file of directories, written piece by piece."""

    def __init__(self, order: str = "<", magic: bytes = b"II*\0", extra: bytes = b"") -> None:
        self.order = order
        self.data = bytearray(magic + bytes(4) + extra)

    def put(self, piece: bytes) -> int:
        """Add the bytes and return their place."""
        at = len(self.data)
        self.data += piece
        return at

    def directory(self, *rows: Row, following: int = 0, base: int = 0) -> int:
        """Add a directory and return its place. Types: 3 short, 4 long, 7 bytes."""
        packed = [(tag, kind, len(values), self._value(kind, values, base))
                  for tag, kind, values in sorted(rows, key=lambda row: row[0])]  # fmt: skip
        table = b"".join(
            struct.pack(self.order + "HHI", tag, kind, count) + value
            for tag, kind, count, value in packed
        )
        count = struct.pack(self.order + "H", len(rows))
        return self.put(count + table + struct.pack(self.order + "I", following))

    def _value(self, kind: int, values: tuple[int, ...] | bytes, base: int) -> bytes:
        form = {3: "H", 4: "I"}.get(kind, "B")
        value = struct.pack(f"{self.order}{len(values)}{form}", *values)
        if len(value) > 4:
            value = struct.pack(self.order + "I", self.put(value) - base)
        return value.ljust(4, b"\0")

    def finish(self, main: int) -> bytes:
        """Return the file, whose first directory is at this place."""
        self.data[4:8] = struct.pack(self.order + "I", main)
        return bytes(self.data)


def pointer(at: int, length: int) -> list[Row]:
    return [(513, 4, (at,)), (514, 4, (length,))]


def strip(at: int, length: int, compression: int) -> list[Row]:
    return [(259, 3, (compression,)), (273, 4, (at,)), (279, 4, (length,))]


def told(orientation: int) -> list[Row]:
    return [(271, 2, b"Maker\0"), (274, 3, (orientation,))]


def canon(picture: bytes, orientation: int) -> bytes:
    file = RawFile(extra=b"CR\2\0\0\0\0\0")
    small = jpeg(THUMBNAIL)
    lossless = bytearray(jpeg((1200, 900)))
    lossless[lossless.index(b"\xff\xc0") + 1] = 0xC3
    sensor = file.directory(*strip(file.put(bytes(lossless)), len(lossless), 6))
    thumbnail = file.directory(*pointer(file.put(small), len(small)), following=sensor)
    rows = strip(file.put(picture), len(picture), 6) + told(orientation)
    return file.finish(file.directory(*rows, following=thumbnail))


def nikon(picture: bytes, orientation: int) -> bytes:
    file = RawFile(">", b"MM\0*")
    sub = file.directory(*pointer(file.put(picture), len(picture)))
    sensor = file.directory(*strip(file.put(bytes(64)), 64, 34713))
    rows = [(254, 4, (1,)), (330, 4, (sub, sensor)), *strip(file.put(bytes(64)), 64, 1)]
    return file.finish(file.directory(*rows, *told(orientation)))


def sony(picture: bytes, orientation: int) -> bytes:
    file = RawFile()
    sensor = file.directory(*strip(file.put(bytes(64)), 64, 32767))
    rows = [(254, 4, (1,)), (330, 4, (sensor,)), *pointer(file.put(picture), len(picture))]
    return file.finish(file.directory(*rows, *told(orientation)))


def dng(picture: bytes, orientation: int) -> bytes:
    file = RawFile()
    # The sensor's picture may be a JPEG as well, and larger: its colours are no picture.
    mosaic = jpeg((1200, 900))
    sensor = file.directory(*strip(file.put(mosaic), len(mosaic), 7), (262, 3, (32803,)))
    preview = file.directory(*strip(file.put(picture), len(picture), 7), (262, 3, (6,)))
    rows: list[Row] = [(50706, 1, b"\1\4\0\0"), (330, 4, (sensor, preview))]
    return file.finish(file.directory(*rows, *told(orientation)))


def fuji(picture: bytes, _orientation: int) -> bytes:
    head = b"FUJIFILMCCD-RAW 0201".ljust(84, b"\0")
    return head + struct.pack(">II", 160, len(picture)) + bytes(68) + picture + bytes(64)


def olympus(picture: bytes, orientation: int, note: bytes = b"OLYMPUS\0II\3\0") -> bytes:
    file = RawFile(magic=b"IIRO")
    base = file.put(note)
    main_at = base + len(note)
    # The note's directory stands right behind its name, before anything it points to.
    file.put(bytes(18))
    at = file.put(picture)
    settings = file.directory((0x101, 4, (at - base,)), (0x102, 4, (len(picture),)))
    row = struct.pack("<HHHII", 1, 0x2020, 13, 1, settings - base)
    file.data[main_at : main_at + len(row)] = row
    detail = file.directory((37500, 7, bytes(6)))
    # Its maker note lies elsewhere than the bytes just put: point there.
    file.data[detail + 10 : detail + 14] = struct.pack("<I", base)
    return file.finish(file.directory((34665, 4, (detail,)), *told(orientation)))


def panasonic(picture: bytes, orientation: int) -> bytes:
    file = RawFile(magic=b"IIU\0")
    return file.finish(file.directory((0x2E, 7, picture), *told(orientation)))


def raw(family: str, orientation: int = 1, *, picture: bytes | None = None) -> bytes:
    """Return a RAW file of the family with this JPEG inside, or with the pattern."""
    if picture is None:
        own = orientation if family in SAYS_ITSELF else None
        picture = jpeg(orientation=orientation, exif=own)
    if family == "OM":
        return olympus(picture, orientation, b"OM SYSTEM\0\0\0II\4\0")
    makers = {"CR2": canon, "NEF": nikon, "ARW": sony, "DNG": dng, "RAF": fuji, "ORF": olympus}
    return makers.get(family, panasonic)(picture, orientation)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def failure_of(data: bytes, limits: Limits | None = None) -> KnownFailure:
    with pytest.raises(KnownFailure) as caught:
        estimate_memory(io.BytesIO(data), b"a.nef", limits or Limits())
    return caught.value


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_large_picture_stands_upright(studio: Studio, family: str, orientation: int) -> None:
    rendering = studio.render(raw(family, orientation))
    assert (rendering.format, rendering.width, rendering.height) == ("Camera RAW", *LARGE)
    shown = studio.rendition("preview").resize((64, 64), Image.Resampling.BOX)
    assert difference(shown, pattern()) < 3
    if family not in SAYS_ITSELF:
        assert rendering.metadata["make"] == "Maker"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_thumbnail_is_no_picture(family: str) -> None:
    failure = failure_of(raw(family, picture=jpeg((640, 480))))
    assert failure.cause == Cause.UNSUPPORTED_FORMAT
    assert "Camera RAW" in failure.message
    open_image(io.BytesIO(raw(family, picture=jpeg((641, 480)))), b"", Limits())


def test_the_raw_file_knows_better_than_its_jpeg(studio: Studio) -> None:
    studio.render(raw("NEF", 6, picture=jpeg(orientation=6, exif=1)))
    assert studio.rendition("preview").size == (800, 600)


def test_a_raw_file_that_says_nothing_leaves_it_to_the_jpeg(studio: Studio) -> None:
    studio.render(raw("NEF", 9, picture=jpeg(orientation=6, exif=6)))
    assert studio.rendition("preview").size == (800, 600)


def test_the_limits_are_asked_of_the_jpeg() -> None:
    failure = failure_of(raw("CR2"), Limits(pixels=960 * 720 - 1))
    assert failure.cause == Cause.TOO_LARGE


def test_a_file_cut_short_is_damaged(studio: Studio) -> None:
    with pytest.raises(KnownFailure) as caught:
        studio.render(raw("RAF")[:5_000])
    assert caught.value.cause == Cause.DAMAGED


def test_a_plain_tiff_is_none() -> None:
    for options in ({}, {"big_tiff": True}):
        assert not is_raw(io.BytesIO(encoded(pattern(), "TIFF", **options)))


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xd9" + bytes(20),
        b"\xff\xd8\xff\xc0\0\x0b\x08\0\0\0\0" + bytes(20),
        b"\xff\xd8\xff\xc0\0\x0b\x0c\x0f\xff\x0f\xff" + bytes(20),
        b"\xff\xd8" + b"\xff" * 10_000,
        b"\xff\xd8" + b"\xff\xfe\0\2" * 10_000,
        b"\xff\xd8" + b"\xff\xfe\0\0" * 10_000,
        encoded(pattern(), "PNG"),
    ],
)
@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_no_jpeg_is_not_shown(family: str, picture: bytes) -> None:
    assert find_preview(io.BytesIO(raw(family, picture=picture))) is None


def test_directories_in_a_ring_end() -> None:
    file = RawFile(extra=b"CR\2\0")
    at = len(file.data)
    ring = file.directory((330, 4, (at, at)), (34665, 4, (at,)), following=at)
    assert find_preview(io.BytesIO(file.finish(ring))) is None


@pytest.mark.parametrize("rows", [1, 500, 65_535])
def test_a_million_directories_end_at_once(rows: int) -> None:
    file = RawFile(extra=b"CR\2\0")
    note = file.put(b"OM SYSTEM\0\0\0II\4\0" + bytes(100))
    row = struct.pack("<HHII", 37500, 7, 1_000, note) + struct.pack("<HHII", 513, 4, 1, 8) * 40
    places = [file.put(struct.pack("<H", rows) + row.ljust(12 * 500, b"\0")) for _ in range(1_000)]
    for at in places:
        file.data[at + 2 + 500 : at + 2 + 512] = struct.pack("<HHII", 330, 4, 1, at + 6_002)
    began = time.perf_counter()
    assert find_preview(io.BytesIO(file.finish(places[0]))) is None
    assert time.perf_counter() - began < 1


# Outside of tests, what Pillow warns of goes unheard: what becomes of the file counts.
@pytest.mark.filterwarnings("ignore:::PIL")
@pytest.mark.parametrize("family", FAMILIES)
def test_damage_is_always_a_known_failure(
    tmp_path_factory: pytest.TempPathFactory, family: str
) -> None:
    studio = Studio(tmp_path_factory.mktemp("studio"))
    # Little picture and much file around it, so that the edits meet the directories.
    file = raw(family, picture=encoded(Image.new("L", (656, 8)), "JPEG"))

    @settings(
        max_examples=150,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(edits)
    def check(change: tuple[str, float, bytes]) -> None:
        assert end_of(studio, damage(file, [change])) in KNOWN_ENDS

    assert end_of(studio, file) is None
    check()
