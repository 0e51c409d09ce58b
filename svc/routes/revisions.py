"""Receipts are read and corrected, revisions restored, sessions compared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, request

from svc import payloads, queries, routes
from svc.db import Call
from svc.routes import sessions

if TYPE_CHECKING:
    import uuid

    from flask.typing import ResponseReturnValue

blueprint = Blueprint("revisions", __name__)


@blueprint.get("/sessions/<uuid:session_id>/transactions")
def transactions(session_id: uuid.UUID) -> ResponseReturnValue:
    """List the receipts of a session as they are now, oldest id first."""
    filters, (after,), size = routes.read_page(
        {"person": payloads.text, "coded": payloads.boolean}, payloads.identifier
    )
    parameters = {
        **filters,
        "session_id": session_id,
        "after_transaction_id": after,
        "limit": size + 1,
    }
    found, rows = routes.services().database.read(
        routes.actor(),
        sessions.show(session_id),
        Call(queries.SESSION_TRANSACTIONS, parameters),
    )
    sessions.only(found)
    return routes.page(rows, size, "transaction_id")


@blueprint.post("/sessions/<uuid:session_id>/corrections")
def correct(session_id: uuid.UUID) -> ResponseReturnValue:
    """Correct receipts: all of the list or none, one new revision per person."""
    services = routes.services()
    request_id = routes.request_id()
    parameters = payloads.read_object(
        request,
        services.settings.max_body_bytes,
        {"corrections": payloads.objects, "reason": payloads.text},
        "corrections",
        "reason",
    )
    answer = services.database.write(
        routes.actor(),
        Call(
            queries.CORRECT_TRANSACTIONS,
            {
                **parameters,
                "corrections": json.dumps(parameters["corrections"]),
                "session_id": session_id,
                "request_id": request_id,
            },
        ),
        request_id=request_id,
    )
    return dict(answer["answer"])


@blueprint.post("/revisions/<uuid:revision_id>/restore")
def restore(revision_id: uuid.UUID) -> ResponseReturnValue:
    """Make a new revision of a person with the content of an old one."""
    services = routes.services()
    request_id = routes.request_id()
    parameters = payloads.read_object(
        request,
        services.settings.max_body_bytes,
        {"expected_revision_id": payloads.identifier, "reason": payloads.text},
        "expected_revision_id",
    )
    revision = services.database.write(
        routes.actor(),
        Call(
            queries.RESTORE_REVISION,
            {**parameters, "revision_id": revision_id, "request_id": request_id},
        ),
        request_id=request_id,
    )
    return revision, 201


@blueprint.get("/sessions/<uuid:session_id>/compare/<uuid:other_id>")
def compare(session_id: uuid.UUID, other_id: uuid.UUID) -> ResponseReturnValue:
    """List what is different in another session: summary, people, receipts, field by field."""
    _, (after,), size = routes.read_page({}, payloads.place)
    parameters = {
        "session_id": session_id,
        "other_id": other_id,
        "after_place": after or 0,
        "limit": size + 1,
    }
    mine, theirs, rows = routes.services().database.read(
        routes.actor(),
        sessions.show(session_id),
        sessions.show(other_id),
        Call(queries.COMPARE_SESSIONS, parameters),
    )
    sessions.only(mine)
    sessions.only(theirs)
    return routes.page(rows, size, "place")
