"""Issues are decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request

from svc import payloads, queries, routes
from svc.db import Call

if TYPE_CHECKING:
    import uuid

    from flask.typing import ResponseReturnValue

blueprint = Blueprint("issues", __name__, url_prefix="/issues")


@blueprint.post("/<uuid:issue_id>/resolve")
def resolve(issue_id: uuid.UUID) -> ResponseReturnValue:
    """Resolve one issue as it was when the caller saw it."""
    services = routes.services()
    request_id = routes.request_id()
    parameters = payloads.read_object(
        request,
        services.settings.max_body_bytes,
        {
            "expected_version": payloads.integer,
            "method": payloads.text,
            "notes": payloads.text,
        },
        "expected_version",
        "method",
    )
    return services.database.write(
        routes.actor(),
        Call(
            queries.RESOLVE_ISSUE,
            {**parameters, "issue_id": issue_id, "request_id": request_id},
        ),
        request_id=request_id,
    )
