"""pgTAP: puts it into the template and runs the test files, each on a database of its own."""

import os
import re
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from svc.embedded import copies, coverage
from svc.embedded.cluster import Cluster
from svc.embedded.machine import ROOT, SetupError, call, tell
from svc.embedded.prepare import unpack_package

# Debian calls every extension file of pgTAP alike; the script is the same for all servers.
INSTALLED_SCRIPTS = Path("/usr/share/postgresql")
PRIVATE_COPY = """\
#!/bin/sh
# psql for the test runner: every file gets a database of its own, a copy of the template.
name=tap_$$
psql -Xq -v ON_ERROR_STOP=1 -c "{create}" -c "{take_rights}" postgres || exit
PGOPTIONS='{options}' PGDATABASE=$name psql "$@"
status=$?
{afterwards}
psql -Xqc "{drop}" postgres
exit $status
"""
COLLECT_COVERAGE = """psql -Xqc "{collect}" -d $name >{folder}/$$.tsv
psql -XqAto /dev/null -c "{forget}" -d $name"""


def install(cluster: Cluster, database: str) -> None:
    """Put pgTAP, and plpgsql_check where there is one, into schema `tap` of a database.

    Raises SetupError when pgTAP cannot be had.
    """
    login = cluster.login(database=database)
    login.psql("-c", "CREATE SCHEMA tap")
    if cluster.machine.has_extension("pgtap"):
        login.psql("-c", "CREATE EXTENSION pgtap SCHEMA tap")
    else:
        # The script is what the extension would run, with its own search path.
        script = pgtap_script()
        path = "SET search_path = tap, pg_catalog"
        login.psql("-c", path, "-f", str(script))
    if cluster.machine.has_extension("plpgsql_check"):
        login.psql("-c", "CREATE EXTENSION plpgsql_check SCHEMA tap")


def pgtap_script() -> Path:
    """Return pgTAP as one SQL script: from this machine, else from Debian's package file.

    Raises SetupError when there is neither.
    """
    found = sorted(INSTALLED_SCRIPTS.glob("*/extension/pgtap--[0-9].[0-9].[0-9].sql"))
    if not found:
        found = unpacked_scripts()
    return found[-1]


def unpacked_scripts() -> list[Path]:
    """Fetch Debian's pgTAP package and unpack it below `.test`, once.

    Raises SetupError when it cannot be had.
    """
    folder = ROOT / ".test" / "pgtap"
    pattern = "usr/share/postgresql/*/extension/pgtap--[0-9].[0-9].[0-9].sql"
    if not list(folder.glob(pattern)):
        try:
            names = call(["apt-cache", "search", "--names-only", "^postgresql-[0-9]+-pgtap$"])
            unpack_package(names.split()[0], folder)
        except (SetupError, OSError, IndexError):
            raise SetupError("pgTAP is needed: install the package postgresql-15-pgtap") from None
    return sorted(folder.glob(pattern))


def run(cluster: Cluster, template: str, paths: list[str]) -> bool:
    """Run the pgTAP files, print the runner's summary and return whether all passed."""
    if not any(Path(path).is_file() or list(Path(path).rglob("*.sql")) for path in paths):
        tell(f"pgTAP: no tests in {' '.join(paths)}")
        return True
    with tempfile.TemporaryDirectory(prefix="ccp-psql-") as name:
        folder = Path(name)
        covers = cluster.machine.has_extension("plpgsql_check")
        if covers:
            template = counting(cluster, template)
        psql = private_psql(folder, template, covers=covers)
        if cluster.machine.pg_prove:
            passed = prove(cluster, psql, paths)
        else:
            passed = read(cluster, psql, paths)
        coverage.summarize(folder)
        return passed


def counting(cluster: Cluster, template: str) -> str:
    """Return the name of a copy of the template that counts the calls of its SQL functions."""
    names = {"copy": f"{template}_counting", "template": template}
    make = ("-c", copies.CREATE.format(**names), "-c", copies.TAKE_RIGHTS.format(**names))
    cluster.login().psql(*make)
    cluster.login(database=names["copy"]).psql("-c", coverage.COUNT_CALLS)
    return names["copy"]


def private_psql(folder: Path, template: str, *, covers: bool) -> Path:
    """Write the program that runs one test file on a copy of the template of its own."""
    names = {"copy": "$name", "template": template}
    collecting = {"collect": coverage.COLLECT, "forget": coverage.FORGET, "folder": folder}
    psql = folder / "psql"
    psql.write_text(
        PRIVATE_COPY.format(
            create=copies.CREATE.format(**names),
            take_rights=copies.TAKE_RIGHTS.format(**names),
            drop=copies.DROP.format(**names),
            options=coverage.PROFILING if covers else "",
            afterwards=COLLECT_COVERAGE.format(**collecting) if covers else "",
        )
    )
    psql.chmod(0o700)
    return psql


def prove(cluster: Cluster, psql: Path, paths: list[str]) -> bool:
    """Run the files through pg_prove, which reads `.proverc`."""
    command = [str(cluster.machine.pg_prove), "-j", str(os.cpu_count() or 1)]
    command += ["--psql-bin", str(psql), *paths]
    return subprocess.run(command, check=False, env=cluster.login().environment).returncode == 0


@dataclass(frozen=True)
class Outcome:
    """What one test file said: its tests, its failures, the seconds it took."""

    path: str
    tests: int
    faults: tuple[str, ...]


def judge(path: str, output: str, status: int) -> Outcome:
    """Read a file's TAP output: a wrong count, a failed test or an error of psql is a fault."""
    results = re.findall(r"^(not ok|ok)\b(?: (\d+))?(.*)$", output, re.MULTILINE)
    faults = [
        f"test {number}{text}"
        for word, number, text in results
        if word == "not ok" and "# TODO" not in text.upper()
    ]
    plan = re.search(r"^1\.\.(\d+)(.*)$", output, re.MULTILINE)
    if plan is None:
        faults.append("no plan")
    elif int(plan[1]) != len(results):
        faults.append(f"planned {plan[1]} tests, ran {len(results)}")
    if status:
        faults.append(f"psql ended with status {status}")
    return Outcome(path, len(results), tuple(faults))


def read(cluster: Cluster, psql: Path, paths: list[str]) -> bool:
    """Run the files ourselves, where there is no pg_prove, and print a summary like its own."""
    files = sorted(
        file
        for path in map(Path, paths)
        for file in ([path] if path.is_file() else path.rglob("*.sql"))
    )
    started = time.monotonic()

    def run_file(file: Path) -> Outcome:
        finished = subprocess.run(
            [str(psql), "-XqtA", "-v", "ON_ERROR_STOP=1", "-f", str(file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            env=cluster.login().environment,
        )
        outcome = judge(str(file), finished.stdout, finished.returncode)
        if outcome.faults:
            tell(f"{file} .. failed\n{finished.stdout.rstrip()}")
        return outcome

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(run_file, files))
    failed = [outcome for outcome in outcomes if outcome.faults]
    for outcome in failed:
        tell(f"{outcome.path}: {'; '.join(outcome.faults)}")
    if not failed:
        tell("All tests successful.")
    tests = sum(outcome.tests for outcome in outcomes)
    tell(f"Files={len(files)}, Tests={tests}, {time.monotonic() - started:.0f} wallclock secs")
    tell(f"Result: {'FAIL' if failed else 'PASS'}")
    return not failed
