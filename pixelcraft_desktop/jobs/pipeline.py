"""One job from claim to publish. Knows no Huey: a plain function of ticket and decoder."""

from __future__ import annotations

import logging
import os
import traceback
from dataclasses import dataclass, field

from pixelcraft_desktop.catalog import jobs
from pixelcraft_desktop.catalog.database import OperationalError, is_full
from pixelcraft_desktop.catalog.images import save_facts
from pixelcraft_desktop.catalog.jobs import Claim, Ticket
from pixelcraft_desktop.catalog.renditions import make_current, sound_files
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.decoders.decoder import DecodeError, Decoder, Interrupted
from pixelcraft_desktop.filenames import display_name
from pixelcraft_desktop.imaging.output import (
    TEMPORARY_SUFFIX,
    output_failure,
    remove_quietly,
)
from pixelcraft_desktop.imaging.render import Order
from pixelcraft_desktop.jobs.persistence import Persistence
from pixelcraft_desktop.jobs.progress import Progress
from pixelcraft_desktop.model import (
    Cause,
    Failure,
    KnownFailure,
    Limits,
    Recipe,
    Rendered,
    Rendering,
    Stage,
)
from pixelcraft_desktop.paths import Home

_log = logging.getLogger(__name__)


@dataclass
class _Attempt:
    """A claim being worked on: the stage it is in, and the files it makes."""

    claim: Claim
    stage: Stage = Stage.READING
    finals: dict[str, str] = field(default_factory=dict)
    temporaries: dict[str, str] = field(default_factory=dict)


class Pipeline:
    """Claims, renders, publishes; whatever happens, the job ends in a state."""

    def __init__(
        self,
        store: Store,
        home: Home,
        progress: Progress,
        limits: Limits,
        persistence: Persistence,
    ) -> None:
        self._store = store
        self._persistence = persistence
        self._home = home
        self._progress = progress
        self._limits = limits

    def run(self, ticket: Ticket, decoder: Decoder) -> None:
        """Do the job if it is still waiting with this token; else drop the message."""
        claim = self._persistence.write(lambda: jobs.claim(self._store, ticket))
        if claim is None:
            return
        attempt = _Attempt(claim)
        try:
            self._work(attempt, decoder)
        except Interrupted:
            self._give_back(attempt)
        except OperationalError as error:
            self._end_unpublished(attempt, error)
        except DecodeError as error:
            self._fail(attempt, error.failure)
        except KnownFailure as error:
            self._fail(attempt, Failure(error.cause, error.message, traceback.format_exc()))
        except Exception:
            _log.exception("job %d", ticket.job_id)
            text = "Something went wrong in PixelCraft itself."
            self._fail(attempt, Failure(Cause.INTERNAL_ERROR, text, traceback.format_exc()))
        finally:
            self._progress.forget(claim.ticket)
            for path in attempt.temporaries.values():
                remove_quietly(path)

    def _work(self, attempt: _Attempt, decoder: Decoder) -> None:
        claim = attempt.claim
        recipe = Recipe.from_json(claim.recipe)
        for spec in recipe.renditions:
            name = f"{claim.image_id}-{claim.ticket.token}.{spec.format}"
            final = str(self._home.output_folder(spec.name) / name)
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
        self._publish(attempt, rendering)

    def _known_content(self, claim: Claim, recipe: Recipe) -> str | None:
        """Return the hash of what is rendered already, if every file of it is there.

        What was salvaged does not count: that it is damaged has to come up again.
        """
        files = sound_files(self._store, claim.image_id, claim.recipe)
        for spec in recipe.renditions:
            file = files.get(spec.name)
            if file is None or not (self._home.output_folder(spec.name) / file).is_file():
                return None
        return claim.sha256

    def _publish(self, attempt: _Attempt, rendering: Rendering) -> None:
        """Move the files in, then make them current in one commit, then let the older ones go.

        A job whose token moved on meanwhile takes its files away again.
        """
        claim = attempt.claim
        made: list[tuple[Rendered, str]] = []
        if not rendering.unchanged:
            self._move_in(attempt)
            made = [(r, os.path.basename(attempt.finals[r.name])) for r in rendering.renditions]
        older: list[tuple[str, str]] = []
        is_ours = False
        try:
            with self._store.transaction() as tx:
                is_current = jobs.finish(tx, claim.ticket)
                if is_current:
                    save_facts(tx, claim.image_id, _facts(rendering))
                if is_current and made:
                    older = make_current(
                        tx, claim.image_id, claim.recipe, made, rendering.is_damaged
                    )
            is_ours = is_current
        finally:
            if made and not is_ours:
                for path in attempt.finals.values():
                    remove_quietly(path)
        for name, file in older:
            remove_quietly(str(self._home.output_folder(name) / file))

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
            self._give_back(attempt)

    def _give_back(self, attempt: _Attempt) -> None:
        ticket = attempt.claim.ticket
        self._persistence.write(lambda: jobs.give_back(self._store, [ticket]))

    def _fail(self, attempt: _Attempt, failure: Failure) -> None:
        ticket, stage = attempt.claim.ticket, attempt.stage
        trace = None if failure.traceback is None else _storable(failure.traceback)
        failure = Failure(failure.cause, _storable(failure.message), trace)
        self._persistence.write(lambda: jobs.fail(self._store, ticket, failure, stage))


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
