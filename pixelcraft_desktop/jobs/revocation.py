"""Revocation: where a job was taken away from its lane, its decoder is stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pixelcraft_desktop.catalog.jobs import Ticket
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.decoders.decoder import Decoder


class Revocation:
    """Knows which decoder works on which ticket, and looks whether the tickets still count.

    Whoever cancels a job or removes its image, in whichever process, only moves the token on.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._guard = threading.Lock()
        self._in_hand: dict[Ticket, Decoder] = {}

    @contextmanager
    def watching(self, ticket: Ticket, decoder: Decoder) -> Iterator[None]:
        """Have the decoder stopped if the ticket no longer counts while the block runs."""
        with self._guard:
            self._in_hand[ticket] = decoder
        try:
            yield
        finally:
            with self._guard:
                del self._in_hand[ticket]

    def look(self) -> int:
        """Stop the decoders whose tickets no longer count; return how many.

        One that has not begun to decode yet is not stopped by this look, but by the next one.
        """
        with self._guard:
            held = set(self._in_hand)
        if not held:
            return 0
        rows = self._store.rows("SELECT id, token FROM jobs WHERE state = 'active'")
        revoked = held - {Ticket(row["id"], row["token"]) for row in rows}
        with self._guard:  # a decoder that went on to another picture meanwhile is left alone
            decoders = [self._in_hand[ticket] for ticket in revoked if ticket in self._in_hand]
            for decoder in decoders:
                decoder.interrupt()
        return len(decoders)
