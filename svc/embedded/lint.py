"""The quick checks of the sources: ruff, mypy and, for what it understands, sqlfluff."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from svc.embedded.machine import ROOT, tell

PYTHON = ("svc", "tests", "bench")
SQL = ("db/deploy", "db/revert", "db/verify")


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run one check with its output kept."""
    return subprocess.run(
        [sys.executable, "-m", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=ROOT,
    )


def lint() -> bool:
    """Run every check, print what it finds and return whether all passed."""
    commands = [
        ["ruff", "format", "--check", "--quiet", "."],
        ["ruff", "check", "--quiet", "."],
        ["mypy", "--no-error-summary", *(folder for folder in PYTHON if (ROOT / folder).exists())],
    ]
    if any((ROOT / "db/deploy").rglob("*.sql")):
        folders = [folder for folder in SQL if (ROOT / folder).exists()]
        commands.append(["sqlfluff", "lint", "--disable-progress-bar", "--nocolor", *folders])
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(run, commands))
    failed = []
    for command, result in zip(commands, results, strict=True):
        if result.returncode:
            failed.append(command[0])
            tell(result.stdout.rstrip())
    tell(f"lints: {', '.join(failed)} failed" if failed else "lints: all clean")
    return not failed
