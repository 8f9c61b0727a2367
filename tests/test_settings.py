"""settings.toml: typed, and clear about what is wrong where."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest

from pixelcraft_desktop.jobs.engine import limits_of
from pixelcraft_desktop.model import Limits
from pixelcraft_desktop.settings import Settings, SettingsError, read_settings


def test_without_a_file_everything_is_default(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "settings.toml") == Settings()


def test_values_are_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("# mine\nworkers = 3\ndecoder_deadline_s = 12.5\n", encoding="utf-8")
    settings = read_settings(path)
    assert (settings.lane_count, settings.decoder_deadline_s) == (3, 12.5)


def test_limits_are_chosen_and_reach_the_decoder(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    text = "max_megapixels = 1\nmax_file_mb = 2\nmax_whole_file_mb = 3\n"
    path.write_text(text + "max_jpeg_scans = 4\nmax_metadata_kb = 5\n", encoding="utf-8")
    limits = limits_of(read_settings(path))
    assert limits == Limits(
        pixels=1_000_000,
        file_bytes=2_000_000,
        whole_file_bytes=3_000_000,
        jpeg_scans=4,
        metadata_bytes=5_000,
    )


def test_default_limits_are_the_same_in_both_places() -> None:
    assert limits_of(Settings()) == Limits()


def test_every_setting_is_explained() -> None:
    page = (Path(__file__).parent.parent / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d.]+|\"\w*\") \|", page, re.MULTILINE))
    assert {name: json.loads(value) for name, value in rows.items()} == asdict(Settings())


def test_defaults_fit_the_machine() -> None:
    settings = Settings()
    assert settings.lane_count >= 1
    assert 0 < settings.memory_bytes <= 4_000_000_000


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("\nworkers = 'two'\n", ["line 2", "workers", "whole number"]),
        ("workers = true", ["line 1", "workers", "whole number"]),
        ("max_megapixels = 2\n\nworkers = 65", ["line 3", "workers", "from 0 to 64"]),
        ("webp_effort = 9", ["line 1", "webp_effort", "from 0 to 6"]),
        ("decoder_deadline_s = nan", ["decoder_deadline_s", "from 1 to 3600"]),
        ("wokers = 2", ["line 1", "wokers", "did you mean workers"]),
        ("a = 1\n[limits]\nx = 1", ["line 1", "no such setting"]),
        ("webp_effort = 2\nworkers = ", ["line 2, workers"]),
        ("smtp_security = 'ssl'", ["smtp_security", "starttls", "'ssl'"]),
        ("smtp_host = 3", ["smtp_host", "a host's name"]),
        ('digest_to = "a@b.org\\nBcc: c@d.org"', ["digest_to", "mail addresses"]),
        ("digest_to = 'a@b.org, '", ["digest_to", "mail addresses"]),
        ("digest_from = 'Me <a@b.org>'", ["digest_from", "a mail address"]),
        ("workers = 1\nworkers = 2", ["line 2, workers"]),
    ],
)
def test_a_bad_value_names_file_line_and_key(tmp_path: Path, text: str, parts: list[str]) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    for part in [str(path), *parts]:
        assert part in str(caught.value)


def test_a_file_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"workers = \xff")
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        read_settings(path)
