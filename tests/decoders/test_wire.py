"""What is said arrives as it was said, and nonsense is refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pixelcraft_desktop.decoders.wire import (
    LARGEST_MESSAGE_BYTES,
    Message,
    message_to_memory,
    message_to_order,
    message_to_rendering,
    message_to_stage,
    order_to_message,
    receive,
    rendering_to_message,
    send,
)
from pixelcraft_desktop.imaging.render import Order
from pixelcraft_desktop.model import (
    Limits,
    Recipe,
    Rendered,
    Rendering,
    RenditionSpec,
    Stage,
    standard_recipe,
)

Ends = tuple[Connection, Connection]
counts = st.integers(0, 2**40)
names = st.text(max_size=20)
specs = st.builds(
    RenditionSpec,
    name=names,
    fit=st.sampled_from(["cover", "width"]),
    width_px=counts,
    height_px=st.none() | counts,
    quality=st.integers(0, 100),
    effort=st.integers(0, 6),
    format=st.just("webp"),
)
orders = st.builds(
    Order,
    source=st.binary(max_size=60),
    recipe=st.builds(Recipe, st.lists(specs, max_size=3).map(tuple)),
    targets=st.dictionaries(names, names, max_size=3),
    limits=st.builds(Limits, pixels=counts, file_bytes=counts),
    known_sha256=st.none() | st.text("0123456789abcdef", min_size=64, max_size=64),
    salvage=st.booleans(),
)
facts = st.recursive(
    st.none() | st.booleans() | counts | st.floats(allow_nan=False, allow_infinity=False) | names,
    lambda inner: st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
renderings = st.builds(
    Rendering,
    sha256=names,
    format=names,
    width=counts,
    height=counts,
    mode=names,
    bit_depth=counts,
    size_bytes=counts,
    metadata=st.dictionaries(names, facts, max_size=4),
    renditions=st.lists(st.builds(Rendered, names, counts, counts, counts), max_size=3).map(tuple),
    unchanged=st.booleans(),
    notes=st.lists(names, max_size=3).map(tuple),
    is_damaged=st.booleans(),
    peak_memory_bytes=st.none() | counts,
)
# A folder need not be UTF-8: Python writes its odd bytes as lone surrogates.
ODD_ORDER = Order(b"/caf\xe9/\xff\n", standard_recipe(), {"thumbnail": "/caf\udce9/1"}, Limits())
# The pipe is empty again after every example.
shared_pipe = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def ends() -> Iterator[Ends]:
    here, there = Pipe()
    with here, there:
        yield here, there


def through(ends: Ends, message: Message) -> Message:
    here, there = ends
    send(here, message)
    return receive(there)


@shared_pipe
@given(order=orders)
@example(order=ODD_ORDER)
def test_an_order_arrives_as_it_was(ends: Ends, order: Order) -> None:
    assert message_to_order(through(ends, order_to_message(order))) == order


@shared_pipe
@given(rendering=renderings)
def test_a_rendering_arrives_as_it_was(ends: Ends, rendering: Rendering) -> None:
    assert message_to_rendering(through(ends, rendering_to_message(rendering))) == rendering


@pytest.mark.parametrize("stage", Stage)
def test_a_stage_arrives_as_it_was(ends: Ends, stage: Stage) -> None:
    assert message_to_stage(through(ends, {"stage": stage, "progress": 25})) == (stage, 25)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"{",
        b"[]",
        b"null",
        b'"ready"',
        b"\xff\xfe\xfd",
        b"[" * 100_000,
        b'{"a":' * 9_999,
    ],
)
def test_nonsense_is_refused(ends: Ends, data: bytes) -> None:
    here, there = ends
    sender = threading.Thread(target=here.send_bytes, args=(data,))
    sender.start()
    with pytest.raises(ValueError):  # noqa: PT011 - each nonsense has its own words
        receive(there)
    sender.join()


@given(st.binary(max_size=60))
def test_bytes_are_a_message_or_refused(data: bytes) -> None:
    here, there = Pipe()
    with here, there:
        here.send_bytes(data)
        try:
            assert isinstance(receive(there), dict)
        except ValueError:
            pass


def test_a_message_too_long_is_not_even_read(ends: Ends) -> None:
    here, there = ends

    def flood() -> None:
        with pytest.raises(ConnectionError):
            here.send_bytes(bytes(LARGEST_MESSAGE_BYTES + 1))

    sender = threading.Thread(target=flood)
    sender.start()
    with pytest.raises(OSError, match="bad message length"):
        receive(there)
    there.close()
    sender.join()


def test_the_end_is_told(ends: Ends) -> None:
    here, there = ends
    here.close()
    with pytest.raises(EOFError):
        receive(there)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"stage": "dancing", "progress": 1}',
        '{"stage": "reading"}',
        '{"stage": "reading", "progress": "much"}',
        '{"stage": "reading", "progress": 1e999}',
        '{"stage": [], "progress": 1}',
    ],
)
def test_a_stage_that_is_none_is_refused(text: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        message_to_stage(json.loads(text))


@pytest.mark.parametrize(
    "text", ["{}", *(f'{{"memory": {value}}}' for value in ("-1", "1e999", "NaN", "[]"))]
)
def test_memory_that_is_none_is_refused(text: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        message_to_memory(json.loads(text))


GOOD = rendering_to_message(Rendering("0", "PNG", 1, 1, "L", 8, 9, {}, ()))["rendering"]


@pytest.mark.parametrize(
    "rendering",
    [
        None,
        5,
        [],
        "text",
        {},
        {**GOOD, "renditions": None},
        {**GOOD, "renditions": [5]},
        {**GOOD, "renditions": [{"name": "a"}]},
        {**GOOD, "notes": None},
        {**GOOD, "notes": "cmyk"},
        {**GOOD, "notes": [5]},
        {**GOOD, "is_damaged": 1},
        {**GOOD, "is_damaged": None},
        {key: value for key, value in GOOD.items() if key != "is_damaged"},
        {**GOOD, "more": 1},
        {**GOOD, "sha256": None},
        {**GOOD, "format": "x" * 101},
        {**GOOD, "width": 10**20},
        {**GOOD, "peak_memory_bytes": "9"},
        {**GOOD, "peak_memory_bytes": -1},
        {**GOOD, "peak_memory_bytes": 1 << 63},
        {**GOOD, "size_bytes": "9"},
        {**GOOD, "metadata": None},
        {**GOOD, "renditions": [{"name": "a", "width": 1, "height": -1, "size_bytes": 1}]},
    ],
)
def test_a_rendering_that_is_none_is_refused(rendering: object) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        message_to_rendering({"rendering": rendering})


@pytest.mark.parametrize("salvage", [None, 1, "yes", []])
def test_an_order_to_salvage_is_a_yes_or_a_no(salvage: object) -> None:
    with pytest.raises(ValueError, match="neither true nor false"):
        message_to_order({**order_to_message(ODD_ORDER), "salvage": salvage})
