"""What becomes of the work when somebody wants to go: asked, remembered, waited for."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from pixelcraft_desktop.catalog.quitting import QuitWay
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui import commands
from pixelcraft_desktop.ui.library import UNDONE, Library
from pixelcraft_desktop.ui.quitting.in_hand import InHand
from pixelcraft_desktop.ui.quitting.tray import Tray
from pixelcraft_desktop.ui.quitting.work import Work, work_of
from pixelcraft_desktop.ui.window import Window

# News of a picture that a lane took in the last moment is here by then.
_SETTLED_MS = 250


class Departure(QObject):
    """Leads from "close" to one of three ends. Asked a second time, nobody is kept any longer.

    `runs_here` tells whether this process runs the jobs: those of another one go on by themselves.
    `is_saving` tells whether results are being saved, which nobody goes on with at the next start.
    """

    suspension_requested = Signal(bool)  # start no further picture; False: go on after all
    end_requested = Signal()  # everything stops now
    way_chosen = Signal(object)  # QuitWay to take every time

    def __init__(
        self,
        window: Window,
        library: Library,
        runs_here: Callable[[], bool],
        is_saving: Callable[[], bool],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._library = library
        self._runs_here = runs_here
        self._is_saving = is_saving
        self._saved_per_mille = 0
        self._question = window.question
        self._finishing = window.finishing
        self._in_hand: InHand | None = None
        self._was_done = True
        offered = (commands.PAUSE, commands.RESUME, commands.QUIT)
        actions = [window.actions_.action(command) for command in offered]
        self.tray = Tray(window, actions, lambda: window.status.text)
        self.tray.opened.connect(lambda: window.welcome([]))
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._settled.timeout.connect(self._end_if_done)
        library.counts_changed.connect(self._follow)
        library.queue_changed.connect(self._follow)
        self._question.answered.connect(self._take_answer)
        self._finishing.stop_wanted.connect(self.end_requested)
        self._finishing.withdrawn.connect(self._go_on)

    @property
    def is_busy(self) -> bool:
        """Tell whether it makes a difference to anything if this process ends now."""
        counts, queue = self._library.counts, self._library.queue
        if self._is_saving():
            return True
        if not self._runs_here():
            return False
        is_still = queue.is_paused or queue.held is not None
        started = {State.ACTIVE} if is_still else UNDONE
        return bool(queue.scans) or any(counts[state] for state in started)

    def close_window(self) -> None:
        """Do what closing the window means here: ask, where there is work and no answer yet."""
        self._leave(self._library.queue.quit_way)

    def quit(self) -> None:
        """End the program, which going to the tray is not."""
        way = self._library.queue.quit_way
        self._leave(None if way is QuitWay.TRAY else way)

    def stay(self) -> None:
        """Go on: somebody started the program again."""
        self._question.withdraw()
        if self._finishing.is_open:
            self._finishing.withdraw()
            self._go_on()

    def settle(self) -> None:
        """Ask and wait no more: the program ends."""
        self._settled.stop()
        self._question.withdraw()
        self._finishing.withdraw()
        self.tray.hide()

    def follow_saving(self, done: int, total: int) -> None:
        """Learn how far saving is, or that it is over."""
        self._saved_per_mille = 1000 * done // total if total else 0
        self._follow()

    @property
    def _work(self) -> Work:
        return work_of(self._library, self._runs_here(), self._is_saving())

    def _leave(self, way: QuitWay | None) -> None:
        is_asked_again = self._question.is_open or self._finishing.is_open
        if is_asked_again or not self.is_busy:
            self.end_requested.emit()
        elif way is None or not self._suits(way):
            self._come_forward()
            self._question.ask(self._work, self.tray.is_there)
        else:
            self._take(way)

    def _suits(self, way: QuitWay) -> bool:
        """Tell whether what is done every time can be done now, and loses nothing."""
        if way is QuitWay.TRAY:
            return self.tray.is_there
        return way is QuitWay.FINISH or not self._is_saving()

    def _take_answer(self, way: QuitWay, is_for_every_time: bool) -> None:
        self._question.withdraw()
        if is_for_every_time:
            self.way_chosen.emit(way)
        self._take(way)

    def _take(self, way: QuitWay) -> None:
        if way is QuitWay.STOP:
            self.end_requested.emit()
        elif way is QuitWay.FINISH:
            self._finish()
        else:
            self._was_done = self._work.is_done
            self.tray.show()
            self._window.hide()

    def _finish(self) -> None:
        self._come_forward()
        self._suspend(True)
        self._in_hand = InHand(self._library, self)
        self._finishing.begin(self._work.finishing_line)
        self._follow()

    def _go_on(self) -> None:
        self._settled.stop()
        if self._in_hand is not None:
            self._in_hand.deleteLater()
            self._in_hand = None
        self._suspend(False)

    def _suspend(self, is_suspended: bool) -> None:
        self.suspension_requested.emit(is_suspended)
        self._window.workload.suspend(is_suspended)

    def _come_forward(self) -> None:
        """Be seen: a question in a window that is minimised waits for ever."""
        if not self._window.isVisible() or self._window.isMinimized():
            self._window.welcome([])

    def _follow(self) -> None:
        """Say anew how things stand, wherever somebody waits for that."""
        if self._question.is_open:
            work = self._work
            self._question.tell(work)
            self._end_soon(work.is_done)
        elif self._finishing.is_open and self._in_hand is not None:
            work = self._work
            self._finishing.tell(work.finishing_line, self._per_mille(work))
            self._end_soon(not work.active and not work.is_saving)
        elif self.tray.is_shown:
            self.tray.refresh()
            work = self._work
            was_done, self._was_done = self._was_done, work.is_done
            if self._was_done and not was_done:
                self.tray.announce(work.done_line)

    def _per_mille(self, work: Work) -> int:
        """Return how far the slowest of what is waited for is."""
        pictures = self._in_hand.per_mille if work.active and self._in_hand is not None else 1000
        return min(pictures, self._saved_per_mille) if work.is_saving else pictures

    def _end_soon(self, is_done: bool) -> None:
        if not is_done:
            self._settled.stop()
        elif not self._settled.isActive():
            self._settled.start()

    def _end_if_done(self) -> None:
        """Quit, as was asked, now that nothing speaks against it any more."""
        if self._question.is_open or self._finishing.is_open:
            self.end_requested.emit()
