"""The two other files of the old program, made of its ``activity.json`` by id (formats 5).

The by-code shape stopped it before it wrote a workbook, and its receipts are no rows of the other.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import openpyxl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

Json = dict[str, Any]

COLUMNS = (
    "Transaction ID",
    "Transaction Date",
    "Transaction Amount",
    "Transaction Name",
    "Vendor",
    "Invoice #",
    "Invoice Date",
    "Header Description",
    "Job",
    "Phase",
    "Cost Type",
    "GL Account",
    "Item Description",
    "UM",
    "Tax",
    "Pay Type",
    "Card Holder",
    "Credit Card Number",
    "Credit Card Vendor",
)
VENDOR = "12332"
_LAST = 4


def legacy_csv(activity: Json, run: date) -> str:
    """Return the accounting import with its errors: one row a receipt, the month that of the run.

    Raises ValueError when there is no receipt at all, where the old program failed.
    """
    rows = [row for person in activity.values() for row in _rows(person, run)]
    if not rows:
        msg = "without receipts the old program writes no accounting import"
        raise ValueError(msg)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return stream.getvalue()


def legacy_workbook(activity: Json) -> bytes:
    """Return the workbook: one row a person, and one for each receipt that lacks something."""
    book = openpyxl.Workbook()
    people = book.active
    people.title = "Summary"
    people.append(
        [
            "Name",
            "Card Activity Total",
            "Receipt Total",
            "Receipt Count",
            "Missing Receipt Amount",
            "Flags",
        ]
    )
    issues = book.create_sheet("Receipt Issue Details")
    issues.append(
        [
            "Name",
            "Expense",
            "Date",
            "Amount",
            "Purpose",
            "Merchant Name",
            "Merchant Address",
            "Status",
        ]
    )
    for name, person in activity.items():
        card, receipts = round(person["car_total"], 2), round(person.get("rec_total", 0.0), 2)
        flags = ", ".join(flag for flag, value in person["flags"].items() if value)
        count = len(person.get("receipts", {}))
        people.append([name, card, receipts, count, card - receipts, flags or None])
        for row in _issues(person):
            issues.append([name, *row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _rows(person: Json, run: date) -> Iterator[list[Any]]:
    """Yield the rows of one person: of several cards the first, always paid as by job."""
    month = f"{run.month:02}01{run.year % 100:02}"
    first = f"{run.month:02}/01/{run.year}"
    for receipt in person.get("receipts", {}).values():
        purpose = (receipt["purpose"] or "").replace(",", "")
        yield [
            receipt["rec_id"],
            receipt["date"],
            receipt["amt"],
            purpose,
            VENDOR,
            f"{person['card_no'][-_LAST:]} {month}",
            first,
            person["name"],
            receipt["job"],
            receipt["phase"],
            receipt["cost_type"],
            receipt["gl_acct"],
            purpose,
            "LS",
            "XX",
            "2",
            person["name"],
            person["card_no"],
            receipt["merch_name"],
        ]


def _issues(person: Json) -> Iterator[list[Any]]:
    """Yield what stands in the second sheet for one person."""
    if "receipts" not in person:
        yield [*["N/A"] * 6, "Missing All Receipts"]
    for receipt in person.get("receipts", {}).values():
        status = [
            words
            for words, there in (
                ("Missing Coding", receipt["coded"]),
                ("Missing Attachment", receipt["attachment"]),
            )
            if not there
        ]
        if status:
            fields = ("exp", "date", "amt", "purpose", "merch_name", "merch_addy")
            yield [*(receipt[field] for field in fields), ", ".join(status)]
