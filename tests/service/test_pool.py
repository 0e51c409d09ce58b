"""Connections that the server ended while nobody used them cost no request."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from svc.config import Settings
from tests.service.conftest import SECRET, Api, make_users, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

CLIENTS = 8
END_ALL = """
SELECT count(*) FILTER (WHERE pg_terminate_backend(a.pid, 5000)) FROM pg_stat_activity AS a
WHERE a.datname = current_database() AND a.application_name = 'ccp-service'"""


@pytest.fixture
def settings(database_url: str, connect: Callable[..., psycopg.Connection]) -> Settings:
    """Return the settings of a service that reaches its server without a pooler."""
    make_users(connect("ccp_owner"))
    return Settings(database_url=database_url, token_secret=SECRET, pool_size=2)


@pytest.fixture
def wide(settings: Settings) -> Iterator[Api]:
    """Yield a caller of a service whose pool has room for all clients."""
    with running(
        Settings(database_url=settings.database_url, token_secret=SECRET, pool_size=CLIENTS)
    ) as api:
        yield api


def fill(api: Api) -> None:
    """Make the pool open all its connections, as a busy hour does."""
    pool = api.app.extensions["ccp"].database._pool
    connections = [pool.getconn() for _ in range(CLIENTS)]
    for connection in connections:
        pool.putconn(connection)


def test_no_request_fails_when_the_server_has_ended_idle_connections(
    wide: Api, superuser: psycopg.Connection
) -> None:
    """One after the other and all at once, reading and writing; each write is made once."""
    for number in range(3):
        fill(wide)
        assert superuser.execute(END_ALL).fetchone() == (CLIENTS,)
        assert [wide.get("/sessions").status_code for _ in range(3)] == [200] * 3
        fill(wide)
        assert superuser.execute(END_ALL).fetchone() == (CLIENTS,)
        with ThreadPoolExecutor(CLIENTS) as clients:
            answers = list(
                clients.map(
                    lambda one: Api(wide.app).post("/sessions", session_name=one),
                    [f"{number}-{client}" for client in range(CLIENTS)],
                )
            )
        assert [answer.status_code for answer in answers] == [201] * CLIENTS
    assert superuser.execute(
        "SELECT count(*), count(DISTINCT session_name) FROM app.processing_sessions"
    ).fetchone() == (3 * CLIENTS, 3 * CLIENTS)


def test_readiness_survives_an_ended_connection(wide: Api, superuser: psycopg.Connection) -> None:
    """The question that needs no user is asked once more too."""
    fill(wide)
    superuser.execute(END_ALL)
    assert wide.app.test_client().get("/readyz").status_code == 200


def test_statements_are_prepared_where_no_pooler_stands_between(api: Api) -> None:
    """What is asked often is planned once for each connection."""
    assert {api.get("/sessions").status_code for _ in range(7)} == {200}
    with api.app.extensions["ccp"].database._pool.connection() as connection:
        prepared = connection.execute("SELECT count(*) AS number FROM pg_prepared_statements")
        assert prepared.fetchone()["number"] > 0
