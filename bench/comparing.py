"""What it takes to compare an old result with a month, beside walking through two files of it.

`python -m bench.comparing [--receipts N] [--record]`. The month is read from its two PDFs;
compared are the old program's files of it, with all its errors: by code, by id, and by id with the
accounting import. Processor time is that of the database, or of Python for the walk, which
classifies nothing.

`python -m bench.comparing --months 1 60` lets one database grow month by month, each compared, and
counts the blocks that the reports read beside so many months.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, LiteralString

import psycopg
from psycopg.rows import dict_row

from bench.exports import RECEIPTS_PER_EMPLOYEE, fill
from bench.harness import LOCAL, fresh_database, lap, machine, median, record, say, server, table
from bench.years import EXPLAIN, activity
from tests.generate import build, write_activity
from tests.generate.legacy_files import legacy_csv

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator

    from svc.embedded.cluster import Cluster

SECTION: Final = "comparing"
SEED: Final = 7
LAPS: Final = 3
OURS: LiteralString = "SELECT report.activity_json(%s)::text AS file"
COMPARE: LiteralString = """
SELECT c.verdict, c.roots_explained + c.roots_unexplained + c.roots_pending AS roots
FROM api.compare_old_result(%(session)s, %(file)s, p_csv => %(csv)s, p_same_files => true,
    p_shape_in_use => 'by_id') AS c
"""
PEOPLE, RECEIPTS = 60, 600
IMPORT: LiteralString = """
SELECT api.import_activity(p_file => %s, p_period_start => %s, p_period_end => %s)
"""
SESSION: LiteralString = """
SELECT s.session_id FROM report.sessions AS s ORDER BY s.created_at DESC LIMIT 1
"""
GROWN: LiteralString = """
SELECT c.run_id
FROM api.compare_old_result(%s, %s, p_same_files => true, p_shape_in_use => 'by_code') AS c
"""
RUN: LiteralString = "SELECT r.run_id FROM report.parallel_runs AS r ORDER BY r.run_id DESC LIMIT 1"
QUESTIONS: dict[str, LiteralString] = {
    "report.parallel_report(run)": "SELECT report.parallel_report(%(run)s)",
    "report.parallel_runs, one session": (
        "SELECT * FROM report.parallel_runs WHERE session_id = %(session)s"
    ),
    "report.parallel_runs, a page of 50": (
        "SELECT * FROM report.parallel_runs ORDER BY run_id DESC LIMIT 50"
    ),
    "report.parallel_differences, one run": (
        "SELECT * FROM report.parallel_differences WHERE run_id = %(run)s"
    ),
    "report.parallel_differences, a page of 50 of one run": (
        "SELECT * FROM report.parallel_differences WHERE run_id = %(run)s"
        " ORDER BY difference_number LIMIT 50"
    ),
    "report.parallel_counts, one run": (
        "SELECT * FROM report.parallel_counts WHERE run_id = %(run)s"
    ),
    "report.clean_months": "SELECT * FROM report.clean_months",
    "report.cutover_verdict": "SELECT * FROM report.cutover_verdict",
    "api.run_cutover_checks()": "SELECT * FROM api.run_cutover_checks()",
}


def walk(one: object, other: object) -> int:
    """Count the values of two files that are not alike."""
    if isinstance(one, dict) and isinstance(other, dict):
        return sum(walk(one.get(key), other.get(key)) for key in one.keys() | other.keys())
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return sum(map(walk, one, other))
    return int(one != other)


def walk_texts(one: str, other: str) -> int:
    """Read two files and count what is not alike."""
    return walk(json.loads(one), json.loads(other))


def rows_of(cluster: Cluster, receipts: int) -> Iterator[list[str]]:
    """Yield a row of the table for each file."""
    truth = build(receipts // RECEIPTS_PER_EMPLOYEE, receipts, SEED)
    files: list[tuple[str, str, str | None]] = []
    for shape in ("by-code", "by-id"):
        stream = io.StringIO()
        write_activity(truth, stream, shape=shape)
        files.append((shape, stream.getvalue(), None))
    by_id = files[-1][1]
    files.append(
        ("by-id with its accounting import", by_id, legacy_csv(json.loads(by_id), date(2025, 4, 1)))
    )
    with fresh_database(cluster) as database:
        session: uuid.UUID = fill(cluster, database, receipts)
        say(f"{receipts} receipts are there")
        dsn = cluster.login(LOCAL, database).conninfo
        with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
            pid = connection.info.backend_pid
            ours = (connection.execute(OURS, [session]).fetchone() or {})["file"]
            for name, file, csv in files:
                asked = {"session": session, "file": file, "csv": csv}
                told: list[dict[str, Any]] = []

                def compare(asked: dict[str, Any] = asked, told: list[Any] = told) -> None:
                    told.append(connection.execute(COMPARE, asked).fetchone())

                measured = median([lap(pid, compare) for _ in range(LAPS)])
                plain = lap(os.getpid(), partial(walk_texts, ours, file))
                roots = told[-1]["roots"]
                yield [
                    f"{name}, {receipts:,} receipts",
                    *(f"{value:.2f}" for value in (measured.seconds, measured.cpu, plain.cpu)),
                    f"{roots:,}",
                ]
                say(f"{name}: {measured}, {told[-1]}")


def old_and_new(number: int) -> tuple[str, str]:
    """Return a file of a month, and one of it that says the merchant of each sixth otherwise."""
    new = activity(number, PEOPLE, RECEIPTS)
    old: dict[str, Any] = json.loads(new)
    receipts = [
        receipt
        for person in old.values()
        for group in person.get("receipts", {}).values()
        for receipt in group
    ]
    for receipt in receipts[::6]:
        receipt["merch_name"] = "ELSEWHERE"
    return new, json.dumps(old)


def grow(cluster: Cluster, points: list[int]) -> Iterator[dict[str, float]]:
    """Yield at each point the blocks of every question, asked of the newest month."""
    with (
        fresh_database(cluster) as name,
        psycopg.connect(cluster.login(LOCAL, name).conninfo, autocommit=True) as connection,
    ):
        connection.execute("SET synchronous_commit = off")
        for number in range(max(points)):
            new, old = old_and_new(number)
            year, month = divmod(number, 12)
            first = date(2015 + year, month + 1, 1)
            asked = (new, first, (first + timedelta(31)).replace(day=1) - timedelta(1))
            connection.execute(IMPORT, asked)
            (session,) = connection.execute(SESSION).fetchone() or (None,)
            compared = count_blocks(connection, GROWN, (session, old))
            (run,) = connection.execute(RUN).fetchone() or (None,)
            if number + 1 in points:
                connection.execute("ANALYZE")
                facts = {"session": session, "run": run}
                found = {"api.compare_old_result, 600 receipts": compared}
                for words, question in QUESTIONS.items():
                    found[words] = count_blocks(connection, question, facts)
                say(f"{number + 1} months: {found}")
                yield found


def count_blocks(connection: psycopg.Connection, question: LiteralString, facts: Any) -> float:  # noqa: ANN401 - the parameters of psycopg
    """Return the blocks that a question looks at, in the cache or not."""
    row = connection.execute(EXPLAIN + question, facts).fetchone()
    plan = row[0][0]["Plan"] if row else {}
    return float(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def history(cluster: Cluster, points: list[int]) -> str:
    """Return the table of what the reports read beside so many months."""
    found = list(grow(cluster, points))
    rows = [
        [
            words,
            *(f"{one[words]:,.0f}" for one in found),
            f"{found[-1][words] / found[0][words]:.1f}",
        ]
        for words in found[0]
    ]
    return table(("Blocks", *(f"{point} months" for point in points), "Ratio"), rows)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receipts", type=int, default=3_000)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--months", type=int, nargs="+")
    arguments = parser.parse_args()
    with server() as cluster:
        if arguments.months:
            sys.stdout.write(f"{history(cluster, arguments.months)}\n")
            return
        heads = ("File", "Seconds", "CPU s", "Walk CPU s", "Roots")
        text = f"{machine(cluster)}.\n\n{table(heads, list(rows_of(cluster, arguments.receipts)))}"
    sys.stdout.write(f"{text}\n")
    if arguments.record:
        record(SECTION, text)


if __name__ == "__main__":
    main()
