"""The test run: lints, then pgTAP, then pytest, on a throwaway server with a deployed template."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from svc.embedded import tap
from svc.embedded.cluster import Cluster
from svc.embedded.deploy import OWNER, bootstrap, deploy
from svc.embedded.lint import lint
from svc.embedded.machine import Machine, SetupError, call, find_machine, tell
from svc.embedded.prepare import locked

TEMPLATE = "ccp_template"
PREFIX = "ccp-test-"
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
}


@contextlib.contextmanager
def throwaway(machine: Machine) -> Iterator[Cluster]:
    """Yield a running server in a temporary folder that is gone afterwards.

    Raises SetupError when it does not start.
    """
    # One at a time: a new folder must be locked before anybody looks for abandoned ones.
    with locked(Path(tempfile.gettempdir())):
        sweep(machine)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
    folder.chmod(0o755)
    settings = dict(SETTINGS)
    if machine.has_extension("plpgsql_check"):
        settings["shared_preload_libraries"] = "plpgsql,plpgsql_check"
    cluster = Cluster(machine, folder, settings)
    try:
        cluster.start()
        yield cluster
    finally:
        remove(cluster)
        os.close(lock)


def remove(cluster: Cluster) -> None:
    """Stop the server at once and remove its folders."""
    with contextlib.suppress(SetupError):
        cluster.stop("immediate")
    shutil.rmtree(cluster.host, ignore_errors=True)
    shutil.rmtree(cluster.folder, ignore_errors=True)


def sweep(machine: Machine) -> None:
    """Remove what killed test runs of ours left behind: nobody holds the lock of their folder."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid != os.geteuid():
                continue
            handle = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(Cluster(machine, folder))
            finally:
                os.close(handle)


def make_template(cluster: Cluster) -> None:
    """Bootstrap and deploy the template database once, with the test tools in schema `tap`.

    Raises SetupError when a script fails or pgTAP cannot be had.
    """
    bootstrap(cluster, TEMPLATE)
    deploy(cluster.login(OWNER, TEMPLATE))
    tap.install(cluster, TEMPLATE)


def run_pytest(cluster: Cluster, arguments: list[str]) -> bool:
    """Run pytest on copies of the template; return whether everything passed."""
    environment = {**cluster.login().environment, "CCP_TEST_FOLDER": str(cluster.folder)}
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, check=False, env=environment).returncode == 0


def split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Divide the arguments: paths below db/tests for pgTAP, all else for pytest."""
    pgtap = [argument for argument in arguments if argument.startswith(("db/tests", "./db/tests"))]
    return pgtap, [argument for argument in arguments if argument not in pgtap]


def main(arguments: list[str]) -> int:
    """Run everything, or only what the arguments name; return the exit status."""
    pgtap, others = split(arguments)
    machine = find_machine()
    version = call([machine.program("postgres"), "--version"]).strip()
    passed = True if arguments else lint()
    with throwaway(machine) as cluster:
        make_template(cluster)
        tell(f"{version}, {'sqitch' if machine.sqitch else 'built-in deployer'}")
        if pgtap or not arguments:
            passed = tap.run(cluster, TEMPLATE, pgtap or ["db/tests"]) and passed
        if others or not arguments:
            passed = run_pytest(cluster, others) and passed
    return 0 if passed else 1
