"""The coding workbook: receipts that lack coding or purpose go out, and come back filled in."""

from __future__ import annotations

import itertools
from typing import IO, TYPE_CHECKING, Any, Final

from svc import queries
from svc.db import Call
from svc.exports.asking import ask_reader
from svc.exports.sheets import Book, Column

if TYPE_CHECKING:
    import uuid

    from svc.db import Look, Row

SHEET: Final = "Coding"
CODES: Final = "Codes"
COLUMNS: Final = (
    Column("Name", "employee_name", width=24),
    Column("Receipt ID", "external_transaction_id", width=12),
    Column("Date", "transaction_date", "day", 12, "date_text"),
    Column("Amount", "amount", "money", 12, "amount_text"),
    Column("Merchant Name", "merchant_name", width=26),
    Column("Expense", "expense_type", width=18),
    Column("Lacks", "lacks", width=16),
    Column("Purpose", "purpose", width=36, is_unlocked=True),
    Column("Coding", "coding_type", width=12, is_unlocked=True),
    Column("Job", "job_number", width=10, is_unlocked=True),
    Column("Phase", "job_phase", width=10, is_unlocked=True),
    Column("Cost Type", "cost_type", width=10, is_unlocked=True),
    Column("GL Account", "gl_account", width=12, is_unlocked=True),
    Column("Receipt", "transaction_id", is_hidden=True),
    Column("Revision", "employee_revision_id", is_hidden=True),
    Column("Stamp", "stamp", is_hidden=True),
)
CHARTS: Final = {
    "Job": "job",
    "Phase": "phase",
    "Cost Type": "cost_type",
    "GL Account": "gl_account",
}
CODINGS: Final = ["job_coding", "gl_coding"]
CLEAR: Final = "CLEAR"
# What people may do with the sheet though it is protected, so that only the coding changes.
ALLOWED: Final = dict.fromkeys(
    ("sort", "autofilter", "format_columns", "format_rows", "format_cells", "delete_rows"), True
)


def write_coding(look: Look, session_id: uuid.UUID, target: IO[bytes]) -> None:
    """Write the coding workbook of a session to a file."""
    about: Row = {"session_id": session_id}
    tick = next(look(Call(queries.NEWEST_TICK, {})), None)
    codes: dict[str, list[str]] = {kind: [] for kind in CHARTS.values()}
    for row in look(Call(queries.CODES_IN_FORCE, about)):
        codes[row["code_kind"]].append(row["code"])
    with Book(target, tick["instant"] if tick else None) as book:
        sheet, last = book.table(SHEET, COLUMNS, look(Call(queries.CODING_ROWS, about)))
        sheet.protect("", ALLOWED)
        columns = [Column(heading, kind) for heading, kind in CHARTS.items()]
        rows = (
            dict(zip(codes, row, strict=True)) for row in itertools.zip_longest(*codes.values())
        )
        book.rows(book.sheet(CODES, is_hidden=True), 0, columns, rows)
        for place, column in enumerate(COLUMNS):
            choice: Any = CODINGS if column.heading == "Coding" else None
            if column.heading in CHARTS and codes[CHARTS[column.heading]]:
                letter = "ABCD"[list(CHARTS).index(column.heading)]
                count = len(codes[CHARTS[column.heading]])
                choice = f"={CODES}!${letter}$2:${letter}${count + 1}"
            if choice and last:
                options = {"validate": "list", "source": choice, "error_type": "warning"}
                sheet.data_validation(1, place, last, place, options)


def read_coding(file: IO[bytes]) -> list[Row]:
    """Return the rows of a coding workbook that came back, read by a limited child.

    Raises Problem 400 when it cannot be read or is none.
    """
    order = {
        "sheet": SHEET,
        "columns": {column.heading: column.name for column in COLUMNS},
        "coding": [column.name for column in COLUMNS if column.is_unlocked],
    }
    hint = "fill in the workbook of exports/coding.xlsx and save it as .xlsx"
    rows: list[Row] = ask_reader(file, order, "file", hint)
    return rows
