"""Tries a restore: python -m svc.embedded restore, with DUMP_URL and SPARE_URL.

The database of DUMP_URL is dumped as it is now and restored on the spare server of SPARE_URL (a
superuser; nothing else of ours lives there), verified there, compared with the original and dropped
again. The last line are the figures. docs/operations.md 5 has the same steps by hand.
"""

import json
import os
import re
import tempfile
import time
from pathlib import Path
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.conninfo import make_conninfo

from svc.embedded.deploy import OWNER
from svc.embedded.login import Login
from svc.embedded.machine import PROJECT, SetupError, call, find_client, say, tell

DATABASE = "ccp_restore_drill"
# Rights on functions of the server itself are the bootstrap's; some have another signature.
OF_THE_SERVER = re.compile("(?m)^.* ACL pg_catalog .*\n")
SUMS: LiteralString = """
SELECT count(*), coalesce(sum(s.receipt_total), 0)::text, coalesce(sum(s.open_issues), 0),
    (SELECT sum(('x' || left(md5(t::text), 16))::bit(64)::bigint)::text
     FROM report.transactions AS t)
FROM report.sessions AS s"""
FINDINGS: LiteralString = """
SELECT (SELECT count(*) FROM audit.verify()) + (SELECT count(*) FROM audit.missing_triggers)"""


def url_of(name: str) -> str:
    """Return a connection string. Raises SetupError when it is not given."""
    url = os.environ.get(name)
    if not url:
        raise SetupError(f"{name} is needed")
    return url


def one(connection: Connection, query: LiteralString) -> tuple[Any, ...]:
    """Return the only row of a query."""
    [row] = connection.execute(query).fetchall()
    return tuple(row)


def dump(source: Login, file: Path) -> tuple[Any, ...]:
    """Write a dump, and return the sums of the same instant. Raises SetupError when it fails."""
    with source.connect() as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        (snapshot,) = one(connection, "SELECT pg_export_snapshot()")
        program = source.machine.program("pg_dump")
        command = [program, "-Fc", f"--snapshot={snapshot}", f"--file={file}"]
        call(command, env=source.environment)
        return one(connection, SUMS)


def restore(spare: Login, file: Path) -> None:
    """Make the database on the spare server. Raises SetupError when something fails."""
    script = PROJECT / "db" / "bootstrap.sql"
    spare.psql("-c", f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    spare.psql("-v", f"database={DATABASE}", "-f", str(script))
    program = spare.machine.program("pg_restore")
    listed = call([program, "--list", str(file)])
    chosen = file.with_suffix(".list")
    chosen.write_text(OF_THE_SERVER.sub("", listed))
    wanted = [f"--dbname={DATABASE}", f"--use-list={chosen}", str(file)]
    call([program, "--exit-on-error", *wanted], env=spare.environment)


def judge(spare: Login) -> tuple[int, tuple[Any, ...]]:
    """Begin the epoch of the restored database; return how many findings, and its sums."""
    environment = {**spare.environment, "PGDATABASE": DATABASE}
    begin = f"SET SESSION AUTHORIZATION {OWNER}; SELECT audit.start_epoch()"
    call([spare.machine.program("psql"), "-Xqc", begin], env=environment)
    restored = Login(spare.machine, make_conninfo(spare.conninfo, dbname=DATABASE))
    with restored.connect() as connection:
        connection.execute(f"SET SESSION AUTHORIZATION {OWNER}")
        (findings,) = one(connection, FINDINGS)
        return int(findings), one(connection, SUMS)


def main(arguments: list[str]) -> int:
    """Dump, restore, verify, compare; return 0 when all holds.

    Raises SetupError for arguments, an address that is missing, and a step that fails.
    """
    if arguments:
        raise SetupError("restore takes no arguments, only DUMP_URL and SPARE_URL")
    machine = find_client()
    source, spare = (Login(machine, url_of(name)) for name in ("DUMP_URL", "SPARE_URL"))
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "dump"
        before = dump(source, file)
        dumped = time.monotonic()
        size = file.stat().st_size
        try:
            restore(spare, file)
            restored = time.monotonic()
            findings, after = judge(spare)
        finally:
            spare.psql("-c", f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    figures = {
        "dump_seconds": round(dumped - started, 1),
        "restore_seconds": round(restored - dumped, 1),
        "backup_bytes": size,
        "sessions": before[0],
        "findings": findings,
        "differs": before != after,
    }
    if before != after:
        say(f"WRONG: the original says {before}, the restored one {after}")
    tell(json.dumps(figures))
    return int(bool(findings) or before != after)
