"""The test run: pgTAP, then pytest, on throwaway servers with a deployed template; lints beside."""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from svc.embedded import tap
from svc.embedded.cluster import Cluster
from svc.embedded.deploy import OWNER, bootstrap, deploy
from svc.embedded.lint import lints
from svc.embedded.machine import Machine, SetupError, call, find_machine, tell
from svc.embedded.prepare import locked

TEMPLATE = "ccp_template"
PREFIX = "ccp-test-"
# Asked for by name: what needs more than the rest.
OWN_RUNS = ("browser", "drills", "containers", "provider")
FOLDER = "CCP_TEST_FOLDER"  # in the environment of what tests begin: where the servers are
WORKER = "gw"  # as pytest-xdist names them, with a number
# A copy of the template is more than a thousand files: making and dropping it costs a disk several
# times what it costs memory, and nothing of it is to be kept.
MEMORY = Path("/dev/shm")  # noqa: S108 - folders in it are made as below the usual one
ROOM = 4 * 2**30  # bytes; the servers of a whole run hold a third of it at most
# What another server could change beside pgTAP, which asks the functions: plans, locks, catalog,
# dump and restore, deployment, and one way from files to findings and to HTTP. What is left out of
# these folders is about processes, packages and arguments, or about text.
ON_EACH_SERVER = (
    "--ignore=tests/database/test_injected_failures.py",
    "--ignore=tests/database/test_mutants.py",
    "--ignore=tests/embedded/test_background.py",
    "--ignore=tests/embedded/test_history.py",
    "--ignore=tests/embedded/test_importing.py",
    "--ignore=tests/embedded/test_package.py",
    "--ignore=tests/embedded/test_supervise.py",
    "tests/audit",
    "tests/database",
    "tests/embedded",
    "tests/intake/test_samples.py",
    "tests/service/test_surface.py",
)
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "max_wal_size": "128MB",
}


@contextlib.contextmanager
def throwaway(machine: Machine, *, durable: bool = False) -> Iterator[Cluster]:
    """Yield a running server in a temporary folder that is gone afterwards.

    It is on a disk when copies of it shall be durable. Raises SetupError when it does not start.
    """
    # One at a time: a new folder must be locked before anybody looks for abandoned ones.
    with locked(Path(tempfile.gettempdir())):
        sweep(machine)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=None if durable else place()))
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
    """Stop the server and its copies at once and remove their folders."""
    for folder in (*cluster.folder.glob(f"{WORKER}*"), cluster.folder):
        server = Cluster(cluster.machine, folder)
        with contextlib.suppress(SetupError):
            server.stop("immediate")
        shutil.rmtree(server.host, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def place() -> Path:
    """Return the folder for throwaway servers: in memory, where there is room for a whole run."""
    usual = Path(tempfile.gettempdir())
    try:
        known = Path("/proc/meminfo").read_text()
        free = int(re.findall(r"^MemAvailable: +(\d+) kB$", known, re.MULTILINE)[0]) * 1024
        room = min(free, shutil.disk_usage(MEMORY).free)
    except (OSError, IndexError):
        return usual
    return MEMORY if room > ROOM and os.access(MEMORY, os.W_OK) else usual


def sweep(machine: Machine) -> None:
    """Remove what killed test runs of ours left behind: nobody holds the lock of their folder."""
    for folder in (*Path(tempfile.gettempdir()).glob(f"{PREFIX}*"), *MEMORY.glob(f"{PREFIX}*")):
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
    environment = {**cluster.login().environment, FOLDER: str(cluster.folder)}
    command = [sys.executable, "-m", "pytest", *arguments]
    try:
        return subprocess.run(command, check=False, env=environment).returncode == 0
    finally:
        end_started(cluster)


def end_started(cluster: Cluster) -> None:
    """Kill what tests have begun and, interrupted, not ended: its environment names our folder."""
    mark = f"{FOLDER}={cluster.folder}".encode()
    found = True
    while found:
        found = False
        for file in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if mark in file.read_bytes().split(b"\0"):
                    os.kill(int(file.parent.name), signal.SIGKILL)
                    found = True
        time.sleep(0.05 if found else 0)


def run_workers(cluster: Cluster, arguments: list[str]) -> bool:
    """Run pytest in one process more than there are processors; return whether everything passed.

    Tests wait now and then, and another goes on meanwhile. They are divided file by file. Each
    process has a copy of the server: roles, locks and open transactions belong to a whole server.
    """
    number = max(2, len(os.sched_getaffinity(0))) + 1
    cluster.stop()
    for worker in range(number):
        cluster.copied(cluster.folder / f"{WORKER}{worker}").start()
    spread = ["-n", str(number), "--dist", "loadfile", "--no-loadscope-reorder"]
    return run_pytest(cluster, [*spread, *arguments])


def split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Divide the arguments: paths below db/tests for pgTAP, all else for pytest."""
    pgtap = [argument for argument in arguments if argument.startswith(("db/tests", "./db/tests"))]
    return pgtap, [argument for argument in arguments if argument not in pgtap]


def main(arguments: list[str]) -> int:
    """Run everything, what a server can change, or what is named; return the exit status."""
    if not arguments:
        with lints() as checks:
            passed = run_all([])
            return 0 if checks.passed() and passed else 1
    if arguments == ["server"]:
        return 0 if run_all(list(ON_EACH_SERVER)) else 1
    if arguments[0] in OWN_RUNS:
        arguments = [f"tests/{arguments[0]}", *arguments[1:]]
    pgtap, others = split(arguments)
    with deployed(durable=others[:1] == ["tests/drills"]) as cluster:
        passed = not pgtap or tap.run(cluster, TEMPLATE, pgtap)
        passed = (not others or run_pytest(cluster, others)) and passed
    return 0 if passed else 1


@contextlib.contextmanager
def deployed(*, durable: bool = False) -> Iterator[Cluster]:
    """Yield a throwaway server with the template and tell what it is."""
    machine = find_machine()
    with throwaway(machine, durable=durable) as cluster:
        make_template(cluster)
        version = call([machine.program("postgres"), "--version"]).strip()
        tell(f"{version}, {'sqitch' if machine.sqitch else 'built-in deployer'}")
        yield cluster


def run_all(arguments: list[str]) -> bool:
    """Run all of pgTAP, and pytest with these arguments; return whether everything passed."""
    with deployed() as cluster:
        passed = tap.run(cluster, TEMPLATE, ["db/tests"])
        return (
            run_workers(cluster, [*(f"--ignore=tests/{name}" for name in OWN_RUNS), *arguments])
            and passed
        )
