"""Behind PgBouncer in transaction mode the service does what it does without."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from svc.config import Settings
from svc.embedded.machine import find_machine
from tests.service.conftest import SECRET, Api, free_port, make_users, running

# The story of a month, its corrections and conflicts, once through the pooler.
from tests.service.test_month_of_work import *  # noqa: F403

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH')}:/usr/sbin")
SAMPLE = Path(__file__).parents[2] / "deploy" / "pgbouncer.ini"
CLIENTS = 12
# In place of what belongs to the sample's machine. Fewer connections to the server than threads,
# so that they change hands all the time.
REPLACED = {
    "ccp": "host={host} port=5432 dbname={database}",
    "listen_port": "{port}\nunix_socket_dir =",
    "default_pool_size": "2",
    "auth_type": "trust",
    "auth_file": "{folder}/users",
    "server_tls_sslmode": "disable",
    "server_tls_ca_file": "",
}

pytestmark = pytest.mark.skipif(
    PGBOUNCER is None or os.environ.get("NO_APT") == "1", reason="PgBouncer is not installed here"
)


class Pooler:
    """PgBouncer in front of one database, with the settings that are recommended."""

    def __init__(self, folder: Path, host: str, database: str) -> None:
        """Write its settings."""
        self.port = free_port()
        self.url = f"host=127.0.0.1 port={self.port} dbname=ccp user=ccp_service"
        (folder / "users").write_text('"ccp_service" ""\n')
        settings = SAMPLE.read_text()
        for name, value in REPLACED.items():
            ours = value.format(host=host, database=database, port=self.port, folder=folder)
            settings, found = re.subn(rf"(?m)^{name} = .*$", f"{name} = {ours}", settings)
            assert found == 1, name
        self._file = folder / "pgbouncer.ini"
        self._file.write_text(settings)
        self._account = find_machine().account

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._process = subprocess.Popen(
            [PGBOUNCER or "", "-q", str(self._file)], user=self._account, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            assert self._process.poll() is None
            time.sleep(0.05)
        raise AssertionError("PgBouncer does not listen")

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.kill()
        self._process.wait()


@pytest.fixture
def pooler(
    cluster: Any,  # noqa: ANN401
    database: str,
) -> Iterator[Pooler]:
    """Yield a running PgBouncer in front of this test's database."""
    # Not below the folder of pytest, which closes that to other accounts.
    folder = cluster.folder / f"pooler-{database}"
    folder.mkdir(mode=0o755)
    made = Pooler(folder, str(cluster.host), database)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def settings(pooler: Pooler, connect: Callable[..., psycopg.Connection]) -> Settings:
    """Return the settings of a service that reaches its database through the pooler."""
    make_users(connect("ccp_owner"))
    return Settings(database_url=pooler.url, token_secret=SECRET, pool_size=CLIENTS)


def test_no_actor_is_mixed_and_no_statement_is_lost(settings: Settings, pooler: Pooler) -> None:
    """Each write is that of its user and there once, across poolers that were killed."""
    with running(settings) as api:
        writers = ("ada", "pat")

        def work(number: int) -> tuple[int, int]:
            caller, name = Api(api.app), writers[number % 2]
            made = caller.post("/sessions", name, f"key {number}", session_name=f"S{number}")
            return caller.get("/sessions", "rae").status_code, made.status_code

        with ThreadPoolExecutor(CLIENTS) as clients:
            assert list(clients.map(work, range(60))) == [(200, 201)] * 60
            disturbed = clients.map(work, range(60, 180))
            for _ in range(3):
                pooler.kill()
                pooler.start()
            assert {status for pair in disturbed for status in pair} <= {200, 201, 503}
            assert list(clients.map(work, range(60, 180))) == [(200, 201)] * 120
        found = {item["session_name"]: item for page in api.pages("/sessions") for item in page}
        assert {name: item["user_name"] for name, item in found.items()} == {
            f"S{number}": writers[number % 2] for number in range(180)
        }
