"""The quick checks of the sources: ruff, mypy and, for what it understands, sqlfluff."""

import subprocess
import sys

from svc.embedded.machine import ROOT, say

PYTHON = ("svc", "tests", "bench")
SQL = ("db/deploy", "db/revert", "db/verify")


def lint() -> bool:
    """Run every check, print what it finds and return whether all passed."""
    commands = [
        ["ruff", "format", "--check", "--quiet", "."],
        ["ruff", "check", "--quiet", "."],
        ["mypy", "--no-error-summary", *(folder for folder in PYTHON if (ROOT / folder).exists())],
    ]
    if any((ROOT / "db/deploy").rglob("*.sql")):
        folders = [folder for folder in SQL if (ROOT / folder).exists()]
        commands.append(["sqlfluff", "lint", "--disable-progress-bar", "-p", "0", *folders])
    failed = [
        command[0]
        for command in commands
        if subprocess.run([sys.executable, "-m", *command], check=False, cwd=ROOT).returncode
    ]
    say(f"lints: {', '.join(failed)} failed" if failed else "lints: all clean")
    return not failed
