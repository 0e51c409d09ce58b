"""Puts one fault after the other into the deployed database and runs the tests that must see it.

    .venv/bin/python -m tests.mutants [NAME...]

A name is part of a function's or view's name. Each mutant is a text replacement in the CREATE OR
REPLACE statement of a deploy script; text that is not there exactly once is an error, so that the
list follows the code. The pgTAP files of the mutant run first, its part of pytest if these pass. At
the beginning all named tests run without any fault and must pass. Prints the score; the status is 0
when nothing survived.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from svc.embedded import copies, tap
from svc.embedded.cluster import Cluster
from svc.embedded.deploy import OWNER
from svc.embedded.machine import ROOT, SetupError, tell
from svc.embedded.suite import FOLDER, TEMPLATE, deployed
from tests.mutants.mutants import MUTANTS, Mutant

SOUND = "ccp_sound"
STATEMENT = re.compile(
    r"^CREATE OR REPLACE (?:FUNCTION (?P<function>\w+\.\w+)\b[^;]*?"
    r"(?:AS \$\$.*?^\$\$;|^BEGIN ATOMIC.*?^END;)|VIEW (?P<view>\w+\.\w+)\b.*?;$)",
    re.MULTILINE | re.DOTALL,
)


@cache
def statements() -> dict[str, str]:
    """Return the statement that makes each function and view, by name."""
    files = sorted((ROOT / "db" / "deploy").rglob("*.sql"))
    found = (match for file in files for match in STATEMENT.finditer(file.read_text("utf-8")))
    return {match["function"] or match["view"]: match[0] for match in found}


def faulty(mutant: Mutant) -> str:
    """Return the statement with the fault.

    Raises SetupError when the function or the text to replace is not there exactly once.
    """
    statement = statements().get(mutant.name, "")
    if statement.count(mutant.old) != 1:
        times = statement.count(mutant.old)
        raise SetupError(f"{mutant.name}: {mutant.old!r} is there {times} times, expected once")
    return statement.replace(mutant.old, mutant.new)


def renew(cluster: Cluster, source: str, target: str) -> None:
    """Make a database a fresh copy of another one."""
    names = {"copy": target, "template": source}
    login = cluster.login()
    login.psql("-c", f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
    login.psql("-c", copies.CREATE.format(**names), "-c", copies.TAKE_RIGHTS.format(**names))


@contextmanager
def infected(cluster: Cluster, statement: str) -> Iterator[None]:
    """Keep the fault in the template meanwhile."""
    try:
        cluster.login(OWNER, TEMPLATE).psql("-c", statement)
        yield
    finally:
        renew(cluster, SOUND, TEMPLATE)


def pgtap_fault(cluster: Cluster, paths: tuple[str, ...]) -> str | None:
    """Run pgTAP files one after the other; return the first that fails, None when all pass."""
    names = [ROOT / "db" / "tests" / path for path in paths]
    files = [file for name in names for file in ([name] if name.is_file() else name.glob("*.sql"))]
    assert files or not paths, paths
    with tempfile.TemporaryDirectory(prefix="ccp-psql-") as folder:
        psql = tap.private_psql(Path(folder), TEMPLATE, covers=False)
        for file in sorted(files):
            ran = subprocess.run(
                [str(psql), "-XqtA", "-v", "ON_ERROR_STOP=1", "-f", str(file)],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                check=False,
                env=cluster.login().environment,
            )
            if tap.judge(str(file), ran.stdout, ran.returncode).faults:
                return str(file.relative_to(ROOT / "db" / "tests"))
    return None


def pytest_passes(cluster: Cluster, arguments: tuple[str, ...]) -> bool:
    """Run the named part of pytest until a test fails; tell whether all passed."""
    environment = {**cluster.login().environment, FOLDER: str(cluster.folder)}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=no", *arguments]
    ran = subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL)
    # 1 is a failed test; everything else is no verdict.
    assert ran.returncode in (0, 1), (arguments, ran.returncode)
    return ran.returncode == 0


def killer(cluster: Cluster, mutant: Mutant) -> str | None:
    """Return what kills a mutant, None when it survives."""
    try:
        with infected(cluster, faulty(mutant)):
            if fault := pgtap_fault(cluster, mutant.pgtap):
                return fault
            if mutant.pytest and not pytest_passes(cluster, mutant.pytest):
                return "pytest"
            return None
    except SetupError as error:
        raise SetupError(f"no mutant: {mutant.name} {mutant.new!r}: {error}") from None


def unsound(cluster: Cluster, mutants: list[Mutant]) -> str | None:
    """Return what fails of the tests of all mutants without any fault, None when they pass."""
    pgtap = tuple(sorted({path for mutant in mutants for path in mutant.pgtap}))
    pytest = tuple(sorted({path for mutant in mutants for path in mutant.pytest}))
    fault = pgtap_fault(cluster, pgtap)
    if fault is None and pytest and not pytest_passes(cluster, pytest):
        return "pytest"
    return fault


def main(names: list[str]) -> int:
    """Try all mutants, or those whose name holds one of the texts; return the exit status."""
    chosen = [one for one in MUTANTS if not names or any(name in one.name for name in names)]
    for mutant in chosen:
        faulty(mutant)
    survivors = []
    with deployed() as cluster:
        renew(cluster, TEMPLATE, SOUND)
        if fault := unsound(cluster, chosen):
            tell(f"mutants: {fault} fails without any fault")
            return 1
        for number, mutant in enumerate(chosen, start=1):
            by = killer(cluster, mutant)
            fate = f"killed by {by}" if by else "SURVIVED"
            tell(f"{number:3} {mutant.name}: {mutant.what}: {fate}")
            if by is None:
                survivors.append(mutant)
    killed = len(chosen) - len(survivors)
    tell(f"mutants: {killed} of {len(chosen)} killed ({killed / len(chosen):.1%})")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
