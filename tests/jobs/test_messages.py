"""Messages: nothing unsigned is ever read."""

from __future__ import annotations

import pickle

import pytest
from huey.registry import Message
from hypothesis import given
from hypothesis import strategies as st

from pixelcraft_desktop.jobs.messages import BadMessage, SignedJson

SERIALIZER = SignedJson(b"secret")


@given(args=st.lists(st.integers(0, 2**53), max_size=3))
def test_a_message_comes_back(args: list[int]) -> None:
    message = Message("id", "queue.render", args=tuple(args), kwargs={})
    back = SERIALIZER.deserialize(SERIALIZER.serialize(message))
    assert (back.id, back.name, back.args) == (message.id, message.name, message.args)


@given(data=st.binary(max_size=300))
def test_foreign_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(BadMessage):
        SERIALIZER.deserialize(data)


def test_a_message_of_another_run_is_refused() -> None:
    data = SignedJson(b"other").serialize(Message("id", "name", args=(1,), kwargs={}))
    with pytest.raises(BadMessage):
        SERIALIZER.deserialize(data)


def test_a_pickle_is_never_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    class Attack:
        def __reduce__(self) -> tuple[object, ...]:
            return (print, ("executed",))

    with pytest.raises(BadMessage):
        SERIALIZER.deserialize(pickle.dumps(Attack()))
    assert capsys.readouterr().out == ""


@given(position=st.integers(0, 200), flip=st.integers(1, 255))
def test_a_changed_byte_is_noticed(position: int, flip: int) -> None:
    data = bytearray(SERIALIZER.serialize(Message("id", "name", args=(1, 2), kwargs={})))
    data[position % len(data)] ^= flip
    with pytest.raises(BadMessage):
        SERIALIZER.deserialize(bytes(data))
