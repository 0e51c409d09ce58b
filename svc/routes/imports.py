"""The old program's file comes in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flask import request

from svc import errors, payloads, queries, routes
from svc.db import Call
from svc.routes import attempts
from svc.surface import values

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from svc.db import Row

NOT_TEXT_CODE = "invalid_json"
STATUS = {"accepted": 201, "awaiting_decision": 202}
SHAPE: payloads.Shape = {
    "session_name": values.text,
    "parent_session_id": values.identifier,
    "dry_run": values.boolean,
    "file_name": values.text,
    **payloads.MONTH,
}


def import_json() -> ResponseReturnValue:
    """Import an `activity.json`: the body is the file, byte by byte."""
    request_id = routes.request_id()
    parameters = payloads.read_query(request, SHAPE)
    body = payloads.read_body(request, routes.services().settings.max_import_bytes)
    return take(body, parameters, request_id)


def take(body: bytearray, parameters: Row, request_id: str) -> ResponseReturnValue:
    """Import a file, or tell what would become of it. Raises Problem when it is refused."""
    services = routes.services()

    def describe() -> list[Row]:
        """Return what a record of the file says; its checksum is not needed before."""
        checksum = hashlib.sha256(body).hexdigest()
        return [{"file_name": parameters["file_name"], "size": len(body), "sha256": checksum}]

    reason = payloads.why_not_text(body)
    if reason is not None:
        refused = {"code": NOT_TEXT_CODE, "reason": reason, "request_id": request_id}
        call = Call(queries.REFUSE_IMPORT, {**describe()[0], **refused})
    else:
        dry_run = bool(parameters["dry_run"])
        call = Call(
            queries.IMPORT_ACTIVITY,
            {**parameters, "file": body, "dry_run": dry_run, "request_id": request_id},
        )
    with attempts.recorded(describe, request_id):
        answer: Row = services.database.write(
            routes.actor(), call, request_id=request_id, timeout=services.settings.import_timeout
        )["answer"]
    if answer["outcome"] == "refused":
        raise errors.from_refusal(answer)
    if answer["outcome"] not in STATUS:
        return answer
    location = routes.location(answer)
    return answer, STATUS[answer["outcome"]], {"Location": location}
