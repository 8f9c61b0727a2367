"""Everything that runs jobs in this process, started and stopped in order."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

from pixelcraft_desktop.catalog.control import chosen_workers
from pixelcraft_desktop.catalog.database import DatabaseError
from pixelcraft_desktop.catalog.jobs import Ticket
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.decoders.decoder import Decoder
from pixelcraft_desktop.decoders.memory import MemoryBudget
from pixelcraft_desktop.jobs.allowance import Allowance
from pixelcraft_desktop.jobs.backups import Backups
from pixelcraft_desktop.jobs.broker import Broker
from pixelcraft_desktop.jobs.doorbell import Doorbell
from pixelcraft_desktop.jobs.fault_record import FaultRecord
from pixelcraft_desktop.jobs.feeder import Feeder
from pixelcraft_desktop.jobs.hold import SpaceWatch, hold_queue
from pixelcraft_desktop.jobs.idleness import Idleness
from pixelcraft_desktop.jobs.lanes import Lanes
from pixelcraft_desktop.jobs.persistence import Persistence, TroubleListener
from pixelcraft_desktop.jobs.pipeline import Pipeline
from pixelcraft_desktop.jobs.policy import Policy
from pixelcraft_desktop.jobs.progress import Progress
from pixelcraft_desktop.jobs.rescue import rescue
from pixelcraft_desktop.jobs.returning import Returning
from pixelcraft_desktop.jobs.schedules.maintenance import Maintenance
from pixelcraft_desktop.jobs.timer import Timer
from pixelcraft_desktop.lasting_thread import LastingThread
from pixelcraft_desktop.model import Limits
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

_log = logging.getLogger(__name__)
_LOOK_AROUND_S = 0.25
STOP_GRACE_S = 2.0
_MAINTENANCE_GRACE_S = 0.5  # what it does may be done again


class Engine:
    """Broker, lanes and feeder of one home. Only the holder of its run lock may start one.

    `lane_count` None follows what the user chose, while it runs too. `batch_id` restricts it to
    the jobs of one import. `on_trouble` hears, on any thread, what holds everything up;
    `on_drained` is called once for each time that nothing is left to do. `recovery` is what was
    found of a run that ended badly, None if nothing.
    """

    def __init__(
        self,
        store: Store,
        home: Home,
        settings: Settings,
        lane_count: int | None = None,
        batch_id: int | None = None,
        on_trouble: TroubleListener = lambda _trouble: None,
        on_drained: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._is_following = lane_count is None
        self._lane_count = lane_count or self._wanted_lanes()
        self._fault_record = FaultRecord(home)
        self.recovery = rescue(store, home, self._fault_record.read()).recovery
        self._fault_record.open()
        budget = MemoryBudget(settings.memory_bytes)
        self._progress = Progress(store)
        self._persistence = Persistence(on_trouble)
        self._allowance = Allowance(store)
        self._allowance.look()
        self._pipeline = Pipeline(
            store,
            home,
            self._progress,
            limits_of(settings),
            self._persistence,
            policy_of(settings),
            partial(hold_queue, home),
            self._allowance,
        )
        self._broker = Broker(home.queue, self._work)
        self._lanes = Lanes(
            self._broker, self._lane_count, lambda: Decoder(budget, settings.decoder_deadline_s)
        )
        self._feeder = Feeder(store, self._broker, self._lane_count, self._allowance, batch_id)
        self._timer = Timer(store, settings.retry_longest_delay_s)
        self._idleness = Idleness(store, on_drained)
        self._returning = Returning(store)
        self._maintenance = Maintenance(store, home, settings)
        self._space = SpaceWatch(store, home)
        self._backups = Backups(store, home)
        self._doorbell = Doorbell(home.doorbell)
        self._is_stopping = threading.Event()
        self._watch = LastingThread("doorbell", self._look_around)

    def start(self) -> None:
        """Start to run jobs."""
        self._progress.start()
        self._lanes.start()
        self._feeder.start()
        self._store.listen(self._feeder.wake)
        self._store.listen(self._timer.hear)
        self._store.listen(self._idleness.hear)
        self._timer.start()
        self._idleness.start()
        self._returning.start()
        self._maintenance.start()
        self._space.start()
        self._backups.start()
        self._watch.start()

    def stop(self, grace_s: float = STOP_GRACE_S) -> None:
        """Stop within `grace_s` and a little: pictures in hand are finished or given back."""
        self._is_stopping.set()
        self._persistence.stop()
        self._doorbell.press()
        if self._watch.is_alive():
            self._watch.join()
        self._store.unlisten(self._feeder.wake)
        self._store.unlisten(self._timer.hear)
        self._store.unlisten(self._idleness.hear)
        self._pipeline.close()
        self._returning.stop()
        self._timer.stop()
        self._maintenance.stop(_MAINTENANCE_GRACE_S)
        self._feeder.stop()
        if not self._lanes.stop_lanes(grace_s):
            _log.error("a lane did not end; its job will be rescued at the next start")
        self._progress.stop()
        self._idleness.stop()
        self._space.stop()
        self._backups.stop()
        self._doorbell.close()
        self._broker.close()
        self._fault_record.close()

    def prefer(self, image_ids: Sequence[int]) -> None:
        """Let these pictures go first: somebody is looking at them."""
        self._feeder.prefer(image_ids)

    def suspend(self, is_suspended: bool) -> None:
        """Start no further picture, for now, while those in hand go on; or start some again."""
        self._allowance.suspend(is_suspended)
        self._feeder.wake()

    def run_now(self, schedule: str) -> bool:
        """Run a schedule at once; False if there is none of that name."""
        return self._maintenance.run_now(schedule)

    def _wanted_lanes(self) -> int:
        return chosen_workers(self._store) or self._settings.lane_count

    def _follow_user(self) -> None:
        """Do in this process what was chosen in any: stop what is cancelled, keep to the limit."""
        self._pipeline.revocation.look()
        if self._allowance.look():
            self._feeder.wake()
        self._follow_lane_count()

    def _follow_lane_count(self) -> None:
        wanted = self._wanted_lanes() if self._is_following else self._lane_count
        if wanted != self._lane_count:
            self._lane_count = wanted
            self._feeder.set_lane_count(wanted)
        if wanted != self._lanes.alive_count:  # chosen anew, or one of them died
            self._lanes.set_count(wanted)

    def _work(self, ticket: Ticket) -> None:
        self._feeder.took(ticket)
        try:
            self._pipeline.run(ticket, self._lanes.decoder, self._take_next)
        finally:
            self._feeder.is_through()

    def _take_next(self) -> Ticket | None:
        """Return what the lane may go on with, without a way through the queue's own machinery."""
        if self._lanes.is_leaving:
            return None
        ticket = self._broker.take()
        if ticket is None:
            self._feeder.feed()
            ticket = self._broker.take()
        if ticket is not None:
            self._feeder.took(ticket)
        return ticket

    def _look_around(self) -> None:
        """Follow the lane count; wake feeder and maintenance when another process committed."""
        seen = -1
        while not self._is_stopping.is_set():
            rung = self._doorbell.wait(_LOOK_AROUND_S)
            if not self._doorbell.is_open:
                self._is_stopping.wait(_LOOK_AROUND_S)
            try:
                version = self._store.foreign_version()
                if rung or version != seen:  # first of all: somebody waits for it
                    self._feeder.wake()
                    self._timer.hear()
                    self._idleness.hear()
                self._follow_user()
                self._maintenance.replace_lost()
                # Without a bell, what was asked for in this very process makes no sound.
                if rung or version != seen or not self._doorbell.is_open:
                    self._maintenance.look()
            except DatabaseError:
                _log.exception("can't look at the catalog")
                continue
            seen = version


def policy_of(settings: Settings) -> Policy:
    """Return how often the user wants failed jobs to be tried, and when."""
    return Policy(
        attempts=settings.retry_attempts,
        first_delay_s=settings.retry_first_delay_s,
        factor=settings.retry_factor,
        longest_delay_s=settings.retry_longest_delay_s,
        jitter=settings.retry_jitter,
    )


def limits_of(settings: Settings) -> Limits:
    """Return the limits that the user chose, in the units that decoders know."""
    return Limits(
        pixels=settings.max_megapixels * 1_000_000,
        file_bytes=settings.max_file_mb * 1_000_000,
        whole_file_bytes=settings.max_whole_file_mb * 1_000_000,
        jpeg_scans=settings.max_jpeg_scans,
        metadata_bytes=settings.max_metadata_kb * 1_000,
    )
