"""The gallery with 100,000 pictures, beside a stock QListView with the same model and delegate."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter, thread_time

import psutil
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QListView

from pixelcraft_desktop.catalog.news import News
from pixelcraft_desktop.catalog.pictures import Picture
from pixelcraft_desktop.model import State
from pixelcraft_desktop.ui.gallery.delegate import GalleryDelegate
from pixelcraft_desktop.ui.gallery.model import GalleryModel
from pixelcraft_desktop.ui.gallery.thumbnails import Thumbnails
from pixelcraft_desktop.ui.gallery.view import GalleryView
from pixelcraft_desktop.ui.library import Library
from pixelcraft_desktop.ui.theme import LIGHT

PICTURES = 100_000
THUMBNAILS = 64
INSERTED, INSERTS = 1_000, 5
SCROLL_STEPS, STEP_PX = 400, 60
CHANGES = 200
ROUNDS = 3
WINDOW_PX = (1280, 800)

AIMS = {
    "first paint, ms": 50.0,
    "scroll step p99, ms": 8.0,
    "insert of 1,000 rows, ms": 16.0,
    "memory of the process, MB": 350.0,
}


@dataclass
class Scene:
    """One view on one library."""

    app: QApplication
    library: Library
    thumbnails: Thumbnails
    model: GalleryModel


def make_picture(number: int) -> Picture:
    """Return a finished picture, no file behind it but one of the few thumbnails."""
    return Picture(
        id=number,
        path=f"/home/somebody/Pictures/2024/holiday in the mountains/IMG_{number:06}.jpg".encode(),
        source="drop",
        width=4032,
        height=3024,
        thumbnail=f"{number % THUMBNAILS}.webp",
        job_id=number,
        state=State.COMPLETED,
        stage=None,
        progress=100,
        attempt=1,
        max_attempts=5,
        cause=None,
        message=None,
        run_at=None,
    )


def make_thumbnails(folder: Path) -> None:
    """Write the few WebPs that all pictures share."""
    image = QImage(200, 200, QImage.Format.Format_RGB32)
    for number in range(THUMBNAILS):
        image.fill(QColor.fromHsv(number * 360 // THUMBNAILS, 160, 200))
        assert image.save(str(folder / f"{number}.webp"))


def memory_mb() -> float:
    """Return what this process holds in memory."""
    return float(psutil.Process().memory_info().rss) / 1_000_000


def timed_ms(act: Callable[[], object]) -> float:
    """Return how long that takes, in milliseconds."""
    start = perf_counter()
    act()
    return (perf_counter() - start) * 1_000


def settle(seconds: float = 0.5) -> None:
    """Let everything that was put off happen, thumbnails above all."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1_000), loop.quit)
    loop.exec()


def make_stock(scene: Scene) -> QListView:
    """Return Qt's own list view, set up as it is usually told to be quick."""
    view = QListView()
    view.setViewMode(QListView.ViewMode.IconMode)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setMovement(QListView.Movement.Static)
    view.setUniformItemSizes(True)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setItemDelegate(GalleryDelegate(LIGHT, scene.thumbnails, view))
    view.setModel(scene.model)
    return view


def at_share(values: list[float], share: float) -> float:
    """Return the value that this share of them doesn't exceed."""
    return sorted(values)[max(0, int(share * len(values)) - 1)]


def quietest(rounds: list[dict[str, float]]) -> dict[str, float]:
    """Return the least of every figure: what else runs on the machine only ever adds to it."""
    return {name: min(each[name] for each in rounds) for name in rounds[0]}


def measure(scene: Scene, make_view: Callable[[], QListView]) -> dict[str, float]:
    """Return what every act costs in that view, everything it has to paint included."""
    made: list[QListView] = []

    def show() -> None:
        view = make_view()
        view.resize(*WINDOW_PX)
        view.show()
        scene.app.processEvents()
        view.viewport().repaint()
        made.append(view)

    def act(change: Callable[[], object]) -> Callable[[], None]:
        def changed() -> None:
            change()
            scene.app.processEvents()

        return changed

    found = {"first paint, ms": timed_ms(show)}
    view = made[0]
    settle()
    bar = view.verticalScrollBar()
    steps, own_steps = [], []
    for _ in range(SCROLL_STEPS):
        before = thread_time()
        steps.append(timed_ms(act(lambda: bar.setValue(bar.value() + STEP_PX))))
        own_steps.append((thread_time() - before) * 1_000)
    found["scroll step median, ms"] = at_share(steps, 0.5)
    found["scroll step p99, ms"] = at_share(steps, 0.99)
    found["  of which this thread's, ms"] = at_share(own_steps, 0.99)
    settle()
    inserts = []
    for _ in range(INSERTS):
        first = len(scene.library) + 1
        more = [make_picture(number) for number in range(first, first + INSERTED)]
        inserts.append(timed_ms(act(partial(scene.library.take_in, News(pictures=more)))))
    found["insert of 1,000 rows, ms"] = max(inserts)
    seen = view.indexAt(view.viewport().rect().center()).row()
    rows = range(seen, seen + CHANGES)
    changed = [replace(scene.model.picture_at(row), width=len(scene.library)) for row in rows]
    found["200 rows changed, ms"] = timed_ms(
        act(lambda: scene.library.take_in(News(pictures=changed)))
    )
    found["resize, ms"] = timed_ms(act(lambda: view.resize(WINDOW_PX[0] - 200, WINDOW_PX[1])))
    found["select all, ms"] = timed_ms(act(view.selectAll))
    settle()
    found["memory of the process, MB"] = memory_mb()
    view.close()
    return found


def print_table(ours: dict[str, float], stock: dict[str, float], baseline_mb: float) -> None:
    """Print both columns, their ratio, and whether the aim is met."""
    print(f"gallery of {PICTURES:,} pictures, {WINDOW_PX[0]}×{WINDOW_PX[1]} px")
    print(f"  {'':<28}{'gallery':>10}{'QListView':>12}{'ratio':>8}   aim")
    for name, value in ours.items():
        aim = AIMS.get(name)
        verdict = "" if aim is None else f"≤ {aim:g}  {'met' if value <= aim else 'MISSED'}"
        ratio = value / stock[name]
        print(f"  {name:<28}{value:>10.1f}{stock[name]:>12.1f}{ratio:>7.2f}×   {verdict}")
    print(
        f"  The quietest of {ROUNDS} rounds each. Memory before any picture: {baseline_mb:.0f} MB."
    )


def main() -> None:
    """Measure ours, then the stock view, and print both."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication(["gallery"])
    assert isinstance(app, QApplication)
    app.setStyle("Fusion")
    label = QLabel("A window has shown text before it shows pictures: 4032 × 3024")
    label.show()
    app.processEvents()
    label.close()
    baseline_mb = memory_mb()
    with tempfile.TemporaryDirectory() as place:
        make_thumbnails(Path(place))
        library = Library()
        library.take_in(News(pictures=[make_picture(n) for n in range(1, PICTURES + 1)]))
        scene = Scene(app, library, Thumbnails(Path(place)), GalleryModel(library))
        ours, stock = [], []
        for _ in range(ROUNDS):
            ours.append(measure(scene, lambda: GalleryView(scene.model, scene.thumbnails, LIGHT)))
            stock.append(measure(scene, lambda: make_stock(scene)))
        scene.thumbnails.stop()
    memory = "memory of the process, MB"
    found = quietest(ours) | {memory: max(each[memory] for each in ours)}
    print_table(found, quietest(stock), baseline_mb)


if __name__ == "__main__":
    main()
