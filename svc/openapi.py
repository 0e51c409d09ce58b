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
            "/api/v1/sessions/{session_id}/exports/packets.zip": {
                "get": _download("Every person's pages as a ZIP of PDFs", "application/zip")
            },
            "/api/v1/sessions/{session_id}/exports/packets/{cardholder_id}.pdf": {
                "get": _download("One person's pages", "application/pdf", _path("cardholder_id"))
            },
            "/api/v1/sessions/{session_id}/employees": {"get": _employees()},
            "/api/v1/sessions/{session_id}/employees/{cardholder_id}/hold": {
                "post": _hold("Put a person on hold and say why", "reason")
            },
            "/api/v1/sessions/{session_id}/employees/{cardholder_id}/release": {
                "post": _hold("Release a person who is on hold")
            },
            "/api/v1/sessions/{session_id}/issues": {"get": _issues()},
            "/api/v1/sessions/{session_id}/transactions": {"get": _transactions()},
            "/api/v1/sessions/{session_id}/corrections": {"post": _correct()},
            "/api/v1/sessions/{session_id}/matches": {
                "get": _rows("List which charge is covered by which receipt, and why", "Match")
            },
            "/api/v1/sessions/{session_id}/open-charges": {
                "get": _rows("List the charges that no receipt covers", "OpenCharge")
            },
            "/api/v1/sessions/{session_id}/open-receipts": {
                "get": _rows("List the receipts that cover no charge", "OpenReceipt")
            },
            "/api/v1/sessions/{session_id}/compare/{other_id}": {"get": _compare()},
            "/api/v1/revisions/{revision_id}/restore": {"post": _restore()},
            "/api/v1/matches/decide": {"post": _decide_match()},
            "/api/v1/issues": {"get": _work_list()},
            "/api/v1/issues/resolve": {"post": _resolve_many()},
            "/api/v1/issues/{issue_id}": {
                "get": _operation("Show one issue", "Issue", parameters=[_path("issue_id")])
            },
            "/api/v1/issues/{issue_id}/events": {
                "get": _list("List what happened to an issue", "Event", [_path("issue_id")])
            },
            "/api/v1/issues/{issue_id}/resolve": {"post": _resolve()},
            **_steps(),
            "/api/v1/rules": {"get": _list("List the newest version of each rule", "Rule", [])},
            "/api/v1/rules/{rule_code}": {"post": _save_rule()},
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


def _download(summary: str, kind: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    """Describe a file that is sent as it is made."""
    operation = _operation(summary, "Problem", parameters=[_path("session_id"), *parameters])
    schema = {"type": "string", "format": "binary"}
    operation["responses"]["200"] = {
        "description": "The file",
        "content": {kind: {"schema": schema}},
    }
    return operation


def _sessions() -> dict[str, Any]:
    """Describe the list of sessions."""
    filters = [_query("status", TEXT), _query("parent_session_id", UUID)]
    return _list("List sessions, newest first", "Session", filters)


def _employees() -> dict[str, Any]:
    """Describe the list of the people of a session."""
    filters = [_query(name, TEXT) for name in ("status", "flag", "person")]
    return _list("List the people of a session", "Employee", [_path("session_id"), *filters])


def _rows(summary: str, schema: str) -> dict[str, Any]:
    """Describe a list of a session's rows that is filtered by person only."""
    return _list(summary, schema, [_path("session_id"), _query("person", TEXT)])


def _hold(summary: str, *required: str) -> dict[str, Any]:
    """Describe how a person is put on hold or released."""
    return _operation(
        summary,
        "Employee",
        parameters=[_path("session_id"), _path("cardholder_id"), _header()],
        body={
            "type": "object",
            "required": ["expected_version", *required],
            "properties": {"expected_version": {"type": "integer", "minimum": 1}, "reason": TEXT},
            "additionalProperties": False,
        },
    )


def _issues() -> dict[str, Any]:
    """Describe the list of the issues of a session."""
    filters = [_query(name, TEXT) for name in ("state", "severity", "rule", "person")]
    filters.append(_query("resolved", {"type": "boolean"}))
    return _list("List the issues of a session", "Issue", [_path("session_id"), *filters])


def _work_list() -> dict[str, Any]:
    """Describe the list of open issues."""
    names = ("order", "assignee", "state", "severity", "rule", "person")
    filters = [_query("session_id", UUID), *(_query(name, TEXT) for name in names)]
    filters.append(_query("overdue", {"type": "boolean"}))
    return _list(
        "List open issues of a session or of an assignee, by age (default), due, severity, "
        "dollars or person",
        "WorkItem",
        filters,
    )


def _resolve_many() -> dict[str, Any]:
    """Describe how many issues are resolved at once."""
    item = {
        "type": "object",
        "required": ["issue_id", "expected_version"],
        "properties": {
            "issue_id": UUID,
            "expected_version": {"type": "integer", "minimum": 1},
            "method": TEXT,
            "notes": TEXT,
        },
    }
    return _operation(
        "Resolve the issues of a list, or the open ones a filter of one session finds now",
        "Bulk",
        parameters=[_header()],
        body={
            "type": "object",
            "properties": {
                "items": {"type": "array", "items": item},
                "filter": {"type": "object", "required": ["session_id"]},
                "method": TEXT,
                "notes": TEXT,
                "atomic": {"type": "boolean", "default": False},
                "dry_run": {"type": "boolean", "default": False},
            },
            "additionalProperties": False,
        },
    )


def _steps() -> dict[str, Any]:
    """Describe the other steps of an issue's life."""
    note = {"note": TEXT}
    waiver = {
        "reason_class": TEXT,
        "reason": TEXT,
        "amount_limit": {"type": ["string", "integer"]},
        "ends_on": {"type": "string", "format": "date"},
    }
    steps: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
        "start": ("Begin or go on with work on an issue", note, ()),
        "suspend": ("Let an issue wait for somebody", note, ("note",)),
        "reopen": ("Take a decision back", note, ("note",)),
        "note": ("Add a note", note, ("note",)),
        "false-positive": ("Say that a finding is none", {"reason": TEXT}, ("reason",)),
        "assign": ("Give an issue to somebody, or to nobody", {**note, "user_name": TEXT}, ()),
        "waiver": ("Propose to let an issue be", waiver, tuple(waiver)),
        "waiver/approve": ("Approve a waiver somebody else proposed", note, ()),
        "waiver/reject": ("Reject a waiver somebody else proposed", note, ("note",)),
    }
    version = {"expected_version": {"type": "integer", "minimum": 1}}
    return {
        f"/api/v1/issues/{{issue_id}}/{name}": {
            "post": _operation(
                summary,
                "Issue",
                parameters=[_path("issue_id"), _header()],
                body={
                    "type": "object",
                    "required": ["expected_version", *required],
                    "properties": {**version, **properties},
                    "additionalProperties": False,
                },
            )
        }
        for name, (summary, properties, required) in steps.items()
    }


def _save_rule() -> dict[str, Any]:
    """Describe how a rule is changed."""
    code = {**_path("rule_code"), "schema": TEXT}
    return _operation(
        "Make the next version of a rule; what is not given stays",
        "Rule",
        parameters=[code, _header()],
        body={
            "type": "object",
            "required": ["expected_version"],
            "properties": {
                "expected_version": {"type": "integer", "minimum": 1},
                "severity": TEXT,
                "enabled": {"type": "boolean"},
                "blocks": {"type": "boolean"},
                "parameters": {"type": "object"},
                "description_template": TEXT,
                "suggested_resolution": TEXT,
                "valid_from": {"type": "string", "format": "date"},
                "valid_until": {"type": "string", "format": "date"},
                "scope": TEXT,
            },
            "additionalProperties": False,
        },
    )


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
            "required": ["corrections", "reason"],
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


def _decide_match() -> dict[str, Any]:
    """Describe how pairs of charges and receipts are decided."""
    ids = {"type": "array", "minItems": 1, "maxItems": 100, "items": UUID}
    amount = {"type": ["string", "integer"]}
    return _operation(
        "Decide which charge and receipt of a person belong together, or do not: the pairs are "
        "the ids at the same place of both lists",
        "Bridge",
        parameters=[_header()],
        body={
            "type": "object",
            "required": ["decision", "charge_ids", "transaction_ids", "expected_version"],
            "properties": {
                "decision": {"enum": ["confirm", "split", "reject", "undo"]},
                "charge_ids": ids,
                "transaction_ids": ids,
                "expected_version": {"type": "integer", "minimum": 1},
                "amounts": {"type": "array", "minItems": 1, "items": amount},
                "reason": TEXT,
            },
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
            cardholder_id=UUID,
            employee_name=TEXT,
            status=TEXT,
            hold_reason={"type": ["string", "null"]},
            version={"type": "integer"},
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
        "Match": _row(
            charge_id=UUID,
            transaction_id=UUID,
            employee_name=TEXT,
            amount=MONEY,
            explanation=TEXT,
            person_version={"type": "integer"},
        ),
        "OpenCharge": _row(
            charge_id=UUID,
            employee_name=TEXT,
            open_amount=MONEY,
            person_version={"type": "integer"},
        ),
        "OpenReceipt": _row(
            transaction_id=UUID,
            employee_name=TEXT,
            open_amount=MONEY,
            person_version={"type": "integer"},
        ),
        "Bridge": _row(
            revision_id=UUID,
            version={"type": "integer"},
            open_charge_amount=MONEY,
            open_receipt_amount=MONEY,
            accepted_residuals=MONEY,
            unexplained=MONEY,
            is_clean={"type": "boolean"},
        ),
        "Difference": _row(
            kind=TEXT, field=TEXT, old_amount=MONEY, new_amount=MONEY, difference=MONEY
        ),
        "Upload": _row(
            outcome={"enum": ["queued", "unchanged"]}, session_id=UUID, job_id=UUID, location=TEXT
        ),
        "WorkItem": _row(
            issue_id=UUID,
            issue_type=TEXT,
            severity=TEXT,
            state=TEXT,
            amount_impact=MONEY,
            age_days={"type": "integer"},
            touch_count={"type": "integer"},
            version={"type": "integer"},
        ),
        "Event": _row(
            issue_version={"type": "integer"}, from_state=TEXT, to_state=TEXT, user_name=TEXT
        ),
        "Bulk": _row(
            outcome={"enum": ["done", "refused", "dry_run"]},
            batch_id={"type": ["string", "null"], "format": "uuid"},
            done={"type": "integer"},
            items={"type": "array", "items": {"type": "object"}},
        ),
        "Rule": _row(
            rule_code=TEXT,
            version={"type": "integer"},
            severity=TEXT,
            parameters={"type": "object"},
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
