"""The command writes what it is asked for, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.generate.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = ["--employees", "8", "--receipts", "40", "--seed", "3"]


def test_it_writes_the_old_file_alone(tmp_path: Path) -> None:
    """Without --pdf there is one file."""
    assert main([*COUNTS, "--out", str(tmp_path / "new")]) == 0
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["activity.json"]
    assert len(json.loads((tmp_path / "new" / "activity.json").read_bytes())) == 8


def test_it_writes_both_reports_with_their_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --pdf the reports, truth and aliases stand beside it, and each is named."""
    options = ["--pdf", "--difficult", "--vary-layout", "--shape", "mixed", "--out", str(tmp_path)]
    assert main([*COUNTS, *options]) == 0
    shown = capsys.readouterr().out
    files = {"activity.json", "aliases.json", "car.pdf", "expected.json", "receipts.pdf"}
    assert {path.name for path in tmp_path.iterdir()} == files
    assert all(name in shown for name in files)
    truth = json.loads((tmp_path / "expected.json").read_bytes())
    assert truth["session"]["receipts"] == 40
    assert (tmp_path / "car.pdf").read_bytes().startswith(b"%PDF-")


def test_it_needs_counts_and_a_seed(capsys: pytest.CaptureFixture[str]) -> None:
    """A month that cannot be made again is not made."""
    with pytest.raises(SystemExit):
        main(["--employees", "8", "--receipts", "40"])
    assert "--seed" in capsys.readouterr().err
