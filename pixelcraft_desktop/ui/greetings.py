"""What the window tells at the start: what was resumed, set aside, restored, or reported."""

from __future__ import annotations

import re

from PySide6.QtCore import QObject, QTimer, Signal

from pixelcraft_desktop.catalog.news import QueueFacts
from pixelcraft_desktop.catalog.recovery import Recovery
from pixelcraft_desktop.catalog.restoration import Restoration
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui import words
from pixelcraft_desktop.ui.findings import Findings
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.notice import NoticeBar, Severity
from pixelcraft_desktop.ui.sections import Section

RESUMED, SET_ASIDE, RESTORED, REPORT = "resumed", "set_aside", "restored", "report"
_RESUMED_MS = 12_000
# The name becomes one of a file, and whatever the catalog holds, that file is one of ours.
_WEEK = re.compile(r"[0-9]{4}-W[0-9]{2}")


class Greetings(QObject):
    """Tells each once; who has seen it is noted by whoever listens."""

    review_wanted = Signal()
    report_wanted = Signal(str)  # week
    recovery_told = Signal()
    restoration_seen = Signal()
    report_seen = Signal(str)  # week

    def __init__(self, library: Library, bar: NoticeBar, answers: NoticeBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self._answers = answers
        self._restored: Restoration | None = None
        self._findings = Findings()
        self._end = QTimer(self, singleShot=True, interval=_RESUMED_MS)
        self._end.timeout.connect(lambda: answers.withdraw(RESUMED))
        library.queue_changed.connect(self._tell_restored)
        bar.acted.connect(self._act)
        bar.dismissed.connect(self._note)

    def tell(self, findings: Findings) -> None:
        """Tell what is new in these."""
        before, self._findings = self._findings, findings
        if findings.recovery not in (None, before.recovery):
            self._tell_recovery(findings.recovery)
        if findings.report != before.report:
            self._tell_report(findings.report)

    def follow_section(self, section: Section) -> None:
        """Learn what is being looked at: who sees what was set aside need not review it."""
        if section.state is State.FAILED:
            self._bar.withdraw(SET_ASIDE)

    def _tell_recovery(self, recovery: Recovery) -> None:
        if recovery.resumed:
            text = f"Resumed {words.counted(recovery.resumed, 'picture')} that {{}} cut off."
            text = text.format("was" if recovery.resumed == 1 else "were")
            self._answers.show_notice(RESUMED, text, Severity.INFO)
            self._end.start()
        if recovery.set_aside:
            is_one = recovery.set_aside == 1
            was, it = ("was", "it") if is_one else ("were", "them")
            text = f"{words.counted(recovery.set_aside, 'picture')} {was} set aside: "
            text += f"PixelCraft crashed twice while reading {it}."
            self._bar.show_notice(SET_ASIDE, text, Severity.CARE, "Review")
        self.recovery_told.emit()

    def _tell_restored(self, queue: QueueFacts) -> None:
        if queue.restored == self._restored:
            return
        self._restored = queue.restored
        if queue.restored is None:
            self._bar.withdraw(RESTORED)
            return
        text = words.restoration_line(queue.restored)
        self._bar.show_notice(RESTORED, text, Severity.CARE)

    def _tell_report(self, week: str | None) -> None:
        if week is None or not _WEEK.fullmatch(week):
            self._bar.withdraw(REPORT)
            return
        text = f"The report of week {int(week[-2:])} is ready."
        self._bar.show_notice(REPORT, text, Severity.INFO, "Open")

    def _act(self, key: str) -> None:
        if key == SET_ASIDE:
            self._bar.withdraw(SET_ASIDE)
            self.review_wanted.emit()
        elif key == REPORT and self._findings.report is not None:
            self.report_wanted.emit(self._findings.report)
            self._bar.withdraw(REPORT)
            self._note(REPORT)

    def _note(self, key: str) -> None:
        if key == RESTORED:
            self.restoration_seen.emit()
        elif key == REPORT and self._findings.report is not None:
            self.report_seen.emit(self._findings.report)
