"""What is typed wrong is refused with its reason, whatever bytes and numbers it is made of."""

from __future__ import annotations

import errno
import sys
from datetime import datetime, timedelta

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from pixelcraft_desktop import __main__, cli, report
from pixelcraft_desktop.catalog.jobs import list_jobs
from pixelcraft_desktop.catalog.store import Store
from pixelcraft_desktop.commands.number_arguments import HIGHEST
from pixelcraft_desktop.commands.orders import delay
from pixelcraft_desktop.paths import Home

USAGE, IMPOSSIBLE = 2, 5
NOT_UTF8 = "\udcff"  # a byte, as it comes from a command line
IN_11_YEARS = f"{datetime.now() + timedelta(days=11 * 366):%Y-%m-%d}"


@pytest.fixture
def typed(home: Home, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line in this process, with that home."""
    monkeypatch.setattr(cli, "start_logs", lambda _folder: None)
    monkeypatch.setenv("PIXELCRAFT_HOME", str(home.root))
    return CliRunner()


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["delay", "1", "--at", "9999-12-31"], "is more than ten years away"),
        (["delay", "1", "--at", "9999-12-31T23:59-12:00"], "is more than ten years away"),
        (["delay", "1", "--at", IN_11_YEARS], "is more than ten years away"),
        (["delay", "1", "--at", "2020-01-01"], "'2020-01-01' is past"),
        (["delay", "1", "--at", "0001-01-01T00:00+12:00"], "is past"),
        (["delay", "1", "--at", ""], "'' is no time such as"),
        (["delay", "1", "--at", NOT_UTF8], "is no time such as"),
        (["delay", "1", "--in", "-1"], "'-1' is no number of seconds from 0 to 316,224,000"),
        (["delay", "1", "--in", "nan"], "'nan' is no number of seconds"),
        (["delay", "1", "--in", "1e300"], "is no number of seconds"),
        (["delay", "1", "--in", ""], "'' is no number of seconds"),
        (["delay", str(HIGHEST + 1), "--in", "1"], "is no id"),
        (["delay", "", "--in", "1"], "'' is no id"),
        (["cancel", NOT_UTF8], "is no id"),
        (["events", "--most", str(HIGHEST + 1)], "no whole number from 1 to 1,000,000,000"),
        (["events", "--most", "0"], "no whole number from 1"),
        (["workers", "-1"], "'-1' is no whole number from 1 to 64"),
        (["workers", "9" * 5000], "is no whole number from 1 to 64"),
        (["priority", "1", "1.5"], "'1.5' is no whole number from -1,000,000 to 1,000,000"),
        (["limit", "-1/s"], "'-1/s' is no limit"),
        (["limit", ""], "'' is no limit"),
        (["schedules", "set", "cleanup", "0 * * * *", "--timezone", ""], "no time zone ''"),
        (["schedules", "set", "cleanup", "0 * * * *", "--timezone", NOT_UTF8], "no time zone"),
        (["schedules", "set", "cleanup", "* * * * * *"], "it has five fields"),
        (["schedules", "set", "cleanup", ""], "'' is no cron expression"),
        (["schedules", "set", "cleanup", "x * * * *"], "Bad minute"),
        (["--home", "", "status"], "--home needs a folder"),
    ],
)
def test_it_is_refused_with_its_reason(typed: CliRunner, command: list[str], reason: str) -> None:
    done = typed.invoke(cli.cli, command)
    assert (done.exit_code, reason in done.output) == (USAGE, True), done.output


def test_a_schedule_without_a_name_is_seen_to_have_none(typed: CliRunner) -> None:
    done = typed.invoke(cli.cli, ["schedules", "enable", ""])
    assert done.exit_code == IMPOSSIBLE
    assert done.output == "There is no schedule ''. There are: analytics, cleanup, digest.\n"


@pytest.mark.parametrize("command", [["job", str(HIGHEST)], ["jobs", "--batch", str(HIGHEST)]])
def test_the_largest_id_there_can_be_is_one(typed: CliRunner, command: list[str]) -> None:
    done = typed.invoke(cli.cli, command)
    assert done.exit_code == (IMPOSSIBLE if command[0] == "job" else 0)


def test_a_negative_priority_is_no_option(typed: CliRunner, store: Store) -> None:
    done = typed.invoke(cli.cli, ["priority", "7", "-5"])
    assert (done.exit_code, list_jobs(store)) == (IMPOSSIBLE, [])
    assert "there is none such: 7" in done.output


def test_a_reader_that_has_seen_enough_is_no_trouble_with_the_home(
    typed: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(*_what: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(report, "write_status", write)
    done = typed.invoke(cli.cli, ["status"])
    assert (done.exit_code, done.output) == (1, "")


def test_a_stream_that_was_closed_takes_what_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(cli, "run", lambda: report.write_json({}))
    __main__.main()
    sys.stdout.close()


@given(text=st.text(st.characters(exclude_characters="\0"), max_size=40))
@pytest.mark.parametrize("option", ["--at", "--in"])
def test_whatever_is_typed_for_a_time_is_one_or_refused(option: str, text: str) -> None:
    kind = next(p.type for p in delay.params if option in p.opts)
    try:
        found = kind.convert(text, None, None)
    except click.BadParameter:
        return
    assert isinstance(found, float) or found.tzinfo is not None
