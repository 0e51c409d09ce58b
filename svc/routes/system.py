"""What stands at the root, without token: is it alive, is it ready, what can it do."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, request

from svc import errors, metrics, routes
from svc.db import LOGIN

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

log = logging.getLogger("ccp")
blueprint = Blueprint("system", __name__)
# Asked every few seconds: an answer that is fine is no line of the log.
PROBES = ("/healthz", "/readyz", "/metrics")


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer as long as the process lives."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Answer when the database does too, with a deployed schema of our version and our role.

    Else 503 `not_ready` names in `missing` what is not there: database, version, role, or, when
    asked with `?writable=true`, writable. Names what is not served, and says when sealing is
    late: then nobody seals, or a transaction stays open, and what was written since can still be
    changed unseen.
    """
    services = routes.services()
    try:
        readiness = services.database.check()
    except errors.DatabaseError as error:
        return _not_ready([errors.unready(error)[0]])
    missing = [
        name
        for name, is_there in (
            ("role", readiness["login"] == LOGIN),
            ("version", not readiness["missing"]),
            ("writable", readiness["is_writable"] or request.args.get("writable") != "true"),
        )
        if not is_there
    ]
    if missing:
        return _not_ready(missing)
    answer: dict[str, Any] = {"status": "ready"}
    if services.door.surface.faults:
        answer["faults"] = [
            {"operation": operation, "fault": fault}
            for operation, fault in services.door.surface.faults
        ]
    if readiness["is_seal_late"]:
        answer["seal_lag_seconds"] = readiness["seal_lag_seconds"]
        log.error("sealing is late", extra={"fields": {"seconds": readiness["seal_lag_seconds"]}})
    return answer


def _not_ready(missing: list[str]) -> ResponseReturnValue:
    """Answer that the service cannot work, and for want of what."""
    problem = errors.Problem(status=503, code="not_ready", title="not ready")
    body = {**problem.body(g.error_id), "missing": missing}
    log.error("not ready", extra={"fields": {"missing": missing}})
    return body, 503, {**errors.RETRY_AFTER, "Content-Type": "application/problem+json"}


@blueprint.get("/metrics")
def figures() -> ResponseReturnValue:
    """Give the figures of all processes and of the database, as Prometheus reads them."""
    return metrics.exposition(routes.services().database), {"Content-Type": metrics.CONTENT_TYPE}


@blueprint.get("/openapi.json")
def describe() -> ResponseReturnValue:
    """Describe this interface."""
    return routes.services().door.surface.document
