"""The workbook of a session: the two sheets of the old program, what stands behind them, proof."""

from __future__ import annotations

import datetime
from typing import IO, TYPE_CHECKING, Final

from svc import queries
from svc.db import Call
from svc.exports.sheets import Book, Column

if TYPE_CHECKING:
    import uuid

    from svc.db import Look, Row

SUMMARY: Final = (
    Column("Name", "employee_name", width=24),
    Column("Card Activity Total", "car_total", "money"),
    Column("Receipt Total", "receipt_total", "money"),
    Column("Receipt Count", "receipt_count", "number", 10),
    Column("Missing Receipt Amount", "missing_amount", "money"),
    Column("Flags", "flags", width=44),
    Column("Decision", "decision", width=44),
)
ISSUES: Final = (
    Column("Name", "employee_name", width=24),
    Column("Expense", "expense_type", width=18),
    Column("Date", "transaction_date", "day", 12, "date_text"),
    Column("Amount", "amount", "money", 12, "amount_text"),
    Column("Purpose", "purpose", width=36),
    Column("Merchant Name", "merchant_name", width=26),
    Column("Merchant Address", "merchant_address", width=36),
    Column("Status", "status", width=34),
    Column("Decision", "decision", width=44),
)
LINES: Final = (
    Column("Name", "employee_name", width=24),
    Column("Posted", "posted_date", "day", 12),
    Column("Purchased", "purchase_date", "day", 12),
    Column("Card", "card_number", width=18),
    Column("Charge Merchant", "charge_merchant_name", width=20),
    Column("Charge", "charge_amount", "money", 12),
    Column("Receipt ID", "external_transaction_id", width=12),
    Column("Receipt Date", "transaction_date", "day", 12, "date_text"),
    Column("Merchant Name", "merchant_name", width=26),
    Column("Expense", "expense_type", width=18),
    Column("Purpose", "purpose", width=36),
    Column("Coding", "coding_type", width=11),
    Column("Job", "job_number", width=9),
    Column("Phase", "job_phase", width=9),
    Column("Cost Type", "cost_type", width=9),
    Column("GL Account", "gl_account", width=11),
    Column("Receipt", "receipt_amount", "money", 12, "amount_text"),
    Column("Pass", "pass", width=10),
    Column("Matched", "matched_amount", "money", 12),
    Column("Accepted Difference", "residual", "money", 12),
    Column("Explanation", "explanation", width=44),
    Column("Open Charge", "open_charge_amount", "money", 12),
    Column("Open Receipt", "open_receipt_amount", "money", 12),
    Column("Why Open", "failed_gate", width=16),
    Column("Nearest Miss", "nearest_miss", width=60),
)
HEAD: Final = (
    Column("About", "subject", width=24),
    Column("What", "name", width=44),
    Column("Value", "value", width=66),
)
BRIDGE: Final = (
    Column("Name", "employee_name"),
    Column("Status", "status"),
    Column("Revision", "revision_number", "number"),
    Column("Card Activity Total", "car_total", "money"),
    Column("Receipt Total", "receipt_total", "money"),
    Column("Difference", "amount_difference", "money"),
    Column("Open Charges", "open_charge_amount", "money"),
    Column("Open Receipts", "open_receipt_amount", "money"),
    Column("Accepted Differences", "accepted_residuals", "money"),
    Column("Repeated Pages", "repeated_pages", "money"),
    Column("Unexplained", "unexplained", "money"),
    Column("Content Hash", "content_hash"),
)
AS_OF: Final = "as of"
"""What the head of the proof calls the instant the file is of."""
NOT_APPLICABLE: Final = "N/A"
ABOUT_A_RECEIPT: Final = tuple(column.name for column in ISSUES[1:7])


def write_workbook(look: Look, session_id: uuid.UUID, target: IO[bytes]) -> None:
    """Write the workbook of a session to a file."""
    about: Row = {"session_id": session_id}
    head = list(look(Call(queries.WORKBOOK_PROOF, about)))
    made_at = [row["value"] for row in head if row["name"] == AS_OF]
    with Book(target, datetime.datetime.fromisoformat(made_at[0]) if made_at else None) as book:
        book.table("Summary", SUMMARY, look(Call(queries.WORKBOOK_SUMMARY, about)))
        rows = look(Call(queries.WORKBOOK_ISSUES, about))
        book.table("Receipt Issue Details", ISSUES, rows, _told)
        book.table("Charges and receipts", LINES, look(Call(queries.WORKBOOK_LINES, about)))
        proof = book.sheet("Proof")
        proof.set_landscape()
        proof.fit_to_pages(1, 0)
        last = book.rows(proof, 0, HEAD, head)
        rows = look(Call(queries.WORKBOOK_BRIDGE, about))
        last = book.rows(proof, last + 2, BRIDGE, rows)
        proof.freeze_panes(1, 1)
        proof.print_area(0, 0, last, len(BRIDGE) - 1)


def _told(row: Row) -> Row:
    """Return a row of a person without any receipt as the old program wrote it."""
    if row["transaction_id"] is not None:
        return row
    return {**row, **dict.fromkeys(ABOUT_A_RECEIPT, NOT_APPLICABLE)}
