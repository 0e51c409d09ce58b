"""Time a recode beside a plain UPDATE, a comparison of sessions, and what corrections cost later.

``python -m bench.corrections`` recodes 10,000 receipts of 500 people in one statement, compares two
sessions of 10,000 people, and submits a month of 10,000 receipts again: one about which nobody said
anything, and one with every receipt corrected. Each state is made once and copied for each turn;
the variants take turns, each turn beginning with another. With ``--record`` the table goes into
``bench/README.md``.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import statistics
import sys
from typing import TYPE_CHECKING, Any, LiteralString

from bench.harness import (
    LOCAL,
    Lap,
    fresh_database,
    lap,
    machine,
    median,
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

TURNS = 5
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
SAID: dict[str, LiteralString] = {
    "nothing said about them": "",
    "each with a purpose of people": (
        "UPDATE api.current_transactions SET purpose = 'As told by mail'"
    ),
    "each with a coding of people": (
        "UPDATE api.current_transactions SET coding_type = 'gl_coding', gl_account = '6120.100',"
        " job_number = NULL, job_phase = NULL, cost_type = NULL"
    ),
}
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


@contextlib.contextmanager
def imported(
    cluster: Cluster, name: str, text: str, correction: LiteralString, *, bare: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield a database with the month and what was said about it, to be copied, and its session."""
    with fresh_database(cluster, name):
        with cluster.login(LOCAL, name).connect() as person:
            with person.transaction():
                row = person.execute(IMPORT, [text, None]).fetchone()
            assert row is not None  # noqa: S101 - one row by its form
            if correction:
                person.execute("SET app.reason = 'bench'")
                with person.transaction():
                    person.execute(correction)
        with cluster.login(database=name).connect() as superuser:
            if bare:
                superuser.execute(BARE)
            superuser.execute("VACUUM ANALYZE")
        yield name, row[0]


def recode(cluster: Cluster, turns: int) -> tuple[Lap, Lap]:
    """Return the laps of the plain UPDATE and of the view."""
    laps = []
    text = month(RECODE_PEOPLE, RECODE_RECEIPTS)
    with imported(cluster, "bench_recode", text, "", bare=True) as (template, _):
        for _turn in range(turns):
            with (
                fresh_database(cluster, template=template) as name,
                cluster.login(LOCAL, name).connect() as person,
                cluster.login(database=name).connect() as superuser,
            ):
                person.execute("SET app.reason = 'bench'")
                laps.append((run(superuser, PLAIN, ["6120.100"]), run(person, VIEW, ["6120.100"])))
    return median([one[0] for one in laps]), median([one[1] for one in laps])


def compare(cluster: Cluster, turns: int) -> Lap:
    """Return the lap of the comparison of two sessions."""
    with fresh_database(cluster) as name, cluster.login(LOCAL, name).connect() as person:
        text = month(COMPARE_PEOPLE, COMPARE_RECEIPTS)
        ids: list[str] = []
        for content in (text, changed(text)):
            with person.transaction():
                row = person.execute(IMPORT, [content, ids[-1] if ids else None]).fetchone()
                assert row is not None  # noqa: S101 - one row by its form
                ids.append(row[0])
        return median([run(person, COMPARE, ids) for _ in range(turns)])


def again(cluster: Cluster, text: str, template: str, session: str) -> Lap:
    """Return the lap of a later submission of the same month, other bytes."""
    with (
        fresh_database(cluster, template=template) as name,
        cluster.login(LOCAL, name).connect() as person,
    ):
        return run(person, IMPORT, [text + "\n", session])


def submitted_again(cluster: Cluster, turns: int) -> list[list[str]]:
    """Return a row for each variant: seconds, CPU, and the CPU beside that of the first."""
    text = month(AGAIN_PEOPLE, AGAIN_RECEIPTS)
    laps: dict[str, list[Lap]] = {what: [] for what in SAID}
    with contextlib.ExitStack() as stack:
        states = {
            what: stack.enter_context(imported(cluster, f"bench_said_{place}", text, correction))
            for place, (what, correction) in enumerate(SAID.items())
        }
        # By turns, so that a busy machine slows all alike.
        for turn in range(turns):
            order = list(SAID)[turn % len(SAID) :] + list(SAID)[: turn % len(SAID)]
            for what in order:
                laps[what].append(again(cluster, text, *states[what]))
            say(f"turn {turn + 1}: " + ", ".join(f"{laps[what][-1].cpu:.2f}" for what in SAID))
    silent = next(iter(laps.values()))
    rows = []
    for what, own in laps.items():
        ratio = statistics.median(
            one.cpu / other.cpu for one, other in zip(own, silent, strict=True)
        )
        middle = median(own)
        rows.append(
            [
                f"10,000 receipts of 400 people submitted again, {what}",
                f"{middle.seconds:.3f}",
                f"{middle.cpu:.2f}",
                f"{ratio:.2f}",
            ]
        )
    return rows


def main() -> int:
    """Measure, print, and record where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=TURNS, help="laps of each, 5 by default")
    parser.add_argument("--record", action="store_true", help="write into bench/README.md")
    options = parser.parse_args()
    with server() as cluster:
        later = submitted_again(cluster, options.turns)
        plain, view = recode(cluster, options.turns)
        both = compare(cluster, options.turns)
        rows = [
            ["plain UPDATE of 10,000 rows", f"{plain.seconds:.3f}", f"{plain.cpu:.2f}", "1.0"],
            [
                "UPDATE api.current_transactions, 10,000 rows of 500 people",
                f"{view.seconds:.3f}",
                f"{view.cpu:.2f}",
                f"{view.cpu / plain.cpu:.1f}",
            ],
            [
                "report.compare_sessions, 10,000 people, 30,000 receipts",
                f"{both.seconds:.3f}",
                f"{both.cpu:.2f}",
                "",
            ],
            *later,
        ]
        text = f"{machine(cluster)}\n\n" + table(
            [f"median of {options.turns}", "seconds", "CPU seconds", "ratio of CPU"], rows
        )
    sys.stdout.write(text + "\n")
    if options.record:
        record("corrections", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
