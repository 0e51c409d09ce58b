"""What years of use cost: the same month's questions and writes with 0, 12 and 60 months before.

``python -m bench.years`` fills one database month by month through the calls people use and, at
each point, measures three months more: import, decisions, corrections, seal, and then every
question that asks for one month, in blocks and CPU. With ``--record`` the table goes into
``bench/README.md``.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg

from bench.harness import (
    LOCAL,
    cpu_seconds,
    fresh_database,
    lap,
    machine,
    record,
    say,
    server,
    table,
)
from tests.generate import build, write_activity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg import Connection

    from svc.embedded.cluster import Cluster

POINTS = (0, 12, 60)
MEASURED = 3
"""Months measured at each point; figures are medians."""
PEOPLE, RECEIPTS = 300, 3_000
RESOLVED, CELLS, CORRECTED = 60, 12, 60
REPEAT = 20
COARSE = 0.05
"""CPU seconds below which a question is asked REPEAT times: the clock counts hundredths."""
ALLOWED = 1.5
MONTHS_A_YEAR = 12

# Counts what a call reads with all that it calls and its checks at commit.
TOTAL: LiteralString = """
CREATE FUNCTION public.run_whole(p_statement text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE p_statement;
    SET CONSTRAINTS ALL IMMEDIATE;
END
$$
"""
EXPLAIN: LiteralString = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) "
ISSUES: LiteralString = """
SELECT i.issue_id, i.version FROM report.validation_issues AS i
WHERE i.session_id = %s AND i.state = 'open' ORDER BY i.issue_id LIMIT %s
"""
PERSON: LiteralString = """
SELECT quote_literal(i.cardholder_id) FROM report.validation_issues AS i
WHERE i.issue_id = '{issue}'
"""
# Looked up before: what is measured is the correction, not how somebody finds what to correct.
CELL: LiteralString = """
SELECT t.transaction_id::text FROM report.transactions AS t WHERE t.session_id = '{session}'
ORDER BY t.employee_name, t.position OFFSET {place} LIMIT 1
"""
EVERYBODY: LiteralString = """
SELECT string_agg(p.transaction_id::text, ',') FROM (
    SELECT t.transaction_id FROM (
        SELECT DISTINCT ON (x.cardholder_id) x.* FROM report.transactions AS x
        WHERE x.session_id = '{session}' ORDER BY x.cardholder_id, x.position) AS t
    ORDER BY t.employee_name LIMIT {people}) AS p
"""
CORRECT: LiteralString = """
UPDATE api.current_transactions SET purpose = '{purpose}' WHERE transaction_id = ANY ('{{{ids}}}')
"""
WRITES = (
    "import of 3,000 receipts",
    "resolve of one issue",
    "one corrected cell",
    f"one receipt of each of {CORRECTED} people",
    "audit.seal() of the month",
)
OF_SESSION = "WHERE session_id = {session}"
OF_PERSON = f"{OF_SESSION} AND cardholder_id = {{person}}"
DUPLICATES = """
SELECT f.* FROM app.find_duplicate_across_cycles(ARRAY(
    SELECT ROW(r.revision_id, r.session_id, r.cardholder_id, r.revision_number, r.predecessor_id,
        r.compared_with, r.employee_name, r.employee_id, r.card_number, r.is_in_report, r.car_total,
        r.receipt_total, r.receipt_count, r.car_page_range, r.receipt_page_range, NULL,
        r.receipt_total_unique
        )::app.revision_draft
    FROM app.session_employees AS e
    JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
    WHERE e.session_id = {session}), '{{}}') AS f
"""
SOURCES: dict[str, tuple[str, str]] = {
    "processing_sessions_as_of, one session": (
        "report.processing_sessions_as_of(now())",
        OF_SESSION,
    ),
    "employee_revisions_as_of, one session": ("report.employee_revisions_as_of(now())", OF_SESSION),
    "transactions_as_of, one person": ("report.transactions_as_of(now())", OF_PERSON),
    "transactions_as_of, one session": ("report.transactions_as_of(now())", OF_SESSION),
    "validation_issues_as_of, one session": ("report.validation_issues_as_of(now())", OF_SESSION),
    "validation_issues at a tick, one session": (
        "as_of.validation_issues",
        f"{OF_SESSION} AND as_of_tick = {{tick}}",
    ),
    "issue_events_as_of, one issue": (
        "report.issue_events_as_of(now())",
        "WHERE issue_id = {issue}",
    ),
    "trail, one object": ("report.audit_trail", "WHERE object_id = {issue}"),
    "trail, one person in one session": ("report.audit_trail", OF_PERSON),
    "trail, one session": ("report.audit_trail", OF_SESSION),
    "trail, the time of one month": (
        "report.audit_trail",
        "WHERE changed_at >= {start} AND changed_at < {end}",
    ),
    "sessions, one": ("report.sessions", OF_SESSION),
    "work list, 100 rows": (
        "report.work_list",
        f"{OF_SESSION} ORDER BY due_rank, issue_id LIMIT 100",
    ),
}
QUESTIONS = {
    **{
        name: f"SELECT * FROM {source} {condition}"  # noqa: S608 - both from above
        for name, (source, condition) in SOURCES.items()
    },
    "duplicate_across_cycles, one month": DUPLICATES,
    "audit.verify() from the newest seal": "SELECT * FROM audit.verify({seal})",
}
PAGE = "ORDER BY created_at DESC, session_id DESC LIMIT 50"
GROWING: dict[str, str] = {
    "sessions, a page of at most 50": f"SELECT * FROM report.sessions {PAGE}",  # noqa: S608
    "audit.verify() of everything": "SELECT * FROM audit.verify()",
}
"""Asked of all months: they grow with what they answer, to be read beside the number of months."""


@dataclass(slots=True)
class Cost:
    """What something took each time: blocks found or read, and CPU in milliseconds."""

    blocks: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def text(self) -> str:
        """Write the medians."""
        return f"{statistics.median(self.blocks):,.0f} / {statistics.median(self.cpu):,.1f}"


Costs = dict[str, Cost]


def activity(number: int, employees: int = PEOPLE, receipts: int = RECEIPTS) -> str:
    """Return the file of a month: always the same people, with receipts of their own."""
    people = _people(number, employees, receipts)
    renamed: dict[str, Any] = {}
    for known, entry in zip(
        _people(0, employees, receipts).values(), people.values(), strict=False
    ):
        entry["name"] = known["name"]
        if "card_no" in entry and "employee_id" in known and "employee_id" in entry:
            entry.update(employee_id=known["employee_id"], card_no=known["card_no"])
        for listed in entry.get("receipts", {}).values():
            for receipt in listed:
                # The generator numbers each month alike.
                receipt["rec_id"] = str(int(receipt["rec_id"]) + max(10_000, receipts) * number)
        renamed[known["name"]] = entry
    return json.dumps(renamed)


def _people(number: int, employees: int, receipts: int) -> dict[str, Any]:
    """Return the entries of an invented month by name."""
    year, month = divmod(number, MONTHS_A_YEAR)
    first = date(2015 + year, month + 1, 1)
    stream = io.StringIO()
    made = build(employees, receipts, number, first=first, last=first.replace(day=28))
    write_activity(made, stream)
    found: dict[str, Any] = json.loads(stream.getvalue())
    return found


class Use:
    """Months of use of one database, by a person and by whoever seals."""

    def __init__(self, person: Connection, owner: Connection) -> None:
        """Take a connection of somebody who may do everything, and one of the superuser."""
        self.person, self.owner = person, owner
        self.sessions: list[str] = []
        self.facts: dict[str, str] = {}

    def write(self, name: str, statement: str, costs: Costs | None) -> None:
        """Run a writing statement with its checks; its commit is part of its CPU."""
        pid = self.person.info.backend_pid
        cpu = cpu_seconds(pid)
        blocks = _blocks(self.person, f"SELECT public.run_whole($statement${statement}$statement$)")
        if costs is not None:
            cost = costs.setdefault(name, Cost())
            cost.blocks.append(blocks)
            cost.cpu.append((cpu_seconds(pid) - cpu) * 1000)

    def spend(self, number: int, costs: Costs | None) -> None:
        """Live through one month."""
        text = activity(number).replace("'", "''")
        start = self.value("SELECT quote_literal(clock_timestamp())")
        self.write(WRITES[0], f"SELECT api.import_activity('{text}')", costs)
        session = self.value(
            "SELECT session_id::text FROM report.sessions ORDER BY created_at DESC LIMIT 1"
        )
        self.sessions.append(session)
        issues = self.person.execute(ISSUES, (session, RESOLVED)).fetchall()
        one: Costs = {}
        for issue, version in issues:
            self.write(
                WRITES[1],
                f"SELECT api.resolve_issue('{issue}', {version}, 'corrected', 'Known')",
                one,
            )
        for place in range(CELLS):
            found = self.value(CELL.format(session=session, place=place * 25))
            self.write(WRITES[2], CORRECT.format(purpose="corrected", ids=found), one)
        if costs is not None:
            # The clock of the CPU is too coarse for one of them.
            for name, cost in one.items():
                whole = costs.setdefault(name, Cost())
                whole.blocks.append(statistics.median(cost.blocks))
                whole.cpu.append(sum(cost.cpu) / len(cost.cpu))
        found = self.value(EVERYBODY.format(session=session, people=CORRECTED))
        self.write(WRITES[3], CORRECT.format(purpose="corrected too", ids=found), costs)
        end = self.value("SELECT quote_literal(clock_timestamp())")
        self.write(WRITES[4], "SELECT audit.seal()", costs)
        self.facts = {
            "session": f"'{session}'",
            "issue": f"'{issues[0][0]}'",
            "person": self.value(PERSON.format(issue=issues[0][0])),
            "tick": self.value("SELECT max(tick_number)::text FROM report.ticks"),
            "seal": self.value("SELECT max(seal_number)::text FROM audit.seals"),
            "start": start,
            "end": end,
        }

    def value(self, query: str) -> str:
        """Return one value that the owner of the server reads."""
        row = self.owner.execute(query.encode()).fetchone()
        return str(row[0]) if row else ""

    def ask(self, costs: Costs) -> None:
        """Ask every question about the newest month, planning included in the CPU."""
        pid = self.owner.info.backend_pid
        for name, question in {**QUESTIONS, **GROWING}.items():
            text = question.format(**self.facts)
            cost = costs.setdefault(name, Cost())
            cost.blocks.append(_blocks(self.owner, text))
            one = lap(pid, lambda: self.owner.execute(text.encode()))  # noqa: B023
            times = 1
            if one.cpu < COARSE:
                times = REPEAT
                one = lap(pid, lambda: [self.owner.execute(text.encode()) for _ in range(REPEAT)])  # noqa: B023
            cost.cpu.append(one.cpu * 1000 / times)


def _blocks(connection: Connection, statement: str) -> float:
    """Return the blocks that a statement looks at, in the cache or not."""
    row = connection.execute((EXPLAIN + statement).encode()).fetchone()
    plan = row[0][0]["Plan"] if row else {}
    return float(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def live(cluster: Cluster, points: Sequence[int]) -> Iterator[Costs]:
    """Yield the costs at each point, of one database that grows."""
    with (
        fresh_database(cluster) as name,
        psycopg.connect(cluster.login(LOCAL, name).conninfo, autocommit=True) as person,
        psycopg.connect(cluster.login(database=name).conninfo, autocommit=True) as owner,
    ):
        owner.execute(TOTAL)
        number = 0
        for point in points:
            while number < point:
                use = _begin(person, owner)
                use.spend(number, None)
                number += 1
                if number % MONTHS_A_YEAR == 0:
                    owner.execute("VACUUM ANALYZE")
                    say(f"{number} months")
            costs: Costs = {}
            use = _begin(person, owner)
            for _ in range(MEASURED):
                use.spend(number, costs)
                number += 1
                use.ask(costs)
            say(f"measured after {point} months")
            yield costs


def _begin(person: Connection, owner: Connection) -> Use:
    # Blocks and CPU count here, no commit has to reach the disk.
    person.execute("SET synchronous_commit = off")
    person.execute("SET app.reason = 'bench'")
    return Use(person, owner)


def report(points: Sequence[int], found: Sequence[Costs], described: str) -> str:
    """Return both tables."""
    heads = [*(f"after {point} months" for point in points), "ratio of blocks", "ratio of CPU"]
    rows = []
    for name in (*WRITES, *QUESTIONS, *GROWING):
        first, last = found[0][name], found[-1][name]
        blocks = statistics.median(last.blocks) / max(1.0, statistics.median(first.blocks))
        cpu = statistics.median(last.cpu) / max(0.1, statistics.median(first.cpu))
        mark = "" if name in GROWING or blocks <= ALLOWED else " !"
        rows.append(
            [name, *(one[name].text() for one in found), f"{blocks:.2f}{mark}", f"{cpu:.2f}"]
        )
    return f"{described}\n\n{table(['blocks / CPU ms', *heads], rows)}"


def main() -> int:
    """Measure, print, and record where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, nargs="+", default=POINTS, metavar="N")
    parser.add_argument("--record", action="store_true", help="write into bench/README.md")
    options = parser.parse_args()
    with server() as cluster:
        text = report(options.months, list(live(cluster, options.months)), machine(cluster))
    sys.stdout.write(f"{text}\n")
    if options.record:
        record("years", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
