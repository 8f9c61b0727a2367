"""Resources: where the files lie that are drawn and read, but not run."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def resource(*parts: str) -> Path:
    """Return the path of one of our own files: `resource("icons", "check.svg")`."""
    return _folder(_PACKAGE).joinpath(*parts)


def _folder(package: Path) -> Path:
    # An installed program has them inside the package, and so has a frozen one, whose package
    # lies in sys._MEIPASS; a source checkout has them beside it.
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"
