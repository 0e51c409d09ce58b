"""What three journeys through the database take: calls, CPU, log, and what corrections keep.

``python -m bench.journeys`` hands in the PDFs of a small month and counts the functions that run
until its issues are there, then those of one corrected cell and of one resolved issue. On a larger
month it measures corrected cells one by one, a recode of everything, and how the tables grow with
``--rounds`` corrections of every person. With ``--record`` the tables go into ``bench/README.md``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from bench.harness import LOCAL, cpu_seconds, fresh_database, machine, record, server, table
from bench.pdf import generate
from svc.embedded.documents import hand_in
from svc.embedded.importing import Said
from svc.embedded.machine import ROOT
from svc.embedded.service import environment_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from svc.embedded.cluster import Cluster

SMALL = (5, 25)
LARGE = (100, 1800)
CELLS = 20

CALLS: LiteralString = """
SELECT count(*), coalesce(sum(f.calls), 0)::integer FROM pg_stat_user_functions AS f
WHERE f.schemaname IN ('app', 'api', 'audit', 'report') AND f.calls > 0
"""
MOST: LiteralString = """
SELECT string_agg(format('%s %s', f.funcname, f.calls), ', ' ORDER BY f.calls DESC, f.funcname)
FROM (SELECT * FROM pg_stat_user_functions AS x
      WHERE x.schemaname IN ('app', 'api', 'audit', 'report')
      ORDER BY x.calls DESC, x.funcname LIMIT 4) AS f
"""
CELL: LiteralString = """
UPDATE api.current_transactions SET purpose = %s WHERE transaction_id = (
    SELECT t.transaction_id FROM report.transactions AS t
    ORDER BY t.employee_name, t.position OFFSET %s LIMIT 1)
"""
RESOLVE: LiteralString = """
SELECT api.resolve_issue(i.issue_id, i.version, 'corrected', 'measured')
FROM report.validation_issues AS i WHERE i.state = 'open' ORDER BY i.issue_id LIMIT 1
"""
EVERYBODY: LiteralString = """
UPDATE api.current_transactions SET purpose = %s WHERE transaction_id IN (
    SELECT DISTINCT ON (t.cardholder_id) t.transaction_id FROM report.transactions AS t
    ORDER BY t.cardholder_id, t.position)
"""
RECODE: LiteralString = (
    "UPDATE api.current_transactions SET coding_type = 'gl_coding', gl_account = '6120.100'"
)
SIZES: LiteralString = """
SELECT c.relname AS name, pg_total_relation_size(c.oid) AS size FROM pg_class AS c
WHERE c.relnamespace IN ('app'::regnamespace, 'audit'::regnamespace) AND c.relkind = 'r'
"""


@contextmanager
def month(cluster: Cluster, size: tuple[int, int]) -> Iterator[str]:
    """Yield a database that counts calls and holds the month that a worker read from PDFs.

    Raises RuntimeError when the session is not completed.
    """
    with fresh_database(cluster) as database, tempfile.TemporaryDirectory() as name:
        with cluster.login(database=database).connect() as superuser:
            superuser.execute(f"ALTER DATABASE {database} SET track_functions = 'all'".encode())
        folder = Path(name)
        generate(folder, *size)
        with person(cluster, database) as connection:
            hand_in(connection, folder / "car.pdf", folder / "receipts.pdf", Said())
        environment = environment_for(folder, cluster.login("ccp_service", database).conninfo)
        command = [sys.executable, "-m", "svc.worker", "--until-idle"]
        subprocess.run(
            command,
            check=True,
            cwd=ROOT,
            env={**os.environ, **environment},
            stderr=subprocess.DEVNULL,
        )
        with person(cluster, database) as connection:
            found = connection.execute(
                "SELECT s.status, s.failure_reason FROM report.sessions AS s"
            )
            for session in found:
                if session["status"] != "completed":
                    raise RuntimeError(
                        f"session is {session['status']}: {session['failure_reason']}"
                    )
        yield database


@contextmanager
def person(cluster: Cluster, database: str) -> Iterator[Connection[dict[str, Any]]]:
    """Yield a connection of somebody who may do everything."""
    url = cluster.login(LOCAL, database).conninfo
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
        connection.execute("SET app.reason = 'bench'")
        yield connection


def counted(cluster: Cluster, database: str) -> list[str]:
    """Return functions, calls, and the most called ones since the last reset; and reset."""
    with cluster.login(database=database).connect() as superuser:
        functions, calls = superuser.execute(CALLS).fetchone() or (0, 0)
        (most,) = superuser.execute(MOST).fetchone() or ("",)
        superuser.execute("SELECT pg_stat_reset()")
    return [str(functions), str(calls), str(most)]


def count_calls(cluster: Cluster) -> str:
    """Return the table of calls of the three journeys."""
    rows = []
    with month(cluster, SMALL) as database:
        rows.append(["two PDFs of 5 people and 25 receipts to issues", *counted(cluster, database)])
        # The second time, as in a session that has worked before: plans are there.
        for number in (1, 2):
            with person(cluster, database) as connection:
                connection.execute(CELL, [f"call {number}", 3])
            cell = counted(cluster, database)
        rows.append(["one corrected cell", *cell])
        with person(cluster, database) as connection:
            connection.execute(RESOLVE)
        rows.append(["one resolved issue", *counted(cluster, database)])
    return table(["journey", "functions", "calls", "most called"], rows)


def written(
    connection: Connection[dict[str, Any]], statement: LiteralString, *values: object
) -> list[str]:
    """Run a statement; return its CPU in milliseconds and what it put into the log in kB."""
    pid = connection.info.backend_pid
    start = connection.execute("SELECT pg_current_wal_insert_lsn() AS lsn").fetchone() or {}
    cpu = cpu_seconds(pid)
    connection.execute(statement, values)
    cpu = cpu_seconds(pid) - cpu
    wal = (
        connection.execute(
            "SELECT (pg_current_wal_insert_lsn() - %s::pg_lsn) / 1024 AS kb", [start["lsn"]]
        ).fetchone()
        or {}
    )
    return [f"{cpu * 1000:.0f}", f"{wal['kb']:.0f}"]


def measure(cluster: Cluster, rounds: int) -> str:
    """Return the tables of what corrections cost and keep."""
    with month(cluster, LARGE) as database:
        with cluster.login(database=database).connect() as superuser:
            superuser.execute("VACUUM ANALYZE")
            superuser.execute("CHECKPOINT")
            before = {row[0]: row[1] for row in superuser.execute(SIZES)}
        with person(cluster, database) as connection:
            connection.execute(CELL, ["first", 0])
            pid = connection.info.backend_pid
            cpu = cpu_seconds(pid)
            log = [float(written(connection, CELL, "cell", 7 * n)[1]) for n in range(CELLS)]
            cell = (cpu_seconds(pid) - cpu) * 1000 / CELLS
            rows = [["one cell of a person of 18", f"{cell:.0f}", f"{sorted(log)[CELLS // 2]:.0f}"]]
            rows.append(
                ["one receipt of each of 100 people", *written(connection, EVERYBODY, "all")]
            )
            rows.append(["recode of 1,800 receipts", *written(connection, RECODE)])
            for number in range(rounds):
                connection.execute(EVERYBODY, [f"round {number}"])
        with cluster.login(database=database).connect() as superuser:
            after = {row[0]: row[1] for row in superuser.execute(SIZES)}
    grown = sorted(((after[name] - before.get(name, 0), name) for name in after), reverse=True)
    kept = [[name, f"{size / 2**20:.1f}"] for size, name in grown if size > 2**17]
    kept.append(["all tables", f"{sum(size for size, _ in grown) / 2**20:.1f}"])
    return (
        table(["correction", "CPU ms", "log kB"], rows)
        + "\n\n"
        + table([f"grown by {rounds + 2} corrections of 100 people", "MB"], kept)
    )


def main() -> int:
    """Measure, print, and record where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=18)
    parser.add_argument("--record", action="store_true", help="write into bench/README.md")
    options = parser.parse_args()
    with server() as cluster:
        text = f"{machine(cluster)}\n\n{count_calls(cluster)}\n\n{measure(cluster, options.rounds)}"
    sys.stdout.write(text + "\n")
    if options.record:
        record("journeys", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
