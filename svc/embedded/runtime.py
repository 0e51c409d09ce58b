"""Where the programs of the service run: in the checkout, and for root as an ordinary account.

Root's home is closed to other accounts, and checkout and Python may be in it. What the account
cannot read is copied: the code, and the packages of `requirements/runtime.txt` into an environment
of a Python that it can run.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from svc.embedded.machine import ROOT, SetupError, call, say, service_account

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
PYTHONS = (f"/usr/bin/python{VERSION}", f"/usr/local/bin/python{VERSION}")
LOCK = ROOT / "requirements" / "runtime.txt"
SERVED = {".py", ".html", ".css", ".js", ".svg"}
NEEDED = "import gunicorn, psycopg, svc"
SITE = f"lib/python{VERSION}/site-packages"


@dataclass(frozen=True)
class Runtime:
    """A Python, the folder that holds `svc`, and the account to run as, None for our own."""

    python: str
    root: Path
    account: str | None

    def command(self, *arguments: str) -> list[str]:
        """Return the command that runs a module."""
        return [self.python, "-m", *arguments]

    def environment(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the environment with what this runtime needs in it."""
        home = {"HOME": pwd.getpwnam(self.account).pw_dir} if self.account else {}
        return {**environment, **home, "PYTHONPATH": str(self.root)}

    def start(self, command: list[str], **options: object) -> "subprocess.Popen[bytes]":
        """Start a program as the account, in the folder of the code."""
        group = pwd.getpwnam(self.account).pw_gid if self.account else None
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
            command,
            cwd=self.root,
            user=self.account,
            group=group,
            extra_groups=[] if self.account else None,
            **options,
        )


def find_runtime(folder: Path) -> Runtime:
    """Return where to run, copied into the private folder if need be.

    Raises SetupError when there is no Python that the account can run.
    """
    account = service_account()
    if account is None or can_run(account, sys.executable, NEEDED, ROOT):
        return Runtime(sys.executable, ROOT, account)
    files = (file for file in (ROOT / "svc").rglob("*") if file.suffix in SERVED)
    code = digest(*sorted(files))
    root = folder / f"code-{code}"
    if not root.exists():
        copy = partial(root)
        shutil.copytree(ROOT / "svc", copy / "svc", ignore=shutil.ignore_patterns("__pycache__"))
        finish(copy, root)
    environment = folder / f"python-{VERSION}-{digest(LOCK)}"
    if not environment.exists():
        say(f"copying what {account} cannot read to {folder} (once)")
        copy = partial(environment)
        call([python_for(account), "-m", "venv", "--without-pip", str(copy)])
        copy_packages(copy / SITE)
        finish(copy, environment)
    for old in [*folder.glob("code-*"), *folder.glob("python-*")]:
        # What still runs from an old copy keeps it until the next start.
        if old not in {root, environment} and not is_used(old):
            shutil.rmtree(old, ignore_errors=True)
    return Runtime(str(environment / "bin" / "python"), root, account)


def can_run(account: str, python: str, statement: str, root: Path | None = None) -> bool:
    """Tell whether an account can run a statement of Python, with `svc` from a folder."""
    try:
        environment = {"PATH": os.defpath, "PYTHONPATH": str(root or "")}
        call([python, "-c", statement], account=account, env=environment)
    except (SetupError, OSError):
        return False
    return True


def python_for(account: str) -> str:
    """Return a Python of our version that the account can run. Raises SetupError."""
    for python in PYTHONS:
        if can_run(account, python, "import ssl, venv"):
            return python
    raise SetupError(f"{account} cannot run {sys.executable}: install python{VERSION} for all")


def copy_packages(target: Path) -> None:
    """Copy the packages of the runtime, as they are pinned, from our environment."""
    for line in LOCK.read_text().splitlines():
        if "==" not in line:
            continue
        try:
            files = metadata.files(line.split("==")[0].strip()) or []
        except metadata.PackageNotFoundError:
            continue  # for another system only
        for file in files:
            if ".." not in file.parts:
                copy = target / file
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), copy)


def partial(folder: Path) -> Path:
    """Return where a folder is put together before it gets its name."""
    return folder.with_name(f"{folder.name}.{os.getpid()}")


def finish(copy: Path, folder: Path) -> None:
    """Let everybody read a copy, and give it its name."""
    copy.chmod(0o755)
    for path in copy.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o644))
    try:
        copy.rename(folder)
    except OSError:
        shutil.rmtree(copy)


def digest(*files: Path) -> str:
    """Return a short checksum over names and bytes of files."""
    checksum = hashlib.sha256()
    for file in files:
        checksum.update(str(file).encode() + b"\0" + file.read_bytes())
    return checksum.hexdigest()[:12]


def is_used(folder: Path) -> bool:
    """Tell whether a program runs with this folder as its own."""
    for process in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if process.readlink() == folder:
                return True
        except OSError:
            continue
    return folder.name.startswith("python-") and any(
        is_used(code) for code in folder.parent.glob("code-*")
    )
