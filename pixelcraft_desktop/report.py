"""How the command line shows things: JSON for programs, lines for people."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import click

from pixelcraft_desktop.catalog.control import Hold
from pixelcraft_desktop.catalog.recovery import Recovery
from pixelcraft_desktop.filenames import printable
from pixelcraft_desktop.headless import Ending, ImportProgress, ImportReport
from pixelcraft_desktop.jobs.standstill import Standstill
from pixelcraft_desktop.model import State
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.sentences import duration, note_sentence, time_left

_Row = Mapping[str, Any]
_BAR_LABEL = "Making results"


def write_json(value: Any) -> None:
    """Write one JSON document, all ASCII, to standard output."""
    json.dump(value, sys.stdout, indent=2)
    sys.stdout.write("\n")


def plural(count: int, noun: str) -> str:
    """Return "1 job", "2 jobs"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def write_trouble(trouble: str | None) -> None:
    """Say on standard error what holds the jobs up, or that it is over (None)."""
    if trouble is None:
        click.echo("The catalog can be written again; going on.", err=True)
    else:
        click.echo(
            f"The catalog can't be written: {printable(trouble)}. "
            "PixelCraft waits, and goes on as soon as it can.",
            err=True,
        )


def write_hold(hold: Hold | None) -> None:
    """Say on standard error why the queue is held, or that it goes on (None)."""
    if hold is None:
        click.echo("There is space again; going on.", err=True)
    else:
        click.echo(f"{hold_line(hold)} PixelCraft waits, and goes on when there is.", err=True)


def hold_line(hold: Hold) -> str:
    """Return why the queue is held, and what it needs."""
    megabytes = math.ceil(hold.needed_bytes / 1_000_000)
    return f"{printable(hold.message)} {megabytes:,} MB are needed there."


def write_standstill(standstill: Standstill) -> None:
    """Say on standard error why nothing is worked on."""
    start = "\r\x1b[K" if sys.stderr.isatty() else ""  # in the place of the bar
    click.echo(f"{start}{standstill_line(standstill)}", err=True)


def standstill_line(standstill: Standstill) -> str:
    """Return "Waiting until 22:00 for 12 pictures (delayed)." and the like."""
    pictures = plural(standstill.count, "picture")
    if standstill.until is not None:
        return f"Waiting until {_clock(standstill.until)} for {pictures} (delayed)."
    rate = "" if standstill.limit is None else standstill.limit.in_words()
    wait = "waits" if standstill.count == 1 else "wait"
    return f"{pictures} {wait}: at most {rate} are started (`pixelcraft limit off` ends that)."


def _clock(moment: str) -> str:
    """Return a catalog time as the clock on the wall shows it; another day with its date."""
    here = datetime.fromisoformat(moment).astimezone()
    now = datetime.now(UTC).astimezone()
    form = "%H:%M" if (here - now).total_seconds() >= 3600 else "%H:%M:%S"
    return f"{here:{form}}" if here.date() == now.date() else f"{here:%Y-%m-%d {form}}"


def write_recovery(recovery: Recovery) -> None:
    """Say on standard error what became of the pictures that a bad end of the program cut off."""
    click.echo(recovery_line(recovery), err=True)


def write_drained() -> None:
    """Say on standard error that nothing is left to do, for now."""
    click.echo("Everything is done; waiting for more.", err=True)


def recovery_line(recovery: Recovery) -> str:
    """Return what a start found of the run before: "Resumed 2 pictures that were cut off."."""
    told = []
    if recovery.resumed:
        were = "was" if recovery.resumed == 1 else "were"
        told.append(f"Resumed {plural(recovery.resumed, 'picture')} that {were} cut off.")
    if recovery.suspects:
        told.append("PixelCraft had crashed, so these are done first, one at a time.")
    if recovery.set_aside:
        was, it = ("was", "it") if recovery.set_aside == 1 else ("were", "each of them")
        told.append(
            f"{plural(recovery.set_aside, 'picture')} {was} set aside: "
            f"PixelCraft crashed twice while reading {it}."
        )
    return " ".join(told)


class ImportBar:
    """A progress bar on standard error, where that is a terminal and `is_shown`."""

    def __init__(self, is_shown: bool) -> None:
        self.is_shown = is_shown and sys.stderr.isatty()
        self._bar: Any = None

    def __enter__(self) -> ImportBar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.__exit__(kind, error, trace)
        elif self.is_shown:
            click.echo("\r\x1b[K", nl=False, err=True)

    def show(self, progress: ImportProgress) -> None:
        """Show how far scan and jobs are. The bar has its length once the scan is done."""
        if not self.is_shown:
            return
        counts = progress.counts
        total = sum(counts.values())
        if not progress.is_recorded:
            found = plural(progress.tally.found, "picture")
            click.echo(f"\rLooking for pictures… {found}\x1b[K", nl=False, err=True)
            return
        if self._bar is None and total:
            click.echo("\r\x1b[K", nl=False, err=True)
            self._bar = click.progressbar(
                length=total,
                label=_BAR_LABEL,
                file=sys.stderr,
                show_pos=True,
                show_eta=False,  # it only counts
                item_show_func=lambda text: text,
            )
            self._bar.__enter__()
        if self._bar is not None:
            self._bar.label = _bar_label(progress)
            left = progress.time_left
            self._bar.current_item = None if left is None else time_left(left.low, left.high)
            done = counts[State.COMPLETED] + counts[State.FAILED] + counts[State.CANCELLED]
            self._bar.update(done - self._bar.pos)
            self._bar.render_progress()


def _bar_label(progress: ImportProgress) -> str:
    """Return what is being done; where nothing is but delayed, how long yet."""
    is_working = progress.counts[State.WAITING] or progress.counts[State.ACTIVE]
    if is_working or progress.retry_in_s is None:
        return _BAR_LABEL
    return f"Going on in {math.ceil(progress.retry_in_s)} s"


def import_fields(report: ImportReport) -> dict[str, Any]:
    """Return what `import --json` says."""
    return {
        "batch": report.batch_id,
        "found": report.tally.found,
        "imported": report.tally.imported,
        "duplicates": report.tally.duplicates,
        "skipped": report.tally.skipped,
        "completed": report.counts[State.COMPLETED],
        "failed": report.counts[State.FAILED],
        "seconds": report.seconds,
    }


def write_import(report: ImportReport, home: Home) -> None:
    """Tell in a few lines what an import brought."""
    tally, counts = report.tally, report.counts
    aside = [f"{tally.duplicates:,} known already"] if tally.duplicates else []
    aside += [f"{plural(tally.skipped, 'other file')} left alone"] if tally.skipped else []
    tail = f" ({', '.join(aside)})" if aside else ""
    name = f"{printable(report.name)}: " if report.name else ""
    click.echo(f"{name}{plural(tally.found, 'picture')} found{tail}.")
    if report.ending is Ending.RECORDED:
        waiting = plural(counts[State.WAITING], "picture")
        click.echo(f"{waiting} waiting; `pixelcraft worker` works on them.")
        return
    took = f"{report.seconds:.1f} s" if report.seconds < 90 else duration(report.seconds)
    click.echo(f"{counts[State.COMPLETED]:,} completed in {took}.")
    if counts[State.FAILED]:
        click.echo(f"{counts[State.FAILED]:,} failed; `pixelcraft jobs --state failed` says why.")
    if counts[State.CANCELLED]:
        click.echo(f"{counts[State.CANCELLED]:,} cancelled.")
    left = counts[State.WAITING] + counts[State.DELAYED]
    if left:
        click.echo(f"{plural(left, 'picture')} left waiting; nothing is lost.")
    click.echo(f"Results: {printable(str(home.outputs))}")


def write_status(fields: _Row, hold: Hold | None = None) -> None:
    """Show the counts, one a line, and what holds the queue up."""
    for name, value in fields.items():
        if name != "paused":
            click.echo(f"{name:<10} {value:>8,}")
    if fields["paused"]:
        click.echo("The queue is paused.")
    if hold is not None:
        click.echo(f"The queue is held: {hold_line(hold)} It goes on when there is.")


def image_fields(row: _Row, home: Home) -> dict[str, Any]:
    """Return an image as `images --json` shows it."""
    return {
        "id": row["id"],
        "source": row["source"],
        "sha256": row["sha256"],
        "format": row["format"],
        "width": row["width"],
        "height": row["height"],
        "bytes": row["size_bytes"],
        "state": row["state"],
        "thumbnail": _output(home, "thumbnail", row["thumbnail"]),
        "preview": _output(home, "preview", row["preview"]),
        "metadata": json.loads(row["metadata"]) if row["metadata"] else None,
        "job_id": row["job_id"],
    }


def write_images(rows: Sequence[_Row]) -> None:
    """Show one image a line, and under it what was lost or assumed."""
    for row in rows:
        size = f"{row['width']}×{row['height']}" if row["width"] else ""
        source = printable(row["source"])
        click.echo(f"{row['id']:>6}  {row['state'] or '':<10} {size:>12}  {source}")
        notes = json.loads(row["notes"]) if row["notes"] else []
        if notes:
            click.echo(f"        {printable(' · '.join(map(note_sentence, notes)))}")


def write_jobs(rows: Sequence[_Row]) -> None:
    """Show one job a line, and under it why it failed."""
    for row in rows:
        percent = f"{row['progress']:>3} %"
        click.echo(f"{row['id']:>6}  {row['state']:<10} {percent}  {printable(row['source'])}")
        if row["cause"]:
            click.echo(f"        {row['cause']}: {printable(row['message'] or '')}")


def write_job(row: _Row, attempts: Sequence[_Row]) -> None:
    """Show one job and its attempts."""
    write_jobs([row])
    for attempt in attempts:
        outcome = attempt["cause"] or "completed"
        span = f"{attempt['started_at']} – {attempt['finished_at']}"
        click.echo(f"        attempt {attempt['number']}: {span}  {outcome}")


def write_cleanup(fields: _Row) -> None:
    """Tell what was removed; file by file where it only would be."""
    if fields["dry_run"]:
        for path in fields["files"]:
            click.echo(printable(path))
    temporary = plural(fields["temporary_files"], "unfinished file")
    orphaned = plural(fields["orphaned_outputs"], "result")
    would = "would be " if fields["dry_run"] else ""
    size = f"{fields['bytes_freed']:,} bytes"
    click.echo(f"{temporary} and {orphaned} nobody needs {would}removed ({size}).")
    if fields["purged_images"]:
        pictures = plural(fields["purged_images"], "removed picture")
        click.echo(f"{pictures} {would}forgotten for good.")


def _output(home: Home, rendition: str, file: str | None) -> str | None:
    return None if file is None else str(home.output_folder(rendition) / file)


def write_batches(rows: Sequence[_Row]) -> None:
    """Show the imports: when, the states their jobs are in, and of what."""
    for row in rows:
        counts = [f"{row[state.value]:,} {state.value}" for state in State if row[state.value]]
        shown = ", ".join(counts) or "no pictures"
        name = printable(row["name"])
        click.echo(f"{row['id']:>6}  {row['created_at']}  {_percent_done(row):>5}  {name}: {shown}")


def _percent_done(row: _Row) -> str:
    """Return how much of a batch is done: "91 %", and "100 %" only when all is."""
    done = row[State.COMPLETED] + row[State.FAILED]
    left = row[State.WAITING] + row[State.DELAYED] + row[State.ACTIVE]
    return f"{min(100 * done // (done + left), 99 if left else 100)} %" if done + left else ""


def write_events(rows: Sequence[_Row]) -> None:
    """Show transitions, one a line."""
    for row in rows:
        move = f"{row['old_state'] or 'new'} → {row['new_state']}"
        why = " ".join(filter(None, (row["reason"], row["cause"])))
        click.echo(f"{row['at']}  job {row['job_id']:>6}  {move:<24}  {why}")
