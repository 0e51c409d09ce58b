"""Files for others: rows of schema `report`, written as their readers want them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import request

from svc import payloads, queries, routes
from svc.db import Call
from svc.errors import Problem
from svc.surface import values

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator

    from flask.typing import ResponseReturnValue

    from svc.db import Row

PROFILE: Final = "old_program"
RECORDS: Final = 500
"""So many records are sent in one piece."""

LINE_ENDS: Final = {"lf": "\n", "crlf": "\r\n"}


def import_csv(session_id: uuid.UUID) -> ResponseReturnValue:
    """Send every receipt of a session as accounting reads it, repeated pages left out."""
    shape = {"profile_name": values.text, "invoice_month": values.day}
    said = payloads.read_query(request, shape)
    said["profile_name"] = said["profile_name"] or PROFILE
    parameters = {"session_id": session_id, **said}
    sessions, records, profiles = routes.services().database.read(
        routes.actor(),
        Call(queries.SESSION, parameters),
        Call(queries.ACCOUNTING_RECORDS, parameters),
        Call(queries.ACCOUNTING_PROFILE, parameters),
    )
    if not sessions:
        raise Problem(status=404, code="session_not_found", title="no such session")
    headers = {
        "Content-Disposition": 'attachment; filename="import.csv"',
        "Content-Type": "text/csv; charset=utf-8",
    }
    return pieces(LINE_ENDS[profiles[0]["line_end"]], records), 200, headers


def pieces(line_end: str, records: list[Row]) -> Iterator[str]:
    """Yield the records of a file, some hundreds in one piece."""
    for start in range(0, len(records), RECORDS):
        yield "".join(row["record"] + line_end for row in records[start : start + RECORDS])
