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


def test_it_writes_consecutive_months_with_all_old_files(tmp_path: Path) -> None:
    """A folder a month; what is wrong in each file is counted and listed beside it."""
    options = ["--months", "2", "--first", "2026-12-05", "--deviating", "--namesakes", "--legacy"]
    assert main([*COUNTS, *options, "--out", str(tmp_path)]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2026-12", "2027-01"]
    for folder in tmp_path.iterdir():
        assert {path.name for path in folder.iterdir()} == {
            "activity.json",
            "activity_by_id.json",
            "deviations.json",
            "legacy_import.csv",
            "legacy_report.xlsx",
        }
        wrong = json.loads((folder / "deviations.json").read_bytes())
        for shape in ("by-code", "by-id"):
            listed = wrong[shape]["differences"]
            assert sum(wrong[shape]["roots"].values()) == sum(not one["follows"] for one in listed)
            assert {one["code"] for one in listed} >= {"label_as_purpose", "cut_address"}


def test_without_receipts_there_is_no_accounting_import(tmp_path: Path) -> None:
    """A page without coding type ends everything, and the file for accounting is not written."""
    options = ["--deviating", "no_coding_type", "--legacy", "--out", str(tmp_path)]
    assert main(["--employees", "8", "--receipts", "90", "--seed", "3", *options]) == 0
    assert not (tmp_path / "legacy_import.csv").exists()
    roots = json.loads((tmp_path / "deviations.json").read_bytes())["by-id"]["roots"]
    assert roots["no_coding_type"] == 90
