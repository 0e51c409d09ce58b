"""Measures the service over HTTP: a list, one row, resolving; beside a bare Flask route.

`python -m bench.service [--people N] [--seconds N] [--rounds N] [--record]`

Services and cases take turns, so that other work on the machine meets all alike. The CPU is that of
the one gunicorn process; clients are threads of a process of their own.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psycopg
from flask import Flask, jsonify
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

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
from bench.issues import import_month
from svc.app import JsonProvider
from svc.auth import local_token

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from flask import Response

    from svc.embedded.cluster import Cluster

SECRET = b"a secret of the benchmark, long enough for HS256"
CLIENTS = (1, 16)
THREADS = 16
ONE_ROW = "SELECT i.* FROM report.validation_issues AS i WHERE i.issue_id = %s"


class Case(NamedTuple):
    """One kind of request: what it is called, which service, method and path."""

    name: str
    service: str
    method: str
    path: str


class Figures(NamedTuple):
    """What a round gave: requests a second, CPU milliseconds a request."""

    rate: float
    cpu: float


def bare() -> Flask:
    """Make the plainest service: one route, one query, the row as JSON."""
    pool = ConnectionPool(
        os.environ["DATABASE_URL"],
        kwargs={"row_factory": dict_row, "autocommit": True},
        max_size=THREADS,
        open=True,
    )
    app = Flask(__name__)
    app.json = JsonProvider(app)

    @app.get("/issues/<uuid:issue_id>")
    def issue(issue_id: UUID) -> Response:
        """Show one issue."""
        with pool.connection() as connection:
            return jsonify(connection.execute(ONE_ROW, (issue_id,)).fetchone())

    return app


class Gunicorn:
    """One gunicorn with one worker of sixteen threads."""

    def __init__(self, folder: Path, application: str | None, url: str) -> None:
        """Start it and wait until it listens; without an application it is the service."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        secret = folder / "secret"
        secret.write_bytes(SECRET)
        configured = ["-c", "svc/gunicorn_conf.py"] if application is None else []
        named = [] if application is None else [application, "--worker-class", "gthread"]
        bound = ["-w", "1", "--threads", str(THREADS), "-b", f"127.0.0.1:{self.port}"]
        with (folder / f"{self.port}.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", *configured, *bound, *named],
                stderr=log,
                env={
                    **os.environ,
                    "DATABASE_URL": url,
                    "CCP_TOKEN_SECRET_FILE": str(secret),
                    "CCP_POOL_SIZE": str(THREADS),
                },
            )
        deadline = time.monotonic() + 30
        while not self._listens():
            if time.monotonic() > deadline:
                raise TimeoutError((folder / f"{self.port}.log").read_text())
            time.sleep(0.1)

    def _listens(self) -> bool:
        """Tell whether somebody answers."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def worker(self) -> int:
        """Return the process that answers."""
        tasks = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return int(tasks.split()[0])

    def stop(self) -> None:
        """Stop it."""
        self.process.terminate()
        self.process.wait(20)


def ask(port: int, case: Case, clients: int, seconds: float, work: Sequence[str]) -> int:
    """Let so many clients ask for so long; return how many requests were answered with 200."""
    token = local_token(SECRET, "bench", "admin", 3600)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    left = iter(work)
    lock = threading.Lock()
    answered = [0] * clients
    until = time.perf_counter() + seconds

    def client(number: int) -> None:
        """Ask one request after the other over one connection."""
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.perf_counter() < until:
            path, body = case.path, None
            if case.method == "POST":
                with lock:
                    issue = next(left, None)
                if issue is None:
                    return
                path = case.path.format(issue)
                body = json.dumps({"expected_version": 1, "method": "corrected"})
            connection.request(case.method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != http.client.OK:
                raise RuntimeError(f"{path}: {answer.status}")
            answered[number] += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(answered)


def play(
    service: Gunicorn, case: Case, clients: int, seconds: float, work: Sequence[str]
) -> Figures:
    """Measure one round."""
    pid = service.worker()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(int)
        cpu, start = cpu_seconds(pid), time.perf_counter()
        made = pool.apply(ask, (service.port, case, clients, seconds, work))
        elapsed = time.perf_counter() - start
    spent = cpu_seconds(pid) - cpu
    return Figures(made / elapsed, 1000 * spent / max(made, 1))


def measure(cluster: Cluster, people: int, seconds: float, rounds: int) -> list[list[str]]:
    """Let all services and cases take turns; return the rows of the table."""
    with (
        fresh_database(cluster) as database,
        tempfile.TemporaryDirectory() as folder,
    ):
        with cluster.login(LOCAL, database).connect() as local:
            session = import_month(local, people, 1)
        login = cluster.login("ccp_service", database).conninfo
        with psycopg.connect(cluster.login(database=database).conninfo) as superuser:
            issues = [
                str(row[0])
                for row in superuser.execute(
                    "SELECT issue_id FROM app.validation_issues WHERE version = 1 AND is_open"
                )
            ]
        shown, queue = issues[0], issues[1:]
        share = len(queue) // (rounds * len(CLIENTS))
        cases = [
            Case("one row, bare route and query", "bare", "GET", f"/issues/{shown}"),
            Case("one row", "service", "GET", f"/api/v1/issues/{shown}"),
            Case("list of 50 people", "service", "GET", f"/api/v1/sessions/{session}/employees"),
            Case("resolve one", "service", "POST", "/api/v1/issues/{}/resolve"),
        ]
        services = {
            "service": Gunicorn(Path(folder), None, login),
            "bare": Gunicorn(
                Path(folder), "bench.service:bare()", cluster.login(database=database).conninfo
            ),
        }
        found: dict[tuple[str, int], list[Figures]] = {}
        try:
            for number in range(rounds):
                say(f"round {number + 1} of {rounds}")
                for case in cases:
                    for clients in CLIENTS:
                        given = queue[:share] if case.method == "POST" else []
                        figures = play(services[case.service], case, clients, seconds, given)
                        queue = queue[len(given) :]
                        found.setdefault((case.name, clients), []).append(figures)
        finally:
            for service in services.values():
                service.stop()
    return [
        [name, *(text for clients in CLIENTS for text in _texts(found[name, clients]))]
        for name in dict.fromkeys(case.name for case in cases)
    ]


def _texts(laps: Sequence[Figures]) -> list[str]:
    """Write the medians of a case."""
    rate = statistics.median(one.rate for one in laps)
    cpu = statistics.median(one.cpu for one in laps)
    return [f"{rate:,.0f}", f"{cpu:.2f}"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for and print the table."""
    parser = argparse.ArgumentParser(prog="bench.service", description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--record", action="store_true", help="put the figures into the README")
    options = parser.parse_args(arguments)
    with server() as cluster:
        rows = measure(cluster, options.people, options.seconds, options.rounds)
        heads = [
            text for n in CLIENTS for text in (f"{n} client{'s' * (n > 1)}: a second", "CPU ms")
        ]
        text = f"{machine(cluster)}; medians of {options.rounds}.\n\n" + table(
            ["Request", *heads], rows
        )
    sys.stdout.write(f"{text}\n")
    if options.record:
        record("service", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
