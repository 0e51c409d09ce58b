"""The quick checks of the sources: ruff, mypy and, for what it understands, sqlfluff.

They run beside the tests and are asked at the end. SQL that passed is not read again until it, the
rules or sqlfluff change.
"""

import hashlib
import importlib.metadata
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from svc.embedded.machine import ROOT, tell

PYTHON = ("svc", "tests", "bench")
SQL = ("db/deploy", "db/revert", "db/verify")
PASSED = ROOT / ".test" / "sqlfluff"
BEHIND = 10  # the tests go first where there is not enough processor for both


@dataclass(frozen=True)
class Check:
    """A running check and the file that holds what it prints."""

    name: str
    process: subprocess.Popen[bytes]
    output: IO[bytes]

    def passed(self) -> bool:
        """Wait for the end, print what was found and return whether there was nothing."""
        if self.process.wait() == 0:
            return True
        self.output.seek(0)
        tell(self.output.read().decode(errors="replace").rstrip())
        return False


class Lints:
    """All checks, started in the background."""

    def __init__(self) -> None:
        """Start them."""
        folders = [folder for folder in PYTHON if (ROOT / folder).exists()]
        self.checks = [
            start("ruff", "format", "--check", "--quiet", "."),
            start("ruff", "check", "--quiet", "."),
            start("mypy", "--no-error-summary", *folders),
        ]
        self.digests = sql_digests()
        known = set(PASSED.read_text().split()) if PASSED.exists() else set()
        unknown = [file for file, digest in self.digests.items() if digest not in known]
        if unknown:
            self.checks.append(
                start("sqlfluff", "lint", "--disable-progress-bar", "--nocolor", *unknown)
            )

    def passed(self) -> bool:
        """Wait for all, print what they found and return whether all passed."""
        failed = [check.name for check in self.checks if not check.passed()]
        if "sqlfluff" not in failed:
            PASSED.parent.mkdir(exist_ok=True)
            PASSED.write_text("\n".join(self.digests.values()))
        tell(f"lints: {', '.join(failed)} failed" if failed else "lints: all clean")
        return not failed

    def stop(self) -> None:
        """End what still runs."""
        for check in self.checks:
            check.process.kill()
            check.process.wait()
            check.output.close()


def start(*command: str) -> Check:
    """Start one check behind the tests, with its output kept."""
    output = tempfile.TemporaryFile()  # noqa: SIM115 - closed by Lints.stop
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=ROOT,
    )
    os.setpriority(os.PRIO_PROCESS, process.pid, BEHIND)
    return Check(command[0], process, output)


def sql_digests() -> dict[str, str]:
    """Return what decides on the verdict for each SQL file: it, the rules, the version."""
    version = importlib.metadata.version("sqlfluff")
    rules = hashlib.sha256((ROOT / ".sqlfluff").read_bytes()).hexdigest()
    files = sorted(file for folder in SQL for file in (ROOT / folder).rglob("*.sql"))
    return {
        str(file.relative_to(ROOT)): hashlib.sha256(
            f"{version} {rules} ".encode() + file.read_bytes()
        ).hexdigest()
        for file in files
    }


@contextmanager
def lints() -> Iterator[Lints]:
    """Yield the running checks and end what is left of them afterwards."""
    running = Lints()
    try:
        yield running
    finally:
        running.stop()
