"""Files for others: rows of schema `report`, written as their readers want them."""

from __future__ import annotations

import csv
import io
import tempfile
from typing import IO, TYPE_CHECKING, Final

from flask import request

from svc import payloads, queries, routes
from svc.db import Call
from svc.errors import Problem
from svc.exports.workbook import write_workbook
from svc.surface import values

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator

    from flask.typing import ResponseReturnValue

    from svc.db import Look, Row

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PIECE_BYTES: Final = 256 * 1024
PROFILE: Final = "old_program"
ROWS: Final = 500
"""So many rows are sent in one piece."""

# The columns the old program wrote, and what each is called in report.accounting_lines.
ACCOUNTING_COLUMNS: Final = {
    "Transaction ID": "receipt_id",
    "Transaction Date": "transaction_date",
    "Transaction Amount": "transaction_amount",
    "Transaction Name": "transaction_name",
    "Vendor": "vendor",
    "Invoice #": "invoice_number",
    "Invoice Date": "invoice_date",
    "Header Description": "header_description",
    "Job": "job",
    "Phase": "phase",
    "Cost Type": "cost_type",
    "GL Account": "gl_account",
    "Item Description": "item_description",
    "UM": "unit_of_measure",
    "Tax": "tax",
    "Pay Type": "pay_type",
    "Card Holder": "card_holder",
    "Credit Card Number": "credit_card_number",
    "Credit Card Vendor": "credit_card_vendor",
}
LINE_ENDS: Final = {"lf": "\n", "crlf": "\r\n"}


def report_xlsx(session_id: uuid.UUID) -> ResponseReturnValue:
    """Send the workbook of a session, made whole on disk first."""
    payloads.read_query(request, {})
    target = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is sent

    def work(look: Look) -> None:
        """Write it, from the beginning should it be the second attempt."""
        target.seek(0)
        target.truncate()
        if not list(look(Call(queries.SESSION, {"session_id": session_id}))):
            raise Problem(status=404, code="session_not_found", title="no such session")
        write_workbook(look, session_id, target)

    try:
        routes.services().database.look(routes.actor(), work)
    except BaseException:
        target.close()
        raise
    headers = {
        "Content-Disposition": 'attachment; filename="report.xlsx"',
        "Content-Type": XLSX,
        "Content-Length": str(target.seek(0, io.SEEK_END)),
    }
    return pieces(target), 200, headers


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file piece by piece and close it."""
    with file:
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece


def import_csv(session_id: uuid.UUID) -> ResponseReturnValue:
    """Send every receipt of a session as accounting reads it, repeated pages left out."""
    shape = {"profile_name": values.text, "invoice_month": values.day}
    said = payloads.read_query(request, shape)
    said["profile_name"] = said["profile_name"] or PROFILE
    parameters = {"session_id": session_id, **said}
    sessions, lines, profiles = routes.services().database.read(
        routes.actor(),
        Call(queries.SESSION, parameters),
        Call(queries.ACCOUNTING_LINES, parameters),
        Call(queries.ACCOUNTING_PROFILE, parameters),
    )
    if not sessions:
        raise Problem(status=404, code="session_not_found", title="no such session")
    headers = {
        "Content-Disposition": 'attachment; filename="import.csv"',
        "Content-Type": "text/csv; charset=utf-8",
    }
    return accounting_file(profiles[0], lines), 200, headers


def accounting_file(profile: Row, lines: list[Row]) -> Iterator[str]:
    """Yield the text of the file piece by piece, a heading first."""
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=profile["delimiter"],
        lineterminator=LINE_ENDS[profile["line_end"]],
        quoting=csv.QUOTE_ALL if profile["quoting"] == "all" else csv.QUOTE_MINIMAL,
    )
    writer.writerow(ACCOUNTING_COLUMNS)
    for number, line in enumerate(lines, start=1):
        if line["left_out"] != "duplicate":
            writer.writerow([line[name] for name in ACCOUNTING_COLUMNS.values()])
        if number % ROWS == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()
