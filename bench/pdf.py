"""The whole way of two PDFs: handed in, read by one worker, accepted, with issues and matches.

`python -m bench.pdf [--people N] [--receipts N] [--runs N] [--record]`. The month comes from the
generator of the tests. Prints a Markdown table with the phases of each run, as the system itself
records them, and the largest memory of worker and children.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg.rows import dict_row

from bench.harness import LOCAL, fresh_database, machine, record, server, table
from svc.embedded.documents import hand_in
from svc.embedded.importing import Said
from svc.embedded.machine import ROOT
from svc.embedded.service import environment_for

if TYPE_CHECKING:
    from svc.embedded.cluster import Cluster

PHASES: Final = ("fetch", "reading_car", "reading_receipts", "stage", "validate")
METRICS: Final = """
SELECT m.phases, m.employees, m.transactions, s.status
FROM report.sessions AS s
LEFT JOIN report.processing_metrics AS m ON m.session_id = s.session_id
"""
SECTION: Final = "pdf"


def generate(folder: Path, people: int, receipts: int) -> None:
    """Write the PDFs of an invented month."""
    size = ("--employees", str(people), "--receipts", str(receipts), "--seed", "7")
    command = [sys.executable, "-m", "tests.generate", *size, "--pdf", "--out", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)


def run(cluster: Cluster, folder: Path, cores: int) -> dict[str, Any]:
    """Hand in the month on an empty database and wait for the worker; return the figures.

    Raises RuntimeError when the session is not completed.
    """
    with fresh_database(cluster) as database, tempfile.TemporaryDirectory() as private:
        url = cluster.login("ccp_service", database).conninfo
        environment = environment_for(Path(private), url)
        local = cluster.login(LOCAL, database).conninfo
        with psycopg.connect(local, autocommit=True, row_factory=dict_row) as connection:
            started = time.perf_counter()
            hand_in(connection, folder / "car.pdf", folder / "receipts.pdf", Said())
            stored = time.perf_counter()
            command = [sys.executable, "-m", "svc.worker", "--until-idle"]
            affinity = set(sorted(os.sched_getaffinity(0))[:cores])
            worker = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
            os.sched_setaffinity(worker.pid, affinity)
            _, _, usage = os.wait4(worker.pid, 0)
            worker.returncode = 0
            ended = time.perf_counter()
            found = connection.execute(METRICS).fetchone() or {}
            if found.get("status") != "completed":
                raise RuntimeError(f"session is {found.get('status')}")
        return {
            "cores": cores,
            "upload": stored - started,
            "whole": ended - started,
            "memory": usage.ru_maxrss // 1024,
            **{phase: found["phases"][phase] / 1000 for phase in PHASES},
        }


def median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the run in the middle by its whole time."""
    return sorted(runs, key=lambda each: float(each["whole"]))[len(runs) // 2]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--receipts", type=int, default=3000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--record", action="store_true")
    arguments = parser.parse_args()
    heads = (
        "Cores of the worker",
        "Upload s",
        *(f"{p} s" for p in PHASES),
        "Whole s",
        "Worker MiB",
    )
    names = ("upload", *PHASES, "whole")
    with tempfile.TemporaryDirectory() as name, server() as cluster:
        folder = Path(name)
        generate(folder, arguments.people, arguments.receipts)
        rows = []
        for cores in (1, 2):
            found = median([run(cluster, folder, cores) for _ in range(arguments.runs)])
            figures = [f"{found[each]:.2f}" for each in names]
            rows.append([str(cores), *figures, str(found["memory"])])
        text = "\n".join(
            (
                f"{machine(cluster)}; {arguments.people} people, {arguments.receipts} receipts, "
                f"medians of {arguments.runs}.\n",
                table(heads, rows),
            )
        )
    sys.stdout.write(f"{text}\n")
    if arguments.record:
        record(SECTION, text)


if __name__ == "__main__":
    main()
