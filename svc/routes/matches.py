"""People decide which charge and which receipt belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request

from svc import payloads, queries, routes
from svc.db import Call

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("matches", __name__, url_prefix="/matches")


@blueprint.post("/decide")
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
