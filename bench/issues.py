"""Measures the work on issues: resolving by many clients, running all rules, reading a work list.

`python -m bench.issues [--people N ...] [--history N] [--seconds N] [--record]`
"""

from __future__ import annotations

import argparse
import io
import re
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, LiteralString

from bench.harness import LOCAL, fresh_database, lap, machine, median, record, server, table
from tests.generate import build, write_activity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from bench.harness import Lap
    from svc.embedded.cluster import Cluster

CLIENTS = (1, 8, 32)
RECEIPTS_EACH = 10
RESOLVED_PEOPLE = 4_000
REPEAT = 3
PAGE = 100

# The rules see what they saw at import: the drafts of all current revisions.
DRAFTS: LiteralString = """
CREATE TABLE public.drafts AS
SELECT array_agg(ROW(r.revision_id, r.session_id, r.cardholder_id, r.revision_number,
    r.predecessor_id, r.compared_with, r.employee_name, r.employee_id, r.card_number,
    r.is_in_report, r.car_total, r.receipt_total, r.receipt_count, r.car_page_range,
    r.receipt_page_range, NULL
    )::app.revision_draft) AS list
FROM app.employee_revisions AS r
"""
RUN_RULES: LiteralString = "SELECT cardinality(app.run_rules(d.list)) FROM public.drafts AS d"
FINDERS: LiteralString = (
    "SELECT rule_code, finder, parameters::text FROM app.rules_in_force ORDER BY 1"
)

# Each transaction takes the next issue, or the next bare row, by a sequence.
QUEUE: LiteralString = """
CREATE TABLE public.queue AS
    SELECT row_number() OVER (ORDER BY md5(issue_id::text)) AS n, issue_id
    FROM app.validation_issues WHERE is_open;
ALTER TABLE public.queue ADD PRIMARY KEY (n);
CREATE TABLE public.bare AS
    SELECT n, 'open'::text AS state, NULL::timestamptz AS resolved_at
    FROM generate_series(1, 400000) AS n;
ALTER TABLE public.bare ADD PRIMARY KEY (n);
CREATE SEQUENCE public.resolved;
CREATE SEQUENCE public.updated;
ANALYZE public.queue, public.bare;
GRANT ALL ON ALL TABLES IN SCHEMA public TO ccp_local;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ccp_local
"""
RESOLVE = """\
SELECT i.version FROM (SELECT nextval('public.resolved') AS n OFFSET 0) AS s
JOIN public.queue AS q ON q.n = s.n
CROSS JOIN LATERAL api.resolve_issue(q.issue_id, 1, 'explained', 'Known') AS i;
"""
BARE = """\
UPDATE public.bare AS b SET state = 'resolved', resolved_at = now()
FROM (SELECT nextval('public.updated') AS n OFFSET 0) AS s WHERE b.n = s.n;
"""
WORK_LIST: LiteralString = """
SELECT w.* FROM report.work_list AS w WHERE w.session_id = %s
ORDER BY w.due_rank, w.issue_id LIMIT %s
"""
SUMMARY: LiteralString = "SELECT s.* FROM report.sessions AS s WHERE s.session_id = %s"


def import_month(connection: Connection, people: int, seed: int) -> str:
    """Import an invented month and return its session."""
    stream = io.StringIO()
    write_activity(build(people, people * RECEIPTS_EACH, seed), stream)
    row = connection.execute("SELECT api.import_activity(%s)", (stream.getvalue(),)).fetchone()
    connection.commit()
    return str(row[0]["session_id"]) if row else ""


def measure_rules(cluster: Cluster, people: int) -> list[list[str]]:
    """Run all rules over a month already there, and each finder by itself."""
    rows = []
    with fresh_database(cluster) as database:
        with cluster.login(LOCAL, database).connect() as local:
            import_month(local, people, 1)
        with cluster.login(database=database).connect() as connection:
            connection.execute("ANALYZE")
            connection.execute(DRAFTS)
            pid = connection.info.backend_pid
            whole = median([lap(pid, lambda: connection.execute(RUN_RULES)) for _ in range(REPEAT)])
            found = connection.execute(RUN_RULES).fetchone()
            rows.append(["all rules", f"{people:,}", _text(whole), f"{found[0] if found else 0:,}"])
            for code, finder, parameters in connection.execute(FINDERS).fetchall():
                query = f"SELECT count(*) FROM public.drafts AS d, app.{finder}(d.list, %s)"  # noqa: S608
                one = median(
                    [
                        lap(pid, lambda: connection.execute(query.encode(), (parameters,)))  # noqa: B023
                        for _ in range(REPEAT)
                    ]
                )
                count = connection.execute(query.encode(), (parameters,)).fetchone()
                rows.append([f"`{code}`", "", _text(one), f"{count[0] if count else 0:,}"])
    return rows


def measure_resolve(cluster: Cluster, seconds: int) -> list[list[str]]:
    """Resolve with 1, 8 and 32 clients beside the same clients doing one bare UPDATE each."""
    rows = []
    with fresh_database(cluster) as database:
        with cluster.login(LOCAL, database).connect() as local:
            import_month(local, RESOLVED_PEOPLE, 2)
        with cluster.login(database=database).connect() as superuser:
            superuser.execute(QUEUE)
            superuser.execute("VACUUM ANALYZE")
        for clients in CLIENTS:
            bare = _pgbench(cluster, database, BARE, clients, seconds)
            resolved = _pgbench(cluster, database, RESOLVE, clients, seconds)
            rows.append(
                [str(clients), f"{bare:,.0f}", f"{resolved:,.0f}", f"{resolved / bare:.2f}"]
            )
    return rows


def measure_list(cluster: Cluster, history: int) -> list[list[str]]:
    """Read a work list and a summary, first alone, then beside other months."""
    rows = []
    with (
        fresh_database(cluster) as database,
        cluster.login(LOCAL, database).connect() as local,
        cluster.login(database=database).connect() as superuser,
    ):
        session = import_month(local, 100, 3)
        pid = local.info.backend_pid
        for months in (0, history):
            for month in range(months):
                import_month(local, 10_000, 10 + month)
            superuser.execute("VACUUM ANALYZE")
            count = superuser.execute("SELECT count(*) FROM app.transactions").fetchone()
            times = [
                median([lap(pid, lambda q=query, v=values: local.execute(q, v)) for _ in range(9)])  # type: ignore[misc]
                for query, values in ((WORK_LIST, (session, PAGE)), (SUMMARY, (session,)))
            ]
            local.commit()
            rows.append(
                [f"{count[0] if count else 0:,}", *(f"{one.seconds * 1000:.1f}" for one in times)]
            )
    return rows


def report(
    rules: Sequence[Sequence[str]],
    resolve: Sequence[Sequence[str]],
    lists: Sequence[Sequence[str]],
    described: str,
) -> str:
    """Return all tables."""
    return "\n\n".join(
        [
            described,
            table(["Clients", "bare UPDATE /s", "resolve /s", "ratio"], resolve),
            table(["Rule", "People", "seconds (CPU)", "Findings"], rules),
            table(["Receipts stored", "work list ms", "summary ms"], lists),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--history", type=int, default=2, help="other months of 100,000 receipts")
    parser.add_argument("--seconds", type=int, default=4, help="length of a run of clients")
    parser.add_argument("--record", action="store_true", help="put the tables into the README")
    wanted = parser.parse_args(arguments)
    with server() as cluster:
        resolve = measure_resolve(cluster, wanted.seconds)
        rules = [row for people in wanted.people for row in measure_rules(cluster, people)]
        lists = measure_list(cluster, wanted.history)
        text = report(rules, resolve, lists, machine(cluster))
    sys.stdout.write(f"{text}\n")
    if wanted.record:
        record("issues", text)
    return 0


def _text(one: Lap) -> str:
    """Write a lap."""
    return f"{one.seconds:.3f} ({one.cpu:.2f})"


def _pgbench(cluster: Cluster, database: str, script: str, clients: int, seconds: int) -> float:
    """Return the transactions a second of so many clients. Raises RuntimeError for a failed one."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        finished = subprocess.run(
            [
                *(cluster.machine.program("pgbench"), "-n", "-f", file.name, "-M", "prepared"),
                *("-c", str(clients), "-j", "2", "-T", str(seconds), database),
            ],
            capture_output=True,
            text=True,
            check=False,
            env=cluster.login(LOCAL, database).environment,
        )
    rate = re.search(r"tps = ([0-9.]+)", finished.stdout)
    failed = re.search(r"number of failed transactions: ([0-9]+)", finished.stdout)
    if finished.returncode or rate is None or (failed and failed[1] != "0"):
        message = f"pgbench failed: {finished.stderr.strip() or finished.stdout.strip()}"
        raise RuntimeError(message)
    return float(rate[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
