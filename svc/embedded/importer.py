"""Imports a file as the person at this machine and prints the reconciliation report."""

import hashlib
from pathlib import Path
from typing import Any, LiteralString

from psycopg.rows import scalar_row

from svc import queries
from svc.embedded.importing import Said
from svc.embedded.login import Login
from svc.embedded.machine import SetupError, say, tell
from svc.payloads import why_not_text

REPORT: LiteralString = "SELECT report.import_report(%s)"
DECIDE = """\
  ./run psql -c "SELECT api.CALL(s.session_id, s.version, 'why') \
FROM report.sessions AS s WHERE s.session_id = 'SESSION'\""""
REFUSED, AWAITS = 1, 2
NOTHING_SAID = Said()


def answer_to(way_in: Login, file: Path, said: Said = NOTHING_SAID) -> tuple[dict[str, Any], str]:
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
                "request_id": None,
            }
            return cursor.execute(queries.REFUSE_IMPORT, parameters).fetchone() or {}, ""
        parameters = {
            "file": body.decode(),
            "session_name": said.name,
            "parent_session_id": said.parent,
            "dry_run": said.dry_run,
            "request_id": None,
            "file_name": file.name,
            **said.month,
        }
        answer = cursor.execute(queries.IMPORT_ACTIVITY, parameters).fetchone() or {}
        session = answer.get("session_id")
        report = cursor.execute(REPORT, (session,)).fetchone() if session else None
    return answer, report or ""


def import_file(way_in: Login, file: Path, said: Said = NOTHING_SAID) -> int:
    """Import one file and print what came of it; return the status."""
    answer, report = answer_to(way_in, file, said)
    return tell_answer(file.name, answer, report)


def tell_answer(title: str, answer: dict[str, Any], report: str) -> int:
    """Print what came of a submission; the status is 1 when refused, 2 when it awaits."""
    outcome = answer.get("outcome")
    if outcome == "refused":
        place = f" at {answer['path']}" if answer.get("path") else ""
        say(f"{title}: refused, {answer.get('code')}: {answer.get('message')}{place}")
    elif outcome == "dry_run":
        tell(f"{title}: dry run, nothing was changed\n\n{_figures(answer['report'])}\n")
    else:
        words = str(outcome).replace("_", " ")
        tell(f"{title}: {words}\n\n{report.rstrip()}\n")
    for reject in answer.get("rejects") or []:
        say(f"{reject['path']}: {reject['code']}: {reject['message']}")
    if outcome == "awaiting_decision":
        say("decide, with a reason (and a parent, if it follows another submission):")
        for call in ("accept_submission", "discard_submission"):
            say(DECIDE.replace("CALL", call).replace("SESSION", answer["session_id"]))
    return {"refused": REFUSED, "awaiting_decision": AWAITS}.get(str(outcome), 0)


def _figures(report: dict[str, Any]) -> str:
    """Return what a dry run would have brought, a line each."""
    control = report["control"]
    month = " to ".join(str(report[key]) for key in ("period_start", "period_end"))
    lines = {
        "Month": " ".join(filter(None, (report["programme"], month))),
        "People": report["employees"],
        "Receipts": report["transactions"],
        "Card total, known ones": report["car_total"],
        "Receipt total": report["receipt_total"],
        "Open issues": report["open_issues"],
        **{f"  {rule}": count for rule, count in sorted(report["issues"].items())},
        "Report Totals": control["report_totals"].replace("_", " "),
        "People with receipts in the card report": _share(control, "names_fitting", "names"),
        "Receipts dated about the period": _share(control, "receipts_in_period", "dated_receipts"),
        "Would await a decision": ", ".join(control["reasons"]) or "no",
    }
    return "\n".join(f"{label}: {value}" for label, value in lines.items())


def _share(control: dict[str, Any], part: str, whole: str) -> str:
    """Return a share of a control block in words."""
    return f"{'unknown' if control[part] is None else control[part]} of {control[whole]}"
