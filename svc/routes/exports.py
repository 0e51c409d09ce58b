"""Files for others: rows of schema `report`, written as their readers want them."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Final, cast

from flask import request

from svc import payloads, queries, routes
from svc.db import Call
from svc.errors import Problem
from svc.exports.coding import read_coding, write_coding
from svc.exports.handing import handed_out, pieces, render
from svc.exports.workbook import write_workbook
from svc.surface import values

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from svc.db import Row
    from svc.exports.handing import Writer

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
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


def _send_workbook(session_id: uuid.UUID, kind: str, write: Writer) -> ResponseReturnValue:
    """Send a workbook, made whole on disk first; that of a closed month as it was stored."""
    payloads.read_query(request, {})
    stored = _stored(session_id, kind)
    if stored is not None:
        return send(_about(session_id, kind), XLSX, io.BytesIO(stored))
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is sent
    try:
        render(routes.services().database, routes.actor(), session_id, write, file)
    except BaseException:
        file.close()
        raise
    return send(_about(session_id, kind), XLSX, file)


def _about(session_id: uuid.UUID, kind: str, about: str | None = None) -> Row:
    """Return what is noted of a file of a session."""
    return {"kind": kind, "session_id": session_id, "about": about}


def _stored(session_id: uuid.UUID, kind: str) -> bytes | None:
    """Return the file that was stored when the month of a session was closed, if it is.

    Raises Problem 404 when there is no such session.
    """
    about = {"session_id": session_id, "kind": kind}
    sessions, [stored] = routes.services().database.read(
        routes.actor(), Call(queries.SESSION, about), Call(queries.CLOSED_FILE, about)
    )
    if not sessions:
        raise Problem(status=404, code="session_not_found", title="no such session")
    content: bytes | None = stored["content"]
    return content


def send(
    said: Row, media_type: str, content: Iterator[bytes], file_name: str | None = None
) -> ResponseReturnValue:
    """Send a file, on disk or as it comes, and note who was given it.

    `said` is what `handing.handed_out` notes.
    """
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name or said["kind"]}"',
        "Content-Type": media_type,
    }
    if isinstance(content, io.BufferedIOBase):
        headers["Content-Length"] = str(content.seek(0, io.SEEK_END))
        content.seek(0)
        content = pieces(cast("IO[bytes]", content))
    database, actor = routes.services().database, routes.actor()
    return handed_out(database, actor, said, content), 200, headers


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


def import_csv(session_id: uuid.UUID) -> ResponseReturnValue:
    """Send every receipt of a session as accounting reads it, repeated pages left out."""
    shape = {"profile_name": values.text, "invoice_month": values.day}
    said = payloads.read_query(request, shape)
    if said["profile_name"] is None and said["invoice_month"] is None:
        stored = _stored(session_id, "import.csv")
        if stored is not None:
            return send(_about(session_id, "import.csv", PROFILE), CSV, io.BytesIO(stored))
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
    told = f"{said['profile_name']} {said['invoice_month'] or ''}".strip()
    content = lines(LINE_ENDS[profiles[0]["line_end"]], records)
    return send(_about(session_id, "import.csv", told), CSV, content)


def batch_csv(target: str, batch_number: int) -> ResponseReturnValue:
    """Send the file of a batch, the same bytes as when it was made."""
    payloads.read_query(request, {})
    parameters = {"target": target, "batch_number": min(batch_number, MOST)}
    ((row,),) = routes.services().database.read(
        routes.actor(), Call(queries.BATCH_CONTENT, parameters)
    )
    if row["bytes"] is None:
        raise Problem(status=404, code="no_such_accounting_batch", title="no such batch")
    about = {"kind": "batch.csv", "session_id": None, "about": f"{target} {batch_number}"}
    return send(about, CSV, iter([row["bytes"]]), f"{target}-{batch_number}.csv")


def lines(line_end: str, records: list[Row]) -> Iterator[bytes]:
    """Yield the records of a file, some hundreds in one piece."""
    for start in range(0, len(records), RECORDS):
        part = records[start : start + RECORDS]
        yield "".join(row["record"] + line_end for row in part).encode()
