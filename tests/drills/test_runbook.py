"""The pages for the DBA, word for word, on a plain server: commands by bash, SQL by psql."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from svc.embedded.cluster import SUPERUSER
from svc.embedded.local import LOCAL
from svc.embedded.machine import ROOT, Machine, call, find_machine
from tests.docs.test_examples import RUNBOOK, Block, blocks_of
from tests.service.pooler import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "invented-for-a-drill"  # noqa: S105 - of a server that is gone afterwards
LOGINS = ("ccp_owner", "ccp_service", LOCAL, "jane", "noor", "omar")
NOT_COPIED = (
    ".git",
    ".venv",
    ".run",
    ".test",
    ".hypothesis",
    "__pycache__",
    ".mypy_cache",
    "bench",
)
STATE = "from svc.embedded.machine import state_folder; print(state_folder())"
needed = [name for name in ("sqitch", "pg_prove", "curl") if shutil.which(name) is None]
pytestmark = [
    pytest.mark.skipif(bool(needed), reason=f"not installed here: {' '.join(needed)}"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may become the server's account"),
]


class Plain(NamedTuple):
    """A server as a DBA makes it, and a checkout beside it."""

    machine: Machine
    checkout: Path
    environment: dict[str, str]

    def bash(self, text: str) -> subprocess.CompletedProcess[str]:
        """Run a command of a page as the superuser's account does; passwords come when asked."""
        return subprocess.run(
            ["bash", "-euc", text],
            input=f"{PASSWORD}\n{PASSWORD}\n",
            capture_output=True,
            text=True,
            check=False,
            cwd=self.checkout,
            env=self.environment,
            start_new_session=True,
        )

    def psql(self, block: Block, script: Path) -> subprocess.CompletedProcess[str]:
        """Run SQL of a page as its login, which has a password."""
        script.write_text(block.text, encoding="utf-8")
        login = block.login or LOCAL
        own = f"-U {login}" if login != SUPERUSER else ""
        return self.bash(f"psql -X -v ON_ERROR_STOP=1 {own} -d ccp -f {script}")


@pytest.fixture
def plain() -> Iterator[Plain]:
    """Yield a server by `initdb` and the samples' rules of who may come in, and nothing else."""
    machine = find_machine()
    assert machine.account is not None
    # Not below the folder of pytest, which closes that to other accounts.
    folder = Path(tempfile.mkdtemp(prefix="ccp-plain-"))
    folder.chmod(0o755)
    data, sockets = folder / "data", folder / "socket"
    account = pwd.getpwnam(machine.account)
    for place in (data, sockets):
        place.mkdir(mode=0o700)
        os.chown(place, account.pw_uid, account.pw_gid)
    sockets.chmod(0o755)
    call(
        [machine.program("initdb"), "-D", str(data), "-U", SUPERUSER, "-E", "UTF8"],
        account=machine.account,
    )
    rules = (ROOT / "deploy" / "pg_hba.conf").read_text()
    # This machine is all of theirs, without a certificate; root is the superuser's account.
    rules = re.sub(r"10\.0\.\d\.\d+/\d+", "127.0.0.1/32", rules).replace("hostssl", "host")
    rules = rules.replace("peer", "peer map=dba")
    (data / "pg_hba.conf").write_text(f"{rules}local all {LOCAL},ccp_owner scram-sha-256\n")
    (data / "pg_ident.conf").write_text(f"dba root {SUPERUSER}\n")
    port, home = free_port(), folder / "home"
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(f"port = {port}\nunix_socket_directories = '{sockets}'\nfsync = off\n")
        settings.write("listen_addresses = '127.0.0.1'\n")
    checkout = folder / "checkout"
    shutil.copytree(ROOT, checkout, ignore=shutil.ignore_patterns(*NOT_COPIED))
    (checkout / ".venv").symlink_to(ROOT / ".venv")
    home.mkdir()
    kept = home / ".pgpass"
    kept.write_text("".join(f"*:*:*:{login}:{PASSWORD}\n" for login in LOGINS))
    kept.chmod(0o600)
    environment = {
        "HOME": str(home),
        "PATH": f"{machine.binaries}:{os.environ['PATH']}",
        "PGHOST": str(sockets),
        "PGPORT": str(port),
        "PGUSER": SUPERUSER,
        "PORT": str(free_port()),
        "CCP_PASSWORD": PASSWORD,
    }
    control = [machine.program("pg_ctl"), "-s", "-w", "-D", str(data)]
    call([*control, "-l", str(data / "log"), "start"], account=machine.account)
    server = Plain(machine, checkout, environment)
    try:
        yield server
    finally:
        server.bash("./run stop")
        state = server.bash(f".venv/bin/python -c '{STATE}'").stdout.strip()
        call([*control, "-m", "immediate", "stop"], account=machine.account)
        shutil.rmtree(state)
        shutil.rmtree(folder)


def commands(text: str) -> Iterator[str]:
    """Yield the commands of a block, each after the settings that were exported before."""
    exported = ""
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if line.startswith("export "):
            exported += f"{line}; "
        else:
            yield exported + line


def test_the_pages_are_followed_word_for_word(plain: Plain, tmp_path: Path) -> None:
    """From an empty server to the last page: nothing fails, and nothing else was needed."""
    made = "psql -X -d postgres -c 'CREATE DATABASE wrong'"
    wrong = plain.bash(f"{made} && PGDATABASE=wrong sqitch deploy")
    assert "deployed as postgres, must be ccp_owner" in wrong.stdout + wrong.stderr
    tmp_path.chmod(0o755)
    ran = 0
    for page in RUNBOOK:
        for block in blocks_of(page, "sql", "sh", server=True):
            steps = commands(block.text) if block.kind == "sh" else [""]
            for step in steps:
                done = plain.bash(step) if step else plain.psql(block, tmp_path / "example.sql")
                said = f"{block.place}: {step}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
                assert done.returncode == 0, said
                ran += 1
    assert ran > 40
