"""A batch's run: how many of its pictures are in each state, and what is left to be made."""

from __future__ import annotations

from dataclasses import dataclass, field

from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.forecast.countdown import Countdown
from pixelcraft_desktop.forecast.load import Load
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui.library import UNDONE

_ENDED = frozenset({State.COMPLETED, State.FAILED})


@dataclass(frozen=True)
class Ending:
    """What became of a batch. `seconds` is None where it began before this window did."""

    batch_id: int
    name: str
    completed: int
    failed: int
    cancelled: int
    duplicates: int
    seconds: float | None


@dataclass
class BatchRun:
    """Counts every picture of the batch; times are those of the clock that stands in a pause."""

    batch_id: int
    load: Load = field(default_factory=Load)
    countdown: Countdown = field(default_factory=Countdown)
    counts: dict[State, int] = field(default_factory=lambda: dict.fromkeys(State, 0))
    began_s: float = 0.0
    last_s: float = 0.0
    ended: int = 0  # since it was opened
    is_open: bool = False
    is_cut_off: bool = False  # the last one to leave was cancelled or removed
    was_told: bool = False
    _percents: dict[int, int] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """How many of its pictures have come to an end, good or bad."""
        return self.counts[State.COMPLETED] + self.counts[State.FAILED]

    @property
    def undone(self) -> int:
        """How many have not; those the user put off as well."""
        return sum(self.counts[state] for state in UNDONE)

    @property
    def total(self) -> int:
        """How many there are to be made and are made; who was cancelled is no part of it."""
        return self.done + self.undone

    @property
    def per_mille(self) -> int:
        """How far it is, 0–1000; 1000 only when nothing is left."""
        if not self.undone:
            return 1000 if self.done else 0
        percents = sum(self._percents.values())
        return min(999, int((self.done + percents / 100) * 1000 / self.total))

    def open(self, now_s: float) -> None:
        """Begin to wait for its end."""
        if not self.is_open:
            self.is_open, self.is_cut_off, self.ended = True, False, 0
            self.began_s = self.last_s = now_s

    def count_in(self, picture: Picture) -> None:
        """Count a picture in its state."""
        self.counts[picture.state] += 1
        if picture.state is State.ACTIVE:
            self._percents[picture.id] = picture.progress

    def count_out(self, picture: Picture) -> None:
        """Count it no more."""
        self.counts[picture.state] -= 1
        self._percents.pop(picture.id, None)

    def end_one(self, state: State, now_s: float) -> None:
        """Learn that a picture came to that end."""
        self.is_cut_off = state not in _ENDED
        self.ended += not self.is_cut_off
        self.last_s = now_s

    def close(self, name: str, duplicates: int) -> Ending | None:
        """Stop waiting; return what there is to tell, if it ran to its end and was not told."""
        self.is_open = False
        if self.was_told or self.is_cut_off or not self.ended:
            return None
        self.was_told = True
        is_whole = self.ended >= self.done
        return Ending(
            self.batch_id,
            name,
            self.counts[State.COMPLETED],
            self.counts[State.FAILED],
            self.counts[State.CANCELLED],
            duplicates,
            self.last_s - self.began_s if is_whole else None,
        )
