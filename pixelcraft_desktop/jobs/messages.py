"""The queue's messages: small signed JSON, never pickle."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from huey.registry import Message

_SIGNATURE_BYTES = 32
_LARGEST_BYTES = 4_096


class BadMessage(Exception):
    """Bytes from the queue that we did not put there."""


class SignedJson:
    """Huey's serializer: task name, id and whole-number arguments, signed with keyed BLAKE2b.

    Huey's own would unpickle, that is execute, whatever somebody wrote into the queue.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def serialize(self, message: Message) -> bytes:
        """Return the signed message."""
        fields = {"id": message.id, "name": message.name, "args": list(message.args)}
        body = json.dumps(fields, separators=(",", ":")).encode("ascii")
        return self._sign(body) + body

    def deserialize(self, data: bytes) -> Message:
        """Return the message, its signature checked before anything in it is read.

        Raises BadMessage.
        """
        data = bytes(data)
        signature, body = data[:_SIGNATURE_BYTES], data[_SIGNATURE_BYTES:]
        if len(data) > _LARGEST_BYTES or not hmac.compare_digest(signature, self._sign(body)):
            raise BadMessage("a message in the queue was not signed by this program")
        fields: dict[str, Any] = json.loads(body)
        return Message(
            id=fields["id"],
            name=fields["name"],
            retries=0,
            retry_delay=0,
            args=tuple(int(argument) for argument in fields["args"]),
            kwargs={},
        )

    def _sign(self, body: bytes) -> bytes:
        # Unlike HMAC in this library, it keeps the interpreter while it takes its microsecond.
        return hashlib.blake2b(body, key=self._secret, digest_size=_SIGNATURE_BYTES).digest()
