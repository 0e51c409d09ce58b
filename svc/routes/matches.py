"""Which charge and which receipt belong together, what is open, and what people decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from flask import Blueprint, request

from svc import payloads, queries, routes
from svc.db import Call
from svc.routes.sessions import only, show

if TYPE_CHECKING:
    import uuid

    from flask.typing import ResponseReturnValue

blueprint = Blueprint("matches", __name__)


@blueprint.get("/sessions/<uuid:session_id>/matches")
def matches(session_id: uuid.UUID) -> ResponseReturnValue:
    """List which charge is covered by which receipt, and why."""
    return _list(queries.SESSION_MATCHES, session_id, "charge_id", "transaction_id")


@blueprint.get("/sessions/<uuid:session_id>/open-charges")
def open_charges(session_id: uuid.UUID) -> ResponseReturnValue:
    """List the charges that no receipt covers, each with the nearest one."""
    return _list(queries.SESSION_OPEN_CHARGES, session_id, "charge_id")


@blueprint.get("/sessions/<uuid:session_id>/open-receipts")
def open_receipts(session_id: uuid.UUID) -> ResponseReturnValue:
    """List the receipts that cover no charge, each with the nearest one."""
    return _list(queries.SESSION_OPEN_RECEIPTS, session_id, "transaction_id")


@blueprint.post("/matches/decide")
def decide() -> ResponseReturnValue:
    """Decide pairs of a person's charges and receipts; answer with the bridge afterwards."""
    services = routes.services()
    request_id = routes.request_id()
    parameters = payloads.read_object(
        request,
        services.settings.max_body_bytes,
        {
            "decision": payloads.text,
            "charge_ids": payloads.many(payloads.identifier),
            "transaction_ids": payloads.many(payloads.identifier),
            "expected_version": payloads.integer,
            "amounts": payloads.many(payloads.money),
            "reason": payloads.text,
        },
        "decision",
        "charge_ids",
        "transaction_ids",
        "expected_version",
    )
    answer = services.database.write(
        routes.actor(),
        Call(queries.DECIDE_MATCH, {**parameters, "request_id": request_id}),
        request_id=request_id,
    )
    return dict(answer["answer"])


def _list(query: LiteralString, session_id: uuid.UUID, *keys: str) -> ResponseReturnValue:
    """List rows of a session by the ids they are known by."""
    filters, after, size = routes.read_page(
        {"person": payloads.text}, *(payloads.identifier for _ in keys)
    )
    parameters = {
        **filters,
        **{f"after_{key}": value for key, value in zip(keys, after, strict=True)},
        "session_id": session_id,
        "limit": size + 1,
    }
    sessions, rows = routes.services().database.read(
        routes.actor(), show(session_id), Call(query, parameters)
    )
    only(sessions)
    return routes.page(rows, size, *keys)
