"""Takes a picture of the whole screen: `screenshot.py FILE`."""

from __future__ import annotations

import sys

from PySide6.QtGui import QGuiApplication


def main() -> None:
    """Write the screen as it is now."""
    application = QGuiApplication(["screenshot"])
    taken = application.primaryScreen().grabWindow(0)
    sys.exit(0 if taken.save(sys.argv[1]) else 1)


if __name__ == "__main__":
    main()
