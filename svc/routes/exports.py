"""Files for others: rows of schema `report`, written as their readers want them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Final, cast

from flask import request

from svc import payloads, queries, routes
from svc.db import Call
from svc.errors import Problem
from svc.exports import kinds
from svc.exports.coding import read_coding, write_coding
from svc.exports.handing import handed_out, pieces
from svc.exports.workbook import write_workbook
from svc.surface import values

if TYPE_CHECKING:
    import uuid

    from flask.typing import ResponseReturnValue

    from svc.db import Row
    from svc.exports.handing import Writer

CODING_BODY_BYTES: Final = 20 * 1024 * 1024
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


def report_xlsx(session_id: uuid.UUID) -> ResponseReturnValue:
    """Send the workbook of a session."""
    return _send_workbook(session_id, "report.xlsx", write_workbook)


def coding_xlsx(session_id: uuid.UUID) -> ResponseReturnValue:
    """Send the receipts that lack coding or purpose, to be filled in."""
    return _send_workbook(session_id, "coding.xlsx", write_coding)


def _send_workbook(session_id: uuid.UUID, kind: str, write: Writer) -> ResponseReturnValue:
    """Send a workbook."""
    payloads.read_query(request, {})
    file = kinds.workbook(routes.services().database, routes.actor(), session_id, kind, write)
    return send({"kind": kind, "session_id": session_id, "about": None}, kinds.XLSX, file)


def send(
    said: Row, media_type: str, content: Iterator[bytes], file_name: str | None = None
) -> tuple[Iterator[bytes], int, dict[str, str]]:
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


def activity_json(session_id: uuid.UUID) -> ResponseReturnValue:
    """Send a session as the file of the program used before, and tell what had to be another."""
    said = payloads.read_query(request, {"shape": values.text, "merge_names": values.boolean})
    about, file, changes = kinds.activity(
        routes.services().database, routes.actor(), session_id, said["shape"], said["merge_names"]
    )
    handed = {"kind": "activity.json", "session_id": session_id, "about": about}
    body, status, headers = send(handed, kinds.JSON, file)
    return body, status, {**headers, "Activity-Changes": changes}


def take_coding(session_id: uuid.UUID) -> ResponseReturnValue:
    """Tell what would become of each row of a filled-in coding workbook, or do it."""
    shape: payloads.Shape = {
        "file": payloads.uploaded_file,
        "reason": values.text,
        "dry_run": values.boolean,
    }
    form = payloads.read_form(request, CODING_BODY_BYTES, shape, "file", "reason")
    with form["file"].content as content:
        rows = read_coding(content)
    request_id = routes.request_id()
    is_dry = form["dry_run"] is not False
    said: dict[str, object] = {"session_id": session_id, "rows": json.dumps(rows)}
    judging = Call(queries.JUDGE_CODING, said)
    taking = Call(queries.TAKE_CODING, {**said, "reason": form["reason"], "request_id": request_id})
    services = routes.services()
    answers: list[Row] = services.database.converse(
        routes.actor(),
        lambda call: call(judging if is_dry else taking),
        request_id=request_id,
        timeout=services.settings.import_timeout,
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
    about, content = kinds.accounting_file(
        routes.services().database,
        routes.actor(),
        session_id,
        said["profile_name"],
        said["invoice_month"],
    )
    told = {"kind": "import.csv", "session_id": session_id, "about": about}
    return send(told, kinds.CSV, content)


def batch_csv(target: str, batch_number: int) -> ResponseReturnValue:
    """Send the file of a batch, the same bytes as when it was made."""
    payloads.read_query(request, {})
    missing = Problem(status=404, code="no_such_accounting_batch", title="no such batch")
    try:
        parameters = {"target": values.text(target), "batch_number": min(batch_number, MOST)}
    except values.BadValueError:
        raise missing from None
    ((row,),) = routes.services().database.read(
        routes.actor(), Call(queries.BATCH_CONTENT, parameters)
    )
    if row["bytes"] is None:
        raise missing
    about = {"kind": "batch.csv", "session_id": None, "about": f"{target} {batch_number}"}
    return send(about, kinds.CSV, iter([row["bytes"]]), f"{target}-{batch_number}.csv")
