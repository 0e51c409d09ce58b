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
from itertools import product
from typing import TYPE_CHECKING, LiteralString

from bench.harness import LOCAL, fresh_database, lap, machine, median, record, say, server, table
from tests.generate import build, write_activity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from bench.harness import Lap
    from svc.embedded.cluster import Cluster

CLIENTS = (1, 8, 32)
DELAYS = (0, 3000)
"""Microseconds a commit waits besides what the disk takes."""
RECEIPTS_EACH = 10
RESOLVED_PEOPLE = 15_000
REPEAT = 3
PAGE = 100

# The rules see what they saw at import: the drafts of all current revisions.
DRAFTS: LiteralString = """
CREATE TABLE public.drafts AS
SELECT array_agg(ROW(r.revision_id, r.session_id, r.cardholder_id, r.revision_number,
    r.predecessor_id, r.compared_with, r.employee_name, r.employee_id, r.card_number,
    r.is_in_report, r.car_total, r.receipt_total, r.receipt_count, r.car_page_range,
    r.receipt_page_range, NULL, r.receipt_total_unique
    )::app.revision_draft) AS list
FROM app.employee_revisions AS r
"""
RUN_RULES: LiteralString = "SELECT cardinality(app.run_rules(d.list)) FROM public.drafts AS d"
FINDERS: LiteralString = (
    "SELECT rule_code, finder, parameters::text FROM app.rules_in_force ORDER BY 1"
)

# Each transaction takes the next issue, or its bare copy, by a sequence, in the same random order.
QUEUE: LiteralString = """
CREATE TABLE public.queue AS
    SELECT row_number() OVER (ORDER BY md5(issue_id::text)) AS n, issue_id
    FROM app.validation_issues WHERE is_open;
ALTER TABLE public.queue ADD PRIMARY KEY (n);
CREATE TABLE public.bare AS TABLE app.validation_issues;
ALTER TABLE public.bare ADD PRIMARY KEY (issue_id);
CREATE SEQUENCE public.resolved;
CREATE SEQUENCE public.updated;
ANALYZE public.queue, public.bare;
GRANT ALL ON ALL TABLES IN SCHEMA public TO ccp_local;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ccp_local
"""
RESOLVE = """\
SELECT i.version FROM (SELECT nextval('public.resolved') AS n OFFSET 0) AS s
JOIN public.queue AS q ON q.n = s.n
CROSS JOIN LATERAL api.resolve_issue(q.issue_id, 1, 'corrected', 'Known') AS i;
"""
BARE = """\
UPDATE public.bare AS b SET state = 'resolved', resolved_at = now()
FROM (SELECT nextval('public.updated') % {issues} + 1 AS n OFFSET 0) AS s
JOIN public.queue AS q ON q.n = s.n WHERE b.issue_id = q.issue_id;
"""
USED_UP: LiteralString = """
SELECT q.issues, (SELECT s.last_value FROM public.resolved AS s) > q.issues
FROM (SELECT count(*) AS issues FROM public.queue) AS q
"""
WORK_LIST: LiteralString = """
SELECT w.* FROM report.work_list AS w WHERE w.session_id = %s
ORDER BY w.due_rank, w.issue_id LIMIT %s
"""
# What a month stores, with the ids that are its own; people and users are the same in all months.
HISTORY = {
    "processing_sessions": ("session_id",),
    "session_employees": ("session_id", "current_revision_id"),
    "employee_revisions": ("revision_id", "session_id"),
    "receipt_contents": ("content_id",),
    "receipt_links": ("transaction_id", "employee_revision_id", "content_id"),
    "validation_issues": ("issue_id", "session_id", "employee_revision_id", "transaction_id"),
}
HISTORY_PEOPLE = 10_000
COLUMNS: LiteralString = """
SELECT a.attname FROM pg_attribute AS a
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
ORDER BY a.attnum
"""
OTHER_ID = "overlay({}::text PLACING lpad(to_hex($1), 8, '0') FROM 1 FOR 8)::uuid"
OTHER_VALUES = {
    "created_tx": "app.tx()",
    "changed_tx": "app.tx()",
    "source_sha256": "sha256(convert_to('$1', 'UTF8'))",
}
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
            import_month(local, min(people, HISTORY_PEOPLE), 1)
        with cluster.login(database=database).connect() as connection:
            connection.autocommit = True
            multiply(connection, people // HISTORY_PEOPLE)
            connection.execute("VACUUM ANALYZE")
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
            superuser.autocommit = True
            superuser.execute(QUEUE)
            superuser.execute("VACUUM ANALYZE")
            superuser.execute(f"ALTER DATABASE {database} SET commit_siblings = 0".encode())
            issues, _ = superuser.execute(USED_UP).fetchone() or (0, True)
            for delay, clients in product(DELAYS, CLIENTS):
                superuser.execute(f"ALTER DATABASE {database} SET commit_delay = {delay}".encode())
                bare = _pgbench(cluster, database, BARE.format(issues=issues), clients, seconds)
                resolved = _pgbench(cluster, database, RESOLVE, clients, seconds)
                rates = (f"{bare:,.0f}", f"{resolved:,.0f}", f"{resolved / bare:.2f}")
                rows.append([f"{clients}", f"{delay / 1000:.0f}", *rates])
            _, used_up = superuser.execute(USED_UP).fetchone() or (0, True)
            if used_up:
                message = f"{issues} issues were not enough, give fewer --seconds"
                raise RuntimeError(message)
    return rows


def measure_list(cluster: Cluster, months: int) -> list[list[str]]:
    """Read a work list and a summary, first alone, then beside other months."""
    rows = []
    with (
        fresh_database(cluster) as database,
        cluster.login(LOCAL, database).connect() as local,
        cluster.login(database=database).connect() as superuser,
    ):
        superuser.autocommit = True
        for people in (0, HISTORY_PEOPLE):
            if people:
                import_month(local, people, 10)
                say(f"{months} months of {people * RECEIPTS_EACH:,} receipts")
                multiply(superuser, months)
            session = import_month(local, 100, 3 + people)
            superuser.execute("VACUUM ANALYZE")
            pid = local.info.backend_pid
            count = superuser.execute("SELECT count(*) FROM app.receipt_links").fetchone()
            times = [
                median([lap(pid, lambda q=query, v=values: local.execute(q, v)) for _ in range(9)])  # type: ignore[misc]
                for query, values in ((WORK_LIST, (session, PAGE)), (SUMMARY, (session,)))
            ]
            local.commit()
            rows.append(
                [f"{count[0] if count else 0:,}", *(f"{one.seconds * 1000:.1f}" for one in times)]
            )
    return rows


def multiply(superuser: Connection, months: int) -> None:
    """Copy all that is stored so often, each copy with ids of its own, past all triggers."""
    copies = []
    for name, ids in HISTORY.items() if months > 1 else ():
        superuser.execute(f"CREATE TABLE public.{name} AS TABLE app.{name}".encode())
        superuser.execute(f"ALTER TABLE app.{name} DISABLE TRIGGER ALL".encode())
        columns = [row[0] for row in superuser.execute(COLUMNS, (f"app.{name}",)).fetchall()]
        values = [
            OTHER_ID.format(one) if one in ids else OTHER_VALUES.get(one, one) for one in columns
        ]
        copies.append(
            f"INSERT INTO app.{name} ({', '.join(columns)}) "  # noqa: S608
            f"SELECT {', '.join(values)} FROM public.{name}"
        )
    for month in range(1, months):
        superuser.execute(b"BEGIN")
        for copy in copies:
            superuser.execute(copy.replace("$1", str(month)).encode())
        superuser.execute(b"COMMIT")
        if month % 10 == 0:
            say(f"{month} of {months} months")
    for name in HISTORY if months > 1 else ():
        superuser.execute(f"ALTER TABLE app.{name} ENABLE TRIGGER ALL".encode())


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
            table(
                ["Clients", "added to a commit ms", "bare UPDATE /s", "resolve /s", "ratio"],
                resolve,
            ),
            table(["Rule", "People", "seconds (CPU)", "Findings"], rules),
            table(["Receipts stored", "work list ms", "summary ms"], lists),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--history", type=int, default=10, help="other months of 100,000 receipts")
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
