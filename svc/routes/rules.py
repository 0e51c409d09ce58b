"""Rules are shown to everybody and changed by administrators."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, request

from svc import payloads, queries, routes
from svc.db import Call

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("rules", __name__, url_prefix="/rules")


@blueprint.get("")
def list_all() -> ResponseReturnValue:
    """List the newest version of each rule."""
    _, (after,), size = routes.read_page({}, payloads.text)
    (rows,) = routes.services().database.read(
        routes.actor(), Call(queries.RULES, {"after_rule": after, "limit": size + 1})
    )
    return routes.page(rows, size, "rule_code")


@blueprint.post("/<rule_code>")
def save(rule_code: str) -> ResponseReturnValue:
    """Make the next version of a rule; what is not given stays."""
    services = routes.services()
    request_id = routes.request_id()
    parameters = payloads.read_object(
        request,
        services.settings.max_body_bytes,
        {
            "expected_version": payloads.integer,
            "severity": payloads.text,
            "enabled": payloads.truth,
            "blocks": payloads.truth,
            "parameters": payloads.an_object,
            "description_template": payloads.text,
            "suggested_resolution": payloads.text,
            "valid_from": payloads.day,
            "valid_until": payloads.day,
            "scope": payloads.text,
        },
        "expected_version",
    )
    given = parameters["parameters"]
    parameters["parameters"] = None if given is None else json.dumps(given)
    return services.database.write(
        routes.actor(),
        Call(queries.SAVE_RULE, {**parameters, "rule_code": rule_code, "request_id": request_id}),
        request_id=request_id,
    )
