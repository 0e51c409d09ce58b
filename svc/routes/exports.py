"""Files for others: rows of schema `report`, written as their readers want them."""

from __future__ import annotations

import io
import tempfile
from typing import IO, TYPE_CHECKING, Final

from flask import request

from svc import payloads, queries, routes
from svc.db import Call
from svc.errors import Problem
from svc.exports.workbook import write_workbook
from svc.surface import values

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator

    from flask.typing import ResponseReturnValue

    from svc.db import Look, Row

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PIECE_BYTES: Final = 256 * 1024
PROFILE: Final = "old_program"
RECORDS: Final = 500
"""So many records are sent in one piece."""

LINE_ENDS: Final = {"lf": "\n", "crlf": "\r\n"}


def report_xlsx(session_id: uuid.UUID) -> ResponseReturnValue:
    """Send the workbook of a session, made whole on disk first."""
    payloads.read_query(request, {})
    target = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is sent

    def work(look: Look) -> None:
        """Write it, from the beginning should it be the second attempt."""
        target.seek(0)
        target.truncate()
        if not list(look(Call(queries.SESSION, {"session_id": session_id}))):
            raise Problem(status=404, code="session_not_found", title="no such session")
        write_workbook(look, session_id, target)

    try:
        routes.services().database.look(routes.actor(), work)
    except BaseException:
        target.close()
        raise
    headers = {
        "Content-Disposition": 'attachment; filename="report.xlsx"',
        "Content-Type": XLSX,
        "Content-Length": str(target.seek(0, io.SEEK_END)),
    }
    return sent(target), 200, headers


def sent(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file piece by piece and close it."""
    with file:
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece


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
