"""The home folder: where the data of one user lives."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

HOME_VARIABLE = "PIXELCRAFT_HOME"
OUTPUT_FOLDERS = {"thumbnail": "thumbnails", "preview": "previews"}


@dataclass(frozen=True)
class Home:
    """All places inside one home folder."""

    root: Path

    @property
    def catalog(self) -> Path:
        return self.root / "catalog.db"

    @property
    def queue(self) -> Path:
        return self.root / "queue.db"

    @property
    def maintenance(self) -> Path:
        return self.root / "maintenance.db"

    @property
    def outputs(self) -> Path:
        return self.root / "outputs"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def settings(self) -> Path:
        return self.root / "settings.toml"

    @property
    def fault_record(self) -> Path:
        return self.logs / "faults-of-jobs.log"

    @property
    def run_lock(self) -> Path:
        return self.root / "run.lock"

    @property
    def window_lock(self) -> Path:
        return self.root / "window.lock"

    @property
    def dragged(self) -> Path:
        return self.root / "dragged"

    @property
    def scans(self) -> Path:
        return self.root / "scans"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def smtp_password(self) -> Path:
        return self.root / "smtp-password"

    @property
    def doorbell(self) -> Path:
        return self.root / "doorbell"

    def output_folder(self, rendition: str) -> Path:
        """Return the folder that holds every output of the rendition called so."""
        return self.outputs / OUTPUT_FOLDERS.get(rendition, rendition)

    def has_output(self, rendition: str, file: str) -> bool:
        """Tell whether this output file is there."""
        return (self.output_folder(rendition) / file).is_file()

    def make(self) -> None:
        """Create the folders, readable by their owner alone: previews show private pictures."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.logs.mkdir(exist_ok=True)
        self.scans.mkdir(exist_ok=True)
        self.outputs.mkdir(exist_ok=True)
        for name in OUTPUT_FOLDERS:
            self.output_folder(name).mkdir(exist_ok=True)


def find_home(chosen: str | None = None) -> Home:
    """Return the home: as chosen, else PIXELCRAFT_HOME, else the platform's data folder."""
    place = chosen or os.environ.get(HOME_VARIABLE)
    root = Path(place).expanduser() if place else user_data_path("pixelcraft", appauthor=False)
    return Home(Path(os.path.abspath(root)))
