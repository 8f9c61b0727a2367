"""Wires everything together without a window: import, and the worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from pixelcraft_desktop.catalog.batches import Tally, batch_name, count_batch, last_finish
from pixelcraft_desktop.catalog.control import chosen_workers, is_paused
from pixelcraft_desktop.catalog.jobs import (
    AT_ONCE,
    Terms,
    count_retrying,
    count_states,
    next_run_at,
)
from pixelcraft_desktop.catalog.recovery import Recovery
from pixelcraft_desktop.catalog.store import Store, require_sound
from pixelcraft_desktop.forecast.countdown import Range
from pixelcraft_desktop.jobs.doorbell import ring
from pixelcraft_desktop.jobs.engine import Engine
from pixelcraft_desktop.jobs.file_lock import FileLock
from pixelcraft_desktop.jobs.hold import HoldListener, HoldTeller
from pixelcraft_desktop.jobs.imports import Imports
from pixelcraft_desktop.jobs.intake import Intake
from pixelcraft_desktop.jobs.persistence import TroubleListener
from pixelcraft_desktop.jobs.scan import Skipped
from pixelcraft_desktop.jobs.standstill import StandstillListener, StandstillTeller
from pixelcraft_desktop.model import State, standard_recipe
from pixelcraft_desktop.outlook import Outlook
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings

_LOOK_S = 0.25
_RESUME_S = 2.0
_UNDONE = (State.WAITING, State.DELAYED, State.ACTIVE)


class Ending(Enum):
    """Why a run came to its end."""

    DONE = "done"
    PAUSED = "paused"
    STOPPED = "stopped"
    RECORDED = "recorded"
    OCCUPIED = "occupied"


@dataclass(frozen=True)
class ImportReport:
    """What an import brought."""

    batch_id: int
    tally: Tally
    counts: dict[State, int]
    seconds: float
    ending: Ending
    unreadable: Sequence[Skipped]
    name: str = ""


@dataclass(frozen=True)
class ImportProgress:
    """How far an import is. `retry_in_s`: seconds until a picture is tried again, if one is.

    `time_left` is None as long as it would be a guess, and where nobody asked for it.
    """

    tally: Tally
    counts: dict[State, int]
    is_recorded: bool
    retry_in_s: float | None = None
    time_left: Range | None = None


ImportListener = Callable[[ImportProgress], None]
RecoveryListener = Callable[[Recovery], None]


class ImportRun:
    """One `pixelcraft import`: records its paths, then runs or follows the jobs of its batch.

    With `is_watched` the listener hears how long it still takes.
    """

    def __init__(
        self,
        home: Home,
        settings: Settings,
        stop: threading.Event,
        listener: ImportListener,
        on_trouble: TroubleListener = lambda _trouble: None,
        on_hold: HoldListener = lambda _hold: None,
        on_recovery: RecoveryListener = lambda _recovery: None,
        on_standstill: StandstillListener = lambda _standstill: None,
        is_watched: bool = False,
    ) -> None:
        self._is_watched = is_watched
        self._outlook: Outlook | None = None
        self._on_trouble = on_trouble
        self._on_recovery = on_recovery
        self._home = home
        self._settings = settings
        self._stop = stop
        self._listener = listener
        self._store = Store(home.catalog)
        self._holds = HoldTeller(self._store, on_hold)
        self._standstills = StandstillTeller(self._store, on_standstill)
        self._lock = FileLock(home.run_lock)
        self._engine: Engine | None = None

    def run(
        self,
        paths: Sequence[bytes],
        lane_count: int | None,
        wait: bool,
        terms: Terms = AT_ONCE,
    ) -> ImportReport:
        """Record the absolute paths; with `wait`, stay until their jobs are done.

        `lane_count` None follows what the user chose.
        """
        intake = Intake(
            self._store,
            self._home,
            paths,
            standard_recipe(self._settings.webp_effort),
            self._stop.is_set,
            terms=terms,
        )
        recorder = _Recorder(intake)
        try:
            recorder.start()
            ending = self._follow(intake, recorder, lane_count, wait)
            recorder.finish()
        finally:
            if self._engine is not None:
                self._engine.stop()
            self._lock.release()
        if self._engine is None:
            ring(self._home.doorbell)
        return self._report(intake, ending)

    def close(self) -> None:
        """Close the catalog."""
        self._store.close()

    def _follow(
        self, intake: Intake, recorder: _Recorder, lane_count: int | None, wait: bool
    ) -> Ending:
        changed = threading.Event()
        self._store.listen(changed.set)
        while True:
            if wait:
                self._run_if_free(intake.batch_id, lane_count)
            require_sound(self._store)
            self._holds.look()
            is_recorded = not recorder.is_alive()
            counts = count_batch(self._store, intake.batch_id)
            is_moving = counts[State.WAITING] > 0 or counts[State.ACTIVE] > 0
            left = self._foresee(intake, lane_count) if is_recorded and is_moving else None
            self._tell(intake, counts, is_recorded, left)
            ending = self._ending(counts, is_recorded, wait)
            if ending is not None:
                return ending
            if is_recorded:
                self._standstills.look(intake.batch_id, counts)
            if changed.wait(_LOOK_S) and self._engine is None:
                ring(self._home.doorbell)  # what we recorded is another process's work
            changed.clear()

    def _foresee(self, intake: Intake, lane_count: int | None) -> Range | None:
        # Where another process runs the home, other imports may be before this one.
        if not self._is_watched or self._engine is None:
            return None
        if self._outlook is None:
            self._outlook = Outlook(self._store, intake.batch_id)
        chosen = lane_count or chosen_workers(self._store) or self._settings.lane_count
        return self._outlook.look(chosen)

    def _tell(
        self,
        intake: Intake,
        counts: dict[State, int],
        is_recorded: bool,
        time_left: Range | None,
    ) -> None:
        run_at = next_run_at(self._store, intake.batch_id) if counts[State.DELAYED] else None
        retry_in_s = None
        if run_at is not None:
            retry_in_s = max(0.0, datetime.fromisoformat(run_at).timestamp() - time.time())
        self._listener(ImportProgress(intake.tally, counts, is_recorded, retry_in_s, time_left))

    def _ending(self, counts: dict[State, int], is_recorded: bool, wait: bool) -> Ending | None:
        if self._stop.is_set():
            return Ending.STOPPED
        if not is_recorded:
            return None
        if not wait:
            return Ending.RECORDED
        if not any(counts[state] for state in _UNDONE):
            return Ending.DONE
        if is_paused(self._store) and not counts[State.ACTIVE]:
            return Ending.PAUSED
        return None

    def _run_if_free(self, batch_id: int, lane_count: int | None) -> None:
        """Run the jobs ourselves as soon as no other process runs this home."""
        if self._engine is None and self._lock.acquire():
            engine = Engine(
                self._store, self._home, self._settings, lane_count, batch_id, self._on_trouble
            )
            if engine.recovery is not None:
                self._on_recovery(engine.recovery)
            engine.start()
            self._engine = engine

    def _report(self, intake: Intake, ending: Ending) -> ImportReport:
        finished = last_finish(self._store, intake.batch_id)
        began = intake.first_recorded
        seconds = 0.0
        if began is not None:
            end = datetime.fromisoformat(finished).timestamp() if finished else time.time()
            seconds = max(0.0, end - began)
        return ImportReport(
            intake.batch_id,
            intake.tally,
            count_batch(self._store, intake.batch_id),
            round(seconds, 3),
            ending,
            intake.unreadable,
            batch_name(self._store, intake.batch_id),
        )


class _Recorder:
    """Runs an intake on a thread of its own, and hands on what it raised."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def finish(self) -> None:
        """Wait for the end. Raises what the intake raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._intake.run()
        except BaseException as error:  # re-raised by `finish`, on the thread that waits
            self._error = error


def run_worker(
    home: Home,
    settings: Settings,
    lane_count: int | None,
    until_idle: bool,
    stop: threading.Event,
    on_trouble: TroubleListener,
    on_hold: HoldListener = lambda _hold: None,
    on_recovery: RecoveryListener = lambda _recovery: None,
    on_drained: Callable[[], None] = lambda: None,
) -> Ending:
    """Run jobs until stopped, or until nothing is left to do; `lane_count` as for an import."""
    lock = FileLock(home.run_lock)
    if not lock.acquire():
        return Ending.OCCUPIED
    store = Store(home.catalog)
    engine = Engine(store, home, settings, lane_count, on_trouble=on_trouble, on_drained=on_drained)
    imports = Imports(store, home, standard_recipe(settings.webp_effort))
    changed = threading.Event()
    store.listen(changed.set)
    holds = HoldTeller(store, on_hold)
    try:
        if engine.recovery is not None:
            on_recovery(engine.recovery)
        engine.start()
        next_resume = 0.0
        while not stop.is_set():
            require_sound(store)
            holds.look()
            if time.monotonic() >= next_resume:  # also what others began and did not live to end
                imports.resume()
                next_resume = time.monotonic() + _RESUME_S
            if until_idle and not imports.is_scanning() and _is_idle(store):
                return Ending.PAUSED if is_paused(store) else Ending.DONE
            changed.wait(_LOOK_S)
            changed.clear()
        return Ending.STOPPED
    finally:
        imports.stop()
        engine.stop()
        lock.release()
        store.close()


def _is_idle(store: Store) -> bool:
    """Tell whether nothing is left to do; what the user put off until later is not."""
    counts = count_states(store)
    if counts[State.ACTIVE]:
        return False
    return is_paused(store) or not (counts[State.WAITING] or count_retrying(store))
