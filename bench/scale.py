"""What size costs: one database that grows to millions of receipts, and the line on to ten.

``python -m bench.scale --receipts 50000 100000 …`` fills one database by the calls people use,
months of 10,000 receipts of 1,000 people, each one sealed. At each size one month more is
imported, decided on, handed in again, compared, asked for and sealed; then everything is verified,
backed up in both ways and restored. What is told for the sizes nobody waited for is a straight
line through those that were measured. With ``--record`` the tables go into ``bench/README.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString

import psycopg

from bench.harness import (
    LOCAL,
    cpu_seconds,
    fresh_database,
    machine,
    record,
    say,
    server,
    table,
)
from bench.years import EXPLAIN, ISSUES, TOTAL, activity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from psycopg import Connection

    from svc.embedded.cluster import Cluster

PEOPLE, RECEIPTS = 1_000, 10_000
"""Of each month."""
SIZES = (50_000, 100_000)
TOLD = (1_000_000, 2_000_000, 10_000_000)
"""Receipts that the line is followed to."""
RESOLVED = 20
VACUUM_EVERY = 5
NEWEST: LiteralString = (
    "SELECT session_id::text FROM report.sessions ORDER BY created_at DESC LIMIT 1"
)
SIZE: LiteralString = "SELECT pg_database_size(current_database())"
COUNT: LiteralString = "SELECT count(*) FROM app.receipt_links"
SEALS: LiteralString = "SELECT max(seal_number) FROM audit.seals"
OF_MONTH = (
    "import of 10,000 receipts",
    "resolve of one issue",
    "the month handed in again",
    "compare both submissions",
    "work list, 100 rows",
    "people as-of now",
    "audit.seal() of the month",
    "verify from the newest seal",
)
OF_ALL = (
    "verify everything",
    "verify from outside",
    "the same --from-seal newest",
    "base backup",
    "restore of it",
    "pg_dump -Fc",
    "pg_restore -j 2",
)
SIZED = ("database", "base backup, file", "dump, file")


@dataclass(slots=True)
class Point:
    """What was measured at a size: seconds, CPU seconds of the server and blocks by name; bytes."""

    receipts: int
    load: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    blocks: dict[str, float] = field(default_factory=dict)
    size: dict[str, int] = field(default_factory=dict)


class Growing:
    """A database that grows, who writes to it, and who owns the server."""

    def __init__(self, cluster: Cluster, database: str, folder: Path) -> None:
        """Connect to a copy of the deployed template; files go to a folder."""
        self.cluster, self.database, self.folder = cluster, database, folder
        self.person = psycopg.connect(cluster.login(LOCAL, database).conninfo, autocommit=True)
        self.owner = psycopg.connect(cluster.login(database=database).conninfo, autocommit=True)
        self.owner.execute(TOTAL)
        self.person.execute("SET app.reason = 'bench'")
        self.months = 0

    def value(self, query: LiteralString) -> str:
        """Return one value that the owner of the server reads."""
        row = self.owner.execute(query).fetchone()
        return str(row[0]) if row else ""

    def close(self) -> None:
        """Let go of both connections."""
        self.person.close()
        self.owner.close()

    def fill(self, receipts: int) -> None:
        """Import and seal months until there are so many receipts."""
        while self.months * RECEIPTS < receipts:
            self.person.execute("SET synchronous_commit = off")
            file = activity(self.months, PEOPLE, RECEIPTS)
            self.person.execute("SELECT api.import_activity(%s)", (file,))
            self.person.execute("SELECT audit.seal()")
            self.months += 1
            if self.months % VACUUM_EVERY == 0:
                self.owner.execute("VACUUM ANALYZE")
                say(f"{self.value(COUNT)} receipts, {int(self.value(SIZE)) / 2**20:,.0f} MB")

    def ask(self, point: Point, name: str, connection: Connection, statement: str) -> None:
        """Run a statement and note what it took; a writing one with its checks at commit."""
        pid = connection.info.backend_pid
        cpu, start = cpu_seconds(pid), time.perf_counter()
        row = connection.execute((EXPLAIN + statement).encode()).fetchone()
        plan = row[0][0]["Plan"] if row else {}
        point.seconds[name] = time.perf_counter() - start
        point.cpu[name] = cpu_seconds(pid) - cpu
        point.blocks[name] = float(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])

    def write(self, point: Point, name: str, statement: str) -> None:
        """Run a writing statement with its checks."""
        whole = f"SELECT public.run_whole($statement${statement}$statement$)"
        self.ask(point, name, self.person, whole)

    def measure(self, size: int) -> Iterator[Point]:
        """Measure one month more, then what is about everything; yield the point as it fills."""
        point = Point(size, load=os.getloadavg()[0])
        file = activity(self.months, PEOPLE, RECEIPTS).replace("'", "''")
        self.person.execute("SET synchronous_commit = on")
        self.write(point, OF_MONTH[0], f"SELECT api.import_activity('{file}')")
        session = self.value(NEWEST)
        each = []
        for issue, version in self.owner.execute(ISSUES, (session, RESOLVED)).fetchall():
            one = Point(size)
            call = f"SELECT api.resolve_issue('{issue}', {version}, 'corrected', 'Known')"
            self.write(one, OF_MONTH[1], call)
            each.append(one)
        for kept, parts in (
            (point.seconds, [one.seconds for one in each]),
            (point.cpu, [one.cpu for one in each]),
            (point.blocks, [one.blocks for one in each]),
        ):
            kept[OF_MONTH[1]] = statistics.fmean(part[OF_MONTH[1]] for part in parts)
        people = json.loads(activity(self.months, PEOPLE, RECEIPTS))
        people.pop(next(iter(people)))
        again = json.dumps(people).replace("'", "''")
        call = f"SELECT api.import_activity('{again}', p_parent_session_id => '{session}')"
        self.write(point, OF_MONTH[2], call)
        newer = self.value(NEWEST)
        self.months += 1
        of_session = f"WHERE session_id = '{newer}'"
        as_of = f"SELECT * FROM report.employee_revisions_as_of(now()) {of_session}"  # noqa: S608
        listed = f"SELECT * FROM report.work_list {of_session}"  # noqa: S608
        compare = f"SELECT * FROM report.compare_sessions('{session}', '{newer}')"  # noqa: S608
        questions = {
            OF_MONTH[3]: compare,
            OF_MONTH[4]: f"{listed} ORDER BY due_rank, issue_id LIMIT 100",
            OF_MONTH[5]: as_of,
        }
        self.write(point, OF_MONTH[6], "SELECT audit.seal()")
        for name, question in questions.items():
            self.ask(point, name, self.owner, question)
        newest = f"SELECT * FROM audit.verify({self.value(SEALS)})"  # noqa: S608
        self.ask(point, OF_MONTH[7], self.owner, newest)
        self.ask(point, OF_ALL[0], self.owner, "SELECT * FROM audit.verify()")
        point.size[SIZED[0]] = int(self.value(SIZE))
        yield point
        self.outside(point)
        self.back_up(point)
        yield point

    def outside(self, point: Point) -> None:
        """Verify by the program that trusts nothing but the tables."""
        dsn = self.cluster.login(database=self.database).conninfo
        command = [sys.executable, "-m", "svc.verify_audit", dsn]
        for name, more in (
            (OF_ALL[1], []),
            (OF_ALL[2], ["--from-seal", self.value(SEALS)]),
        ):
            self.run(point, name, [*command, *more])

    def back_up(self, point: Point) -> None:
        """Take and restore both kinds of backup."""
        program, login = self.cluster.machine.program, self.cluster.login(database=self.database)
        base, dump = self.folder / "base", self.folder / "dump"
        self.cluster.own(self.folder, 0o777)
        command = [program("pg_basebackup"), "-d", login.conninfo, "-D", str(base), "-Ft", "-z"]
        self.run(point, OF_ALL[3], [*command, "-c", "fast", "-X", "none", "--compress=1"])
        point.size[SIZED[1]] = sum(one.stat().st_size for one in base.glob("*"))
        unpacked = self.folder / "unpacked"
        unpacked.mkdir()
        self.run(point, OF_ALL[4], ["tar", "-xzf", str(base / "base.tar.gz"), "-C", str(unpacked)])
        shutil.rmtree(base)
        shutil.rmtree(unpacked)
        self.run(
            point, OF_ALL[5], [program("pg_dump"), "-Fc", "-d", login.conninfo, "-f", str(dump)]
        )
        point.size[SIZED[2]] = dump.stat().st_size
        self.owner.execute("CREATE DATABASE restored OWNER ccp_owner TEMPLATE template0")
        try:
            restored = self.cluster.login(database="restored").conninfo
            restore = [program("pg_restore"), "--exit-on-error", "-j", "2", "-d", restored]
            self.run(point, OF_ALL[6], [*restore, str(dump)])
        finally:
            self.owner.execute("DROP DATABASE restored (FORCE)")
            dump.unlink()

    def run(self, point: Point, name: str, command: Sequence[str]) -> None:
        """Run a program and note its seconds.

        Raises CalledProcessError with what it said when it fails.
        """
        start = time.perf_counter()
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            sys.stderr.write(done.stdout[-2000:] + done.stderr[-2000:])
        done.check_returncode()
        point.seconds[name] = time.perf_counter() - start


def grow(cluster: Cluster, sizes: Sequence[int], folder: Path) -> Iterator[Point]:
    """Yield what each size costs, of one database that grows, beginning with the empty one.

    Each twice: without what takes longest, and whole.
    """
    with fresh_database(cluster) as name:
        growing = Growing(cluster, name, folder)
        try:
            for size in (0, *sizes):
                growing.fill(size)
                for point in growing.measure(size):
                    say(f"measured at {size:,} receipts: {json.dumps(point.seconds)}")
                    yield point
        finally:
            growing.close()


def line(known: Sequence[tuple[int, float]]) -> Callable[[int], float]:
    """Return the straight line of least squares through sizes with values, but the empty one."""
    full = [one for one in known if one[0]]
    if len(full) < min(2, len(known)):
        full = list(known)
    if len(full) < 2:
        return lambda _: full[0][1] if full else 0.0
    slope, start = statistics.linear_regression(*zip(*full, strict=True))
    return lambda receipts: max(0.0, start + slope * receipts)


def report(points: Sequence[Point], described: str) -> str:
    """Return the tables: what a month costs beside how many, and what is about everything."""
    sizes = [f"{point.receipts:,}" for point in points]
    month = [
        [
            name,
            *(
                f"{p.blocks[name]:,.0f} / {p.cpu[name]:,.2f} / {p.seconds[name]:,.2f}"
                for p in points
            ),
        ]
        for name in OF_MONTH
    ]
    told = [f"line at {receipts / 1e6:,.0f} M" for receipts in TOLD]
    whole = []
    for names, unit, digits, values in (
        (OF_ALL[:1], "CPU s", 1, [point.cpu for point in points]),
        (OF_ALL, "s", 1, [point.seconds for point in points]),
        (SIZED, "MB", 0, [{n: v / 2**20 for n, v in point.size.items()} for point in points]),
    ):
        for name in names:
            known = [
                (point.receipts, found[name])
                for point, found in zip(points, values, strict=True)
                if name in found
            ]
            on = line(known)
            cells = [f"{found[name]:,.{digits}f}" if name in found else "-" for found in values]
            whole.append([f"{name}, {unit}", *cells, *(f"{on(n):,.0f}" for n in TOLD)])
    loads = ", ".join(f"{point.load:.1f}" for point in points)
    return (
        f"{described}; load average at each size {loads}\n\n"
        f"{table(['blocks / CPU s / s', *sizes], month)}\n\n"
        f"{table(['of everything', *sizes, *told], whole)}"
    )


def main() -> int:
    """Measure, print, and record where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receipts", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--record", action="store_true", help="write into bench/README.md")
    options = parser.parse_args()
    with server() as cluster:
        folder = cluster.data.parent / "backups"
        folder.mkdir()
        points: list[Point] = []
        for point in grow(cluster, options.receipts, folder):
            points = [*(one for one in points if one is not point), point]
            text = report(points, machine(cluster))
            # Whoever ends a long run has what was measured until then.
            if options.record:
                record("scale", text)
    sys.stdout.write(f"{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
