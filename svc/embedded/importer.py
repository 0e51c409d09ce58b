"""Imports a file as the person at this machine and prints the reconciliation report."""

import hashlib
from pathlib import Path
from typing import Any, LiteralString

from psycopg.rows import scalar_row

from svc import queries
from svc.embedded.login import Login
from svc.embedded.machine import SetupError, say, tell
from svc.payloads import why_not_text

REPORT: LiteralString = "SELECT report.import_report(%s)"


def answer_to(way_in: Login, file: Path, session_name: str | None) -> tuple[dict[str, Any], str]:
    """Import one file and return the database's answer and the report, empty when there is none.

    Raises SetupError when the file cannot be read or the database refuses the call itself.
    """
    try:
        body = bytearray(file.read_bytes())
    except OSError as error:
        raise SetupError(f"{file}: {error.strerror}") from None
    reason = why_not_text(body)
    with way_in.connect() as connection, connection.cursor(row_factory=scalar_row) as cursor:
        if reason is not None:
            parameters = {
                "file_name": file.name,
                "size": len(body),
                "sha256": hashlib.sha256(body).hexdigest(),
                "code": "invalid_json",
                "reason": reason,
            }
            return cursor.execute(queries.REFUSE_IMPORT, parameters).fetchone() or {}, ""
        parameters = {
            "file": body.decode(),
            "session_name": session_name,
            "parent_session_id": None,
            "dry_run": False,
            "request_id": None,
            "file_name": file.name,
        }
        answer = cursor.execute(queries.IMPORT_ACTIVITY, parameters).fetchone() or {}
        session = answer.get("session_id")
        report = cursor.execute(REPORT, (session,)).fetchone() if session else None
    return answer, report or ""


def import_file(way_in: Login, file: Path, session_name: str | None = None) -> int:
    """Import one file and print what came of it; the status is 1 when it was refused."""
    answer, report = answer_to(way_in, file, session_name)
    outcome = answer.get("outcome")
    if outcome == "refused":
        place = f" at {answer['path']}" if answer.get("path") else ""
        text = f"{file.name}: refused, {answer.get('code')}: {answer.get('message')}{place}"
        say(text)
    else:
        tell(f"{file.name}: {outcome}\n\n{report.rstrip()}\n")
    for reject in answer.get("rejects") or []:
        say(f"{reject['path']}: {reject['code']}: {reject['message']}")
    return 1 if outcome == "refused" else 0
