"""PgBouncer in front of the databases of a throwaway server, as deploy/pgbouncer.ini sets it up."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

from svc.embedded.machine import find_machine

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH')}:/usr/sbin")
SAMPLE = Path(__file__).parents[2] / "deploy" / "pgbouncer.ini"
# In place of what belongs to the sample's machine. Fewer connections to the server than threads,
# so that they change hands all the time.
REPLACED = {
    "listen_port": "{port}\nunix_socket_dir =",
    "default_pool_size": "2",
    "auth_type": "trust",
    "auth_file": "{folder}/users",
    "server_tls_sslmode": "disable",
    "server_tls_ca_file": "",
}


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Pooler:
    """PgBouncer in front of all databases of a server, with the settings that are recommended."""

    def __init__(self, folder: Path, host: str) -> None:
        """Write its settings into a folder that other accounts may read."""
        self.port = free_port()
        folder.mkdir(mode=0o755)
        (folder / "users").write_text('"ccp_service" ""\n')
        settings, found = re.subn(
            r"(?m)^ccp = .*$", f"* = host={host} port=5432", SAMPLE.read_text()
        )
        assert found == 1
        for name, value in REPLACED.items():
            ours = value.format(port=self.port, folder=folder)
            settings, found = re.subn(rf"(?m)^{name} = .*$", f"{name} = {ours}", settings)
            assert found == 1, name
        self._file = folder / "pgbouncer.ini"
        self._file.write_text(settings)
        self._account = find_machine().account

    def url(self, database: str) -> str:
        """Return what a service gets as DATABASE_URL."""
        return f"host=127.0.0.1 port={self.port} dbname={database} user=ccp_service"

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
