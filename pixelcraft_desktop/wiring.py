"""Which wish of the window goes to whom; what comes of it, the window sees as news."""

from __future__ import annotations

import os

from pixelcraft_desktop.jobs.export.progress import ExportProgress
from pixelcraft_desktop.jobs.runner import Runner
from pixelcraft_desktop.jobs.steering import Steering
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.ui import results
from pixelcraft_desktop.ui.announcements import Announcements
from pixelcraft_desktop.ui.failures.clip import DetailsClip
from pixelcraft_desktop.ui.greetings import Greetings
from pixelcraft_desktop.ui.quitting.departure import Departure
from pixelcraft_desktop.ui.window import Window
from pixelcraft_desktop.ui.wishes import Wishes


def connect_window(window: Window, steering: Steering, runner: Runner) -> None:
    """Connect what is done in the window itself: by dropping, by a button beside something."""
    window.files_dropped.connect(steering.add)
    window.announcements.scan_stop_wanted.connect(steering.cancel_scan)
    window.announcements.saving_stop_wanted.connect(steering.stop_saving)
    window.announcements.space_retry_wanted.connect(lambda: steering.set_paused(False))
    window.status.workers_chosen.connect(steering.set_workers)
    window.removal.removal_requested.connect(steering.remove)
    window.removal.restoration_requested.connect(steering.restore)
    window.removal.purge_requested.connect(steering.purge)
    window.cancellation.cancel_requested.connect(steering.cancel)
    window.cancellation.retry_requested.connect(steering.retry)
    window.cancellation.return_requested.connect(steering.bring_back)
    window.postponement.delay_requested.connect(steering.delay)
    window.postponement.promotion_requested.connect(steering.promote)
    window.pace_limit.chosen.connect(steering.limit)
    window.shelf.failures.retry_requested.connect(steering.retry)
    window.shelf.failures.salvage_requested.connect(steering.salvage)
    window.shelf.failures.retry_all_requested.connect(lambda: steering.retry(None))
    window.shelf.gallery.visible_changed.connect(runner.prefer)


def connect_wishes(wishes: Wishes, steering: Steering) -> None:
    """Connect what is asked for by a command: in the tool bar, in a menu, by a key."""
    wishes.pause_requested.connect(steering.set_paused)
    wishes.retry_requested.connect(steering.retry)
    wishes.promotion_requested.connect(steering.promote)
    wishes.do_next_requested.connect(steering.do_next)
    wishes.cleanup_requested.connect(lambda: steering.run_schedule("cleanup"))
    wishes.quit_way_chosen.connect(steering.choose_quit_way)


def connect_details(window: Window, clip: DetailsClip, steering: Steering) -> None:
    """Connect the details of failures, on their way to the clipboard."""
    window.shelf.failures.details_requested.connect(clip.collect)
    clip.attempts_requested.connect(steering.read_attempts)


def connect_greetings(greetings: Greetings, steering: Steering, home: Home) -> None:
    """Connect what the window tells at the start, and who notes that it was told."""
    greetings.restoration_seen.connect(steering.forget_restoration)
    greetings.recovery_told.connect(steering.forget_recovery)
    greetings.report_seen.connect(steering.mark_report_seen)
    greetings.report_wanted.connect(
        lambda week: results.open_file(os.fsencode(home.reports / f"{week}.html"))
    )


def connect_departure(
    departure: Departure, window: Window, wishes: Wishes, steering: Steering, runner: Runner
) -> None:
    """Connect what leads to the end, or to a little more work before it."""
    window.close_requested.connect(departure.close_window)
    wishes.quit_requested.connect(departure.quit)
    departure.suspension_requested.connect(runner.suspend)
    departure.way_chosen.connect(steering.choose_quit_way)


def tell_saving(told: Announcements, departure: Departure, progress: ExportProgress) -> None:
    """Say how far saving is, or how it ended."""
    if progress.is_finished:
        reason = progress.failed[0].reason if progress.failed else None
        cut_off = progress.total - progress.done if progress.was_stopped else 0
        told.tell_saved(progress.saved, len(progress.failed), progress.error or reason, cut_off)
    else:
        told.tell_saving(progress.done, progress.total)
    departure.follow_saving(progress.done, progress.total)
