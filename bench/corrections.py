"""Time a recode beside a plain UPDATE, a comparison of sessions, and what corrections cost later.

``python -m bench.corrections`` recodes 10,000 receipts of 500 people in one statement, compares two
sessions of 10,000 people, and submits a month of 10,000 receipts again: one about which nobody said
anything, and one with every receipt corrected. With ``--record`` the table goes into
``bench/README.md``.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from typing import TYPE_CHECKING, Any, LiteralString

from bench.harness import LOCAL, Lap, fresh_database, lap, machine, median, record, server, table
from tests.generate import build, write_activity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from svc.embedded.cluster import Cluster

REPEAT = 3
TENTH, HUNDREDTH = 10, 100
RECODE_PEOPLE, RECODE_RECEIPTS = 500, 10_000
COMPARE_PEOPLE, COMPARE_RECEIPTS = 10_000, 30_000
AGAIN_PEOPLE, AGAIN_RECEIPTS = 400, 10_000

IMPORT: LiteralString = "SELECT api.import_activity(%s, p_parent_session_id => %s) ->> 'session_id'"
BARE: LiteralString = """
CREATE TABLE public.bare AS SELECT t.* FROM api.current_transactions AS t;
ALTER TABLE public.bare ADD PRIMARY KEY (transaction_id);
CREATE INDEX ON public.bare (employee_revision_id);
ANALYZE public.bare
"""
PLAIN: LiteralString = "UPDATE public.bare SET coding_type = 'gl_coding', gl_account = %s"
VIEW: LiteralString = (
    "UPDATE api.current_transactions SET coding_type = 'gl_coding', gl_account = %s"
)
CODING: LiteralString = (
    "UPDATE api.current_transactions SET coding_type = 'gl_coding', gl_account = '6120.100',"
    " job_number = NULL, job_phase = NULL, cost_type = NULL"
)
PURPOSE: LiteralString = "UPDATE api.current_transactions SET purpose = 'As told by mail'"
COMPARE: LiteralString = "SELECT count(*) FROM report.compare_sessions(%s, %s)"


def month(employees: int, receipts: int) -> str:
    """Return the text of an old file."""
    out = io.StringIO()
    write_activity(build(employees=employees, receipts=receipts, seed=1), out)
    return out.getvalue()


def changed(text: str) -> str:
    """Return the file with a receipt of every tenth person recoded, every hundredth one gone."""
    people: dict[str, Any] = json.loads(text)
    for place, key in enumerate(list(people)):
        if place % HUNDREDTH == 0:
            del people[key]
        elif place % TENTH == 0:
            for receipts in people[key].get("receipts", {}).values():
                receipts[0]["gl_acct"] = "9999.000"
                break
    return json.dumps(people)


def run(connection: Connection, statement: LiteralString, parameters: Sequence[object]) -> Lap:
    """Run one statement with its commit. The server process counts."""

    def action() -> None:
        with connection.transaction():
            connection.execute(statement, parameters)

    return lap(connection.info.backend_pid, action)


def recode(cluster: Cluster) -> tuple[Lap, Lap]:
    """Return the laps of the plain UPDATE and of the view."""
    with (
        fresh_database(cluster) as name,
        cluster.login(LOCAL, name).connect() as person,
        cluster.login(database=name).connect() as superuser,
    ):
        with person.transaction():
            person.execute(IMPORT, [month(RECODE_PEOPLE, RECODE_RECEIPTS), None])
        superuser.execute(BARE)
        superuser.execute("VACUUM ANALYZE")
        person.execute("SET app.reason = 'bench'")
        return run(superuser, PLAIN, ["6120.100"]), run(person, VIEW, ["6120.100"])


def compare(cluster: Cluster) -> Lap:
    """Return the lap of the comparison of two sessions."""
    with fresh_database(cluster) as name, cluster.login(LOCAL, name).connect() as person:
        text = month(COMPARE_PEOPLE, COMPARE_RECEIPTS)
        ids: list[str] = []
        for content in (text, changed(text)):
            with person.transaction():
                row = person.execute(IMPORT, [content, ids[-1] if ids else None]).fetchone()
                assert row is not None  # noqa: S101 - one row by its form
                ids.append(row[0])
        return run(person, COMPARE, ids)


def again(cluster: Cluster, correction: LiteralString | None) -> Lap:
    """Return the lap of a later submission of the same, after a correction of all receipts."""
    with fresh_database(cluster) as name, cluster.login(LOCAL, name).connect() as person:
        text = month(AGAIN_PEOPLE, AGAIN_RECEIPTS)
        with person.transaction():
            first = person.execute(IMPORT, [text, None]).fetchone()
        if correction is not None:
            person.execute("SET app.reason = 'bench'")
            with person.transaction():
                person.execute(correction)
        with cluster.login(database=name).connect() as superuser:
            superuser.execute("VACUUM ANALYZE")
        assert first is not None  # noqa: S101 - one row by its form
        return run(person, IMPORT, [text + "\n", first[0]])


def main() -> int:
    """Measure, print, and record where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="write into bench/README.md")
    options = parser.parse_args()
    with server() as cluster:
        laps = [recode(cluster) for _ in range(REPEAT)]
        plain, view = median([one[0] for one in laps]), median([one[1] for one in laps])
        both = median([compare(cluster) for _ in range(REPEAT)])
        # By turns, so that a busy machine slows all alike.
        turns = [[again(cluster, said) for said in (None, PURPOSE, CODING)] for _ in range(REPEAT)]
        silent, told, coded = (median(list(one)) for one in zip(*turns, strict=True))
        rows = [
            ["plain UPDATE of 10,000 rows", f"{plain.seconds:.3f}", f"{plain.cpu:.2f}", "1.0"],
            [
                "UPDATE api.current_transactions, 10,000 rows of 500 people",
                f"{view.seconds:.3f}",
                f"{view.cpu:.2f}",
                f"{view.seconds / plain.seconds:.1f}",
            ],
            [
                "report.compare_sessions, 10,000 people, 30,000 receipts",
                f"{both.seconds:.3f}",
                f"{both.cpu:.2f}",
                "",
            ],
            *(
                [
                    f"10,000 receipts of 400 people submitted again, {what}",
                    f"{one.seconds:.3f}",
                    f"{one.cpu:.2f}",
                    f"{one.cpu / silent.cpu:.2f}",
                ]
                for what, one in (
                    ("nothing said about them", silent),
                    ("each with a purpose of people", told),
                    ("each with a coding of people", coded),
                )
            ),
        ]
        text = f"{machine(cluster)}\n\n" + table(
            ["median of three", "seconds", "CPU seconds", "ratio"], rows
        )
    sys.stdout.write(text + "\n")
    if options.record:
        record("corrections", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
