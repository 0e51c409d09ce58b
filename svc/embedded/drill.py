"""Carries out a drill and records it: python -m svc.embedded drill KIND [--without TEXT] COMMAND...

DRILL_URL names the database of the company, by a login that is mapped to an administrator. What the
command prints is passed on. It held when it ended with 0 and, for programs that tell of damage and
end with 0, when no line of it holds TEXT. A last line that is an object of JSON is its figures.
"""

import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any, LiteralString

import psycopg

from svc.embedded.machine import SetupError, say

USAGE = "drill KIND [--without TEXT] COMMAND..."
RECORD: LiteralString = """
SELECT d.kind, d.passed, d.seconds
FROM api.record_drill(p_kind => %s, p_started_at => %s, p_ended_at => %s, p_passed => %s,
    p_figures => %s::jsonb, p_server => %s) AS d"""


def figures_of(line: str) -> dict[str, Any]:
    """Return the figures that a line holds; none when it holds something else."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def record(
    url: str,
    kind: str,
    started: datetime,
    *,
    passed: bool = False,
    figures: dict[str, Any] | None = None,
) -> None:
    """Record a drill that ended now, and tell it; without figures only try whether that goes.

    Raises SetupError when it is refused.
    """
    told = json.dumps(figures or {})
    values = (kind, started, datetime.now(UTC), passed, told, socket.gethostname())
    try:
        with psycopg.connect(url) as connection:
            row = connection.execute(RECORD, values).fetchone()
            if figures is None:
                connection.rollback()
                return
    except psycopg.Error as error:
        lines = [error.diag.message_primary, error.diag.message_detail]
        reason = ": ".join(line for line in lines if line) or str(error).splitlines()[0]
        raise SetupError(f"not recorded: {reason}") from None
    say(f"recorded: {row}")


def carried_out(command: list[str], unwanted: str | None) -> tuple[int, bool, str]:
    """Pass on what a command prints; return its status, whether it said that, its last line.

    One that cannot be begun ends with 127, as in a shell.
    """
    found, last = False, ""
    try:
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, errors="replace"
        ) as process:
            for line in process.stdout or ():
                sys.stdout.write(line)
                found = found or (unwanted is not None and unwanted in line)
                last = line.strip() or last
    except OSError as error:
        say(f"{command[0]}: {error.strerror}")
        return 127, False, ""
    return process.returncode, found, last


def main(arguments: list[str]) -> int:
    """Carry out what is named and record it; return 0 when it held.

    Raises SetupError when the command line fits nothing, and when it cannot be recorded.
    """
    kind, *rest = arguments or [""]
    unwanted = None
    if len(rest) > 1 and rest[0] == "--without":
        unwanted, rest = rest[1], rest[2:]
    url = os.environ.get("DRILL_URL")
    if not kind or not rest:
        raise SetupError(USAGE)
    if not url:
        raise SetupError("DRILL_URL is needed: a login that is mapped to an administrator")
    started = datetime.now(UTC)
    # What could not be recorded is not begun.
    record(url, kind, started)
    status, found, last = carried_out(rest, unwanted)
    passed = status == 0 and not found
    record(url, kind, started, passed=passed, figures={"status": status, **figures_of(last)})
    return 0 if passed else 1
