"""One private database server on a unix socket: make it, start it, stop it, reach it."""

import contextlib
import hashlib
import os
import pwd
import re
import shutil
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from psycopg.conninfo import make_conninfo

from svc.embedded.login import Login
from svc.embedded.machine import Machine, SetupError, call

LONGEST_SOCKET = 107
SOCKET_NAME = ".s.PGSQL.5432"
SUPERUSER = "postgres"
START_SECONDS = 30
# The log tells how the server is, and nothing of its rows: an error goes to whoever made it, and
# the service logs its own. Statements, parameters and details would hold values.
SILENT = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_lock_waits": "off",
    "log_temp_files": "-1",
}
NOBODYS_PID = 2**22 + 1  # above what the kernel gives out


def socket_folder(wanted: Path) -> Path:
    """Return the folder for the socket: the wanted one, else a short one when its path is too long.

    A socket's path is limited by the system to 107 bytes.
    """
    if len(bytes(wanted / SOCKET_NAME)) <= LONGEST_SOCKET:
        return wanted
    digest = hashlib.sha256(bytes(wanted)).hexdigest()[:12]
    return Path("/tmp") / f"ccp-{os.geteuid()}-{digest}"  # noqa: S108 - made 0700, owner checked


@dataclass(frozen=True)
class Cluster:
    """A server's folder with `data` and `log`, its socket folder and its settings.

    With a `guest` that account of the machine may come in too, as `ccp_service` alone; root comes
    in as everybody. Without one whoever reaches the socket does, which is the server's account.
    """

    machine: Machine
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    guest: str | None = None

    @property
    def data(self) -> Path:
        """Return the data directory."""
        return self.folder / "data"

    @property
    def host(self) -> Path:
        """Return the socket folder, which libpq calls the host."""
        return socket_folder(self.folder / "socket")

    @property
    def log(self) -> Path:
        """Return the server's log file."""
        return self.folder / "data" / "server.log"

    def login(self, user: str = SUPERUSER, database: str = "postgres") -> Login:
        """Return a login to a database of this server."""
        wanted = {"host": str(self.host), "port": "5432", "user": user, "dbname": database}
        return Login(self.machine, make_conninfo(**wanted))

    def is_made(self) -> bool:
        """Tell whether the data directory is complete."""
        return (self.data / "PG_VERSION").exists() and (self.data / "ccp.conf").exists()

    def create(self) -> None:
        """Make the data directory, once.

        Raises SetupError when initdb fails.
        """
        if self.is_made():
            return
        shutil.rmtree(self.data, ignore_errors=True)
        self.own(self.data)
        call(
            [
                *(self.machine.program("initdb"), "-D", str(self.data), "-U", SUPERUSER),
                *("-E", "UTF8", "--locale=C.UTF-8", "--auth=trust", "--no-sync"),
            ],
            account=self.machine.account,
        )
        with (self.data / "postgresql.conf").open("a") as config:
            config.write("include 'ccp.conf'\n")
        self.configure()

    def configure(self) -> bool:
        """Write this server's own settings: the socket alone, and what the caller wants.

        Returns whether they are other ones than before.
        """
        settings = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": str(self.host),
            "unix_socket_permissions": "0777" if self.guest else "0700",
            "timezone": "UTC",
            **SILENT,
            **self.settings,
        }
        quoted = {name: value.replace("'", "''") for name, value in settings.items()}
        wanted = "".join(f"{name} = '{value}'\n" for name, value in quoted.items())
        is_changed = self.write("ccp.conf", wanted)
        if self.guest:
            self.write("pg_hba.conf", "local all all peer map=ccp\n")
            if "ccp " not in (self.data / "pg_ident.conf").read_text():
                self.admit([SUPERUSER])
        return is_changed

    def copied(self, folder: Path) -> "Cluster":
        """Return another server with a copy of what this one holds; this one must stand still."""
        other = Cluster(self.machine, folder, self.settings)
        other.own(other.data)
        call(["cp", "-a", f"{self.data}/.", str(other.data)])
        return other

    def write(self, name: str, text: str) -> bool:
        """Write a file of the data directory unless it says so already; return whether it did not.

        The server's account could put a link in its place, so a new file takes the place instead.
        """
        file = self.data / name
        if not file.is_symlink() and file.exists() and file.read_text() == text:
            return False
        new = self.data / f"{name}.{os.getpid()}"
        new.unlink(missing_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w") as content:
            content.write(text)
            if self.machine.account:
                account = pwd.getpwnam(self.machine.account)
                os.fchown(handle, account.pw_uid, account.pw_gid)
        new.rename(file)
        return True

    def admit(self, logins: Iterable[str]) -> None:
        """Let root in as each of these logins and the guest as the service, and nobody else."""
        quoted = [login.replace('"', '""') for login in logins]
        lines = [f'ccp root "{login}"\n' for login in quoted] + [f"ccp {self.guest} ccp_service\n"]
        if self.write("pg_ident.conf", "".join(lines)) and self.is_running():
            self.control("reload")

    def own(self, folder: Path, mode: int = 0o700) -> None:
        """Make a folder that only the server's account can enter, or take one that is so already.

        With another mode others may do with it what that says.

        It is looked at before it is given away, and given through what was looked at: somebody may
        have put a link there, or may put one there in between. Raises SetupError when it is a
        link, no folder, open to others or somebody else's.
        """
        folder.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        account = pwd.getpwnam(self.machine.account) if self.machine.account else None
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError as error:
            raise SetupError(f"{folder} is not private: {error.strerror}; remove it") from None
        try:
            found = os.fstat(handle)
            ours = {os.geteuid(), account.pw_uid if account else os.geteuid()}
            if found.st_uid not in ours or found.st_mode & 0o777 & ~mode:
                raise SetupError(f"{folder} is not private: remove it")
            os.fchmod(handle, mode)
            if account:
                os.fchown(handle, account.pw_uid, account.pw_gid)
        finally:
            os.close(handle)

    def is_running(self) -> bool:
        """Tell whether the server answers on its socket."""
        answer = subprocess.run(
            [self.machine.program("pg_isready"), "-q"],
            check=False,
            env=self.login().environment,
        )
        return answer.returncode == 0

    def start(self) -> None:
        """Make the server if need be and start it; survives what a killed one left behind.

        Raises SetupError with the last line of the log when it does not come up.
        """
        if self.is_running():
            if not self.configure():
                return
            # Started by an older version with other settings, of which some need a restart.
            self.stop()
        self.create()
        self.own(self.host, 0o711 if self.guest else 0o700)
        self.configure()
        self.disown_dead_pids()
        deadline = time.monotonic() + START_SECONDS
        while True:
            known = self.log.stat().st_size if self.log.exists() else 0
            try:
                self.control("start", "-w", "-t", str(START_SECONDS), "-l", str(self.log))
            except SetupError as error:
                fault = self.fault_after(known) or str(error)
                # The children of a killed server hold its memory for a moment.
                if "shared memory" not in fault or time.monotonic() > deadline:
                    raise SetupError(f"PostgreSQL did not start: {fault}") from None
                time.sleep(0.2)
            else:
                return

    def stop(self, mode: str = "fast") -> bool:
        """Stop the server; return whether it ran.

        Raises SetupError when it does not stop.
        """
        ran = self.is_running()
        if (self.data / "postmaster.pid").exists():
            try:
                self.control("stop", "-w", "-m", mode)
            except SetupError:
                if self.is_running():
                    raise
        return ran

    def control(self, *arguments: str) -> None:
        """Call pg_ctl as the server's account."""
        call(
            [self.machine.program("pg_ctl"), "-s", "-D", str(self.data), *arguments],
            account=self.machine.account,
        )

    def fault_after(self, known: int) -> str | None:
        """Return the first fault that the log tells after its first `known` bytes, None without."""
        try:
            text = self.log.read_bytes()[known:].decode(errors="replace")
        except OSError:
            return None
        found = re.search(r"FATAL:\s+(.*)", text)
        return found[1] if found else None

    def disown_dead_pids(self) -> None:
        """Make the lock files of a killed server name nobody.

        Its number may be another program's by now, or wait for a parent that never collects it.
        The rest of a file stays: it lets the server see whether old children are still there.
        """
        for file in (self.data / "postmaster.pid", self.host / f"{SOCKET_NAME}.lock"):
            try:
                pid, _, rest = file.read_text().partition("\n")
                stat = Path(f"/proc/{int(pid)}/stat").read_text()
            except (OSError, ValueError):
                continue
            name, _, state = stat.partition("(")[2].rpartition(")")
            if name != "postgres" or state.split()[0] == "Z":
                file.write_text(f"{NOBODYS_PID}\n{rest}")
