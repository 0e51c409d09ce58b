"""The file for accounting, beside the one the old program made of the same month."""

from __future__ import annotations

import collections
import csv
import io
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.intake.conftest import DATA

if TYPE_CHECKING:
    from tests.intake.conftest import Office

MONTH = "invoice_month=2025-04-15"
TEXTS = ("Transaction Name", "Item Description")


def file_of(office: Office, session: str, query: str = MONTH) -> list[dict[str, str]]:
    """Return the rows of the file."""
    answer = office.call("GET", f"/sessions/{session}/exports/import.csv?{query}")
    assert answer.status == 200, answer.body[:500]
    assert answer.headers["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.body.decode())))


def legacy(sample: str) -> dict[str, dict[str, str]]:
    """Return the rows of the old program's file by receipt id."""
    text = (DATA / sample / "legacy_import.csv").read_text(encoding="utf-8")
    return {row["Transaction ID"]: row for row in csv.DictReader(io.StringIO(text))}


def total(rows: list[dict[str, str]]) -> Decimal:
    """Add up the amounts."""
    return sum((Decimal(row["Transaction Amount"]) for row in rows), Decimal(0))


@pytest.fixture(scope="module")
def medium(shared_office: Office) -> str:
    """Return a session of the medium sample, its aliases approved."""
    shared_office.approve_aliases("medium")
    return shared_office.import_sample("medium")


def test_differs_from_the_old_file_only_where_that_was_wrong(
    shared_office: Office, medium: str
) -> None:
    """The same receipts in the same order; each difference is one that is told of."""
    rows, old = file_of(shared_office, medium), legacy("medium")
    assert [row["Transaction ID"] for row in rows] == list(old)
    assert (len(rows), total(rows)) == (597, Decimal("138362.94"))
    differences: collections.Counter[str] = collections.Counter()
    was_zero = Decimal(0)
    for row in rows:
        was = old[row["Transaction ID"]]
        for name in row:
            if name == "Transaction Amount":
                # An amount that could not be read as a number was written as 0.
                if Decimal(row[name]) != Decimal(was[name]):
                    assert was[name] == "0"
                    was_zero += Decimal(row[name])
                    differences[name] += 1
            elif row[name] != was[name]:
                differences[name] += 1
                if name in TEXTS:
                    assert was[name].startswith("Receipts Notes (")
                    assert row[name] == ""
                elif name == "Pay Type":
                    assert was[name] == "2"
                    assert row[name] == ("1" if row["GL Account"] else "")
        card = was["Credit Card Number"]
        if card == "None":
            assert row["Invoice #"] == row["Credit Card Number"] == ""
            differences["no card"] += 1
        else:
            differences["another card"] += row["Credit Card Number"][-4:] != card[-4:]
            differences["masked"] += card.isdigit()
    assert was_zero == Decimal("2260.57")
    assert differences == {
        "Pay Type": 233,
        "Transaction Name": 205,
        "Item Description": 205,
        "Transaction Amount": 10,
        "Invoice #": 40,
        "another card": 34,
        "no card": 6,
        "masked": 343,
        "Credit Card Number": 371,
    }


def test_every_dollar_goes_out_or_has_a_reason(shared_office: Office, medium: str) -> None:
    """Lines that would be posted and those left behind are the receipt totals."""
    (found,) = shared_office.rows(
        "SELECT sum(l.transaction_amount::numeric) AS lines,"
        " sum(l.transaction_amount::numeric) FILTER (WHERE l.left_out = 'duplicate') AS repeats,"
        " (SELECT sum(e.receipt_total) FROM report.employee_revisions AS e"
        "  WHERE e.session_id = %s) AS receipts"
        " FROM report.accounting_lines(%s) AS l",
        medium,
        medium,
    )
    assert found["lines"] == found["receipts"] == Decimal("139773.85")
    assert found["repeats"] == Decimal("1410.91")


def test_the_small_month(shared_office: Office) -> None:
    """All receipts; the month of the invoice is that of the period when none is given."""
    rows = file_of(shared_office, shared_office.import_sample("small"), "")
    assert (len(rows), total(rows)) == (25, Decimal("28264.92"))
    assert {row["Invoice Date"] for row in rows} == {"03/01/2025"}


def test_wrong_requests_are_told(shared_office: Office, medium: str) -> None:
    """No such session, profile or month."""
    for path, status, code in (
        ("00000000-0000-7000-8000-00000000000a/exports/import.csv", 404, "session_not_found"),
        (f"{medium}/exports/import.csv?profile_name=other", 404, "no_such_profile"),
        (f"{medium}/exports/import.csv?invoice_month=April", 400, "invalid_parameter"),
    ):
        answer = shared_office.call("GET", f"/sessions/{path}")
        assert (answer.status, answer.json["code"]) == (status, code)
