"""The description of the interface in OpenAPI 3.1, written by hand and small.

Rows are described by the columns clients act on; the views of schema `report` hold them all.
"""

from __future__ import annotations

from typing import Any

UUID = {"type": "string", "format": "uuid"}
TEXT = {"type": "string"}
MONEY = {"type": ["string", "null"], "pattern": r"^-?\d+\.\d{2}$"}


def document() -> dict[str, Any]:
    """Return the whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Credit card reconciliation",
            "version": "1",
            "description": (
                "Money is a decimal string, an instant or date is ISO 8601, an id is a uuid. "
                "Every error is an application/problem+json with a stable code."
            ),
        },
        "security": [{"token": []}],
        "paths": {
            "/api/v1/import-json": {"post": _import()},
            "/api/v1/sessions": {"get": _sessions(), "post": _create_session()},
            "/api/v1/sessions/{session_id}": {
                "get": _operation("Show one session", "Session", parameters=[_path("session_id")])
            },
            "/api/v1/sessions/{session_id}/files": {"post": _upload()},
            "/api/v1/sessions/{session_id}/employees": {"get": _employees()},
            "/api/v1/sessions/{session_id}/issues": {"get": _issues()},
            "/api/v1/sessions/{session_id}/transactions": {"get": _transactions()},
            "/api/v1/sessions/{session_id}/corrections": {"post": _correct()},
            "/api/v1/sessions/{session_id}/compare/{other_id}": {"get": _compare()},
            "/api/v1/revisions/{revision_id}/restore": {"post": _restore()},
            "/api/v1/issues/{issue_id}/resolve": {"post": _resolve()},
            "/healthz": {"get": _open("Answer as long as the process lives")},
            "/readyz": {"get": _open("Answer when the database does too, else 503")},
            "/openapi.json": {"get": _open("Return this document")},
        },
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
            "schemas": _schemas(),
        },
    }


def _import() -> dict[str, Any]:
    """Describe the import of an old file."""
    operation = _operation(
        "Import an activity.json; the body is the file",
        "ImportReport",
        status="201",
        parameters=[
            _query("session_name", TEXT),
            _query("parent_session_id", UUID),
            _query("dry_run", {"type": "boolean", "default": False}),
            _query("file_name", TEXT),
            _header(),
        ],
        body={"type": "object"},
    )
    operation["responses"]["200"] = _content(
        "Nothing changed: the content is already current, or a dry run", "ImportReport"
    )
    return operation


def _create_session() -> dict[str, Any]:
    """Describe how an empty session is opened."""
    properties = {"session_name": TEXT, "parent_session_id": UUID}
    return _operation(
        "Open an empty session",
        "Session",
        status="201",
        parameters=[_header()],
        body={"type": "object", "properties": properties, "additionalProperties": False},
    )


def _upload() -> dict[str, Any]:
    """Describe how the two PDFs of a session are handed in."""
    operation = _operation(
        "Hand in the two PDFs of an open session; a worker reads them (poll the session)",
        "Upload",
        status="202",
        parameters=[_path("session_id"), _header()],
    )
    file = {"type": "string", "format": "binary"}
    schema = {
        "type": "object",
        "required": ["car", "receipts"],
        "properties": {"car": file, "receipts": file},
        "additionalProperties": False,
    }
    operation["requestBody"] = {"content": {"multipart/form-data": {"schema": schema}}}
    operation["responses"]["200"] = _content("A session has exactly these files", "Upload")
    return operation


def _sessions() -> dict[str, Any]:
    """Describe the list of sessions."""
    filters = [_query("status", TEXT), _query("parent_session_id", UUID)]
    return _list("List sessions, newest first", "Session", filters)


def _employees() -> dict[str, Any]:
    """Describe the list of the people of a session."""
    filters = [_query(name, TEXT) for name in ("status", "flag", "person")]
    return _list("List the people of a session", "Employee", [_path("session_id"), *filters])


def _issues() -> dict[str, Any]:
    """Describe the list of the issues of a session."""
    filters = [_query(name, TEXT) for name in ("state", "severity", "rule", "person")]
    filters.append(_query("resolved", {"type": "boolean"}))
    return _list("List the issues of a session", "Issue", [_path("session_id"), *filters])


def _resolve() -> dict[str, Any]:
    """Describe how an issue is resolved."""
    return _operation(
        "Resolve one issue as it was when the caller saw it",
        "Issue",
        parameters=[_path("issue_id"), _header()],
        body={
            "type": "object",
            "required": ["expected_version", "method"],
            "properties": {
                "expected_version": {"type": "integer", "minimum": 1},
                "method": TEXT,
                "notes": TEXT,
            },
            "additionalProperties": False,
        },
    )


def _transactions() -> dict[str, Any]:
    """Describe the list of the receipts of a session."""
    filters = [_query("person", TEXT), _query("coded", {"type": "boolean"})]
    return _list("List the receipts of a session", "Transaction", [_path("session_id"), *filters])


def _correct() -> dict[str, Any]:
    """Describe how receipts are corrected."""
    correction = {
        "type": "object",
        "required": ["transaction_id", "employee_revision_id", "changes"],
        "properties": {
            "transaction_id": UUID,
            "employee_revision_id": UUID,
            "changes": {"type": "object"},
        },
    }
    return _operation(
        "Correct receipts, all or none; one new revision per person",
        "Correction",
        parameters=[_path("session_id"), _header()],
        body={
            "type": "object",
            "required": ["corrections"],
            "properties": {
                "corrections": {"type": "array", "minItems": 1, "items": correction},
                "reason": TEXT,
            },
            "additionalProperties": False,
        },
    )


def _compare() -> dict[str, Any]:
    """Describe the comparison of two sessions."""
    paths = [_path("session_id"), _path("other_id")]
    return _list("List what is different in another session", "Difference", paths)


def _restore() -> dict[str, Any]:
    """Describe how a revision is restored."""
    return _operation(
        "Make a new revision of a person with the content of an old one",
        "Employee",
        status="201",
        parameters=[_path("revision_id"), _header()],
        body={
            "type": "object",
            "required": ["expected_revision_id"],
            "properties": {"expected_revision_id": UUID, "reason": TEXT},
            "additionalProperties": False,
        },
    )


def _list(summary: str, row: str, filters: list[dict[str, Any]]) -> dict[str, Any]:
    """Describe a list that is paged by key."""
    limit = {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}
    paging = [_query("cursor", TEXT), _query("limit", limit)]
    operation = _operation(summary, row, parameters=[*filters, *paging])
    operation["responses"]["200"]["content"]["application/json"]["schema"] = {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": _reference(row)},
            "next_cursor": {"type": ["string", "null"]},
        },
    }
    return operation


def _operation(
    summary: str,
    answer: str,
    *,
    parameters: list[dict[str, Any]],
    status: str = "200",
    body: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Describe one call that needs a token."""
    problem = {"schema": _reference("Problem")}
    operation: dict[str, Any] = {
        "summary": summary,
        "parameters": parameters,
        "responses": {
            status: _content("Done", answer),
            "default": {"description": "Refused", "content": {"application/problem+json": problem}},
        },
    }
    if body is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": body}}}
    return operation


def _open(summary: str) -> dict[str, Any]:
    """Describe a call at the root, which needs no token."""
    return {"summary": summary, "security": [], "responses": {"200": {"description": "Done"}}}


def _content(description: str, schema: str) -> dict[str, Any]:
    """Describe an answer of one schema."""
    content = {"application/json": {"schema": _reference(schema)}}
    return {"description": description, "content": content}


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Describe a query parameter."""
    return {"name": name, "in": "query", "schema": schema}


def _path(name: str) -> dict[str, Any]:
    """Describe a path parameter."""
    return {"name": name, "in": "path", "required": True, "schema": UUID}


def _header() -> dict[str, Any]:
    """Describe the key under which a repeated POST gets its first answer."""
    schema = {"type": "string", "minLength": 1, "maxLength": 200}
    return {"name": "Idempotency-Key", "in": "header", "schema": schema}


def _reference(schema: str) -> dict[str, str]:
    """Point to a schema."""
    return {"$ref": f"#/components/schemas/{schema}"}


def _schemas() -> dict[str, Any]:
    """Describe the answers."""
    place = {"type": "object", "properties": {"path": TEXT, "code": TEXT, "message": TEXT}}
    return {
        "Session": _row(session_id=UUID, session_name=TEXT, status=TEXT, total_amount=MONEY),
        "Employee": _row(
            revision_id=UUID,
            employee_name=TEXT,
            status=TEXT,
            car_total=MONEY,
            receipt_total=MONEY,
            amount_difference=MONEY,
            validation_flags={"type": "object", "additionalProperties": {"type": "boolean"}},
        ),
        "Issue": _row(
            issue_id=UUID,
            issue_type=TEXT,
            severity=TEXT,
            description=TEXT,
            amount_impact=MONEY,
            state=TEXT,
            is_resolved={"type": "boolean"},
            version={"type": "integer"},
        ),
        "Transaction": _row(
            transaction_id=UUID,
            employee_revision_id=UUID,
            employee_name=TEXT,
            amount=MONEY,
            is_coded={"type": "boolean"},
        ),
        "Correction": _row(
            session_id=UUID,
            transactions_changed={"type": "integer"},
            revisions_made={"type": "integer"},
        ),
        "Difference": _row(kind=TEXT, field=TEXT, difference=MONEY),
        "Upload": _row(
            outcome={"enum": ["queued", "unchanged"]}, session_id=UUID, job_id=UUID, location=TEXT
        ),
        "ImportReport": _row(
            outcome={"enum": ["accepted", "unchanged", "dry_run"]},
            session_id={"type": ["string", "null"], "format": "uuid"},
            report={"type": "object"},
            rejects={"type": "array", "items": place},
        ),
        "Problem": _row(
            type=TEXT,
            title=TEXT,
            status={"type": "integer"},
            detail={"type": ["string", "null"]},
            code=TEXT,
            sqlstate={"type": ["string", "null"]},
            hint={"type": ["string", "null"]},
            field={"type": ["string", "null"]},
            errors={"type": "array", "items": place},
            error_id=TEXT,
        ),
    }


def _row(**properties: object) -> dict[str, Any]:
    """Describe an object with at least these members."""
    return {"type": "object", "properties": properties}
