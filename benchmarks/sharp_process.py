"""One Node process with sharp in it, which renders one picture after the other."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

HERE = Path(__file__).parent
# Git ignores build/, and `make clean` removes it.
_FOLDER = HERE.parent / "build" / "sharp"
# All that sharp asks for beside its own binaries, whose versions it pins itself.
VERSIONS = {"sharp": "0.35.5", "@img/colour": "1.1.0", "detect-libc": "2.1.2", "semver": "7.8.6"}


class SharpMissing(Exception):
    """Node or npm is not here, or sharp can't be installed."""


class SharpFailed(Exception):
    """Sharp could not render a picture."""


class SharpProcess:
    """A running Node process; use it in a `with`. Raises SharpMissing."""

    def __init__(self) -> None:
        node = shutil.which("node")
        if node is None:
            raise SharpMissing("node is not installed")
        _install()
        self._process = subprocess.Popen(
            [node, str(HERE / "beside_sharp.mjs"), str(_FOLDER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def render(self, source: Path, thumbnail: Path, preview: Path, effort: int) -> float:
        """Render both renditions and return the CPU seconds of it. Raises SharpFailed."""
        places = {"source": source, "thumbnail": thumbnail, "preview": preview}
        order = {name: str(path) for name, path in places.items()} | {"effort": effort}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SharpFailed("the Node process ended")
        answer = json.loads(line)
        if answer["failure"] is not None:
            raise SharpFailed(str(answer["failure"]))
        return float(answer["cpu_us"]) / 1e6


def _install() -> None:
    """Fetch sharp, once for each set of versions."""
    wanted = json.dumps({"private": True, "dependencies": VERSIONS})
    package, done = _FOLDER / "package.json", _FOLDER / "installed.json"
    if done.exists() and done.read_text(encoding="utf-8") == wanted:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise SharpMissing("npm is not installed")
    _FOLDER.mkdir(parents=True, exist_ok=True)
    package.write_text(wanted, encoding="utf-8")
    # sharp's script only looks whether it must be built; all it needs comes built.
    command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
    fetched = subprocess.run(command, cwd=_FOLDER, capture_output=True, text=True, check=False)
    if fetched.returncode != 0:
        raise SharpMissing(f"npm could not fetch it: {fetched.stderr.strip().splitlines()[:1]}")
    done.write_text(wanted, encoding="utf-8")
