"""What the program used before made of a month: handed in, compared, reported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import request

from svc import payloads, queries, routes
from svc.db import Call
from svc.errors import Problem
from svc.exports.asking import read_sheets
from svc.surface import values

if TYPE_CHECKING:
    import uuid

    from flask.typing import ResponseReturnValue

    from svc.db import Row

MARKDOWN = "text/markdown; charset=utf-8"
SHAPE: payloads.Shape = {
    "activity": payloads.uploaded_file,
    "import_csv": payloads.uploaded_file,
    "workbook": payloads.uploaded_file,
    "shape_in_use": values.text,
    "same_files": values.boolean,
    "car_sha256": values.text,
    "receipt_sha256": values.text,
}


def compare(session_id: uuid.UUID) -> ResponseReturnValue:
    """Keep an old result beside the month of a session and compare all of it, at once or later."""
    services = routes.services()
    form = payloads.read_form(request, services.settings.max_import_bytes, SHAPE, "activity")
    activity, csv, workbook = form["activity"], form["import_csv"], form["workbook"]
    try:
        request_id = routes.request_id()
        said = {
            "session_id": session_id,
            "file": _text("activity", activity),
            "file_name": activity.name,
            "shape_in_use": form["shape_in_use"],
            "same_files": bool(form["same_files"]),
            "car_sha256": form["car_sha256"],
            "receipt_sha256": form["receipt_sha256"],
            "csv": None if csv is None else _text("import_csv", csv),
            "csv_name": None if csv is None else csv.name,
            "workbook": None
            if workbook is None
            else json.dumps(read_sheets(workbook.content, "workbook")),
            "workbook_name": None if workbook is None else workbook.name,
            "workbook_sha256": None if workbook is None else workbook.sha256,
            "request_id": request_id,
        }
    finally:
        for file in (activity, csv, workbook):
            if file is not None:
                file.content.close()
    answer: Row = services.database.write(
        routes.actor(),
        Call(queries.COMPARE_OLD_RESULT, said),
        request_id=request_id,
        timeout=services.settings.import_timeout,
    )
    if answer["run_id"] is None:
        return answer, 202
    return answer, 201, {"Location": f"/api/v1/parallel-runs/{answer['run_id']}"}


def report(run_id: uuid.UUID) -> ResponseReturnValue:
    """Send the report of a comparison as Markdown."""
    payloads.read_query(request, {})
    ((row,),) = routes.services().database.read(
        routes.actor(), Call(queries.PARALLEL_REPORT, {"run_id": run_id})
    )
    sent = {"Content-Type": MARKDOWN, "Content-Disposition": 'attachment; filename="report.md"'}
    return row["report"], 200, sent


def _text(part: str, file: payloads.UploadedFile) -> bytearray:
    """Return the bytes of a file that is text. Raises Problem 400."""
    body = bytearray(file.content.read())
    reason = payloads.why_not_text(body)
    if reason is not None:
        raise Problem(
            status=400,
            code="invalid_text",
            title="the file is not text",
            field=part,
            detail=reason,
            errors=[{"path": part, "code": "invalid_text"}],
        )
    return body
