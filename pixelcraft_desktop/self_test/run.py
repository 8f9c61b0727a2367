"""The run: every step in its turn, a line for each, and an end whatever happens."""

from __future__ import annotations

import faulthandler
import logging
import os
import shutil
import sys
import tempfile
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path

from pixelcraft_desktop.display import has_display
from pixelcraft_desktop.logs import start_logs
from pixelcraft_desktop.paths import Home
from pixelcraft_desktop.self_test.parts import try_catalog, try_decoder, try_formats, try_queue
from pixelcraft_desktop.self_test.pattern import make_pattern
from pixelcraft_desktop.self_test.step import Broken, Place, Skipped, Step

LONGEST_S = 30.0
_BACKSTOP_S = 3.0
# Qt and the font library keep settings and caches, by default in the user's home.
_QT_PLACES = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")


def _try_window(place: Place) -> str:
    if not has_display():
        raise Skipped("no display")
    for name in _QT_PLACES:
        os.environ[name] = str(place.home.root / name)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(place.home.root))  # Qt would make a lasting one
    # The only step that loads Qt, which the others must do without.
    from pixelcraft_desktop.self_test.window import try_window  # noqa: PLC0415 - see above

    return try_window(place)


STEPS = (
    Step("formats", try_formats),
    Step("catalog", try_catalog),
    Step("queue", try_queue),
    Step("child decoder", try_decoder),
    Step("window", _try_window),
)


def run_self_test(steps: Sequence[Step] = STEPS) -> int:
    """Try everything in a temporary folder, which is gone in the end. Return the exit code."""
    root = Path(tempfile.mkdtemp(prefix="pixelcraft-self-test-"))
    watch = _Watch(root)
    try:
        home = Home(root / "home")
        home.make()
        start_logs(home.logs)
        picture = root / "pattern.png"
        make_pattern().save(picture)
        is_sound = _run_steps(steps, Place(home, picture, watch.give_up), watch)
        if not is_sound:
            _tell_log(home)
    finally:
        watch.stop()
        logging.shutdown()
        shutil.rmtree(root, ignore_errors=True)
    return 0 if is_sound else 1


def _run_steps(steps: Sequence[Step], place: Place, watch: _Watch) -> bool:
    is_sound = True
    for step in steps:
        watch.step = step.name
        try:
            _tell("ok", step.name, step.run(place))
        except Skipped as reason:
            _tell("skipped", step.name, str(reason))
        except Exception as error:
            is_sound = False
            if isinstance(error, Broken):
                _tell("FAILED", step.name, str(error))
            else:
                _tell("FAILED", step.name, f"{type(error).__name__}: {error}")
                traceback.print_exc()
    return is_sound


def _tell(verdict: str, name: str, text: str) -> None:
    # Whatever standard output can't write must not be what fails.
    line = f"{verdict}  {name}: {text}".encode("ascii", "backslashreplace").decode("ascii")
    print(line, flush=True)


def _tell_log(home: Home) -> None:
    log = home.logs / "pixelcraft.log"
    sys.stderr.write(log.read_text(encoding="utf-8"))


class _Watch:
    """Ends the program when a step hangs, and takes the temporary folder away."""

    def __init__(self, root: Path) -> None:
        self.step = "start"
        self._root = root
        self._timer = threading.Timer(LONGEST_S, self._end)
        self._timer.daemon = True
        self._timer.start()
        # A step that does not let go of the interpreter can only be ended from outside of it.
        faulthandler.dump_traceback_later(LONGEST_S + _BACKSTOP_S, exit=True)

    def stop(self) -> None:
        """Let the program go on."""
        self._timer.cancel()
        faulthandler.cancel_dump_traceback_later()

    def give_up(self, reason: str) -> None:
        """Say what failed, and end the program without leaving anything."""
        _tell("FAILED", self.step, reason)
        shutil.rmtree(self._root, ignore_errors=True)
        os._exit(1)

    def _end(self) -> None:
        faulthandler.dump_traceback()
        self.give_up(f"not done after {LONGEST_S:g} s altogether")
