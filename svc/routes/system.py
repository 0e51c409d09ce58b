"""What stands at the root, without token: is it alive, is it ready, what can it do."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from flask import Blueprint

from svc import routes

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

log = logging.getLogger("ccp")
blueprint = Blueprint("system", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer as long as the process lives."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Answer when the database does too, with a deployed schema.

    Names what is not served, and says when sealing is late: then nobody seals, or a transaction
    stays open, and what was written since can still be changed unseen.
    """
    services = routes.services()
    readiness = services.database.check()
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


@blueprint.get("/openapi.json")
def describe() -> ResponseReturnValue:
    """Describe this interface."""
    return routes.services().door.surface.document
