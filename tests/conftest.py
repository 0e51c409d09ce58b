"""Fixtures that give every test a real database: a copy of the deployed template, and logins."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from svc.embedded import copies
from svc.embedded.cluster import SUPERUSER, Cluster
from svc.embedded.machine import find_machine
from svc.embedded.suite import FOLDER, TEMPLATE, make_template, throwaway

Connect = Callable[..., psycopg.Connection]
numbers = count(1)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Yield the throwaway server: the one ./test has made for this worker, else one of our own."""
    machine = find_machine()
    folder = os.environ.get(FOLDER)
    made = Cluster(machine, Path(folder or "", os.environ.get("PYTEST_XDIST_WORKER", "")))
    if folder and made.is_made():
        yield made
        return
    with throwaway(machine) as own:
        make_template(own)
        yield own


@contextmanager
def copy_of_template(cluster: Cluster, template: str = TEMPLATE) -> Iterator[str]:
    """Yield the name of a new copy of the template database and drop it afterwards."""
    name = f"test_{os.getpid()}_{next(numbers)}"
    with cluster.login().connect() as superuser:
        superuser.execute(copies.CREATE.format(copy=name, template=template).encode())
        superuser.execute(copies.TAKE_RIGHTS.format(copy=name, template=template).encode())
        try:
            yield name
        finally:
            superuser.execute(copies.DROP.format(copy=name).encode())


@pytest.fixture
def database(cluster: Cluster) -> Iterator[str]:
    """Yield the name of a fresh database, deployed and empty, for this test alone."""
    with copy_of_template(cluster) as name:
        yield name


@pytest.fixture(scope="module")
def shared_database(cluster: Cluster) -> Iterator[str]:
    """Yield the name of a fresh database for all tests of a module."""
    with copy_of_template(cluster) as name:
        yield name


@pytest.fixture
def conninfo(cluster: Cluster, database: str) -> Callable[[str], str]:
    """Return a function: login name -> connection string to this test's database."""
    return lambda login: cluster.login(login, database).conninfo


@pytest.fixture
def database_url(conninfo: Callable[[str], str]) -> str:
    """Return the connection string that the service gets as DATABASE_URL."""
    return conninfo("ccp_service")


@pytest.fixture
def connect(conninfo: Callable[[str], str]) -> Iterator[Connect]:
    """Yield a function: login name, psycopg's options -> connection, closed after the test."""
    with ExitStack() as stack:

        def opened(login: str = "ccp_service", **options: object) -> psycopg.Connection:
            connection = psycopg.connect(conninfo(login), **options)  # type: ignore[arg-type]
            stack.callback(connection.close)
            return connection

        yield opened


@pytest.fixture
def superuser(connect: Connect) -> psycopg.Connection:
    """Return a superuser's connection in autocommit mode, to look at what nobody else may see."""
    return connect(SUPERUSER, autocommit=True)
