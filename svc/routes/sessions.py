"""Sessions and what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from flask import Blueprint, request, url_for

from svc import payloads, queries, routes
from svc.db import Call
from svc.errors import Problem

if TYPE_CHECKING:
    import uuid

    from flask.typing import ResponseReturnValue

    from svc.db import Row

blueprint = Blueprint("sessions", __name__, url_prefix="/sessions")


@blueprint.post("")
def create() -> ResponseReturnValue:
    """Open an empty session."""
    services = routes.services()
    request_id = routes.request_id()
    parameters = payloads.read_object(
        request,
        services.settings.max_body_bytes,
        {"session_name": payloads.text, "parent_session_id": payloads.identifier},
    )
    session = services.database.write(
        routes.actor(),
        Call(queries.CREATE_SESSION, {**parameters, "request_id": request_id}),
        request_id=request_id,
    )
    location = url_for("api.sessions.get", session_id=session["session_id"])
    return session, 201, {"Location": location}


@blueprint.get("")
def list_all() -> ResponseReturnValue:
    """List sessions, newest first."""
    filters, (after,), size = routes.read_page(
        {"status": payloads.text, "parent_session_id": payloads.identifier}, payloads.identifier
    )
    parameters = {**filters, "after_session_id": after, "limit": size + 1}
    (rows,) = routes.services().database.read(routes.actor(), Call(queries.SESSIONS, parameters))
    return routes.page(rows, size, "session_id")


@blueprint.get("/<uuid:session_id>")
def get(session_id: uuid.UUID) -> ResponseReturnValue:
    """Show one session, and how far the reading of its documents is."""
    sessions, jobs, documents = routes.services().database.read(
        routes.actor(),
        show(session_id),
        Call(queries.SESSION_JOB, {"session_id": session_id}),
        Call(queries.SESSION_DOCUMENTS, {"session_id": session_id}),
    )
    return {**only(sessions), "progress": jobs[0] if jobs else None, "documents": documents}


@blueprint.get("/<uuid:session_id>/employees")
def employees(session_id: uuid.UUID) -> ResponseReturnValue:
    """List the people of a session by name key, each with the current revision."""
    filters, (name, revision_id), size = routes.read_page(
        {"status": payloads.text, "flag": payloads.text, "person": payloads.text},
        payloads.text,
        payloads.identifier,
    )
    parameters = {
        **filters,
        "session_id": session_id,
        "after_name": name,
        "after_revision_id": revision_id,
        "limit": size + 1,
    }
    sessions, rows = routes.services().database.read(
        routes.actor(), show(session_id), Call(queries.SESSION_EMPLOYEES, parameters)
    )
    only(sessions)
    return routes.page(rows, size, "employee_name", "revision_id")


@blueprint.post("/<uuid:session_id>/employees/<uuid:cardholder_id>/hold")
def hold(session_id: uuid.UUID, cardholder_id: uuid.UUID) -> ResponseReturnValue:
    """Put a person on hold and say why."""
    return _set_hold(queries.HOLD_EMPLOYEE, session_id, cardholder_id, "reason")


@blueprint.post("/<uuid:session_id>/employees/<uuid:cardholder_id>/release")
def release(session_id: uuid.UUID, cardholder_id: uuid.UUID) -> ResponseReturnValue:
    """Release a person who is on hold."""
    return _set_hold(queries.RELEASE_EMPLOYEE, session_id, cardholder_id)


@blueprint.get("/<uuid:session_id>/issues")
def issues(session_id: uuid.UUID) -> ResponseReturnValue:
    """List the issues of a session, oldest first."""
    filters, (after,), size = routes.read_page(
        {
            "state": payloads.text,
            "resolved": payloads.boolean,
            "severity": payloads.text,
            "rule": payloads.text,
            "person": payloads.text,
        },
        payloads.identifier,
    )
    parameters = {
        **filters,
        "session_id": session_id,
        "after_issue_id": after,
        "limit": size + 1,
    }
    sessions, rows = routes.services().database.read(
        routes.actor(), show(session_id), Call(queries.SESSION_ISSUES, parameters)
    )
    only(sessions)
    return routes.page(rows, size, "issue_id")


def _set_hold(
    query: LiteralString, session_id: uuid.UUID, cardholder_id: uuid.UUID, *required: str
) -> ResponseReturnValue:
    """Hold or release a person as they were when the caller saw them."""
    services = routes.services()
    request_id = routes.request_id()
    parameters = payloads.read_object(
        request,
        services.settings.max_body_bytes,
        {"expected_version": payloads.integer, "reason": payloads.text},
        "expected_version",
        *required,
    )
    person = {"session_id": session_id, "cardholder_id": cardholder_id}
    return services.database.write(
        routes.actor(),
        Call(query, {**parameters, **person, "request_id": request_id}),
        request_id=request_id,
    )


def show(session_id: uuid.UUID) -> Call:
    """Make the call that shows one session."""
    return Call(queries.SESSION, {"session_id": session_id})


def only(sessions: list[Row]) -> Row:
    """Return the one session that was asked for. Raises Problem 404."""
    if not sessions:
        raise Problem(
            status=404, code="session_not_found", title="no such session", field="session_id"
        )
    return sessions[0]
