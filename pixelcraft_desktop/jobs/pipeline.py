"""One job from claim to publish. Knows no Huey: a plain function of ticket and decoder."""

from __future__ import annotations

import logging
import os
import random
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from pixelcraft_desktop.catalog import transitions
from pixelcraft_desktop.catalog.database import OperationalError, is_full
from pixelcraft_desktop.catalog.images import save_facts
from pixelcraft_desktop.catalog.jobs import Claim, Ticket, runs_alone
from pixelcraft_desktop.catalog.renditions import make_current, sound_files
from pixelcraft_desktop.catalog.store import Store, Transaction, timestamp
from pixelcraft_desktop.catalog.transitions import Defeat, Effort
from pixelcraft_desktop.decoders.decoder import DecodeError, Decoder, Interrupted
from pixelcraft_desktop.filenames import display_name
from pixelcraft_desktop.imaging.output import (
    TEMPORARY_SUFFIX,
    output_failure,
    remove_quietly,
)
from pixelcraft_desktop.imaging.render import Order
from pixelcraft_desktop.jobs.allowance import Allowance
from pixelcraft_desktop.jobs.gate import Gate
from pixelcraft_desktop.jobs.persistence import Persistence
from pixelcraft_desktop.jobs.policy import Action, Decision, Policy
from pixelcraft_desktop.jobs.progress import Progress
from pixelcraft_desktop.jobs.revocation import Revocation
from pixelcraft_desktop.model import (
    Cause,
    Failure,
    KnownFailure,
    Limits,
    Reason,
    Recipe,
    Rendered,
    Rendering,
    Stage,
)
from pixelcraft_desktop.paths import Home

_log = logging.getLogger(__name__)
_STANDARD = Policy()
Taker = Callable[[], Ticket | None]  # brings the next message at hand, at once


@dataclass
class _Attempt:
    """A claim being worked on: the stage it is in, and the files it makes."""

    claim: Claim
    stage: Stage = Stage.READING
    finals: dict[str, str] = field(default_factory=dict)
    temporaries: dict[str, str] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    # What comes after it, and the claim on it where that was a part of this one's last commit.
    next_ticket: Ticket | None = None
    next_claim: Claim | None = None

    def effort(self, peak_memory_bytes: int | None) -> Effort:
        """Return what it took until now."""
        return Effort(round(1000 * (time.monotonic() - self.began)), peak_memory_bytes)


class Pipeline:
    """Claims, renders, publishes; whatever happens, the job ends in a state.

    `hold` stops the whole queue, in the transaction given, for a failure that no retry helps
    before somebody acts; without it such a job is tried again as any other.
    """

    def __init__(
        self,
        store: Store,
        home: Home,
        progress: Progress,
        limits: Limits,
        persistence: Persistence,
        policy: Policy = _STANDARD,
        hold: Callable[[Transaction, Failure], None] | None = None,
        allowance: Allowance | None = None,
    ) -> None:
        self.revocation = Revocation(store)
        self._allowance = allowance or Allowance(store)
        self._gate = Gate()
        self._folders: dict[str, str] = {}
        self._policy = policy
        self._hold = hold
        self._store = store
        self._persistence = persistence
        self._home = home
        self._progress = progress
        self._limits = limits

    def run(self, ticket: Ticket, decoder: Decoder, take: Taker = lambda: None) -> None:
        """Do the job if it is still waiting with this token; else drop the message.

        Go on with what `take` brings: a next job is claimed in the commit that ends the one before.
        """
        following: Ticket | None = ticket
        while following is not None:
            following = self._run_beside(following, decoder, take)

    def close(self) -> None:
        """Claim no more jobs; those in hand are finished."""
        self._gate.close()

    def _run_beside(self, ticket: Ticket, decoder: Decoder, take: Taker) -> Ticket | None:
        """Do jobs beside those of other lanes; return the first that could not be claimed so."""
        following: Ticket | None = None
        with self._gate.enter(alone=False) as is_open:
            first = claim = self._claim(ticket, is_alone=False) if is_open else None
            while claim is not None:
                attempt = self._attempt(claim, decoder, take)
                following, claim = attempt.next_ticket, attempt.next_claim
        if is_open and first is None:
            self._run_alone(ticket, decoder)
        return following

    def _run_alone(self, ticket: Ticket, decoder: Decoder) -> None:
        """Do the job if it is one that may only run with nobody beside it."""
        if not self._persistence.write(lambda: runs_alone(self._store, ticket)):
            return
        with self._gate.enter(alone=True) as is_open:
            claim = self._claim(ticket, is_alone=True) if is_open else None
            if claim is not None:
                self._attempt(claim, decoder, lambda: None)

    def _claim(self, ticket: Ticket, is_alone: bool) -> Claim | None:
        if not self._allowance.take():
            return None  # fed too early: the feeder knows when there is room again
        most = self._policy.attempts
        claim: Claim | None = None
        try:
            claim = self._persistence.write(
                lambda: transitions.claim(self._store, ticket, most, is_alone)
            )
        finally:
            self._settle(claim)
        return claim

    def _settle(self, claim: Claim | None) -> None:
        """Count the start that was reserved, if it came to a claim."""
        if claim is None:
            self._allowance.put_back()
        else:
            self._allowance.start()

    def _attempt(self, claim: Claim, decoder: Decoder, take: Taker) -> _Attempt:
        """Do what was claimed, and record how it ended."""
        attempt = _Attempt(claim)
        try:
            with self.revocation.watching(claim.ticket, decoder), _litter_of(attempt):
                self._work(attempt, decoder, take)
        except Interrupted:
            self._give_back(claim)
        except OperationalError as error:
            self._end_unpublished(attempt, error)
        except DecodeError as error:
            self._fail(attempt, error.failure)
        except KnownFailure as error:
            self._fail(attempt, Failure(error.cause, error.message, traceback.format_exc()))
        except Exception:
            _log.exception("job %d", claim.ticket.job_id)
            text = "Something went wrong in PixelCraft itself."
            self._fail(attempt, Failure(Cause.INTERNAL_ERROR, text, traceback.format_exc()))
        except BaseException:
            # Ends the lane, which the engine replaces; the picture must not stay active for ever.
            text = f"The worker {threading.current_thread().name} stopped answering."
            self._fail(attempt, Failure(Cause.WORKER_LOST, text, traceback.format_exc()))
            raise
        finally:
            self._progress.forget(claim.ticket)
        return attempt

    def _work(self, attempt: _Attempt, decoder: Decoder, take: Taker) -> None:
        claim = attempt.claim
        recipe = Recipe.from_json(claim.recipe)
        for spec in recipe.renditions:
            name = f"{claim.image_id}-{claim.ticket.token}.{spec.format}"
            final = os.path.join(self._folder(spec.name), name)
            attempt.finals[spec.name] = final
            attempt.temporaries[spec.name] = final + TEMPORARY_SUFFIX
        order = Order(
            source=claim.path,
            recipe=recipe,
            targets=attempt.temporaries,
            limits=self._limits,
            known_sha256=self._known_content(claim, recipe),
            salvage=claim.salvage,
        )

        def listen(stage: Stage, progress: int) -> None:
            attempt.stage = stage
            self._progress.tell(claim.ticket, stage, progress)

        rendering = decoder.render(order, listen)
        listen(Stage.SAVING, _percent_before_saving(recipe))
        attempt.next_ticket = None if self._gate.is_wanted else take()
        self._publish(attempt, rendering)

    def _folder(self, rendition: str) -> str:
        """Return the output folder as text; pathlib takes 30 µs to put it together."""
        folder = self._folders.get(rendition)
        if folder is None:
            folder = self._folders[rendition] = str(self._home.output_folder(rendition))
        return folder

    def _known_content(self, claim: Claim, recipe: Recipe) -> str | None:
        """Return the hash of what is rendered already, if every file of it is there.

        What was salvaged does not count: that it is damaged has to come up again.
        """
        if claim.sha256 is None:
            return None
        files = sound_files(self._store, claim.image_id, claim.recipe)
        for spec in recipe.renditions:
            file = files.get(spec.name)
            if file is None or not os.path.isfile(os.path.join(self._folder(spec.name), file)):
                return None
        return claim.sha256

    def _publish(self, attempt: _Attempt, rendering: Rendering) -> None:
        """Move the files in, then make them current in one commit, then let the older ones go.

        A job whose token moved on meanwhile takes its files away again.
        """
        made: list[tuple[Rendered, str]] = []
        if not rendering.unchanged:
            self._move_in(attempt)
            made = [(r, os.path.basename(attempt.finals[r.name])) for r in rendering.renditions]
        attempt.temporaries.clear()  # moved in, or never made
        older: list[tuple[str, str]] | None = None
        try:
            older = self._commit(attempt, rendering, made)
        finally:
            if made and older is None:
                for path in attempt.finals.values():
                    remove_quietly(path)
        for name, file in older or ():
            remove_quietly(os.path.join(self._folder(name), file))

    def _commit(
        self, attempt: _Attempt, rendering: Rendering, made: list[tuple[Rendered, str]]
    ) -> list[tuple[str, str]] | None:
        """End this job and begin the next; return what its files replace, None if it isn't ours."""
        claim, following = attempt.claim, attempt.next_ticket
        may_go_on = following is not None and self._allowance.take()
        next_claim: Claim | None = None
        older: list[tuple[str, str]] = []
        try:
            with self._store.transaction() as tx:
                effort = attempt.effort(rendering.peak_memory_bytes)
                is_current = transitions.finish(tx, claim.ticket, effort)
                if is_current:
                    save_facts(tx, claim.image_id, _facts(rendering))
                if is_current and made:
                    older = make_current(
                        tx, claim.image_id, claim.recipe, made, rendering.is_damaged
                    )
                if following is not None and may_go_on:
                    most = self._policy.attempts
                    next_claim = transitions.claim_in(tx, following, most, is_alone=False)
            attempt.next_claim = next_claim
        finally:
            if may_go_on:
                self._settle(attempt.next_claim)
        return older if is_current else None

    def _move_in(self, attempt: _Attempt) -> None:
        for name, final in attempt.finals.items():
            try:
                os.replace(attempt.temporaries[name], final)
                _sync_folder(os.path.dirname(final))
            except OSError as error:
                for path in attempt.finals.values():
                    remove_quietly(path)
                raise output_failure(final, error) from error

    def _end_unpublished(self, attempt: _Attempt, error: Exception) -> None:
        """End an attempt whose results the catalog refused; its files are gone again."""
        _log.warning("job %d was not published: %s", attempt.claim.ticket.job_id, error)
        if is_full(error):
            place = display_name(os.fsencode(self._home.root))
            text = f"No space left for the catalog in {place}."
            self._fail(attempt, Failure(Cause.DISK_FULL, text, traceback.format_exc()))
        else:  # locked for too long, or the drive stumbled: the picture is not to blame
            self._give_back(attempt.claim)

    def _give_back(self, claim: Claim) -> None:
        self._persistence.write(lambda: transitions.give_back(self._store, [claim.ticket]))

    def _fail(self, attempt: _Attempt, failure: Failure) -> None:
        """End an attempt that failed as the policy says: for good, for now, or not at all."""
        claim = attempt.claim
        chance = random.random()  # noqa: S311 - spreads retries, keeps no secret
        trace = None if failure.traceback is None else _storable(failure.traceback)
        stored = replace(failure, message=_storable(failure.message), traceback=trace)
        situation = (failure.cause, claim.attempt, claim.is_lone, chance)
        decision = self._policy.decide(*situation)
        if decision.action is Action.HOLD:
            if self._hold is not None:
                self._persistence.write(lambda: self._hold_all(claim.ticket, stored))
                return
            decision = self._policy.retry_or_fail(*situation)
        effort = attempt.effort(failure.peak_memory_bytes)
        defeat = Defeat(stored, attempt.stage, decision.max_attempts, effort)
        self._persistence.write(lambda: self._end(claim.ticket, defeat, decision))

    def _hold_all(self, ticket: Ticket, failure: Failure) -> None:
        with self._store.transaction() as tx:
            if transitions.give_one_back(tx, ticket, Reason.HELD) and self._hold is not None:
                self._hold(tx, failure)

    def _end(self, ticket: Ticket, defeat: Defeat, decision: Decision) -> bool:
        if decision.action is Action.FAIL:
            return transitions.fail(self._store, ticket, defeat)
        # Rounded up to the next millisecond: no retry comes too early.
        pause = timedelta(seconds=decision.delay_s, microseconds=999)
        run_at = timestamp(datetime.now(UTC) + pause)
        return transitions.delay(self._store, ticket, defeat, run_at, decision.is_lone)


@contextmanager
def _litter_of(attempt: _Attempt) -> Iterator[None]:
    """Remove what the block leaves half made, before its end is recorded: a kill may come between.

    The next start looks after the files of claims that were active, and only after those.
    """
    try:
        yield
    finally:
        for path in attempt.temporaries.values():
            remove_quietly(path)


def _storable(text: str) -> str:
    """Return the text without what SQLite refuses: halves of characters, from odd file names."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _percent_before_saving(recipe: Recipe) -> int:
    """Return the progress at which all renditions are made and only saving is left."""
    steps = len(recipe.renditions) + 2
    return 100 * (steps - 1) // steps


def _facts(rendering: Rendering) -> dict[str, object]:
    # Content that was known was not decoded again: what was noted then still holds.
    notes = {} if rendering.unchanged else {"notes": rendering.notes}
    return {
        "sha256": rendering.sha256,
        "format": rendering.format,
        "width": rendering.width,
        "height": rendering.height,
        "mode": rendering.mode,
        "bit_depth": rendering.bit_depth,
        "size_bytes": rendering.size_bytes,
        "metadata": rendering.metadata,
        **notes,
    }


def _sync_folder(path: str) -> None:
    """Have the new name on the disk too: a commit must not outlive the file it names."""
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
