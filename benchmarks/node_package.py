"""Packages for Node, fetched with npm into a folder that Git ignores."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

# Git ignores build/, and `make clean` removes it.
_BUILD = Path(__file__).parent.parent / "build"


class NodeMissing(Exception):
    """Node or npm is not here, or a package can't be fetched."""


def find_node() -> str:
    """Return the path of the program. Raises NodeMissing."""
    node = shutil.which("node")
    if node is None:
        raise NodeMissing("node is not installed")
    return node


def install(name: str, versions: Mapping[str, str]) -> Path:
    """Return the folder that has these versions, fetched once. Raises NodeMissing.

    No script of any package is run.
    """
    folder = _BUILD / name
    wanted = json.dumps({"private": True, "dependencies": dict(versions)})
    package, done = folder / "package.json", folder / "installed.json"
    if done.exists() and done.read_text(encoding="utf-8") == wanted:
        return folder
    npm = shutil.which("npm")
    if npm is None:
        raise NodeMissing("npm is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    package.write_text(wanted, encoding="utf-8")
    command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
    fetched = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if fetched.returncode != 0:
        raise NodeMissing(f"npm could not fetch {name}: {fetched.stderr.strip().splitlines()[:1]}")
    done.write_text(wanted, encoding="utf-8")
    return folder
