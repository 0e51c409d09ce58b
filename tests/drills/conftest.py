"""Servers for drills: durable copies of the deployed one, with a database that has users."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path

import psycopg
import pytest

from svc.embedded import copies, machine
from svc.embedded.cluster import SUPERUSER, Cluster
from svc.embedded.suite import TEMPLATE
from tests.audit.content import act_as
from tests.service.conftest import make_users

DATABASE = "ccp"
# As a server in use: nothing that was answered may be lost.
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "64MB",
    "max_connections": "100",
}
numbers = count(1)
FIGURES: dict[str, object] = {}
Tell = Callable[[str, object], None]
MakeServer = Callable[..., Cluster]


@pytest.fixture(scope="session")
def base(cluster: Cluster) -> Cluster:
    """Return a stopped server with the database, its users and nothing else."""
    with cluster.login().connect() as superuser:
        superuser.execute(copies.CREATE.format(copy=DATABASE, template=TEMPLATE).encode())
        superuser.execute(copies.TAKE_RIGHTS.format(copy=DATABASE, template=TEMPLATE).encode())
    with cluster.login(database=DATABASE).connect() as superuser:
        # The tools of the tests, which a server in use does not have.
        superuser.execute("DROP SCHEMA tap CASCADE")
        superuser.execute("DROP EXTENSION IF EXISTS plpgsql_check")
    with psycopg.connect(cluster.login("ccp_owner", DATABASE).conninfo) as owner:
        make_users(owner)
    cluster.stop()
    return cluster


@pytest.fixture
def make_server(base: Cluster) -> Iterator[MakeServer]:
    """Yield a function: settings -> a durable copy that is not started yet."""
    with ExitStack() as stack:

        def made(**settings: str) -> Cluster:
            # Not below the folder of pytest, which closes that to other accounts.
            folder = base.folder / f"drill{next(numbers)}"
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            server = replace(base.copied(folder / "s"), settings={**DURABLE, **settings})
            stack.callback(server.stop, "immediate")
            return server

        yield made


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Return a function that prints a figure of this drill at once."""

    def told(what: str, figure: object) -> None:
        FIGURES[f"{request.node.name}: {what}"] = figure
        text = f"{figure:.1f} s" if isinstance(figure, float) else str(figure)
        print(f"\n{request.node.name}: {what}: {text}", file=sys.__stderr__, flush=True)

    return told


def pytest_unconfigure() -> None:
    """End with all figures in one line, as whoever records a drill wants them."""
    if FIGURES:
        machine.tell(json.dumps(FIGURES, default=str))


def connected(server: Cluster, login: str = SUPERUSER) -> psycopg.Connection:
    """Return a connection to the database that commits each statement."""
    return psycopg.connect(server.login(login, DATABASE).conninfo, autocommit=True)


def import_month(server: Cluster, file: Path, name: str) -> None:
    """Import an old file as the processor, a month of a programme of its own."""
    with psycopg.connect(server.login("ccp_service", DATABASE).conninfo) as service:
        act_as(service, "pat", "processor")
        service.execute(
            "SELECT api.import_activity(%s, %s, p_programme => %s)",
            (file.read_text("utf-8"), name, name),
        )


def sums(server: Cluster) -> list[tuple[object, ...]]:
    """Return what a person would compare: submissions with their people, receipts and totals."""
    with connected(server) as superuser:
        return superuser.execute(
            "SELECT s.session_name, s.total_employees, s.open_issues, s.receipt_total,"
            " (SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM report.transactions AS t"
            "  WHERE t.session_id = s.session_id)"
            " FROM report.sessions AS s ORDER BY s.session_name"
        ).fetchall()


def seconds(work: Callable[[], object]) -> float:
    """Do something and return how long it took."""
    started = time.monotonic()
    work()
    return time.monotonic() - started
