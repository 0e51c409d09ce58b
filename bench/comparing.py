"""What it takes to compare an old result with a month, beside walking through two files of it.

`python -m bench.comparing [--receipts N] [--record]`. The month is read from its two PDFs;
compared are the old program's files of it, with all its errors: by code, by id, and by id with the
accounting import. Processor time is that of the database, or of Python for the walk, which
classifies nothing.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Final, LiteralString

import psycopg
from psycopg.rows import dict_row

from bench.exports import RECEIPTS_PER_EMPLOYEE, fill
from bench.harness import LOCAL, fresh_database, lap, machine, median, record, say, server, table
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


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receipts", type=int, default=3_000)
    parser.add_argument("--record", action="store_true")
    arguments = parser.parse_args()
    with server() as cluster:
        heads = ("File", "Seconds", "CPU s", "Walk CPU s", "Roots")
        text = f"{machine(cluster)}.\n\n{table(heads, list(rows_of(cluster, arguments.receipts)))}"
    sys.stdout.write(f"{text}\n")
    if arguments.record:
        record(SECTION, text)


if __name__ == "__main__":
    main()
