"""Quitting: what the user wants done, every time, with the pictures that are not done yet."""

from __future__ import annotations

from enum import StrEnum

from pixelcraft_desktop.catalog.store import Store


class QuitWay(StrEnum):
    """A way to leave while there is work. Whatever is not done goes on at the next start."""

    FINISH = "finish"  # the pictures in hand; no further one is started
    STOP = "stop"  # the pictures in hand are given back
    TRAY = "tray"  # no end at all: only the window goes


def quit_way(store: Store) -> QuitWay | None:
    """Return what is done every time; None where the user wants to be asked."""
    value = store.value("SELECT value FROM control WHERE key = 'quit_way'")
    # What a newer program wrote is no reason to stand still: it asks.
    return QuitWay(value) if value in set(QuitWay) else None


def set_quit_way(store: Store, way: QuitWay | None) -> None:
    """Remember what to do every time, or to ask."""
    with store.transaction(durable=True) as tx:
        if way is None:
            tx.run("DELETE FROM control WHERE key = 'quit_way'")
        else:
            tx.run("REPLACE INTO control VALUES ('quit_way', ?)", way)
