"""What stands at the root, without token: is it alive, is it ready, what can it do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from svc import openapi, routes

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("system", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer as long as the process lives."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Answer when the database does too, with a deployed schema."""
    routes.services().database.check()
    return {"status": "ready"}


@blueprint.get("/openapi.json")
def describe() -> ResponseReturnValue:
    """Describe this interface."""
    return openapi.document()
