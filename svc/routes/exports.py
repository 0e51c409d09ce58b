"""Files for others: rows of schema `report`, written as their readers want them."""

from __future__ import annotations

import io
import json
import tempfile
from typing import IO, TYPE_CHECKING, Final

from flask import request

from svc import payloads, queries, routes
from svc.db import Call
from svc.errors import Problem
from svc.exports.coding import read_coding, write_coding
from svc.exports.workbook import write_workbook
from svc.surface import values

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterator

    from flask.typing import ResponseReturnValue

    from svc.db import Look, Row

    Writer = Callable[[Look, uuid.UUID, IO[bytes]], None]

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PIECE_BYTES: Final = 256 * 1024
PROFILE: Final = "old_program"
CODING_BODY_BYTES: Final = 20 * 1024 * 1024
CORRECTED: Final = ("transaction_id", "employee_revision_id", "changes")
OUTCOMES: Final = ("done", "unchanged", "stale", "refused")
TOLD: Final = (
    "row_number",
    "employee_name",
    "external_transaction_id",
    "outcome",
    "code",
    "message",
)
MOST: Final = 2**31 - 1
"""No number of a batch is larger."""
RECORDS: Final = 500
"""So many records are sent in one piece."""

LINE_ENDS: Final = {"lf": "\n", "crlf": "\r\n"}


def report_xlsx(session_id: uuid.UUID) -> ResponseReturnValue:
    """Send the workbook of a session."""
    return _send_workbook(session_id, "report.xlsx", write_workbook)


def coding_xlsx(session_id: uuid.UUID) -> ResponseReturnValue:
    """Send the receipts that lack coding or purpose, to be filled in."""
    return _send_workbook(session_id, "coding.xlsx", write_coding)


def _send_workbook(session_id: uuid.UUID, name: str, write: Writer) -> ResponseReturnValue:
    """Send a workbook, made whole on disk first."""
    payloads.read_query(request, {})
    target = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is sent

    def work(look: Look) -> None:
        """Write it, from the beginning should it be the second attempt."""
        target.seek(0)
        target.truncate()
        if not list(look(Call(queries.SESSION, {"session_id": session_id}))):
            raise Problem(status=404, code="session_not_found", title="no such session")
        write(look, session_id, target)

    try:
        routes.services().database.look(routes.actor(), work)
    except BaseException:
        target.close()
        raise
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Type": XLSX,
        "Content-Length": str(target.seek(0, io.SEEK_END)),
    }
    return sent(target), 200, headers


def take_coding(session_id: uuid.UUID) -> ResponseReturnValue:
    """Tell what would become of each row of a filled-in coding workbook, or do it."""
    request_id = routes.request_id()
    shape: payloads.Shape = {
        "file": payloads.uploaded_file,
        "reason": values.text,
        "dry_run": values.boolean,
    }
    form = payloads.read_form(request, CODING_BODY_BYTES, shape, "file", "reason")
    with form["file"].content as content:
        rows = read_coding(content)
    is_dry = form["dry_run"] is not False
    judging = Call(queries.JUDGE_CODING, {"session_id": session_id, "rows": json.dumps(rows)})

    def work(call: Callable[[Call], list[Row]]) -> list[Row]:
        """Judge, and correct what is done, in one transaction."""
        answers = call(judging)
        corrections = [
            {name: row[name] for name in CORRECTED} for row in answers if row["outcome"] == "done"
        ]
        if corrections and not is_dry:
            said = {
                "session_id": session_id,
                "corrections": json.dumps(corrections, default=str),
                "reason": form["reason"],
                "request_id": request_id,
            }
            call(Call(queries.CORRECT_TRANSACTIONS, said))
        return answers

    services = routes.services()
    answers = services.database.converse(
        routes.actor(), work, request_id=request_id, timeout=services.settings.import_timeout
    )
    counts = dict.fromkeys(OUTCOMES, 0)
    for row in answers:
        counts[row["outcome"]] += 1
    told = [{name: row[name] for name in TOLD} for row in answers]
    return {"session_id": session_id, "dry_run": is_dry, **counts, "rows": told}, 200


def sent(file: IO[bytes]) -> Iterator[bytes]:
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
    sessions, records, profiles = routes.services().database.read(
        routes.actor(),
        Call(queries.SESSION, parameters),
        Call(queries.ACCOUNTING_RECORDS, parameters),
        Call(queries.ACCOUNTING_PROFILE, parameters),
    )
    if not sessions:
        raise Problem(status=404, code="session_not_found", title="no such session")
    headers = {
        "Content-Disposition": 'attachment; filename="import.csv"',
        "Content-Type": "text/csv; charset=utf-8",
    }
    return pieces(LINE_ENDS[profiles[0]["line_end"]], records), 200, headers


def batch_csv(target: str, batch_number: int) -> ResponseReturnValue:
    """Send the file of a batch, the same bytes as when it was made."""
    payloads.read_query(request, {})
    parameters = {"target": target, "batch_number": min(batch_number, MOST)}
    ((row,),) = routes.services().database.read(
        routes.actor(), Call(queries.BATCH_CONTENT, parameters)
    )
    if row["bytes"] is None:
        raise Problem(status=404, code="no_such_accounting_batch", title="no such batch")
    headers = {
        "Content-Disposition": f'attachment; filename="{target}-{batch_number}.csv"',
        "Content-Type": "text/csv; charset=utf-8",
    }
    return row["bytes"], 200, headers


def pieces(line_end: str, records: list[Row]) -> Iterator[str]:
    """Yield the records of a file, some hundreds in one piece."""
    for start in range(0, len(records), RECORDS):
        yield "".join(row["record"] + line_end for row in records[start : start + RECORDS])
