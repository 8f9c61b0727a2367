"""What the notice bars say: how things stand, and what became of what was just asked for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from pixelcraft_desktop.catalog.news import QueueFacts, Scan
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.batches.run import Ending
from pixelcraft_desktop.ui.batches.summary import count_failed, summary
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.notice import NoticeBar, Severity
from pixelcraft_desktop.ui.sections import Section

FAILED, PAUSED, SCAN, SAVING, TROUBLE, RESULT, HOLD_UP, SPACE, ENDED, ENDING = (
    *("failed", "paused", "scan", "saving", "trouble", "result", "hold_up", "space", "ended"),
    "ending",
)


_ANSWER_MS = 8_000
# A few folders are looked through sooner, and a line that comes and goes makes everything jump.
_PATIENCE_MS = 400


class Announcements(QObject):
    """Turns what happens into notices, one of a kind, and their buttons into wishes.

    How things stand (failures, a pause, a full disk) and answers (scans, saving, what came of
    them) have a bar each, so that no state hides an answer or the button that stops something.
    """

    review_wanted = Signal()
    resume_wanted = Signal()
    space_retry_wanted = Signal()
    scan_stop_wanted = Signal(int)  # batch id
    saving_stop_wanted = Signal()

    def __init__(
        self,
        library: Library,
        bar: NoticeBar,
        answers: NoticeBar,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._bar = bar
        self._answers = answers
        self._answer_end = QTimer(self, singleShot=True, interval=_ANSWER_MS)
        self._answer_end.timeout.connect(lambda: answers.withdraw(RESULT))
        self._failed_dismissed = 0
        self._is_reviewing = False
        # Batches that end soon after each other are told in one line, and not as a stack.
        self._ended: list[Ending] = []
        self._ended_end = QTimer(self, singleShot=True, interval=_ANSWER_MS)
        self._ended_end.timeout.connect(self._forget_ended)
        self._summary: tuple[str, int, int] | None = None  # its failures, and all there were then
        self._scans: tuple[Scan, ...] = ()
        self._was_scanning = False
        self._scan_begin = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._scan_begin.timeout.connect(self._tell_scans)
        library.counts_changed.connect(self._tell_failed)
        library.queue_changed.connect(self._tell_queue)
        library.scan_ended.connect(self._tell_result)
        for each in (bar, answers):
            each.acted.connect(self._act)
            each.dismissed.connect(self._remember)

    def refuse_links(self) -> None:
        """Say that web links and text are not taken, and what to do instead."""
        self._answer(
            "Links and text can't be added. Save the picture to a file first, then drop the file.",
            Severity.CARE,
        )

    def tell_too_late(self) -> None:
        """Say that nothing was put off, since nothing waits any more."""
        self._answer("Too late: these pictures have started already.", Severity.INFO)

    def tell_trouble(self, what: str, reason: str) -> None:
        """Say that something the user asked for could not be done."""
        text = f"PixelCraft could not {what}: {reason}. Please try again."
        self._bar.show_notice(TROUBLE, text, Severity.BAD)

    def tell_hold_up(self, reason: str | None) -> None:
        """Say what holds all pictures up; None: it is over."""
        if reason is None:
            self._bar.withdraw(HOLD_UP)
            return
        text = f"PixelCraft can't write to its library: {reason}. It goes on as soon as it can."
        self._bar.show_notice(HOLD_UP, text, Severity.BAD, cause=reason)

    def tell_saving(self, done: int, total: int) -> None:
        """Say how far saving is."""
        text = f"Saving results… {words.number(done)} of {words.number(total)}"
        self._answers.show_notice(SAVING, text, Severity.INFO, "Stop", cause=SAVING)

    def tell_saved(self, saved: int, failed: int, reason: str | None, cut_off: int = 0) -> None:
        """Say how saving ended; `reason` is why something was not saved.

        `cut_off` were left when the user stopped it.
        """
        self._answers.withdraw(SAVING)
        text = f"{words.counted(saved, 'result')} saved."
        if cut_off:
            text = f"{text[:-1]}, then stopped: {words.number(cut_off)} were left."
        if failed:
            text += f" {words.number(failed)} could not be saved: {reason}"
        elif reason:
            text += f" {reason}"
        well = Severity.INFO if cut_off else Severity.GOOD
        self._answer(text, Severity.BAD if reason else well)

    def tell_batches(self, endings: Sequence[Ending]) -> None:
        """Say what became of batches that are done; where some failed, in the place of that."""
        self._ended += endings
        self._ended_end.start()
        text, failed = summary(self._ended), count_failed(self._ended)
        if not failed or not self._is_failed_told:  # or somebody looked at those already
            self._answer(text, Severity.CARE if failed else Severity.GOOD)
            return
        if len(self._ended) > len(endings):  # the others were told as an answer
            self._answers.withdraw(RESULT)
        self._summary = text, failed, self._library.counts[State.FAILED]
        self._tell_failed()

    def tell_ending(self) -> None:
        """Say what is waited for before the window closes."""
        text = "PixelCraft closes. What is not done goes on at the next start."
        self._bar.say_last(ENDING, text)

    def follow_section(self, section: Section) -> None:
        """Learn what is being looked at: who sees what failed need not be told of it."""
        self._is_reviewing = section.state is State.FAILED
        self._tell_failed()

    def _tell_failed(self) -> None:
        count = self._library.counts[State.FAILED]
        least = count if self._is_reviewing else 0
        self._failed_dismissed = max(least, min(self._failed_dismissed, count))
        if self._summary is not None and (count < self._summary[2] or not self._is_failed_told):
            self._summary = None  # some were mended, and what it says is no longer so
        key, other = (FAILED, ENDED) if self._summary is None else (ENDED, FAILED)
        self._bar.withdraw(other)
        if self._is_failed_told:
            self._bar.show_notice(key, self._failed_line(count), Severity.BAD, "Review")
        else:
            self._bar.withdraw(key)

    @property
    def _is_failed_told(self) -> bool:
        return self._library.counts[State.FAILED] > self._failed_dismissed

    def _failed_line(self, count: int) -> str:
        if self._summary is None:
            return f"{words.counted(count, 'picture')} failed"
        text, failed, _ = self._summary
        return text if count == failed else f"{text} · {words.number(count)} failed in all"

    def _tell_queue(self, queue: QueueFacts) -> None:
        if queue.is_paused:
            text = "The queue is paused: no further picture is started."
            self._bar.show_notice(PAUSED, text, Severity.CARE, "Resume", cause=PAUSED)
        else:
            self._bar.withdraw(PAUSED)
        if queue.held is not None:
            # Who paused it as well resumes it with the button that is for that.
            action = None if queue.is_paused else "Try again"
            text = words.hold_line(queue.held)
            self._bar.show_notice(SPACE, text, Severity.BAD, action, cause=queue.held.since)
        else:
            self._bar.withdraw(SPACE)
        self._follow_scans(queue.scans)

    def _follow_scans(self, scans: Sequence[Scan]) -> None:
        self._scans = tuple(scans)
        if not scans:
            self._scan_begin.stop()
            self._answers.withdraw(SCAN)
        elif not self._was_scanning:
            self._scan_begin.start()
        elif not self._scan_begin.isActive():
            self._tell_scans()
        self._was_scanning = bool(scans)

    def _tell_scans(self) -> None:
        line = words.scan_line(self._scans[-1])
        batches = {scan.batch_id for scan in self._scans}
        self._answers.show_notice(SCAN, line, Severity.INFO, "Stop", cause=batches)

    def _tell_result(self, scan: Scan) -> None:
        text = words.scan_result(scan)
        if text is not None:
            self._answer(text, Severity.INFO)

    def _answer(self, text: str, severity: Severity) -> None:
        """Say what came of something. It goes by itself, but for what somebody must mend."""
        self._answers.show_notice(RESULT, text, severity)
        if severity is Severity.BAD:
            self._answer_end.stop()
        else:
            self._answer_end.start()

    def _act(self, key: str) -> None:
        if key in (FAILED, ENDED):
            self._remember(key)  # who looks at them need not be told of them
            self._bar.withdraw(key)
            self.review_wanted.emit()
        elif key == PAUSED:
            self.resume_wanted.emit()
        elif key == SPACE:
            self.space_retry_wanted.emit()
        elif key == SAVING:
            self.saving_stop_wanted.emit()
        elif key == SCAN:
            for scan in self._scans:
                self.scan_stop_wanted.emit(scan.batch_id)

    def _remember(self, key: str) -> None:
        if key in (FAILED, ENDED):
            self._failed_dismissed = self._library.counts[State.FAILED]
            self._summary = None
            self._forget_ended()
        elif key == RESULT:
            self._forget_ended()

    def _forget_ended(self) -> None:
        self._ended.clear()
