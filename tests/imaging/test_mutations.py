"""Files damaged in every way: each is rendered whole, or refused with a cause, by a child."""

from __future__ import annotations

import functools
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from blocks import blocks, put_block
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import HOWS, KNOWN_ENDS, LIMITS, SEED, Step, apply, end_of, random_steps
from pictures import Studio
from PIL import Image
from specimens import Files, specimens

from pixelcraft_desktop.decoders.decoder import DecodeError, Decoder
from pixelcraft_desktop.decoders.memory import MemoryBudget
from pixelcraft_desktop.imaging.render import Order
from pixelcraft_desktop.model import Recipe, Rendering, RenditionSpec

MUTATIONS = 2_000
LANES = 2
DEADLINE_S = 20.0  # a hang is found by it, a busy machine is not taken for one
BUDGET_BYTES = 2_000_000_000
# As the standard recipe, but small: most of the time would go into enlarging and encoding.
RECIPE = Recipe(
    (
        RenditionSpec("thumbnail", "cover", 24, 24, quality=80, effort=0),
        RenditionSpec("preview", "width", 40, None, quality=85, effort=0),
    )
)
Wrap = Callable[[int, str, bytes], bytes]
steps = st.builds(
    Step,
    st.sampled_from(HOWS),
    st.one_of(st.integers(0, 64), st.integers(0, 2_000)),
    st.integers(0, 300),
    st.integers(0, 1_000),
)


class Lane:
    """A decoder with a folder of its own."""

    def __init__(self, folder: Path, budget: MemoryBudget) -> None:
        folder.mkdir()
        self._source = folder / "picture"
        self._targets = {spec.name: folder / f"{spec.name}.tmp" for spec in RECIPE.renditions}
        targets = {name: str(path) for name, path in self._targets.items()}
        self._order = Order(os.fsencode(self._source), RECIPE, targets, LIMITS)
        self._decoder = Decoder(budget, DEADLINE_S)
        self.close = self._decoder.close

    def complaint(self, data: bytes) -> str | None:
        """Return what is wrong with how this file ends; None where all is well."""
        self._source.write_bytes(data)
        for path in self._targets.values():
            path.unlink(missing_ok=True)
        try:
            rendering = self._decoder.render(self._order, lambda *_: None)
        except DecodeError as error:
            return self._why_no_known_failure(error)
        return self._why_not_whole(rendering)

    def _why_no_known_failure(self, error: DecodeError) -> str | None:
        failure = error.failure
        if failure.cause not in KNOWN_ENDS or not failure.message:
            return f"{failure.cause}: {failure.message}\n{failure.traceback}"
        left = [path.name for path in self._targets.values() if path.exists()]
        return f"{failure.cause}, and yet {left} are there" if left else None

    def _why_not_whole(self, rendering: Rendering) -> str | None:
        for made in rendering.renditions:
            data = self._targets[made.name].read_bytes()
            with Image.open(io.BytesIO(data), formats=["WEBP"]) as image:
                image.load()
                seen = (*image.size, len(data), 8 + int.from_bytes(data[4:8], "little"))
            if seen != (made.width, made.height, made.size_bytes, made.size_bytes):
                return f"{made} is {seen}"
        return None if len(rendering.renditions) == len(RECIPE.renditions) else "one is missing"


class Yard:
    """As many lanes as a small machine has, each in a thread that outlives the tests."""

    def __init__(self, folder: Path, kept: Path) -> None:
        budget = MemoryBudget(BUDGET_BYTES)
        self._kept = kept
        self.lanes = [Lane(folder / str(number), budget) for number in range(LANES)]
        self.pool = ThreadPoolExecutor(LANES)

    def complaint(self, data: bytes) -> str | None:
        """Return what is wrong with how this file ends; None where all is well."""
        return self.pool.submit(self.lanes[0].complaint, data).result()

    def complaints(self, name: str, pieces: Files, wrap: Wrap) -> list[str]:
        """Mutate these pieces in turn, and return what is wrong with how their files end."""
        shares = [self.pool.submit(self._share, name, pieces, wrap, at) for at in range(LANES)]
        return [complaint for share in shares for complaint in share.result()]

    def _share(self, name: str, pieces: Files, wrap: Wrap, first: int) -> list[str]:
        found = []
        specials = list(pieces)
        for number in range(first, MUTATIONS, LANES):
            special = specials[number % len(specials)]
            recipe = random_steps(name, number, pieces[special])
            data = wrap(number, special, apply(recipe, pieces[special], all_files()))
            try:
                complaint = self.lanes[first].complaint(data)
            except Exception as error:  # it should be told which file did that to the parent
                complaint = f"the parent raised {error!r}"
            if complaint:
                path = self._kept / f"{name} {number}".replace(" ", "-")
                path.write_bytes(data)
                told = f"seed {SEED}, {name} ({special}), number {number}, {recipe}, in {path}"
                found.append(f"{told}: {complaint}")
        return found


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    # Synced to a disk, 100,000 renditions would take half an hour.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="pixelcraft-mutations-", dir=memory) as folder:
        yard = Yard(Path(folder), tmp_path_factory.mktemp("complaints"))
        yield yard
        for lane in yard.lanes:
            lane.close()
        yard.pool.shutdown()


@functools.cache
def all_files() -> list[bytes]:
    return [data for files in specimens().values() for data in files.values()]


def as_it_is(_number: int, _special: str, data: bytes) -> bytes:
    return data


@pytest.mark.parametrize("name", specimens())
def test_what_is_not_mutated_is_rendered(tmp_path: Path, name: str) -> None:
    for special, data in specimens()[name].items():
        assert end_of(Studio(tmp_path), data) is None, special


@pytest.mark.parametrize("name", blocks())
def test_what_carries_a_sound_block_is_rendered(tmp_path: Path, name: str) -> None:
    for special, block in blocks()[name].items():
        for number in range(20):  # every format that takes its turn
            assert end_of(Studio(tmp_path), put_block(number, special, block)) is None, special


@pytest.mark.parametrize("name", specimens())
def test_a_mutated_file_is_rendered_or_refused(yard: Yard, name: str) -> None:
    found = yard.complaints(name, specimens()[name], as_it_is)
    assert not found, f"{len(found)} of {MUTATIONS}:\n" + "\n".join(found[:10])


@pytest.mark.parametrize("name", blocks())
def test_a_mutated_block_beside_the_pixels_does_no_more(yard: Yard, name: str) -> None:
    found = yard.complaints(name, blocks()[name], put_block)
    assert not found, f"{len(found)} of {MUTATIONS}:\n" + "\n".join(found[:10])


@pytest.mark.parametrize("name", specimens())
def test_damage_that_hypothesis_thinks_of_is_survived(yard: Yard, name: str) -> None:
    """Find the fewest steps that do harm; the tests above only tell that there are some."""

    @settings(
        max_examples=50,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.sampled_from(sorted(specimens()[name])), st.lists(steps, max_size=4))
    def check(special: str, changes: list[Step]) -> None:
        data = apply(changes, specimens()[name][special], all_files())
        assert yard.complaint(data) is None

    check()
