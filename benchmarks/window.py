"""How the window feels while it works: what a drop costs, how late it answers, how it opens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
from PySide6.QtCore import (
    QEvent,
    QEventLoop,
    QMimeData,
    QObject,
    QPoint,
    QPointF,
    Qt,
    QTimer,
    QUrl,
    Signal,
)
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QAbstractItemView, QApplication

from benchmarks.photographs import SIZE_24_MP, make_photographs
from benchmarks.record_files import FILES, make_files
from pixelcraft_desktop.app import App
from pixelcraft_desktop.catalog.batches import Tally, close_batch, open_batch
from pixelcraft_desktop.catalog.images import Candidate, record
from pixelcraft_desktop.catalog.jobs import Plan
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.model import State, standard_recipe
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.settings import Settings
from pixelcraft_desktop.ui.responsiveness import favour_window
from pixelcraft_desktop.ui.theme import Appearance

PHOTOGRAPHS, SCENES = 40, 3
LANES = 2
PICTURES = 100_000
THUMBNAILS = 64
CHUNK = 500
BEAT_MS = 5
SETTLING_S, IDLE_S, WORKING_S = 2.0, 5.0, 8.0
LONGEST_S = 300.0

Figures = dict[str, float]


@dataclass(frozen=True)
class Line:
    """A line of the table: a figure, and what it should not exceed."""

    name: str
    aim: float | None = None


SCENARIOS = {
    "drop": (
        f"a folder of {FILES:,} files is dropped, {LANES} lanes begin with them",
        (
            Line("all rows there, s", 2.0),
            Line("longest block until then, ms", 50.0),
            Line("longest block in the 8 s after, ms", 50.0),
            Line("longest block while idle, ms"),
            Line("memory of the empty window, MB"),
        ),
    ),
    "lag": (
        f"{LANES} lanes work on {PHOTOGRAPHS} photographs of 24 MP",
        (
            Line("lag median, ms"),
            Line("lag p99, ms", 8.0),
            Line("lag p99.9, ms"),
            Line("lag p99 while idle, ms"),
            Line("lag p99.9 while idle, ms"),
        ),
    ),
    "open": (
        f"a catalog of {PICTURES:,} finished pictures is opened",
        (
            Line("first rows painted, s"),
            Line("all rows there, s"),
            Line("longest block until then, ms"),
            Line("memory, MB", 350.0),
        ),
    ),
}


class Metronome(QObject):
    """Beats every 5 ms in the GUI thread, and notes how late each beat was, in ms."""

    beaten = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._lags: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def take(self) -> list[float]:
        """Return the lags since they were last taken, the least first, and begin anew."""
        taken, self._lags = self._lags, []
        self._last = time.perf_counter()
        return sorted(taken)

    def _beat(self) -> None:
        now = time.perf_counter()
        self._lags.append(max(0.0, (now - self._last) * 1000 - BEAT_MS))
        self._last = now
        self.beaten.emit()


class Scene:
    """The whole program on a home of its own, its event loop in our hands."""

    def __init__(self, home: Home) -> None:
        favour_window()  # as the program itself does
        self._qt = QApplication(["pixelcraft"])
        self.metronome = Metronome()
        self.app = App(home, Settings(workers=LANES), Appearance(self._qt, "light"))

    def run_until(self, is_true: Callable[[], object]) -> float:
        """Run the event loop until that is so; return the seconds it took."""
        began = time.perf_counter()
        loop = QEventLoop()

        def look() -> None:
            if is_true() or time.perf_counter() - began > LONGEST_S:
                loop.quit()

        self.metronome.beaten.connect(look)
        loop.exec()
        self.metronome.beaten.disconnect(look)
        assert is_true(), "that took too long"
        return time.perf_counter() - began

    def run_for(self, seconds: float) -> None:
        """Run the event loop for so long."""
        end = time.perf_counter() + seconds
        self.run_until(lambda: time.perf_counter() >= end)

    def rest(self) -> list[float]:
        """Return the lags of the window while there is nothing to do, once it is at rest."""
        self.run_for(SETTLING_S)
        self.metronome.take()
        self.run_for(IDLE_S)
        return self.metronome.take()

    def drop(self, folder: Path) -> None:
        """Drop the folder on the window."""
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(folder))])
        copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, _NO_KEYS
        for event in (  # Qt lets nothing drop that did not enter
            QDragEnterEvent(QPoint(400, 300), copy, mime, left, none),
            QDropEvent(QPointF(400, 300), copy, mime, left, none),
        ):
            QApplication.sendEvent(self.app.window, event)

    def count(self, state: State) -> int:
        """Return how many pictures the window knows to be in that state."""
        return self.app.library.counts[state]


_NO_KEYS = Qt.KeyboardModifier.NoModifier


def at_share(lags: list[float], share: float) -> float:
    """Return the lag that this share of the beats doesn't exceed; they are sorted."""
    return lags[min(len(lags) - 1, int(share * len(lags)))]


def memory_mb() -> float:
    """Return what this process holds in memory; the decoders are processes of their own."""
    return float(psutil.Process().memory_info().rss) / 1_000_000


def measure_drop(home: Home, place: Path) -> Figures:
    """Drop very many small files."""
    folder = place / "files"
    folder.mkdir()
    make_files(folder)
    scene = Scene(home)
    scene.app.start([])
    idle, empty_mb = scene.rest(), memory_mb()
    rows = scene.app.window.shelf.model.rowCount
    scene.drop(folder)
    seconds = scene.run_until(lambda: rows() == FILES)
    coming = scene.metronome.take()
    scene.run_for(WORKING_S)
    working = scene.metronome.take()
    return named("drop", seconds, coming[-1], working[-1], idle[-1], empty_mb)


def measure_lag(home: Home, place: Path) -> Figures:
    """Work on large photographs."""
    folder = place / "photographs"
    make_photographs(folder, PHOTOGRAPHS, SIZE_24_MP, SCENES)
    scene = Scene(home)
    scene.app.start([])
    idle = scene.rest()
    scene.drop(folder)
    scene.run_until(lambda: scene.count(State.ACTIVE) == LANES)
    scene.metronome.take()
    scene.run_until(lambda: scene.count(State.COMPLETED) >= PHOTOGRAPHS - LANES)
    busy = scene.metronome.take()
    shares = [(busy, 0.5), (busy, 0.99), (busy, 0.999), (idle, 0.99), (idle, 0.999)]
    return named("lag", *(at_share(*each) for each in shares))


def fill_catalog(home: Home) -> None:
    """Record finished pictures; the first few have thumbnails to show."""
    image = QImage(200, 200, QImage.Format.Format_RGB32)
    for number in range(THUMBNAILS):
        image.fill(QColor.fromHsv(number * 360 // THUMBNAILS, 160, 200))
        assert image.save(str(home.output_folder("thumbnail") / f"{number}.webp"))
    store = Store(home.catalog)
    tally, batch_id = Tally(), open_batch(store, "holiday")
    plan = Plan(batch_id, standard_recipe().to_json(), 5)
    names = [f"/home/somebody/Pictures/2024/holiday/IMG_{n:06}.jpg" for n in range(PICTURES)]
    for start in range(0, PICTURES, CHUNK):
        chunk = names[start : start + CHUNK]
        record(store, [Candidate(n.encode(), n, 4_000_000, 1) for n in chunk], plan, tally)
    close_batch(store, batch_id, tally)
    with store.transaction() as tx:
        tx.run("UPDATE images SET width = 6000, height = 4000, format = 'jpeg', metadata = '{}'")
        tx.run("UPDATE jobs SET state = 'completed', progress = 100, stage = 'done', attempt = 1")
        for name in ("thumbnail", "preview"):
            tx.run(
                "INSERT INTO renditions (image_id, name, file, recipe, width, height, size_bytes) "
                "SELECT id, ?, (id - 1) || '.webp', '', 200, 200, 1 FROM images",
                name,
            )
    store.close()


class Painted(QObject):
    """Learns when a view with rows in it was painted first."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__()
        self.at: float | None = None
        self._view = view
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if self.at is None and event.type() == QEvent.Type.Paint and self._view.model().rowCount():
            self.at = time.perf_counter()
        return super().eventFilter(watched, event)


def measure_open(home: Home, _place: Path) -> Figures:
    """Open the window on a full catalog."""
    fill_catalog(home)
    began = time.perf_counter()
    scene = Scene(home)
    shelf = scene.app.window.shelf
    painted = Painted(shelf.gallery)
    scene.app.start([])
    scene.metronome.take()  # before the window is there, it blocks nobody
    scene.run_until(lambda: painted.at is not None)
    scene.run_until(lambda: shelf.model.rowCount() == PICTURES)
    full = time.perf_counter() - began
    lags = scene.metronome.take()
    scene.run_for(SETTLING_S)
    assert painted.at is not None
    return named("open", painted.at - began, full, lags[-1], memory_mb())


def named(scenario: str, *figures: float) -> Figures:
    """Return the figures under the names of their lines."""
    names = [line.name for line in SCENARIOS[scenario][1]]
    return dict(zip(names, figures, strict=True))


MEASURES = {"drop": measure_drop, "lag": measure_lag, "open": measure_open}


def measure(scenario: str) -> Figures:
    """Measure one scenario in a process of its own, so that none is in the memory of another."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "benchmarks.window", scenario]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    found: Figures = json.loads(done.stdout)
    return found


def run_here(scenario: str) -> None:
    """Measure one scenario and write its figures as JSON."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        home = Home(Path(place) / "home")
        home.make()
        print(json.dumps(MEASURES[scenario](home, Path(place))), flush=True)
    os._exit(0)  # what still works in there has nothing left to say


def main() -> None:
    """Measure and print."""
    for scenario, (title, lines) in SCENARIOS.items():
        figures = measure(scenario)
        print(f"window: {title}")
        for line in lines:
            value = figures[line.name]
            verdict = "MISSED" if line.aim is not None and value > line.aim else "met"
            aim = f"   (aim ≤ {line.aim:g}: {verdict})" if line.aim is not None else ""
            print(f"  {line.name:<34}{value:8.1f}{aim}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run_here(sys.argv[1])
    else:
        main()
