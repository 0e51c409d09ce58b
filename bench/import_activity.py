"""Time the import of an old ``activity.json`` beside the plainest ways to store the same rows.

``python -m bench.import_activity`` prints a table for 1,000, 10,000 and 100,000 receipts; with
``--record`` it goes into ``bench/README.md``. The migrator needs the extra ``bench``.
"""

from __future__ import annotations

import argparse
import io
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, LiteralString

from bench.floor import run_copy, run_floor
from bench.harness import (
    LOCAL,
    Lap,
    fresh_database,
    lap,
    machine,
    median,
    record,
    server,
    table,
)
from tests.generate import build, write_activity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from psycopg import Connection

    from svc.embedded.cluster import Cluster

SIZES = (1_000, 10_000, 100_000)
RECEIPTS_PER_EMPLOYEE = 30
SEED = 1
REPEAT = 3
SLOW_SIZE = 50_000
"""From here on the migrator runs once: it takes minutes and grows with the rows."""

GATE: LiteralString = "app.judge_json"
"""The function text -> jsonb that judges a file before anything else of an import."""
IMPORT: LiteralString = "SELECT api.import_activity(p_file => %s) ->> 'outcome'"

PARSE = "text to jsonb alone"
FLOOR = "floor: one INSERT … SELECT"
FROM_TEXT = "floor with the cast from text"
COPY = "COPY of the same rows"
GATE_NAME = "strict gate"
AFTER = "import after the gate"
WHOLE = "api.import_activity"
MIGRATOR = "row-by-row migrator"
ORDER = (PARSE, FLOOR, FROM_TEXT, COPY, GATE_NAME, AFTER, WHOLE, MIGRATOR)


@dataclass(slots=True)
class Run:
    """The laps of one size, by what was done."""

    receipts: int
    size: int
    laps: dict[str, list[Lap]] = field(default_factory=dict)

    def add(self, name: str, one: Lap) -> None:
        """Keep one more lap."""
        self.laps.setdefault(name, []).append(one)

    def medians(self) -> dict[str, Lap]:
        """Return the median lap of each; the import without its gate is their difference."""
        found = {name: median(laps) for name, laps in self.laps.items()}
        if WHOLE in found and GATE_NAME in found:
            whole, gate = found[WHOLE], found[GATE_NAME]
            found[AFTER] = Lap(whole.seconds - gate.seconds, whole.cpu - gate.cpu)
        return {name: found[name] for name in ORDER if name in found}


def document(receipts: int) -> str:
    """Return the old file of an invented month."""
    stream = io.StringIO()
    employees = max(6, receipts // RECEIPTS_PER_EMPLOYEE)
    write_activity(build(employees, receipts, SEED), stream)
    return stream.getvalue()


def measure(cluster: Cluster, receipts: int, *, repeat: int, migrator: bool) -> Run:
    """Run everything for one size, each lap in a fresh database."""
    text = document(receipts)
    run = Run(receipts, len(text))
    steps: list[Callable[[Run, Cluster, str, str], None]] = [_bare, _import]
    for _ in range(repeat):
        for step in steps:
            with fresh_database(cluster) as database:
                step(run, cluster, database, text)
    for _ in range((1 if receipts >= SLOW_SIZE else repeat) if migrator else 0):
        with fresh_database(cluster) as database:
            _migrate(run, cluster, database, text)
    return run


def _bare(run: Run, cluster: Cluster, database: str, text: str) -> None:
    """Fill the bare table both ways, and check that both wrote every receipt."""
    with cluster.login(database=database).connect() as connection:
        pid = connection.info.backend_pid
        parsed, loaded, rows = run_floor(connection, pid, text)
        copied, copied_rows = run_copy(connection, pid, text)
    _expect(run.receipts, rows, FLOOR)
    _expect(run.receipts, copied_rows, COPY)
    run.add(PARSE, parsed)
    run.add(FLOOR, loaded)
    run.add(FROM_TEXT, Lap(parsed.seconds + loaded.seconds, parsed.cpu + loaded.cpu))
    run.add(COPY, copied)


def _import(run: Run, cluster: Cluster, database: str, text: str) -> None:
    """Import, and judge the same file once more by the gate alone; each where it is there."""
    with cluster.login(LOCAL, database).connect() as connection:
        if _has(connection, "api.import_activity"):
            run.add(WHOLE, _lap(connection, IMPORT, text, "accepted"))
            rows = connection.execute("SELECT count(*) FROM report.transactions").fetchone()
            _expect(run.receipts, rows[0] if rows else 0, WHOLE)
    with cluster.login(database=database).connect() as connection:
        if _has(connection, GATE):
            run.add(GATE_NAME, _lap(connection, f"SELECT {GATE}(%s) IS NOT NULL", text, True))


def _migrate(run: Run, cluster: Cluster, database: str, text: str) -> None:
    from bench.migrator import run_migrator  # noqa: PLC0415 - of the extra bench

    url = f"postgresql+asyncpg://postgres@/{database}?host={cluster.host}"
    one, rows = run_migrator(url, text)
    _expect(run.receipts, rows, MIGRATOR)
    run.add(MIGRATOR, one)


def _has(connection: Connection, function: str) -> bool:
    row = connection.execute("SELECT to_regproc(%s) IS NOT NULL", [function]).fetchone()
    return row == (True,)


def _lap(connection: Connection, query: LiteralString, text: str, answer: object) -> Lap:
    """Time a call on the file, its commit included; another answer than expected is an error."""

    def call() -> None:
        row = connection.execute(query, [text]).fetchone()
        _expect(answer, row and row[0], query)

    return lap(connection.info.backend_pid, call)


def _expect(wanted: object, got: object, what: str) -> None:
    """Raise RuntimeError when a step did not do what is measured."""
    if wanted != got:
        msg = f"{what}: expected {wanted}, got {got}"
        raise RuntimeError(msg)


def report(runs: Sequence[Run], described: str) -> str:
    """Return tables of times, rates and ratios as Markdown."""
    heads = ["", *(f"{run.receipts:,} receipts ({run.size / 1e6:.1f} MB)" for run in runs)]
    medians = [run.medians() for run in runs]
    names = [name for name in ORDER if any(name in found for found in medians)]

    def rows(show: Callable[[Run, dict[str, Lap], Lap], str]) -> list[list[str]]:
        return [
            [
                name,
                *(
                    show(run, found, found[name]) if name in found else ""
                    for run, found in zip(runs, medians, strict=True)
                ),
            ]
            for name in names
        ]

    def ratios(base: str) -> list[list[str]]:
        return rows(
            lambda _, found, one: (
                f"{one.seconds / found[base].seconds:.2f} / "
                f"{one.cpu / found[base].cpu if found[base].cpu else float('nan'):.1f}"
            )
        )

    times = rows(lambda _, __, one: f"{one.seconds:.3f} / {one.cpu:.2f}")
    rates = rows(lambda run, _, one: f"{run.receipts / one.seconds:,.0f}")
    return "\n\n".join(
        (
            f"{datetime.now(UTC):%Y-%m-%d}, {described}. Medians; the migrator once from "
            f"{SLOW_SIZE:,} receipts on.",
            "Seconds / CPU seconds of the server process:",
            table(heads, times),
            "Receipts per second; growth is the time of one receipt in the largest file by that "
            "in the one before:",
            table(
                [*heads, "growth"],
                [
                    [*row, _growth(runs, medians, name)]
                    for name, row in zip(names, rates, strict=True)
                ],
            ),
            "As a multiple of the floor, by seconds / by CPU seconds:",
            table(heads, ratios(FLOOR)),
            "As a multiple of the floor with the cast from text, by seconds / by CPU seconds:",
            table(heads, ratios(FROM_TEXT)),
        )
    )


def _growth(runs: Sequence[Run], medians: Sequence[dict[str, Lap]], name: str) -> str:
    """Return how much dearer one receipt is in the last run than in the one before."""
    each = [
        found[name].seconds / run.receipts
        for run, found in zip(runs[-2:], medians[-2:], strict=True)
        if name in found
    ]
    return f"{each[-1] / each[0]:.2f}" if len(each) > 1 else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.import_activity", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--repeat", type=int, default=REPEAT, metavar="N")
    parser.add_argument("--no-migrator", action="store_true", help="it takes minutes")
    parser.add_argument("--record", action="store_true", help="write into bench/README.md")
    options = parser.parse_args(arguments)
    with server() as cluster:
        runs = []
        for receipts in options.sizes:
            sys.stderr.write(f"{receipts:,} receipts\n")
            migrator = not options.no_migrator
            runs.append(measure(cluster, receipts, repeat=options.repeat, migrator=migrator))
        text = report(runs, machine(cluster))
    sys.stdout.write(text + "\n")
    if options.record:
        record("import_activity", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
