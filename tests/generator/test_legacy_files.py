"""The old accounting import and workbook are made as the old program made them."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.generate.legacy_files import legacy_csv, legacy_workbook

DATA = Path(__file__).parents[1] / "data"
RUN = date(2025, 4, 16)


def activity(sample: str) -> dict[str, Any]:
    """Return the old file by id of a sample."""
    content: dict[str, Any] = json.loads((DATA / sample / "activity_by_id.json").read_bytes())
    return content


def cells(file: bytes) -> dict[str, list[Any]]:
    """Return the rows of each sheet."""
    book = openpyxl.load_workbook(io.BytesIO(file))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


@pytest.mark.parametrize("sample", ["small", "medium"])
def test_the_files_of_the_samples_come_out(sample: str) -> None:
    """The accounting import byte for byte, the workbook cell by cell."""
    content = activity(sample)
    was = (DATA / sample / "legacy_import.csv").read_bytes()
    assert legacy_csv(content, RUN).encode() == was
    assert cells(legacy_workbook(content)) == cells(
        (DATA / sample / "legacy_report.xlsx").read_bytes()
    )


def test_without_receipts_there_is_no_accounting_import() -> None:
    """The old program failed there; the workbook names everybody."""
    content = activity("small")
    for person in content.values():
        person.pop("receipts", None)
    with pytest.raises(ValueError, match="without receipts"):
        legacy_csv(content, RUN)
    sheets = cells(legacy_workbook(content))
    assert len(sheets["Receipt Issue Details"]) == len(content) + 1
