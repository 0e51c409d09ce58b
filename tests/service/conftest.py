"""Fixtures of the HTTP tests: an application on a fresh database, people with tokens, gunicorn."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from svc.app import create_app
from svc.auth import local_token
from svc.config import Settings
from svc.routes import EXTENSION
from tests.service.pooler import Pooler, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from werkzeug.test import TestResponse

    from svc.embedded.cluster import Cluster

SECRET = b"a secret of the tests, long enough for HS256"
DATA = Path(__file__).parents[1] / "data"
JSON = "application/json"

# One user per role, named so that a test reads well.
USERS = {"ada": "admin", "pat": "processor", "rae": "reviewer", "ron": "read_only"}

# What a call that changes nothing may leave behind: that it was made.
TRACES = {
    "app.import_attempts",
    "app.import_rejects",
    "app.answered_requests",
    "app.request_answers",
    "audit.commits",
}


class Api:
    """A caller of the service: each call names the user who makes it."""

    def __init__(self, app: Flask) -> None:
        """Call this application."""
        self.app = app
        self._client = app.test_client()

    def call(self, method: str, path: str, user: str = "pat", **options: Any) -> TestResponse:  # noqa: ANN401
        """Call `path` below /api/v1 with a token of the user."""
        headers = {"Authorization": bearer(user), **options.pop("headers", {})}
        return self._client.open(f"/api/v1{path}", method=method, headers=headers, **options)

    def get(self, path: str, user: str = "pat", **query: str) -> TestResponse:
        """Read."""
        return self.call("GET", path, user, query_string=query)

    def post(
        self, path: str, user: str = "pat", key: str | None = None, **body: object
    ) -> TestResponse:
        """Send a small JSON object, perhaps under an Idempotency-Key."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.call("POST", path, user, json=body, headers=headers)

    def upload(
        self, content: Path | bytes, user: str = "pat", key: str | None = None, **query: str
    ) -> TestResponse:
        """Import a file."""
        data = content.read_bytes() if isinstance(content, Path) else content
        headers = {"Idempotency-Key": key} if key else {}
        return self.call(
            "POST",
            "/import-json",
            user,
            data=data,
            content_type=JSON,
            query_string=query,
            headers=headers,
        )

    def pages(self, path: str, **query: str) -> list[list[dict[str, Any]]]:
        """Follow a list to its end."""
        pages = []
        while True:
            answer = self.get(path, **query).get_json()
            pages.append(answer["items"])
            if answer["next_cursor"] is None:
                return pages
            query["cursor"] = answer["next_cursor"]


def bearer(user: str) -> str:
    """Return the Authorization header of a user."""
    return f"Bearer {local_token(SECRET, user, USERS.get(user), 600)}"


def make_users(owner: psycopg.Connection) -> None:
    """Make one user per role, as the deployment does."""
    for name, role in USERS.items():
        owner.execute("SELECT FROM api.save_user(%s, NULL, %s)", (name, role))
    owner.commit()


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[Api]:
    """Yield a caller of an application with these settings, closed afterwards."""
    app = create_app(settings)
    try:
        yield Api(app)
    finally:
        app.extensions[EXTENSION].database.close()


@pytest.fixture(scope="session")
def address(cluster: Cluster) -> Iterator[Callable[[str], str]]:
    """Yield a function: database -> DATABASE_URL; with CCP_TEST_POOLER=1 that of a PgBouncer."""
    if os.environ.get("CCP_TEST_POOLER") != "1":
        yield lambda database: cluster.login("ccp_service", database).conninfo
        return
    # Not below the folder of pytest, which closes that to other accounts.
    pooler = Pooler(cluster.folder / "pooler", str(cluster.host))
    pooler.start()
    yield pooler.url
    pooler.kill()


@pytest.fixture
def settings(
    address: Callable[[str], str], database: str, connect: Callable[..., psycopg.Connection]
) -> Settings:
    """Return the settings of a service on this test's database, which has the users."""
    make_users(connect("ccp_owner"))
    return Settings(database_url=address(database), token_secret=SECRET, pool_size=2)


@pytest.fixture
def api(settings: Settings) -> Iterator[Api]:
    """Yield a caller of the service on this test's own database."""
    with running(settings) as caller:
        yield caller


@pytest.fixture(scope="module")
def quiet_settings(
    cluster: Cluster, address: Callable[[str], str], shared_database: str
) -> Settings:
    """Return the settings of a service on the database that a module's tests share."""
    with psycopg.connect(cluster.login("ccp_owner", shared_database).conninfo) as owner:
        make_users(owner)
    return Settings(database_url=address(shared_database), token_secret=SECRET, pool_size=2)


@pytest.fixture(scope="module")
def quiet(quiet_settings: Settings) -> Iterator[Api]:
    """Yield a caller of one service for all tests of a module that leave nothing behind."""
    with running(quiet_settings) as caller:
        yield caller


@pytest.fixture(scope="module")
def quiet_superuser(cluster: Any, shared_database: str) -> Iterator[psycopg.Connection]:  # noqa: ANN401
    """Yield a superuser's connection in autocommit mode to the database that they share."""
    with cluster.login(database=shared_database).connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def month(quiet: Api) -> Api:
    """Return a caller of a service that holds the medium month, for tests that only read."""
    answer = quiet.upload(DATA / "medium" / "activity.json", session_name="Month")
    assert answer.status_code == 201, answer.get_json()
    return quiet


def contents_of(superuser: psycopg.Connection) -> dict[str, str]:
    """Tell the rows of every table, but for the traces of refusals."""
    tables = superuser.execute(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
        " WHERE schemaname IN ('app', 'audit')"
    ).fetchall()
    rows = {}
    for (table,) in tables:
        if table not in TRACES:
            query = f"SELECT string_agg(t::text, E'\\n' ORDER BY t::text) FROM {table} AS t"  # noqa: S608
            rows[table] = str(superuser.execute(query.encode()).fetchone())
    return rows


@pytest.fixture
def contents(superuser: psycopg.Connection) -> Callable[[], dict[str, str]]:
    """Return a function that tells the rows of every table, but for the traces of refusals."""
    return lambda: contents_of(superuser)


class Server:
    """A real gunicorn on a port of this machine."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        config: str = "svc/gunicorn_conf.py",
        **environment: str,
    ) -> None:
        """Start it and wait until it is ready. Raises AssertionError when it does not come up."""
        secret = folder / "secret"
        secret.write_bytes(SECRET)
        self.port = free_port()
        self.log = folder / "service.log"
        command = [sys.executable, "-m", "gunicorn", "-c", config]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                stderr=log,
                env={
                    **os.environ,
                    "PORT": str(self.port),
                    "DATABASE_URL": settings.database_url,
                    "CCP_TOKEN_SECRET_FILE": str(secret),
                    "CCP_WORKERS": "1",
                    "CCP_POOL_SIZE": "4",
                    **environment,
                },
            )
        deadline = time.monotonic() + 60
        while b" 200 " not in self.send(b"GET /readyz HTTP/1.0\r\n\r\n"):
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def connect(self) -> socket.socket:
        """Open a connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def send(self, request: bytes) -> bytes:
        """Send raw bytes, nothing after them, and return all that comes back."""
        with contextlib.suppress(ConnectionError), self.connect() as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            return receive(connection)
        return b""

    def post(self, path: str, body: bytes, *headers: str, user: str = "pat") -> bytes:
        """Send a body below /api/v1 with the given headers, and return the raw answer."""
        return self.send(request_head(path, *headers, user=user) + body)

    def stop(self) -> None:
        """Stop it and wait."""
        self.process.terminate()
        self.process.wait(20)


def request_head(path: str, *headers: str, user: str = "pat") -> bytes:
    """Return the head of a raw POST of JSON."""
    lines = [
        f"POST /api/v1{path} HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        f"Authorization: {bearer(user)}",
        f"Content-Type: {JSON}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def receive(connection: socket.socket) -> bytes:
    """Return all bytes until the other side closes."""
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


SMALL_LIMITS = {"CCP_MAX_IMPORT_BYTES": "2000000", "CCP_MAX_BODY_BYTES": "1000"}


@pytest.fixture
def server(settings: Settings, tmp_path: Path) -> Iterator[Server]:
    """Yield a running gunicorn with one worker and small limits, on this test's database."""
    running_server = Server(settings, tmp_path, **SMALL_LIMITS)
    try:
        yield running_server
    finally:
        running_server.stop()


@pytest.fixture(scope="module")
def quiet_server(
    quiet_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Yield one for all tests of a module that leave nothing behind."""
    folder = tmp_path_factory.mktemp("server")
    running_server = Server(quiet_settings, folder, **SMALL_LIMITS)
    try:
        yield running_server
    finally:
        running_server.stop()
