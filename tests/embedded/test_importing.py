"""What `./run import` takes, and what it refuses in one line."""

import datetime
import re
import uuid
from pathlib import Path

import pytest

from svc.embedded.importing import Said, read_arguments
from svc.embedded.machine import SetupError

PARENT = "00000000-0000-7000-8000-000000000001"
DAY = datetime.date


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], Said()),
        (["--name", "March"], Said(name="March")),
        (["--parent", PARENT, "--dry-run"], Said(parent=uuid.UUID(PARENT), dry_run=True)),
        (
            ["--month", "2025-03", "--programme", "Fleet"],
            Said(programme="Fleet", first_day=DAY(2025, 3, 1)),
        ),
        (
            ["--month", "2025-02-26..2025-03-25"],
            Said(first_day=DAY(2025, 2, 26), last_day=DAY(2025, 3, 25)),
        ),
    ],
)
def test_what_is_said_is_read(arguments: list[str], said: Said) -> None:
    """Before or behind the files."""
    files = ["a.PDF", "b.pdf"]
    paths = [Path(file) for file in files]
    assert read_arguments([*arguments, *files]) == (said, paths)
    assert read_arguments([*files, *arguments]) == (said, paths)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--month", "2025-13", "a.json"], "neither YYYY-MM nor"),
        (["--month", "2025-02-30..2025-03-25", "a.json"], "neither YYYY-MM nor"),
        (["--month", "2025-02-26", "a.json"], "neither YYYY-MM nor"),
        (["--parent", "March", "a.json"], "--parent: invalid"),
        (["--nam", "x", "a.json"], "unrecognized"),
        (["--dry-run"], "required: FILE"),
        (["a.pdf"], "PDFs come in pairs"),
        (["a.pdf", "b.pdf", "c.json", "--name", "x"], "one submission at a time"),
        (["a.json", "b.json", "--parent", PARENT], "one submission at a time"),
        (["a.json", "--closed", "--month", "2025-03"], "finds names, months"),
        (["a.pdf", "b.pdf", "--closed"], "takes activity.json files; import the two PDFs"),
        (["a.json", "b.pdf", "--closed"], "without it, then close the month by api.close_month"),
        (["a.json", "--yes"], "--yes goes with --closed"),
    ],
)
def test_what_does_not_go_is_refused(arguments: list[str], reason: str) -> None:
    """With what is wrong."""
    with pytest.raises(SetupError, match=re.escape(reason)):
        read_arguments(arguments)


def test_the_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    """And ends well."""
    with pytest.raises(SystemExit) as ended:
        read_arguments(["--help"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    for option in ("--name", "--parent", "--month", "--programme", "--dry-run", "FILE"):
        assert option in printed
