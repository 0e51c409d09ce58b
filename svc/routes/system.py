"""What stands at the root, without token: is it alive, is it ready, what can it do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from svc import routes

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("system", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer as long as the process lives."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Answer when the database does too, with a deployed schema; name what is not served."""
    services = routes.services()
    services.database.check()
    faults = services.door.surface.faults
    if not faults:
        return {"status": "ready"}
    return {
        "status": "ready",
        "faults": [{"operation": operation, "fault": fault} for operation, fault in faults],
    }


@blueprint.get("/openapi.json")
def describe() -> ResponseReturnValue:
    """Describe this interface."""
    return routes.services().door.surface.document
