"""The program's first lines, kept light because every decoder child imports them again."""

import os
import sys
from multiprocessing import freeze_support


def main() -> None:
    """Run the command line."""
    freeze_support()  # first: in a frozen program, a decoder child goes no further than this
    if getattr(sys, "frozen", False):
        _stand_alone()
    _open_streams()
    # A spawned decoder re-imports the main module. Imported at the top, the command line
    # would load Huey and SQLite into every one of them (about 0.2 s and 25 MB a child).
    from pixelcraft_desktop.cli import run  # noqa: PLC0415 - see above

    run()


def _stand_alone() -> None:
    """Make good what a frozen program is started with too much of."""
    # A file manager or viewer that we start is to load its own libraries, not ours.
    former = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    os.environ.pop("LD_LIBRARY_PATH", None)
    if former is not None:
        os.environ["LD_LIBRARY_PATH"] = former


def _open_streams() -> None:
    """Make good what the program is started without."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # by `>&-`, or in a Windows program without a console
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for good


if __name__ == "__main__":
    main()
