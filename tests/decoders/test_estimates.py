"""What a picture asks for is what it takes: a child's peak stays within its grant."""

from __future__ import annotations

import io
import multiprocessing
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from orders import order_for
from PIL import Image

from pixelcraft_desktop.decoders.decoder import Decoder
from pixelcraft_desktop.decoders.memory import MemoryBudget
from pixelcraft_desktop.imaging.header import estimate_memory
from pixelcraft_desktop.model import Limits, standard_recipe

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a peak")
# 88 megapixels of one colour, lossless.
WEBP_BOMB = bytes.fromhex("524946461a000000574542505650384c0e0000002ffeff3e05071011fd0f4444ff03")


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    # Enough for the bomb below once. It asks twice, and the second grant replaces the first.
    decoder = Decoder(MemoryBudget(1_500_000_000), 120)
    yield decoder
    decoder.close()


def picture(plugin: str, mode: str, size: tuple[int, int], **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(buffer, plugin, **options)
    return buffer.getvalue()


def status_bytes(field: str) -> int:
    """Return a number of bytes that the kernel tells of our only child."""
    (child,) = multiprocessing.active_children()
    status = Path(f"/proc/{child.pid}/status").read_text(encoding="ascii")
    found = re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)
    assert found
    return 1024 * int(found[1])


@pytest.mark.parametrize(
    ("plugin", "mode", "size", "options"),
    [
        ("PNG", "RGBA", (1, 1), {}),
        ("PNG", "RGBA", (1, 1_000_000), {}),
        ("PNG", "RGBA", (1_000_000, 1), {}),
        ("PNG", "RGBA", (12_000, 1_500), {"compress_level": 1}),
        ("PNG", "RGBA", (16_383, 2), {}),
        ("JPEG", "CMYK", (1_590, 8_000), {"progressive": True, "subsampling": 0}),
        ("JPEG", "RGB", (790, 36_861), {}),
        ("TIFF", "RGBA", (1_590, 5_000), {}),
        ("WEBP", "RGBA", (4_000, 3_000), {"method": 0}),
        ("AVIF", "RGB", (1_590, 3_000), {"speed": 10}),
        ("JPEG2000", "RGB", (6_000, 4_000), {"irreversible": True}),
        ("JPEG2000", "L", (3_000, 2_000), {"codeblock_size": (4, 4)}),
        ("JPEG2000", "RGB", (1_590, 1_000), {}),
    ],
)
def test_a_childs_peak_stays_within_its_grant(
    decoder: Decoder, tmp_path: Path, plugin: str, mode: str, size: tuple[int, int], options: Any
) -> None:
    check(decoder, tmp_path / "picture", picture(plugin, mode, size, **options))


def test_the_peak_of_a_bomb_stays_within_its_grant(decoder: Decoder, tmp_path: Path) -> None:
    assert check(decoder, tmp_path / "picture", WEBP_BOMB) > 1_000_000_000


def check(decoder: Decoder, path: Path, data: bytes) -> int:
    """Check that rendering takes no more than was asked for; return what it took."""
    path.write_bytes(data)
    wanted = standard_recipe().renditions
    granted_bytes = estimate_memory(io.BytesIO(data), b"", Limits(), wanted)
    decoder.render(order_for(tiny(path.parent)), lambda stage, progress: None)
    before = status_bytes("VmRSS")
    decoder.render(order_for(path), lambda stage, progress: None)
    taken = status_bytes("VmHWM") - before
    assert taken <= granted_bytes
    return taken


def tiny(folder: Path) -> Path:
    """Write a picture with which a child loads all that it needs for any."""
    path = folder / "tiny"
    path.write_bytes(picture("PNG", "L", (1, 1)))
    return path
