"""Installs what is missing (Debian packages as root, pinned Python packages) and hands over.

Runs on the bare system Python, so it uses the standard library only and imports nothing else of
the project: `python3 svc/embedded/prepare.py run|test [ARG...]`.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
DEBIAN_SERVERS = Path("/usr/lib/postgresql")
CHROMIUM = Path("/usr/bin/chromium")
PROVIDER = VENV / "provider"
# Two that start containers: which of them may depends on the machine.
CONTAINER_TOOLS = ("podman", "mmdebstrap", "crun", "runc")
FAULT = re.compile(r"^E:|\b(ERROR|FATAL|error):")
NO_MAIN_CLUSTER = Path("/etc/postgresql-common/createcluster.d/ccp.conf")


class SetupError(Exception):
    """Something cannot be had, set up or started; the message is one line for the user."""


def call(
    command: list[str],
    *,
    account: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> str:
    """Return what the command printed; as another account when one is named.

    Raises SetupError with the command's first error line when it fails.
    """
    result = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd="/" if account else cwd,
        env=env,
        user=account,
        group=pwd.getpwnam(account).pw_gid if account else None,
        extra_groups=[] if account else None,
    )
    if result.returncode:
        output = result.stderr.strip() or result.stdout.strip() or f"status {result.returncode}"
        lines = output.splitlines()
        what = next((line for line in lines if FAULT.search(line)), lines[-1])
        raise SetupError(f"{Path(command[0]).name}: {what.strip()}")
    return result.stdout


def say(text: str) -> None:
    """Print progress on stderr at once, so that stdout holds answers only."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def apt_allowed() -> bool:
    """Tell whether Debian packages may be installed: root, apt there, NO_APT unset."""
    return (
        os.environ.get("NO_APT") != "1"
        and os.geteuid() == 0
        and shutil.which("apt-get") is not None
    )


def uses_given_server(arguments: list[str]) -> bool:
    """Tell whether ./run works with the server of DATABASE_URL, so that none is needed here."""
    return arguments[0] == "run" and bool(os.environ.get("DATABASE_URL"))


def is_installed(package: str) -> bool:
    """Tell whether dpkg has this package configured."""
    status = subprocess.run(
        ["dpkg-query", "-W", "-f=${db:Status-Status}", package],
        capture_output=True,
        text=True,
        check=False,
    )
    return status.stdout == "installed"


def debian_major() -> str:
    """Return the major version of the server that is installed, else of the one apt would bring."""
    installed = [path.parent.parent.name for path in DEBIAN_SERVERS.glob("*/bin/initdb")]
    if installed:
        return max(installed, key=float)
    policy = call(["apt-cache", "policy", "postgresql"], env={**os.environ, "LC_ALL": "C"})
    candidate = re.search(r"Candidate: (\d+)", policy)
    if candidate is None:
        raise SetupError("apt has no package postgresql: check /etc/apt/sources.list")
    return candidate[1]


def packages(major: str) -> list[str]:
    """Name the Debian packages of the server, the test tools, sqitch and Python environments."""
    return [
        f"postgresql-{major}",
        f"postgresql-{major}-pgtap",
        f"postgresql-{major}-plpgsql-check",
        "libtap-parser-sourcehandler-pgtap-perl",
        "sqitch",
        "libdbd-pg-perl",
        "python3-venv",
    ]


@contextlib.contextmanager
def no_main_cluster() -> Iterator[None]:
    """Keep Debian from making and starting a cluster of its own while the server is installed."""
    if DEBIAN_SERVERS.exists():
        yield
        return
    NO_MAIN_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
    NO_MAIN_CLUSTER.write_text("create_main_cluster = false\n")
    try:
        yield
    finally:
        NO_MAIN_CLUSTER.unlink()


def install_packages() -> None:
    """Install the Debian packages that are missing.

    Raises SetupError when apt fails.
    """
    if DEBIAN_SERVERS.exists() and all(map(is_installed, packages(debian_major()))):
        return
    say("installing PostgreSQL, sqitch and pgTAP from Debian (once, about a minute)")
    call(["apt-get", "update"])
    with no_main_cluster():
        call(
            [
                *("apt-get", "install", "-y", "--no-install-recommends"),
                *("-o", "DPkg::Lock::Timeout=120"),
                *packages(debian_major()),
            ],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )


def has_chromium() -> bool:
    """Tell whether there is a browser for the tests, installed if that may be.

    Raises SetupError when apt fails.
    """
    if not CHROMIUM.exists() and apt_allowed():
        say("installing Chromium from Debian (once, about a minute)")
        call(["apt-get", "update"])
        install = ("apt-get", "install", "-y", "--no-install-recommends", "chromium")
        call([*install], env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    return CHROMIUM.exists()


def install_containers() -> None:
    """Install what builds images from nothing and runs them, if that may be.

    Raises SetupError when apt fails.
    """
    if all(map(shutil.which, CONTAINER_TOOLS)) or not apt_allowed():
        return
    say("installing podman and mmdebstrap from Debian (once, about a minute)")
    call(["apt-get", "update"])
    install = ("apt-get", "install", "-y", "--no-install-recommends", *CONTAINER_TOOLS)
    call([*install], env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def has_provider() -> bool:
    """Tell whether there is a certified provider of a sign-in, fetched by npm at pinned hashes.

    Raises SetupError when npm fails.
    """
    if not all(map(shutil.which, ("node", "npm"))):
        return False
    PROVIDER.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", "certified.mjs"):
        shutil.copy(ROOT / "tests" / "provider" / name, PROVIDER)
    call(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=PROVIDER)
    return True


def unpack_package(package: str, folder: Path) -> None:
    """Fetch a Debian package and unpack it into a folder; needs no root and installs nothing.

    Raises SetupError when it cannot be had.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as download:
        call(["apt-get", "download", "-qq", package], cwd=Path(download))
        for file in Path(download).glob("*.deb"):
            call(["dpkg", "-x", str(file), str(folder)])


def make_venv() -> None:
    """Make `.venv` with pip in it.

    Raises SetupError when this Python brings no pip along and Debian's cannot be had.
    """
    make = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if importlib.util.find_spec("ensurepip"):
        call(make)
        return
    call([*make, "--without-pip"])
    with tempfile.TemporaryDirectory() as folder:
        try:
            unpack_package("python3-pip-whl", Path(folder))
            wheel = next(Path(folder).glob("usr/share/python-wheels/pip-*.whl"))
        except (SetupError, OSError, StopIteration):
            raise SetupError("this Python has no pip: install the package python3-venv") from None
        install = [str(VENV / "bin/python"), "-m", "pip", "install", "--no-index", str(wheel)]
        call(install, env={**os.environ, "PYTHONPATH": str(wheel)})


def pip_install(*arguments: str) -> None:
    """Install by pip from the index, wheels with pinned hashes only.

    Raises SetupError when pip fails.
    """
    call(
        [
            *(str(VENV / "bin/python"), "-m", "pip", "install", "--quiet"),
            *("--disable-pip-version-check", "--no-input", "--no-deps"),
            *("--require-hashes", "--only-binary=:all:"),
            *arguments,
        ]
    )


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: whoever else prepares here waits."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def install_python(requirements: str) -> None:
    """Make `.venv` and install a requirements file into it, once for each content of the file.

    Raises SetupError when an environment or a package cannot be had.
    """
    source = ROOT / "requirements" / f"{requirements}.txt"
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    stamp = VENV / f".{requirements}"
    with locked(ROOT):
        if not (VENV / "bin/python").exists() or not (VENV / ".complete").exists():
            say("making .venv (once)")
            make_venv()
            (VENV / ".complete").touch()
        if stamp.exists() and stamp.read_text() == digest:
            return
        say(f"installing Python packages for ./{'run' if requirements == 'runtime' else 'test'}")
        pip_install("-r", str(source))
        stamp.write_text(digest)


def main(arguments: list[str]) -> int:
    """Prepare the machine for `run` or `test`, then become that program."""
    try:
        if apt_allowed() and not uses_given_server(arguments):
            install_packages()
        install_python("test" if arguments[0] == "test" else "runtime")
        if arguments[:2] == ["test", "browser"]:
            if not has_chromium():
                say(f"./test browser is skipped: there is no {CHROMIUM}")
                return 0
            install_python("browser")
        if arguments[:2] == ["test", "provider"] and not has_provider():
            say("./test provider is skipped: there is no node or npm to run a provider with")
            return 0
        if arguments[:2] == ["test", "containers"]:
            install_containers()
            install_python("containers")
        if arguments == ["test", "install"]:
            return 0
    except (SetupError, OSError) as error:
        say(f"{arguments[0]}: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    os.chdir(ROOT)
    python = str(VENV / "bin/python")
    return os.execv(python, [python, "-m", "svc.embedded", *arguments])  # noqa: S606


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
