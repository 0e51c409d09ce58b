"""What it takes to hand files out, beside writing the same rows with the bare library.

`python -m bench.exports [--receipts N ...] [--record]`. Up to 5,000 receipts the month comes as two
PDFs, read by a worker, so that charges, matches and packets are there; a larger one as an old file.
Each file is made in a process of its own: seconds until the first byte and the last, and the
largest memory, are of that process and its children. Processor time of the server is that of its
processes that ended meanwhile: those of the connections.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, LiteralString

import psycopg
import xlsxwriter

from bench.harness import LOCAL, fresh_database, machine, record, say, server, table
from bench.pdf import generate
from svc import queries
from svc.auth import Actor
from svc.config import Settings
from svc.db import Database
from svc.embedded.documents import hand_in
from svc.embedded.importing import Said
from svc.embedded.machine import ROOT
from svc.embedded.service import environment_for
from svc.exports.kinds import KINDS
from tests.generate import build, write_activity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from svc.embedded.cluster import Cluster

SIZES: Final = (3_000, 100_000)
LARGEST_PDF: Final = 5_000
RECEIPTS_PER_EMPLOYEE: Final = 15
SECTION: Final = "exports"
USER: Final = "bench"
WHO: Final = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
IMPORT: LiteralString = "SELECT api.import_activity(p_file => %s) ->> 'outcome'"
SESSION: LiteralString = "SELECT s.session_id FROM report.sessions AS s"
LINES: LiteralString = "SELECT l.* FROM report.accounting_lines(%(session_id)s) AS l"
ENTRIES: LiteralString = (
    "SELECT e.source_key, e.entry::text FROM report.activity_entries(%(session_id)s) AS e"
)
# Who imported has not ended yet, or statistics are made; their time is none of the files.
BUSY: LiteralString = "SELECT FROM pg_stat_activity AS a WHERE a.datname = %s"
# The rows behind each kind of file, a sheet each.
ROWS: Final[dict[str, tuple[LiteralString, ...]]] = {
    "report.xlsx": (
        queries.WORKBOOK_SUMMARY,
        queries.WORKBOOK_ISSUES,
        queries.WORKBOOK_LINES,
        queries.WORKBOOK_BRIDGE,
    ),
    "coding.xlsx": (queries.CODING_ROWS,),
    "import.csv": (LINES,),
    "activity.json": (ENTRIES,),
}


def make(url: str, session: uuid.UUID, kind: str) -> tuple[int, float]:
    """Make a file as it is handed out; return its size, and when its first byte came."""
    database = Database(
        Settings(database_url=url, token_secret=secrets.token_bytes(32), statement_timeout=600_000)
    )
    database.open()
    _, content = KINDS[kind](database, Actor(user_name=USER, role=None), session)
    size = len(next(content))
    first = time.perf_counter()
    size += sum(len(piece) for piece in content)
    database.close()
    return size, first


def write_bare(sheets: list[list[tuple[Any, ...]]], kind: str) -> int:
    """Write rows that are there with the bare library; return the size of the file."""
    target = io.BytesIO()
    if kind.endswith(".json"):
        return len(json.dumps({name: json.loads(entry) for name, entry in sheets[0]}, indent=2))
    if kind.endswith(".csv"):
        text = io.StringIO()
        csv.writer(text).writerows(sheets[0])
        return len(text.getvalue())
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                for place, value in enumerate(row):
                    if value is not None:
                        sheet.write_string(number, place, str(value))
    return len(target.getvalue())


def cpu_so_far() -> float:
    """Return the processor seconds of this process and of its children that have ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in WHO)


def memory() -> int:
    """Return the largest memory in MiB of this process or of a child that has ended.

    The kernel hands the largest memory of whoever started a process on to it, so the own one is
    asked for where it is not.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (own,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return max(int(own), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024


def server_cpu(cluster: Cluster) -> float:
    """Return the processor seconds of the server's processes that have ended."""
    pid = (cluster.data / "postmaster.pid").read_text(encoding="utf-8").partition("\n")[0]
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def one(login: str, url: str, session: uuid.UUID, kind: str) -> None:
    """Measure one file in this process and print the figures as JSON; `login` is for bare rows."""
    sheets: list[list[tuple[Any, ...]]] = []
    if login:
        with psycopg.connect(login) as connection:
            sheets = [
                connection.execute(statement, {"session_id": session}).fetchall()
                for statement in ROWS[kind]
            ]
    cpu, started = cpu_so_far(), time.perf_counter()
    if login:
        size, first = write_bare(sheets, kind), time.perf_counter()
    else:
        size, first = make(url, session, kind)
    figures = {
        "first": first - started,
        "seconds": time.perf_counter() - started,
        "cpu": cpu_so_far() - cpu,
        "memory": memory(),
        "size": size,
    }
    sys.stdout.write(json.dumps(figures))


def measure(login: str, url: str, session: uuid.UUID, kind: str) -> dict[str, Any]:
    """Measure one file in a process of its own."""
    command = [sys.executable, "-m", "bench.exports", "--one", login, url, str(session), kind]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT)
    figures: dict[str, Any] = json.loads(found.stdout)
    return figures


def fill(cluster: Cluster, database: str, receipts: int) -> uuid.UUID:
    """Put a month of so many receipts into a database and return its session."""
    people = receipts // RECEIPTS_PER_EMPLOYEE
    with (
        tempfile.TemporaryDirectory() as name,
        psycopg.connect(cluster.login(LOCAL, database).conninfo, autocommit=True) as local,
    ):
        if receipts <= LARGEST_PDF:
            folder = Path(name)
            generate(folder, people, receipts)
            with psycopg.connect(
                local.info.dsn, autocommit=True, row_factory=psycopg.rows.dict_row
            ) as hands:
                hand_in(hands, folder / "car.pdf", folder / "receipts.pdf", Said())
            url = cluster.login("ccp_service", database).conninfo
            subprocess.run(
                [sys.executable, "-m", "svc.worker", "--until-idle"],
                check=True,
                cwd=ROOT,
                env=environment_for(folder, url),
                stderr=subprocess.DEVNULL,
            )
        else:
            month = io.StringIO()
            write_activity(build(people, receipts, 1), month)
            local.execute(IMPORT, [month.getvalue()])
        (session,) = local.execute(SESSION).fetchone() or (None,)
    if session is None:
        raise RuntimeError("the month was not taken")
    found: uuid.UUID = session
    return found


def rows_of(cluster: Cluster, receipts: int) -> Iterator[list[str]]:
    """Yield a row of the table for each kind of file of a month."""
    with fresh_database(cluster) as database:
        session = fill(cluster, database, receipts)
        say(f"{receipts} receipts are there")
        url = cluster.login("ccp_service", database).conninfo
        login = cluster.login(LOCAL, database).conninfo
        with cluster.login().connect() as watching:
            while watching.execute(BUSY, [database]).fetchone():
                time.sleep(1)
        for kind in KINDS:
            if kind == "packets.zip" and receipts > LARGEST_PDF:
                continue
            before = server_cpu(cluster)
            made = measure("", url, session, kind)
            time.sleep(1)  # the server notes a moment later that a connection has ended
            made["server"] = server_cpu(cluster) - before
            figures = [f"{made[name]:.2f}" for name in ("first", "seconds", "cpu", "server")]
            figures += [f"{made['memory']}", f"{made['size'] / 1e6:.1f}"]
            if kind in ROWS:
                bare = measure(login, url, session, kind)
                figures += [f"{bare['cpu']:.2f}", f"{bare['memory']}"]
            else:
                figures += ["", ""]
            yield [f"{kind}, {receipts:,} receipts", *figures]
            say(f"{kind}: {figures}")


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receipts", type=int, nargs="+", default=SIZES)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        login, url, session, kind = arguments.one
        one(login, url, uuid.UUID(session), kind)
        return
    heads = (
        *("File", "First byte s", "Seconds", "CPU s", "Server CPU s", "MiB", "File MB"),
        *("Bare library CPU s", "Bare MiB"),
    )
    with server() as cluster:
        rows = [row for receipts in arguments.receipts for row in rows_of(cluster, receipts)]
        load = f"load {os.getloadavg()[1]:.0f}"
        text = f"{machine(cluster)}; {load}.\n\n{table(heads, rows)}"
    sys.stdout.write(f"{text}\n")
    if arguments.record:
        record(SECTION, text)


if __name__ == "__main__":
    main()
