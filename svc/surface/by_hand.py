"""The part of the description that no row makes: files, health, paging, errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Schema = dict[str, Any]

UUID = {"type": "string", "format": "uuid"}
TEXT = {"type": "string"}
OPTIONAL_TEXT = {"type": ["string", "null"]}
JSON = "application/json"
XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LOCATION = {"Location": {"description": "Path of what was made.", "schema": TEXT}}


def paths() -> dict[str, dict[str, Schema]]:
    """Describe the operations that are written by hand."""
    return {
        "/api/v1/import-json": {"post": _import()},
        "/api/v1/sessions/{session_id}/files": {"post": _upload()},
        "/api/v1/sessions/{session_id}/exports/import.csv": {"get": _accounting_file()},
        "/api/v1/sessions/{session_id}/exports/activity.json": {"get": _activity()},
        "/api/v1/accounting-batches/{target}/{batch_number}/import.csv": {"get": _batch_file()},
        "/api/v1/sessions/{session_id}/exports/report.xlsx": {
            "get": _download("download_workbook", "The workbook of a session", XLSX)
        },
        "/api/v1/sessions/{session_id}/exports/coding.xlsx": {
            "get": _download("download_coding", "Receipts to be coded, to be filled in", XLSX)
        },
        "/api/v1/sessions/{session_id}/coding.xlsx": {"post": _take_coding()},
        "/api/v1/sessions/{session_id}/transactions/{transaction_id}/attachment": {
            "post": _attach()
        },
        "/api/v1/sessions/{session_id}/old-results": {"post": _compare()},
        "/api/v1/parallel-runs/{run_id}/report": {"get": _parallel_report()},
        "/api/v1/sessions/{session_id}/exports/packets.zip": {
            "get": _download("download_packets", "Every person's pages as a ZIP of PDFs", "zip")
        },
        "/api/v1/sessions/{session_id}/exports/packets/{cardholder_id}.pdf": {
            "get": _download("download_packet", "One person's pages", "pdf", "cardholder_id")
        },
        **{
            f"/api/v1/{name}.csv": {"get": _send_list(name), "post": _take_list(name)}
            for name in ("users", "addresses")
        },
        "/healthz": {"get": _open("healthz", "Answer as long as the process lives")},
        "/readyz": {"get": _open("readyz", "Answer when the database does too, else 503")},
        "/metrics": {"get": _figures()},
        "/openapi.json": {"get": _open("openapi", "Return this document")},
    }


def key_header() -> Schema:
    """Describe the key under which a repeated POST gets its first answer."""
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A repeated call under the same key gets the first answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    }


def paging() -> list[Schema]:
    """Describe how a list is paged."""
    limit = {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}
    return [
        {"name": "cursor", "in": "query", "description": "next_cursor of a page.", "schema": TEXT},
        {"name": "limit", "in": "query", "description": "Rows of a page.", "schema": limit},
    ]


def problems(codes: Mapping[int, Sequence[str]]) -> dict[str, Schema]:
    """Describe errors by status, with the codes each may have."""
    content = {"application/problem+json": {"schema": _reference("Problem")}}
    named = {
        str(status): {"description": ", ".join(dict.fromkeys(codes[status])), "content": content}
        for status in sorted(codes)
    }
    return {**named, "default": {"description": "Any other error", "content": content}}


def schemas() -> dict[str, Schema]:
    """Describe the answers of what is written by hand, and the errors of everything."""
    place = {
        "type": "object",
        "required": ["path", "code"],
        "properties": {
            "path": {**TEXT, "description": "Name of the parameter or place in the file."},
            "code": {**TEXT, "description": "What is wrong with it."},
            "message": {**TEXT, "description": "The same for people."},
            "allowed": {"type": "array", "items": TEXT, "description": "Values that are allowed."},
        },
    }
    return {
        "Place": place,
        "Upload": _object(
            outcome={"type": "string", "enum": ["queued", "unchanged", "awaiting_decision"]},
            session_id=UUID,
            job_id={"type": ["string", "null"], "format": "uuid"},
            location=TEXT,
        ),
        "ImportReport": _object(
            outcome={
                "type": "string",
                "enum": ["accepted", "unchanged", "awaiting_decision", "dry_run"],
            },
            session_id={"type": ["string", "null"], "format": "uuid"},
            report={"type": "object", "additionalProperties": True},
            rejects={"type": "array", "items": _reference("Place")},
        ),
        "ParallelAnswer": _object(
            run_id={"type": ["string", "null"], "format": "uuid"},
            old_result_id=UUID,
            session_id=UUID,
            verdict=TEXT,
            is_clean={"type": "boolean"},
            roots_explained={"type": "integer"},
            roots_unexplained={"type": "integer"},
            roots_pending={"type": "integer"},
        ),
        "CodingAnswer": _object(
            session_id=UUID,
            dry_run={"type": "boolean"},
            **{name: {"type": "integer"} for name in ("done", "unchanged", "stale", "refused")},
            rows={
                "type": "array",
                "items": _object(
                    row_number={"type": "integer"},
                    employee_name=OPTIONAL_TEXT,
                    external_transaction_id=OPTIONAL_TEXT,
                    outcome={"type": "string", "enum": ["done", "unchanged", "stale", "refused"]},
                    code=OPTIONAL_TEXT,
                    message=OPTIONAL_TEXT,
                ),
            },
        ),
        "Health": {
            "type": "object",
            "required": ["status"],
            "properties": {
                "status": TEXT,
                "faults": {"type": "array", "items": {"type": "object"}},
            },
        },
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "code", "error_id"],
            "properties": {
                "type": TEXT,
                "title": {**TEXT, "description": "What is wrong, in stable words."},
                "status": {"type": "integer"},
                "detail": {**OPTIONAL_TEXT, "description": "What was expected and got."},
                "code": {**TEXT, "description": "Stable code, see /api/v1/error-codes."},
                "sqlstate": OPTIONAL_TEXT,
                "hint": {**OPTIONAL_TEXT, "description": "The next step."},
                "field": {**OPTIONAL_TEXT, "description": "The parameter it is about."},
                "errors": {"type": "array", "items": _reference("Place")},
                "error_id": {**TEXT, "description": "Request id of the log line."},
            },
        },
    }


def _import() -> Schema:
    """Describe the import of an old file."""
    answer = {"content": {JSON: {"schema": _reference("ImportReport")}}}
    codes = {
        400: ["invalid_parameter", "invalid_json", "not_an_object", "no_employees"],
        401: ["missing_token", "invalid_token"],
        403: ["not_permitted"],
        404: ["no_such_session"],
        409: ["request_reused", "same_as_parent", "parent_has_child", "wrong_state"],
        413: ["too_large"],
        422: ["nothing_accepted"],
    }
    return {
        "operationId": "import_activity",
        "tags": ["documents"],
        "summary": "Import an activity.json; the body is the file",
        "parameters": [
            _query("session_name", TEXT, "Name of the session; one is made when none is given."),
            _query("parent_session_id", UUID, "The session this one submits again."),
            _query(
                "dry_run",
                {"type": "boolean", "default": False},
                "True: tell what would become of it and change nothing.",
            ),
            _query("file_name", TEXT, "Name of the file, for the report."),
            *_month(),
            key_header(),
        ],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": {"type": "object", "additionalProperties": True}}},
        },
        "responses": {
            "200": {
                "description": "Nothing changed: the content is already current, or a dry run",
                **answer,
            },
            "201": {"description": "Accepted", "headers": LOCATION, **answer},
            "202": {
                "description": "Awaits a decision: report.control says why, accept or discard it",
                "headers": LOCATION,
                **answer,
            },
            **problems(codes),
        },
    }


def _upload() -> Schema:
    """Describe how the two PDFs of a session are handed in."""
    file = {"type": "string", "format": "binary"}
    form = {
        "type": "object",
        "required": ["car", "receipts"],
        "properties": {"car": file, "receipts": file},
        "additionalProperties": False,
    }
    answer = {"content": {JSON: {"schema": _reference("Upload")}}}
    codes = {
        400: ["invalid_parameter", "not_a_pdf", "too_large"],
        401: ["missing_token", "invalid_token"],
        403: ["not_permitted"],
        404: ["no_such_session"],
        409: ["request_reused", "wrong_state"],
        413: ["too_large"],
    }
    return {
        "operationId": "upload_files",
        "tags": ["documents"],
        "summary": "Hand in the two PDFs of an open session; a worker reads them",
        "parameters": [
            _path("session_id"),
            _query(
                "dry_run",
                {"type": "boolean", "default": False},
                "True: read and judge them, answer by the progress, and leave the session open.",
            ),
            *_month(),
            key_header(),
        ],
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
        "responses": {
            "200": {"description": "A session has exactly these files", **answer},
            "202": {
                "description": "Queued: poll the session; or these files await a decision",
                "headers": LOCATION,
                **answer,
            },
            **problems(codes),
        },
    }


def _send_list(name: str) -> Schema:
    """Describe a list as CSV."""
    content = {"text/csv": {"schema": TEXT}}
    return {
        "operationId": f"download_{name}",
        "tags": ["settings"],
        "summary": f"The {name} as CSV",
        "responses": {
            "200": {"description": "The file", "content": content},
            **problems({401: ["missing_token", "invalid_token"], 403: ["not_permitted"]}),
        },
    }


def _take_list(name: str) -> Schema:
    """Describe how a list comes in."""
    file = {"type": "string", "format": "binary", "description": "CSV in UTF-8, as it is sent."}
    form = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": file, "dry_run": {"type": "boolean", "default": False}},
        "additionalProperties": False,
    }
    codes = {
        400: ["invalid_parameter", "invalid_argument"],
        401: ["missing_token", "invalid_token"],
        403: ["not_permitted"],
        409: ["request_reused", "stale_version"],
        413: ["too_large"],
    }
    answer = {"type": "object", "additionalProperties": True}
    return {
        "operationId": f"upload_{name}",
        "tags": ["settings"],
        "summary": f"Take {name} by a CSV; an answer for each row",
        "parameters": [key_header()],
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
        "responses": {
            "200": {
                "description": "What became of each row",
                "content": {JSON: {"schema": answer}},
            },
            **problems(codes),
        },
    }


def _attach() -> Schema:
    """Describe how a scan that came in later is attached to a receipt."""
    file = {"type": "string", "format": "binary", "description": "A PDF, PNG or JPEG to 10 MiB."}
    seen = {**UUID, "description": "The current revision, as the caller saw it."}
    form = {
        "type": "object",
        "required": ["file", "expected_revision_id", "reason"],
        "properties": {
            "file": file,
            "expected_revision_id": seen,
            "reason": {**TEXT, "minLength": 1, "maxLength": 4000, "description": "Why."},
        },
        "additionalProperties": False,
    }
    codes = {
        400: [
            "invalid_parameter",
            "unreadable_attachment",
            "not_an_attachment",
            "empty_file",
            "too_large",
        ],
        401: ["missing_token", "invalid_token"],
        403: ["not_permitted", "own_card"],
        404: ["no_such_revision"],
        409: ["request_reused", "stale_version", "wrong_state"],
        413: ["too_large"],
    }
    return {
        "operationId": "attach_document",
        "tags": ["receipts"],
        "summary": "Attach a scan that came in later; the packet shows it",
        "parameters": [_path("session_id"), _path("transaction_id"), key_header()],
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
        "responses": {
            "201": {
                "description": "The receipt as it is then",
                "content": {JSON: {"schema": _reference("Transaction")}},
            },
            **problems(codes),
        },
    }


def _compare() -> Schema:
    """Describe how a result of the program used before is compared."""
    file = {"type": "string", "format": "binary"}
    checksum = {**TEXT, "pattern": "^[0-9a-fA-F]{64}$"}
    form = {
        "type": "object",
        "required": ["activity"],
        "properties": {
            "activity": {**file, "description": "Its activity.json."},
            "import_csv": {**file, "description": "Its accounting import."},
            "workbook": {**file, "description": "Its workbook."},
            "shape_in_use": {
                "type": "string",
                "enum": ["by_code", "by_id", "mixed"],
                "description": "The shape the company works with; not said, no month is clean.",
            },
            "same_files": {
                "type": "boolean",
                "default": False,
                "description": "True: made of the PDFs of the session; whoever says so signs it.",
            },
            "car_sha256": {**checksum, "description": "SHA-256 of the card report it read."},
            "receipt_sha256": {**checksum, "description": "SHA-256 of the receipts it read."},
        },
        "additionalProperties": False,
    }
    codes = {
        400: [
            *("invalid_parameter", "invalid_text", "invalid_json", "too_large", "not_a_workbook"),
            *("foreign_content", "damaged_workbook", "gave_up"),
        ],
        401: ["missing_token", "invalid_token"],
        403: ["not_permitted"],
        404: ["session_not_found"],
        409: ["request_reused", "wrong_state"],
        413: ["too_large"],
        422: ["old_result_of_other_month", "nothing_accepted"],
    }
    return {
        "operationId": "compare_old_result",
        "tags": ["migration"],
        "summary": "Compare a result of the program used before; it is kept, never as a session",
        "parameters": [_path("session_id"), key_header()],
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
        "responses": {
            "201": {
                "description": "The verdict; the differences are those of the run",
                "headers": LOCATION,
                "content": {JSON: {"schema": _reference("ParallelAnswer")}},
            },
            "202": {
                "description": "Kept: it is compared when the session is read, after the return",
                "content": {JSON: {"schema": _reference("ParallelAnswer")}},
            },
            **problems(codes),
        },
    }


def _parallel_report() -> Schema:
    """Describe the report of a comparison."""
    codes = {
        401: ["missing_token", "invalid_token"],
        403: ["not_permitted"],
        404: ["no_such_parallel_run"],
    }
    return {
        "operationId": "get_parallel_report",
        "tags": ["migration"],
        "summary": "The report of a comparison, for people",
        "parameters": [_path("run_id")],
        "responses": {
            "200": {"description": "The report", "content": {"text/markdown": {"schema": TEXT}}},
            **problems(codes),
        },
    }


def _take_coding() -> Schema:
    """Describe how a filled-in coding workbook comes back."""
    file = {"type": "string", "format": "binary", "description": "exports/coding.xlsx, filled in."}
    dry = "False: do it. Else tell what would become of each row and change nothing."
    form = {
        "type": "object",
        "required": ["file", "reason"],
        "properties": {
            "file": file,
            "reason": {**TEXT, "minLength": 1, "maxLength": 4000, "description": "Why."},
            "dry_run": {"type": "boolean", "default": True, "description": dry},
        },
        "additionalProperties": False,
    }
    codes = {
        400: [
            "invalid_parameter",
            "not_a_workbook",
            "damaged_workbook",
            "foreign_content",
            "too_large",
            "gave_up",
        ],
        401: ["missing_token", "invalid_token"],
        403: ["not_permitted"],
        404: ["no_such_session"],
        409: ["request_reused", "stale_version"],
        413: ["too_large"],
    }
    return {
        "operationId": "take_coding",
        "tags": ["receipts"],
        "summary": "Code receipts by a filled-in workbook, an answer for each row",
        "parameters": [_path("session_id"), key_header()],
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
        "responses": {
            "200": {
                "description": "What became of each row, or would",
                "content": {JSON: {"schema": _reference("CodingAnswer")}},
            },
            **problems(codes),
        },
    }


def _download(name: str, summary: str, kind: str, *parameters: str) -> Schema:
    """Describe a file that is sent as it is made."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    codes = {
        401: ["missing_token", "invalid_token"],
        403: ["not_permitted"],
        404: ["no_such_session", "no_pages", "no_such_document"],
    }
    if kind == XLSX:
        codes[409] = ["file_being_written"]
    return {
        "operationId": name,
        "tags": ["documents"],
        "summary": summary,
        "parameters": [_path("session_id"), *(_path(item) for item in parameters)],
        "responses": {
            "200": {
                "description": "The file",
                # The second is for clients that know no other kind of file.
                "content": {f"application/{kind}": binary, "application/octet-stream": binary},
            },
            **problems(codes),
        },
    }


def _activity() -> Schema:
    """Describe the file of the program used before."""
    shapes = {"type": "string", "enum": ["as_imported", "by_code", "by_id"]}
    codes = {
        400: ["invalid_parameter"],
        401: ["missing_token", "invalid_token"],
        403: ["not_permitted"],
        404: ["no_such_session"],
        422: ["name_of_several"],
    }
    changes = "What is written otherwise for that program's sake, with counts; none without."
    return {
        "operationId": "download_activity",
        "tags": ["outputs"],
        "summary": "A session as the activity.json of the program used before",
        "parameters": [
            _path("session_id"),
            _query("shape", {**shapes, "default": "as_imported"}, "How receipts are grouped."),
            _query(
                "merge_names",
                {"type": "boolean", "default": False},
                "True makes one entry of people who have one name.",
            ),
        ],
        "responses": {
            "200": {
                "description": "The file",
                "headers": {"Activity-Changes": {"description": changes, "schema": TEXT}},
                "content": {
                    JSON: {"schema": {"type": "object", "additionalProperties": True}},
                    "application/octet-stream": {"schema": TEXT},
                },
            },
            **problems(codes),
        },
    }


def _accounting_file() -> Schema:
    """Describe the file for accounting."""
    text = {"schema": TEXT}
    codes = {
        400: ["invalid_parameter"],
        401: ["missing_token", "invalid_token"],
        403: ["not_permitted"],
        404: ["session_not_found", "no_such_profile"],
    }
    return {
        "operationId": "download_accounting_file",
        "tags": ["outputs"],
        "summary": "Every receipt of a session as accounting reads it; repeated pages left out",
        "parameters": [
            _path("session_id"),
            _query("profile_name", {**TEXT, "default": "old_program"}, "Profile of the file."),
            _query(
                "invoice_month",
                {**TEXT, "format": "date"},
                "Any day of the month the invoice is of; else the last one of the period.",
            ),
        ],
        "responses": {
            "200": {
                "description": "The file",
                "content": {"text/csv": text, "application/octet-stream": text},
            },
            **problems(codes),
        },
    }


def _batch_file() -> Schema:
    """Describe the file of a batch."""
    text = {"schema": TEXT}
    number = {"type": "integer", "minimum": 1}
    codes = {
        401: ["missing_token", "invalid_token"],
        403: ["not_permitted"],
        404: ["no_such_accounting_batch"],
    }
    return {
        "operationId": "download_batch",
        "tags": ["outputs"],
        "summary": "The file of a batch, the same bytes for ever",
        "parameters": [
            {"name": "target", "in": "path", "required": True, "schema": TEXT},
            {"name": "batch_number", "in": "path", "required": True, "schema": number},
        ],
        "responses": {
            "200": {
                "description": "The file",
                "content": {"text/csv": text, "application/octet-stream": text},
            },
            **problems(codes),
        },
    }


def _open(name: str, summary: str) -> Schema:
    """Describe a call at the root, which needs no token."""
    schema = _reference("Health") if name != "openapi" else {"type": "object"}
    return {
        "operationId": name,
        "tags": ["about"],
        "summary": summary,
        "security": [],
        "responses": {"200": {"description": "Done", "content": {JSON: {"schema": schema}}}},
    }


def _figures() -> Schema:
    """Describe the figures for a monitoring system."""
    schema = _open("metrics", "Give the figures of service and database, as Prometheus reads them")
    schema["responses"]["200"]["content"] = {"text/plain": {"schema": TEXT}}
    return schema


def _query(name: str, schema: Schema, description: str) -> Schema:
    """Describe a query parameter."""
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _month() -> list[Schema]:
    """Describe what may be said of the month a submission is of."""
    day = {"type": "string", "format": "date"}
    first = "First day of the month, or of another period that is given."
    last = "Last day of the period; not needed for a calendar month."
    programme = "The card programme; two of one period are two programmes."
    return [
        _query("programme", TEXT, programme),
        _query("period_start", day, first),
        _query("period_end", day, last),
    ]


def _path(name: str) -> Schema:
    """Describe an id in the path."""
    return {"name": name, "in": "path", "required": True, "schema": UUID}


def _reference(name: str) -> dict[str, str]:
    """Point to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(**properties: Schema) -> Schema:
    """Describe an object that has at least these members."""
    return {"type": "object", "required": list(properties), "properties": properties}
