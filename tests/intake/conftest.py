"""Fixtures of the intake tests: a real service, real workers, and what they made of the PDFs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest

from svc.config import Settings
from tests.service.conftest import SECRET, Server, bearer, make_users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from svc.embedded.cluster import Cluster

DATA = Path(__file__).parents[1] / "data"


class Answer(NamedTuple):
    """Status, headers and body of an answer; `json` reads it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        """Return the body as JSON."""
        return json.loads(self.body)


class Office:
    """A service and its workers on one database, and a user who hands in PDFs."""

    def __init__(self, cluster: Cluster, database: str, folder: Path, **environment: str) -> None:
        """Start the service; workers come when they are asked for."""
        with psycopg.connect(cluster.login("ccp_owner", database).conninfo) as owner:
            make_users(owner)
        self.url = cluster.login("ccp_service", database).conninfo
        self.superuser = psycopg.connect(cluster.login(database=database).conninfo, autocommit=True)
        settings = Settings(database_url=self.url, token_secret=SECRET)
        self.server = Server(settings, folder, **environment)
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []

    def start_worker(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a worker as ./run does."""
        with (self.folder / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "svc.worker", *arguments],
                stderr=log,
                env={
                    **os.environ,
                    "DATABASE_URL": self.url,
                    "CCP_TOKEN_SECRET_FILE": str(self.folder / "secret"),
                },
            )
        self.workers.append(worker)
        return worker

    def stop(self) -> None:
        """Stop everything."""
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.server.stop()
        self.superuser.close()

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        user: str = "pat",
        **headers: str,
    ) -> Answer:
        """Call `path` below /api/v1, or at the root when it begins with two slashes."""
        below = path[1:] if path.startswith("//") else f"/api/v1{path}"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.server.port}{below}",
            data=body,
            method=method,
            headers={"Authorization": bearer(user), **headers},
        )
        try:
            with urllib.request.urlopen(request, timeout=180) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, dict(error.headers), error.read())

    def open_session(self, **members: str) -> str:
        """Open a session and return its id."""
        body = json.dumps(members).encode()
        answer = self.call("POST", "/sessions", body, **{"Content-Type": "application/json"})
        assert answer.status == 201, answer.body
        return str(answer.json["session_id"])

    def upload(
        self,
        session: str,
        car: Path | bytes,
        receipts: Path | bytes,
        user: str = "pat",
        query: str = "",
        **headers: str,
    ) -> Answer:
        """Hand in the two PDFs of a session, perhaps saying something of them."""
        boundary = uuid.uuid4().hex
        body = b""
        for name, content in (("car", car), ("receipts", receipts)):
            data = content.read_bytes() if isinstance(content, Path) else content
            file_name = content.name if isinstance(content, Path) else f"{name}.pdf"
            head = f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"'
            body += f"--{boundary}\r\n{head}\r\n\r\n".encode() + data + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        path = f"/sessions/{session}/files?{query}"
        return self.call("POST", path, body, user, **kind, **headers)

    def wait(self, session: str, seconds: float = 180) -> dict[str, Any]:
        """Return the session when its run has ended."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.call("GET", f"/sessions/{session}").json
            if found["status"] not in ("open", "processing"):
                return dict(found)
            assert time.monotonic() < deadline, (found, self.log())
            time.sleep(0.05)

    def log(self) -> str:
        """Return the end of the workers' log."""
        return (self.folder / "worker.log").read_text()[-4000:]

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Return the rows of a query made by a superuser."""
        with self.superuser.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            return cursor.execute(query.encode(), values).fetchall()

    def import_sample(self, sample: str, **members: str) -> str:
        """Hand in a sample, wait until it is completed, return the session.

        It is of a programme of its own: the samples are of one month, and not of one company.
        """
        session = self.open_session(**{"programme": sample, **members})
        answer = self.upload(session, DATA / sample / "car.pdf", DATA / sample / "receipts.pdf")
        assert answer.status == 202, answer.body
        found = self.wait(session)
        assert found["status"] == "completed", (found, self.log())
        return session

    def approve_aliases(self, sample: str) -> None:
        """Approve the aliases of a sample, as the processor."""
        aliases = json.loads((DATA / sample / "aliases.json").read_text())
        with psycopg.connect(self.url) as service:
            for receipt_key, name_key in aliases.items():
                service.execute("SELECT set_config('app.actor', 'pat', true)")
                service.execute("SELECT set_config('role', 'ccp_processor', true)")
                service.execute(
                    "SELECT api.approve_alias(%s, %s, 'As the list says', p_is_sure => true)",
                    (receipt_key, name_key),
                )
                service.commit()


@pytest.fixture
def office(cluster: Cluster, database: str, tmp_path: Path) -> Iterator[Office]:
    """Yield a service on this test's own database; it has no worker yet."""
    found = Office(cluster, database, tmp_path)
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="module")
def shared_office(
    cluster: Cluster, shared_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """Yield a service with one worker for all tests of a module."""
    found = Office(cluster, shared_database, tmp_path_factory.mktemp("office"))
    found.start_worker()
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture
def in_session(office: Office) -> Callable[[str], str]:
    """Return a function that hands in a sample on this test's own office, with one worker."""

    def hand_in(sample: str) -> str:
        office.start_worker()
        return office.import_sample(sample)

    return hand_in
