"""Time the same writes with and without audit, sealing, verifying, and searching the trail.

``python -m bench.audit`` prints tables; with ``--record`` they go into ``bench/README.md``. It
takes about three minutes and says on stderr how far it is.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, LiteralString

from psycopg import connect

from bench.harness import (
    LOCAL,
    TEMPLATE,
    Lap,
    cpu_seconds,
    fresh_database,
    lap,
    machine,
    median,
    record,
    say,
    server,
    table,
)
from bench.import_activity import IMPORT, document
from svc.verify_audit import Verifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from psycopg import Connection

    from svc.embedded.cluster import Cluster

    Job = Callable[[Cluster, str, str], Lap]

RECEIPTS = 30_000
REPEAT = 3
SINGLES = 1_000
CLIENTS = 8
ROWS = 100_000
WARM = 12
FILLED = "bench_filled"
SEARCHED = 1_000_000

AUDIT = "with audit"
NO_HISTORY = "without histories"
NO_AUDIT = "without any trigger of the audit"
VARIANTS: dict[str, LiteralString] = {
    AUDIT: "none",
    NO_HISTORY: "t90_capture_%",
    NO_AUDIT: "t90_%",
}
SWITCH_OFF = """
DO $$
DECLARE
    v_trigger record;
BEGIN
    FOR v_trigger IN SELECT t.tgrelid::regclass AS relation, t.tgname AS name FROM pg_trigger AS t
        WHERE t.tgname LIKE '{pattern}'
    LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', v_trigger.relation, v_trigger.name);
    END LOOP;
END
$$"""
ISSUES: LiteralString = """
SELECT i.issue_id, i.version FROM report.validation_issues AS i
WHERE i.is_open AND i.issue_type = 'missing_coding_info' ORDER BY i.issue_id LIMIT {limit}"""
RESOLVE: LiteralString = "SELECT (api.resolve_issue(%s, %s, 'corrected', 'a note')).version"
BARE: LiteralString = "UPDATE app.bench_rows SET note = note || 'x' WHERE row_id = %s"
RECODE: LiteralString = """
UPDATE api.current_transactions SET gl_description = 'Another description'
WHERE transaction_id IN (SELECT t.transaction_id FROM report.transactions AS t LIMIT 10000)"""
WIDE: LiteralString = """
CREATE TABLE app.bench_rows (
    row_id bigint PRIMARY KEY, session_id uuid NOT NULL, state text NOT NULL, note text NOT NULL,
    amount numeric(14, 2), evidence jsonb, created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON app.bench_rows (session_id);
CREATE INDEX ON app.bench_rows (state);
SELECT audit.guard('app.bench_rows', 'mutable');
INSERT INTO app.bench_rows (row_id, session_id, state, note, amount, evidence)
SELECT n, app.new_id(), 'open', 'a note of some length', n / 100.0, '{"amount": "12.50"}'
FROM generate_series(1, 100000) AS n"""
MANY: LiteralString = """
ALTER TABLE audit.validation_issues_history
    DROP CONSTRAINT validation_issues_history_audit_tx_check;
INSERT INTO audit.validation_issues_history (issue_id, session_id, cardholder_id, rule_code,
    subject_key, rule_version, employee_revision_id, severity, blocks, description, evidence, state,
    is_resolved, is_open, identified_at, version, changed_tx, audit_seq, audit_tx, audit_at,
    audit_operation, audit_actor, audit_login, audit_role)
SELECT md5((n / 4)::text)::uuid, md5('s' || n / 2000)::uuid, md5('c' || n / 4 % 20000)::uuid,
    'missing_receipt', n::text, 1, md5('r' || n / 4)::uuid, 'high', true,
    'Missing receipt attachments', '{"amount": "12.50"}',
    CASE n % 4 WHEN 0 THEN 'open' ELSE 'in_progress' END, false, true, now(), n % 4 + 1, n / 50,
    n, n / 50, now() - interval '365 days' + n * interval '1 ms',
    CASE n % 4 WHEN 0 THEN 'insert' ELSE 'update' END, md5('u' || n / 50 % 40)::uuid,
    'ccp_service', 'ccp_processor'
FROM generate_series(1, {rows}::bigint) AS n"""
SEARCHES: dict[str, LiteralString] = {
    "one issue": "object_id = md5((n / 4)::text)::uuid",
    "one session": "session_id = md5('s' || n / 2000)::uuid",
    "one person": "cardholder_id = md5('c' || n / 4 % 20000)::uuid",
    "one person in one session": "session_id = md5('s' || n / 2000)::uuid"
    " AND cardholder_id = md5('c' || n / 4 % 20000)::uuid",
    "one second": "changed_at >= now() - interval '365 days' + n * interval '1 ms'"
    " AND changed_at < now() - interval '365 days' + (n + 1000) * interval '1 ms'",
}


def run(pid: int, connection: Connection, query: LiteralString) -> Lap:
    """Time one statement with its commit."""
    return lap(pid, lambda: connection.execute(query))


def imported(cluster: Cluster, database: str, text: str) -> Lap:
    """Import a month."""
    with cluster.login(LOCAL, database).connect() as connection:
        pid = connection.info.backend_pid
        return lap(pid, lambda: connection.execute(IMPORT, [text]))


def resolved(cluster: Cluster, database: str, _: str) -> Lap:
    """Resolve issues one by one, each in its own transaction."""
    with cluster.login(LOCAL, database).connect() as connection:
        issues = connection.execute(ISSUES.format(limit=SINGLES).encode()).fetchall()

        def each() -> None:
            for issue in issues:
                connection.execute(RESOLVE, issue, prepare=True)

        return lap(connection.info.backend_pid, each)


def bare(cluster: Cluster, database: str, _: str) -> Lap:
    """Update rows of a table one by one, each in its own transaction."""
    with cluster.login("ccp_owner", database).connect() as connection:

        def each() -> None:
            for number in range(1, SINGLES + 1):
                connection.execute(BARE, [number], prepare=True)

        return lap(connection.info.backend_pid, each)


def bulk(cluster: Cluster, database: str, _: str) -> Lap:
    """Update all rows of a table in one statement."""
    with cluster.login("ccp_owner", database).connect() as connection:
        return run(connection.info.backend_pid, connection, "UPDATE app.bench_rows SET amount = 1")


def recoded(cluster: Cluster, database: str, _: str) -> Lap:
    """Recode 10,000 receipts by one UPDATE of the view."""
    with cluster.login(LOCAL, database).connect() as connection:
        connection.execute("SET app.reason = 'bench'")
        return run(connection.info.backend_pid, connection, RECODE)


def crowd(cluster: Cluster, database: str, _: str) -> Lap:
    """Resolve issues from eight connections at once; CPU is that of all their processes."""
    connections = [cluster.login(LOCAL, database).connect() for _ in range(CLIENTS)]
    issues = connections[0].execute(ISSUES.format(limit=SINGLES).encode()).fetchall()

    def each(number: int) -> None:
        for issue in issues[number::CLIENTS]:
            connections[number].execute(RESOLVE, issue, prepare=True)

    pids = [connection.info.backend_pid for connection in connections]
    cpu, start = sum(map(cpu_seconds, pids)), time.perf_counter()
    threads = [threading.Thread(target=each, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = Lap(time.perf_counter() - start, sum(map(cpu_seconds, pids)) - cpu)
    for connection in connections:
        connection.close()
    return done


JOBS: dict[str, Job] = {
    "import": imported,
    f"{SINGLES:,} resolves": resolved,
    f"{SINGLES:,} resolves, {CLIENTS} clients": crowd,
    f"{SINGLES:,} bare updates": bare,
    f"one update of {ROWS:,} rows": bulk,
    "recode of 10,000 receipts": recoded,
}


@contextmanager
def filled_template(cluster: Cluster, text: str) -> Iterator[str]:
    """Yield the name of a database with a month and the wide table, to be copied for each lap."""
    with fresh_database(cluster, FILLED) as database:
        imported(cluster, database, text)
        with cluster.login("ccp_owner", database).connect() as owner:
            for statement in WIDE.split(";\n"):
                owner.execute(statement.encode())
        with cluster.login(database=database).connect() as superuser:
            superuser.execute("VACUUM ANALYZE")
        yield database


def compare(cluster: Cluster, filled: str, text: str, repeat: int) -> list[list[str]]:
    """Run every job in every variant; return rows of seconds, CPU and ratios."""
    laps: dict[tuple[str, str], list[Lap]] = {}
    for turn in range(repeat):
        for name, job in JOBS.items():
            say(f"{name}, {turn + 1} of {repeat}")
            template = TEMPLATE if job is imported else filled
            for variant, pattern in VARIANTS.items():
                with fresh_database(cluster, template=template) as database:
                    with cluster.login(database=database).connect() as superuser:
                        superuser.execute(SWITCH_OFF.format(pattern=pattern).encode())
                    laps.setdefault((name, variant), []).append(job(cluster, database, text))
    found = {key: median(some) for key, some in laps.items()}

    def shown(name: str) -> list[str]:
        times = [found[name, variant] for variant in VARIANTS]
        cells = [f"{one.seconds:.2f} / {one.cpu:.2f}" for one in times]
        ratios = [f"{times[0].cpu / one.cpu:.2f}" if one.cpu else "" for one in times[1:]]
        return [name, *cells, *ratios]

    return [shown(name) for name in JOBS]


def warm_plan(cluster: Cluster, filled: str) -> list[str]:
    """Compare one big update after twelve small ones with the same on a fresh connection."""
    laps = []
    for warm in (WARM, 0):
        with (
            fresh_database(cluster, template=filled) as database,
            cluster.login("ccp_owner", database).connect() as connection,
        ):
            for number in range(1, warm + 1):
                connection.execute(BARE, [number])
            big: LiteralString = "UPDATE app.bench_rows SET amount = 1"
            laps.append(run(connection.info.backend_pid, connection, big))
    return [f"{one.seconds:.2f} / {one.cpu:.2f}" for one in laps] + [
        f"{laps[0].cpu / laps[1].cpu:.2f}"
    ]


def sealed(cluster: Cluster, text: str) -> list[list[str]]:
    """Seal and verify one import, from inside and from outside."""
    with fresh_database(cluster) as database:
        imported(cluster, database, text)
        with cluster.login(database=database).connect() as connection:
            pid = connection.info.backend_pid
            seal = run(pid, connection, "SELECT audit.seal()")
            verify = run(pid, connection, "SELECT * FROM audit.verify()")
            row = connection.execute("SELECT row_count FROM audit.seals").fetchone()
        with connect(cluster.login(LOCAL, database).conninfo) as outside:
            start, own = time.perf_counter(), time.process_time()
            findings = list(Verifier(outside).verify({}))
            cpu = cpu_seconds(outside.info.backend_pid) + time.process_time() - own
            alone = Lap(time.perf_counter() - start, cpu)
    if findings or not row:
        msg = f"not sound: {findings}"
        raise RuntimeError(msg)
    steps = {"audit.seal()": seal, "audit.verify()": verify, "svc.verify_audit": alone}
    rows = row[0]
    return [
        [
            name,
            f"{rows:,}",
            f"{one.seconds:.2f} / {one.cpu:.2f}",
            f"{one.cpu * ROWS / rows:.2f}",
            f"{rows / one.seconds:,.0f}",
        ]
        for name, one in steps.items()
    ]


def searched(cluster: Cluster, rows: int) -> list[list[str]]:
    """Search the trail by what one may know, in the middle of many changes."""
    answers = []
    with (
        fresh_database(cluster) as database,
        cluster.login(database=database).connect() as superuser,
    ):
        for statement in MANY.replace("{rows}", str(rows)).split(";\n"):
            superuser.execute(statement.encode())
        superuser.execute("VACUUM ANALYZE")
        for name, condition in SEARCHES.items():
            wanted = condition.replace("n ", f"{rows // 2}::bigint ")
            query = f"SELECT t.*::text FROM report.audit_trail AS t WHERE {wanted}"  # noqa: S608
            found = superuser.execute(query.encode()).fetchall()
            laps = [
                lap(superuser.info.backend_pid, lambda q=query: superuser.execute(q.encode()))  # type: ignore[misc]
                for _ in range(5)
            ]
            answers.append([name, f"{len(found):,}", f"{median(laps).seconds * 1000:.1f}"])
    return answers


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.audit", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--receipts", type=int, default=RECEIPTS, metavar="N")
    parser.add_argument("--repeat", type=int, default=REPEAT, metavar="N")
    parser.add_argument("--searched", type=int, default=SEARCHED, metavar="N")
    parser.add_argument("--record", action="store_true", help="write into bench/README.md")
    options = parser.parse_args(arguments)
    text = document(options.receipts)
    say("starting a server, filling a database")
    with server() as cluster, filled_template(cluster, text) as filled:
        compared = compare(cluster, filled, text, options.repeat)
        say("one big update after small ones; seals")
        warm = warm_plan(cluster, filled)
        seals = sealed(cluster, text)
        say(f"search among {options.searched:,} changes")
        found = searched(cluster, options.searched)
        parts = [
            f"{datetime.now(UTC):%Y-%m-%d}, {machine(cluster)}. Medians of {options.repeat}, "
            f"{options.receipts:,} receipts. Seconds / CPU seconds of the server:",
            table(
                ["", *VARIANTS, "to without histories", "to without any"],
                compared,
            ),
            f"One update of {ROWS:,} rows after {WARM} small ones in the same connection:",
            table(["", "after", "fresh", "ratio"], [["", *warm]]),
            "Sealing and verifying one import:",
            table(
                ["", "rows", "seconds / CPU", f"CPU per {ROWS:,}", "rows a second"],
                seals,
            ),
            f"Searching the trail among {options.searched:,} changes, milliseconds:",
            table(["by", "changes found", "ms"], found),
        ]
    report = "\n\n".join(parts)
    sys.stdout.write(report + "\n")
    if options.record:
        record("audit", report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
