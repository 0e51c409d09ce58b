"""What keeps the service from starting or from being ready is told, in one line or one member."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from svc import signs
from svc.config import Settings
from svc.db import Database
from tests.service.conftest import DATA, SECRET, Server, make_users, running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import psycopg

    from tests.service.conftest import Api


@pytest.fixture
def settings(database_url: str, connect: Callable[..., psycopg.Connection]) -> Settings:
    """Return the settings of a service that reaches its server without a pooler."""
    make_users(connect("ccp_owner"))
    return Settings(database_url=database_url, token_secret=SECRET, pool_size=2)


def start(
    settings: Settings, folder: Path, size: str = "1", port: str = "0", **parts: str
) -> list[dict[str, object]]:
    """Start gunicorn on a database it cannot work with; return the lines of its log."""
    secret = folder / "secret"
    secret.write_bytes(SECRET)
    ended = subprocess.run(
        [sys.executable, "-m", "gunicorn", "-c", "svc/gunicorn_conf.py"],
        env={
            **os.environ,
            "PORT": port,
            "CCP_WORKERS": size,
            "CCP_POOL_TIMEOUT_SECONDS": "2",
            "DATABASE_URL": make_conninfo(settings.database_url, **parts),
            "CCP_TOKEN_SECRET_FILE": str(secret),
        },
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    return [json.loads(line) for line in ended.stderr.splitlines()]


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"user": "ccp_owner"}, "the login is not ccp_service"),
        ({"dbname": "postgres"}, "the database is not deployed, or not in the version"),
        ({"dbname": "no_such_database"}, "the database cannot be reached"),
    ],
    ids=["login", "not-deployed", "away"],
)
def test_a_wrong_database_is_one_line(
    settings: Settings, tmp_path: Path, parts: dict[str, str], reason: str
) -> None:
    """It ends, and one line says why; each line of the log is JSON, gunicorn's too."""
    lines = start(settings, tmp_path, **parts)
    (critical,) = [line for line in lines if line["level"] == "CRITICAL"]
    assert reason in str(critical["message"])
    assert "frames" not in critical


def test_a_size_that_is_none_is_one_line(settings: Settings, tmp_path: Path) -> None:
    """The setting is named, without a traceback."""
    (line,) = start(settings, tmp_path, "two")
    assert line["message"] == "not started: CCP_WORKERS must be a whole number from 1 to 2147483647"
    (line,) = start(settings, tmp_path, port="99999")
    assert line["message"] == "not started: PORT must be the number of a port, at most 65535"


def test_a_superuser_is_not_the_service(
    settings: Settings, superuser: psycopg.Connection, tmp_path: Path
) -> None:
    """It could take every role, and nothing would be refused any more."""
    user = str(superuser.info.user)
    lines = start(settings, tmp_path, user=user)
    (critical,) = [line for line in lines if line["level"] == "CRITICAL"]
    assert f"DATABASE_URL logs in as {user}, not as ccp_service" in str(critical["message"])


def test_another_version_is_refused_and_not_ready(
    settings: Settings, api: Api, superuser: psycopg.Connection, tmp_path: Path
) -> None:
    """A function that the service calls and the database lacks is named."""
    superuser.execute("ALTER FUNCTION api.record_duty RENAME TO record_duties")
    answer = api.app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["missing"]) == (503, ["version"])
    (critical,) = [line for line in start(settings, tmp_path) if line["level"] == "CRITICAL"]
    assert "another version, without api.record_duty:" in str(critical["message"])


def test_a_server_that_only_reads_is_named(
    settings: Settings, superuser: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """What writes gets 503, what reads goes on; ready, but when asked for writing.

    A file is given out, too: that nobody could write it down is a line of the log.
    """
    with running(settings) as api:
        session = api.upload(DATA / "small" / "activity.json").get_json()["session_id"]
    superuser.execute(
        "CREATE OR REPLACE VIEW report.readiness AS"
        " SELECT false AS is_writable, r.seal_lag, r.is_seal_late FROM ("
        " SELECT s.lag AS seal_lag, false AS is_seal_late FROM report.seal_status AS s) AS r"
    )
    database = sql.Identifier(superuser.info.dbname)
    # Refuses writing as a standby does: when the transaction begins.
    superuser.execute(
        sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(database)
    )
    with running(settings) as api:
        answer = api.post("/sessions")
        assert (answer.status_code, answer.get_json()["code"]) == (503, "read_only_server")
        assert answer.headers["Retry-After"]
        assert api.get("/sessions").status_code == 200
        file = api.get(f"/sessions/{session}/exports/import.csv")
        assert (file.status_code, file.data[:14]) == (200, b"Transaction ID")
        (told,) = [line for line in caplog.records if line.name == "ccp.exports"]
        said = told.__dict__["fields"]
        assert (said["kind"], said["session_id"], said["user_name"]) == (
            "import.csv",
            session,
            "pat",
        )
        assert said["sha256"] == hashlib.sha256(file.data).hexdigest()
        client = api.app.test_client()
        assert client.get("/readyz").status_code == 200
        answer = client.get("/readyz?writable=true")
        assert (answer.status_code, answer.get_json()["missing"]) == (503, ["writable"])


def test_address_is_a_setting_and_probes_are_silent(settings: Settings, tmp_path: Path) -> None:
    """Another address of this machine; of what is asked every few seconds only faults are told."""

    class Elsewhere(Server):
        """A service that listens on another address."""

        def connect(self) -> socket.socket:
            """Open a connection to where it is."""
            return socket.create_connection(("127.0.0.2", self.port), timeout=60)

    server = Elsewhere(settings, tmp_path, CCP_BIND="127.0.0.2")
    try:
        with pytest.raises(ConnectionRefusedError):
            Server.connect(server)
        assert b" 200 " in server.send(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert b" 401 " in server.send(b"GET /api/v1/no HTTP/1.0\r\n\r\n")
    finally:
        server.stop()
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert {line["path"] for line in lines if line["message"] == "request"} == {"/api/v1/no"}


def test_a_service_that_answers_nobody_gives_no_sign(
    server: Server, settings: Settings, superuser: psycopg.Connection
) -> None:
    """As many clients as threads, each in the middle of a request: then it serves no other."""
    database = Database(settings)
    duty = signs.serving(database, ("127.0.0.1", str(server.port)), seconds=1)
    query = "SELECT count(*) FROM app.worker_duties WHERE worker_name = %s"
    row = [signs.own_name()]
    database.open()
    try:
        with contextlib.ExitStack() as stack:
            for _ in range(4):
                client = stack.enter_context(server.connect())
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
            with pytest.raises(TimeoutError):
                duty.turn()
            assert superuser.execute(query, row).fetchone() == (0,)
        duty.turn()
        assert superuser.execute(query, row).fetchone() == (1,)
    finally:
        database.close()
