"""The floor plan is a test: who may import whom, which library lives where, how big is big."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "pixelcraft_desktop"
BASE = {"model", "filenames"}
# docs/architecture.md holds the same table for people.
MAY_IMPORT = {
    "model": set(),
    "filenames": set(),
    "sentences": {"model"},
    "forecast": set(),
    "paths": set(),
    "settings": set(),
    "display": set(),
    "logs": set(),
    "lasting_thread": set(),
    "drive": {"filenames"},
    "imaging": BASE,
    "decoders": BASE | {"imaging"},
    "catalog": BASE | {"drive"},
    "jobs": BASE
    | {"paths", "settings", "logs", "drive", "lasting_thread", "imaging", "decoders", "catalog"},
    "ui": BASE | {"sentences", "forecast", "settings", "lasting_thread", "catalog"},
    "app": BASE | {"paths", "settings", "logs", "imaging", "catalog", "jobs", "ui", "wiring"},
    "wiring": BASE | {"paths", "jobs", "ui"},
    "outlook": BASE | {"forecast", "catalog"},
    "headless": BASE | {"forecast", "outlook", "paths", "settings", "catalog", "jobs"},
    "report": BASE | {"sentences", "paths", "catalog", "jobs", "headless"},
    "self_test": BASE
    | {
        *("paths", "settings", "logs", "display", "imaging", "decoders", "catalog", "jobs", "ui"),
        *("headless", "app"),
    },
    "doctor": BASE | {"paths", "settings", "drive", "catalog", "jobs", "self_test"},
    "commands": BASE | {"doctor", "paths", "settings", "catalog", "jobs", "headless", "report"},
    "cli": BASE
    | {"paths", "settings", "logs", "display", "drive", "catalog", "commands", "app", "self_test"},
    "__main__": {"cli"},
}
OWNED = {
    "PIL": {"imaging", "self_test"},
    "pi_heif": {"imaging"},
    "defusedxml": {"imaging"},
    "multiprocessing": {"decoders", "__main__", "self_test"},
    "sqlite_utils": {"catalog"},
    "sqlite3": set(),
    "pysqlite3": set(),
    "huey": {"jobs"},
    "cronsim": {"jobs"},
    "click": {"cli", "commands", "report"},
    "platformdirs": {"paths"},
    "PySide6": {"ui", "app", "self_test"},
}
LATE_IMPORTS = {
    ("__main__", "pixelcraft_desktop.cli"),  # keeps Huey and SQLite out of decoder children
    ("cli", "pixelcraft_desktop.app"),  # only the command that opens a window loads Qt
    ("self_test/run", "pixelcraft_desktop.self_test.window"),  # only its last step loads Qt
    ("decoders/child", "resource"),  # exists on Unix alone
}
FORBIDDEN_ROOMS = {"utils", "helpers", "common", "misc", "base", "managers"}
LONGEST_FUNCTION, LONGEST_FILE, LONGEST_FRAME = 50, 400, 200

FILES = sorted(PACKAGE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").as_posix()


def room(path: Path) -> str:
    return place(path).split("/")[0]


def imports(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the room"
            assert node.module is not None
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            is_root = node.module == "pixelcraft_desktop"
            yield from ((name, node) for name in (names if is_root else [node.module]))


@pytest.mark.parametrize("path", FILES, ids=place)
def test_rooms_import_only_whom_they_may(path: Path) -> None:
    if room(path) == "__init__":
        return
    allowed = MAY_IMPORT[room(path)] | {room(path), "__version__"}
    ours = [name for name, _ in imports(TREES[path]) if name.startswith("pixelcraft_desktop.")]
    wrong = [name for name in ours if name.split(".")[1] not in allowed]
    assert not wrong


@pytest.mark.parametrize("path", FILES, ids=place)
def test_libraries_stay_with_their_owners(path: Path) -> None:
    libraries = {name.split(".")[0] for name, _ in imports(TREES[path])}
    wrong = [lib for lib in libraries & OWNED.keys() if room(path) not in OWNED[lib]]
    assert not wrong


def test_only_known_libraries_are_used() -> None:
    used = {name.split(".")[0] for tree in TREES.values() for name, _ in imports(tree)}
    unknown = used - OWNED.keys() - set(sys.stdlib_module_names) - {"pixelcraft_desktop"}
    assert not unknown


@pytest.mark.parametrize("path", FILES, ids=place)
def test_imports_stand_at_the_top(path: Path) -> None:
    top = set(TREES[path].body) | {
        inner for node in TREES[path].body if isinstance(node, ast.If) for inner in ast.walk(node)
    }
    late = {(place(path), name) for name, node in imports(TREES[path]) if node not in top}
    assert late <= LATE_IMPORTS


def test_no_room_has_a_name_that_says_nothing() -> None:
    names = {part for path in FILES for part in place(path).split("/")}
    assert not names & FORBIDDEN_ROOMS


@pytest.mark.parametrize("path", FILES, ids=place)
def test_sizes(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= (LONGEST_FRAME if path.name in {"app.py", "window.py"} else LONGEST_FILE)
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, node.name


@pytest.mark.parametrize("path", FILES, ids=place)
def test_every_module_and_public_name_is_explained(path: Path) -> None:
    tree = TREES[path]
    assert ast.get_docstring(tree), "the module has no docstring"
    for node in tree.body:
        is_public = isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_"
        if is_public:
            assert isinstance(node, ast.FunctionDef | ast.ClassDef)
            assert ast.get_docstring(node), f"{node.name} has no docstring"
