"""One Node process with sharp in it, which renders one picture after the other."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.node_package import find_node, install

HERE = Path(__file__).parent
# All that sharp asks for beside its own binaries, whose versions it pins itself. Its script, which
# is not run, only looks whether it must be built: all it needs comes built.
VERSIONS = {"sharp": "0.35.5", "@img/colour": "1.1.0", "detect-libc": "2.1.2", "semver": "7.8.6"}


class SharpFailed(Exception):
    """Sharp could not render a picture."""


class SharpProcess:
    """A running Node process; use it in a `with`. Raises NodeMissing."""

    def __init__(self) -> None:
        node, folder = find_node(), install("sharp", VERSIONS)
        self._process = subprocess.Popen(
            [node, str(HERE / "beside_sharp.mjs"), str(folder)],
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
