"""The work that somebody who quits leaves behind, and how it is put into words."""

from __future__ import annotations

from dataclasses import dataclass

from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.library import Library


@dataclass(frozen=True)
class Work:
    """How many pictures are in hand and how many are left, and what else goes on."""

    active: int
    waiting: int
    put_off: int
    retrying: int
    failed: int
    is_looking: bool  # for more pictures
    is_saving: bool  # results, to a folder of the user's

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is left of it."""
        return not (self.is_moving or self.put_off or self.retrying)

    @property
    def is_moving(self) -> bool:
        """Tell whether anything is done now, and not only at its time."""
        return bool(self.active or self.waiting or self.is_looking or self.is_saving)

    @property
    def _left(self) -> int:
        return self.waiting + self.put_off + self.retrying

    @property
    def line(self) -> str:
        """What is going on: "2 pictures are being worked on, 1,204 wait, 3 start later."."""
        parts: list[str] = []
        for count, one, many in (
            (self.active, "is being worked on", "are being worked on"),
            (self.waiting, "waits", "wait"),
            (self.put_off, "starts later", "start later"),
            (self.retrying, "is tried again later", "are tried again later"),
        ):
            if count:
                who = words.number(count) if parts else words.counted(count, "picture")
                parts.append(f"{who} {one if count == 1 else many}")
        if self.is_looking:
            parts.append("more are looked for" if parts else "pictures are looked for")
        if self.is_saving:
            parts.append("results are being saved")
        return f"{_sentence(', '.join(parts))}." if parts else self.done_line

    @property
    def done_line(self) -> str:
        """How it came out: "All pictures are done. 17 failed."."""
        failed = f" {words.number(self.failed)} failed." if self.failed else ""
        return f"All pictures are done.{failed}"

    @property
    def finishing_line(self) -> str:
        """What is waited for: "Finishing the 2 pictures in hand, then PixelCraft closes."."""
        what = "picture" if self.active == 1 else words.counted(self.active, "picture")
        awaited = [f"finishing the {what} in hand"] if self.active else []
        awaited += ["saving the results"] if self.is_saving else []
        text = f"{_sentence(' and '.join(awaited))}, then" if awaited else ""
        text = " ".join(filter(None, (text, "PixelCraft closes.")))
        left = self._left
        if left:
            text += f" {words.number(left)} {'goes' if left == 1 else 'go'} on at the next start."
        return text

    @property
    def finish_offer(self) -> tuple[str, str]:
        """How the answer that loses nothing is called, and what it does."""
        if not self.is_moving:
            when = "at their time if PixelCraft runs then, else at the next start."
            return "Quit", f"They start {when}" if self.put_off else "They go on at the next start."
        rest = " The others go on at the next start." if self._left or self.is_looking else ""
        if not self.is_saving:
            return "Finish and quit", f"Finishes the pictures in hand.{rest}"
        if self.active or self.waiting:
            return "Finish and quit", f"Finishes the pictures in hand, and saving.{rest}"
        return "Finish and quit", "Saves all results first."

    @property
    def stop_offer(self) -> str:
        """What the answer for those in a hurry does."""
        pictures = "Breaks off the pictures in hand. At the next start they begin anew."
        if not self.is_saving:
            return pictures
        if self.active or self.waiting:
            return "Breaks off pictures and saving. Pictures begin anew at the next start."
        return "Saves no more. What is saved so far stays."


def work_of(library: Library, runs_here: bool, is_saving: bool) -> Work:
    """Return what goes on in this process: its pictures, unless another one makes them."""
    counts, failed = library.counts, library.counts[State.FAILED]
    if not runs_here:
        return Work(0, 0, 0, 0, failed, is_looking=False, is_saving=is_saving)
    return Work(
        counts[State.ACTIVE],
        counts[State.WAITING],
        library.put_off,
        counts[State.DELAYED] - library.put_off,
        failed,
        is_looking=bool(library.queue.scans),
        is_saving=is_saving,
    )


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
