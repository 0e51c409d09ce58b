"""Go or no-go: ./run cutover has the checks computed and prints the verdict with its evidence."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any, Final, LiteralString

from psycopg.rows import dict_row

from svc.embedded.machine import SetupError, tell

if TYPE_CHECKING:
    from svc.embedded.login import Login

WIDTH: Final = 80
NO_GO: Final = 1
COMPUTE: LiteralString = "SELECT v.* FROM api.run_cutover_checks() AS v"
CHECKS: LiteralString = "SELECT c.* FROM report.cutover AS c ORDER BY c.place"
MARKS: Final = {
    "passed": "yes",
    "waived": "WAIVED",
    "failed": "NO",
    "expired": "EXPIRED",
    "missing": "OPEN",
}
ASKED: Final = {
    "freeze": ("frozen",),
    "go_live": ("frozen", "live"),
    "finish": ("done",),
}


def print_verdict(way_in: Login, arguments: list[str]) -> int:
    """Print the verdict and what it is built on; return 1 while it is no.

    Raises SetupError for arguments, of which there are none.
    """
    if arguments:
        raise SetupError("cutover: ./run cutover has no arguments")
    with way_in.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        verdict = cursor.execute(COMPUTE).fetchone() or {}
        connection.commit()
        checks = cursor.execute(CHECKS).fetchall()
    for line in lines(verdict, checks):
        tell(line)
    return 0 if verdict["is_go"] or verdict["state"] == "done" else NO_GO


def lines(verdict: dict[str, Any], checks: list[dict[str, Any]]) -> list[str]:
    """Lay out the verdict, at most 80 columns wide."""
    since = f" since {verdict['since']:%Y-%m-%d %H:%M UTC}" if verdict["since"] else ""
    told = [f"Cut-over: {verdict['state']}{since}"]
    if verdict["reason"]:
        told += _wrapped(f"{verdict['by_name']}: {verdict['reason']}", "  ")
    if verdict["queued_jobs"]:
        told.append(f"Submissions that wait: {verdict['queued_jobs']}")
    step = verdict["next_step"]
    if step is None:
        return [*told, "Done: there is no further step."]
    asked = ASKED.get(step, ("return",) if verdict["next_state"] == "live" else ())
    for check in checks:
        if check["required_for"] in asked or check["state"] == "waived":
            told += ["", *_check(check)]
    told.append("")
    if verdict["is_go"]:
        return [*told, f"GO: {step} may be proposed."]
    count = len(verdict["failing"])
    return [*told, f"NO-GO for {step}: {count} of the checks it asks for do not hold."]


def _check(check: dict[str, Any]) -> list[str]:
    """Lay out one check."""
    head = f"{MARKS[check['state']]:8}{check['check_code']}"
    told = [head, *_wrapped(check["question"])]
    if check["answered_at"]:
        until = f", until {check['counts_until']:%Y-%m-%d}" if check["counts_until"] else ""
        who = f"{check['answered_by_name']}, {check['answered_at']:%Y-%m-%d %H:%M UTC}{until}"
        told += _wrapped(who)
    if check["note"]:
        told += _wrapped(check["note"])
    if check["evidence"]:
        told += _wrapped(json.dumps(check["evidence"], ensure_ascii=False, default=str))
    if check["waived_until"]:
        told += _wrapped(
            f"waived until {check['waived_until']} by {check['waived_by_name']} and"
            f" {check['waiver_confirmed_by_name']}: {check['waiver_reason']}"
        )
    return told


def _wrapped(text: str, indent: str = " " * 8) -> list[str]:
    """Wrap a text; a word that is too long is broken."""
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
