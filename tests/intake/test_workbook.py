"""The workbook, read as a spreadsheet reads it, beside the one the old program made.

The reader is openpyxl, which sees types, formats and formulas of each cell. LibreOffice is asked
where it is there: it is not among what the tests install, for its size.
"""

from __future__ import annotations

import collections
import csv
import datetime
import hashlib
import io
import json
import os
import shutil
import subprocess
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from tests.intake.conftest import DATA

if TYPE_CHECKING:
    from pathlib import Path

    from tests.intake.conftest import Office

SHEETS = ["Summary", "Receipt Issue Details", "Charges and receipts", "Proof"]
CALC = shutil.which("localc") or shutil.which("scalc")
# Commas, quotes, UTF-8, dates as they are shown, and each sheet as a file of its own.
ALL_SHEETS = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "http://example.org", "=cmd|' /C calc'!A0")
# What the workbook of the old program says otherwise, cell by cell; docs/formats.md tells why.
DIFFERENCES = {
    "small": {
        "Flags": 3,  # total_mismatch
        "Amount": 3,  # numbers, not text
        "Purpose": 1,  # the label of the notes is no purpose
        "Missing Receipt Amount": 1,  # to the cent
    },
    "medium": {
        "Card Activity Total": 23,  # unknown, not 0
        "Receipt Total": 3,  # of the receipts that the file still has
        "Missing Receipt Amount": 36,
        "Flags": 19,
        "Amount": 126,
        "Purpose": 47,
    },
}


def book(office: Office, session: str) -> Any:  # noqa: ANN401 - a workbook
    """Return the workbook of a session."""
    answer = office.call("GET", f"/sessions/{session}/exports/report.xlsx")
    assert answer.status == 200, answer.body[:500]
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    return openpyxl.load_workbook(io.BytesIO(answer.body))


def table(sheet: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a sheet
    """Return the rows of a sheet by heading."""
    heading, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(heading, row, strict=True)) for row in rows]


def total(rows: list[dict[str, Any]], name: str) -> Decimal:
    """Add up a column, to the cent."""
    return sum((Decimal(str(row[name] or 0)) for row in rows), Decimal(0)).quantize(Decimal("0.01"))


def import_json(office: Office, month: bytes, programme: str) -> str:
    """Import an old file and return the session."""
    query = f"programme={programme}&period_start=2025-03-01"
    kind = {"Content-Type": "application/json"}
    answer = office.call("POST", f"/import-json?{query}", month, **kind)
    assert answer.status == 201, answer.body
    return str(answer.json["session_id"])


@pytest.mark.parametrize("sample", ["small", "medium"])
def test_differs_from_the_old_workbook_only_where_that_was_wrong(
    shared_office: Office, sample: str
) -> None:
    """The same people and receipts in the same order, in the same columns and one more."""
    month = (DATA / sample / "activity_by_id.json").read_bytes()
    ours = book(shared_office, import_json(shared_office, month, f"{sample}-by-id"))
    old = openpyxl.load_workbook(DATA / sample / "legacy_report.xlsx")
    assert ours.sheetnames == SHEETS
    differences: collections.Counter[str] = collections.Counter()
    for title in old.sheetnames:
        rows, was = table(ours[title]), table(old[title])
        assert list(rows[0]) == [*was[0], "Decision"]
        assert [row["Name"] for row in rows] == [row["Name"] for row in was]
        for row, before in zip(rows, was, strict=True):
            for name, old_value in before.items():
                value = row[name]
                if isinstance(value, datetime.datetime):
                    value = f"{value:%m/%d/%Y}"
                if value == old_value:
                    continue
                differences[name] += 1
                if name == "Flags":
                    assert f"{old_value or ''}, total_mismatch".strip(", ") == value
                elif name == "Amount":
                    # 0 as a number is what was written when the amount was not found.
                    assert value is None if old_value == 0 else value == float(old_value)
                elif name == "Purpose":
                    assert value is None
                    assert old_value.startswith("Receipts Notes (")
                elif name == "Card Activity Total":
                    assert (value, old_value) == (None, 0)
    assert differences == DIFFERENCES[sample]


@pytest.fixture(scope="module")
def medium(shared_office: Office) -> str:
    """Return a session of the PDFs of the medium sample, its aliases approved."""
    shared_office.approve_aliases("medium")
    return shared_office.import_sample("medium")


def test_charges_and_receipts_add_up(shared_office: Office, medium: str) -> None:
    """Each amount once: the columns are the totals, and what is open is what the bridge says."""
    found = book(shared_office, medium)
    lines = table(found["Charges and receipts"])
    assert total(lines, "Charge") == Decimal("140998.14")
    assert total(lines, "Receipt") == Decimal("139773.85")
    assert sum(row["Charge"] is not None for row in lines) == 608
    assert sum(row["Receipt"] is not None for row in lines) == 600
    (bridge,) = shared_office.rows(
        "SELECT b.open_charge_amount, b.open_receipt_amount + b.repeated_pages"
        " AS open_receipt_amount, b.matched_charges"
        " FROM report.session_bridge AS b WHERE b.session_id = %s",
        medium,
    )
    assert total(lines, "Open Charge") == bridge["open_charge_amount"]
    assert total(lines, "Open Receipt") == bridge["open_receipt_amount"]
    matched = [row for row in lines if row["Pass"]]
    assert sum(row["Charge"] is not None for row in matched) == bridge["matched_charges"]
    assert all(row["Explanation"] for row in matched)
    alone = [row for row in lines if not row["Pass"]]
    assert all(row["Why Open"] for row in alone)
    assert any(row["Nearest Miss"] for row in alone)


def test_proof_names_what_it_was_made_of(shared_office: Office, medium: str) -> None:
    """Both files by their checksum, the tick, totals, and a bridge that leaves nothing over."""
    rows = list(book(shared_office, medium)["Proof"].iter_rows(values_only=True))
    head = {(row[0], row[1]): row[2] for row in rows[: rows.index((None,) * len(rows[0]))]}
    for kind, name in (("car_pdf", "car.pdf"), ("receipt_pdf", "receipts.pdf")):
        checksum = hashlib.sha256((DATA / "medium" / name).read_bytes()).hexdigest()
        assert head["source", f"{kind} {name}"] == checksum
    assert head["session", "id"] == medium
    assert (head["session", "card total"], head["session", "receipt total"]) == (
        "140998.14",
        "139773.85",
    )
    start = next(place for place, row in enumerate(rows) if row[0] == "Name")
    bridge = [dict(zip(rows[start], row, strict=True)) for row in rows[start + 1 :]]
    assert len(bridge) == 60
    assert {row["Unexplained"] for row in bridge} == {0}
    assert all(len(row["Content Hash"]) == 64 for row in bridge)


def test_content_is_shown_with_the_decision_beside_it(shared_office: Office, medium: str) -> None:
    """A decided finding stays in both old sheets; who decided and why stands in the last column."""
    (issue,) = shared_office.rows(
        "SELECT i.issue_id, i.version, i.employee_name FROM report.validation_issues AS i"
        " WHERE i.session_id = %s AND i.issue_type = 'missing_receipt' AND i.is_open"
        " ORDER BY i.amount_impact LIMIT 1",
        medium,
    )
    before = table(book(shared_office, medium)["Receipt Issue Details"])
    body = {"expected_version": issue["version"], "method": "explained", "notes": "=lost in a fire"}
    answer = shared_office.call(
        "POST",
        f"/issues/{issue['issue_id']}/resolve",
        json.dumps(body).encode(),
        **{"Content-Type": "application/json"},
    )
    assert answer.status == 200, answer.body
    found = book(shared_office, medium)
    after = table(found["Receipt Issue Details"])
    told = "missing_receipt: resolved by pat (explained): =lost in a fire"
    changed = [
        (was, row) for was, row in zip(before, after, strict=True) if row["Decision"] is not None
    ]
    assert changed == [(was, {**was, "Decision": told}) for was, _ in changed]
    assert [row["Name"] for _, row in changed] == [issue["employee_name"]]
    (person,) = (row for row in table(found["Summary"]) if row["Name"] == issue["employee_name"])
    assert "missing_receipt" in person["Flags"]
    assert person["Decision"] == "missing_receipt: 1 resolved by pat"


def hostile_month() -> bytes:
    """Return the small month with texts that a spreadsheet would take for something else."""
    month = json.loads((DATA / "small" / "activity_by_id.json").read_bytes())
    person = month["PEARLQUILLFEATHER"]
    chosen = list(person["receipts"].values())[: len(HOSTILE)]
    for receipt, text in zip(chosen, HOSTILE, strict=True):
        receipt |= {"purpose": text, "merch_name": text, "job": None, "coded": False}
    chosen[0]["amt"], chosen[1]["date"] = "twelve", "in March"
    return json.dumps(month).encode()


def test_text_is_text_and_values_are_values(shared_office: Office) -> None:
    """No formula and no link, whatever a text begins with; money is money, ids are text."""
    session = import_json(shared_office, hostile_month(), "hostile")
    found = book(shared_office, session)
    details = table(found["Receipt Issue Details"])
    lines = found["Charges and receipts"]
    purposes = {row["Purpose"] for row in table(lines)}
    assert {text.strip() for text in HOSTILE} <= {str(text).strip() for text in purposes}
    assert "twelve" in {row["Amount"] for row in details}
    assert "in March" in {row["Date"] for row in details}
    for sheet in found:
        for row in sheet.iter_rows():
            assert not [cell for cell in row if cell.data_type == "f" or cell.hyperlink]
    names = {cell.value: cell.column for cell in lines[1]}
    for row in lines.iter_rows(min_row=2):
        assert isinstance(row[names["Receipt ID"] - 1].value, str)
        assert row[names["Receipt"] - 1].number_format == "#,##0.00"
        job = row[names["Job"] - 1]
        assert job.value is None or (job.data_type, job.number_format) == ("s", "@")
    assert lines.freeze_panes == "B2"
    assert lines.auto_filter.ref == f"A1:{lines.dimensions.split(':')[1]}"
    assert lines.print_title_rows == "$1:$1"


def is_shown(cell: Any, text: str) -> bool:  # noqa: ANN401 - a cell
    """Tell whether a text says what is in a cell."""
    if isinstance(cell.value, datetime.datetime):
        return text == f"{cell.value:%m/%d/%Y}"
    if isinstance(cell.value, int | float):
        return float(text) == cell.value
    return text == (cell.value or "")


@pytest.mark.skipif(CALC is None, reason="LibreOffice Calc is not installed")
def test_libreoffice_shows_the_same_values(
    shared_office: Office, medium: str, tmp_path: Path
) -> None:
    """Converted to CSV, each sheet has the rows that are in it, cell by cell."""
    sessions = {
        "medium": medium,
        "hostile": import_json(shared_office, hostile_month(), "hostile-shown"),
    }
    for name, session in sessions.items():
        answer = shared_office.call("GET", f"/sessions/{session}/exports/report.xlsx")
        (tmp_path / f"{name}.xlsx").write_bytes(answer.body)
    subprocess.run(
        [
            str(CALC),
            *("--headless", f"-env:UserInstallation=file://{tmp_path}/profile"),
            *("--convert-to", ALL_SHEETS, "--outdir", str(tmp_path)),
            *(str(tmp_path / f"{name}.xlsx") for name in sessions),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
    )
    for name in sessions:
        for sheet in openpyxl.load_workbook(tmp_path / f"{name}.xlsx"):
            file = tmp_path / f"{name}-{sheet.title}.csv"
            with file.open(newline="", encoding="utf-8") as text:
                for row, line in zip(sheet.iter_rows(), csv.reader(text), strict=True):
                    pairs = zip(row, line, strict=True)
                    assert [(c.value, told) for c, told in pairs if not is_shown(c, told)] == []


def test_wrong_requests_are_told(shared_office: Office) -> None:
    """No such session, no such parameter."""
    path = "/sessions/00000000-0000-7000-8000-00000000000a/exports/report.xlsx"
    answer = shared_office.call("GET", path)
    assert (answer.status, answer.json["code"]) == (404, "session_not_found")
    answer = shared_office.call("GET", f"{path}?shape=old")
    assert (answer.status, answer.json["code"]) == (400, "invalid_parameter")
