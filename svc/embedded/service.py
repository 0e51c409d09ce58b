"""The service and its worker as background programs of this machine."""

import hashlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from svc.embedded.background import Background
from svc.embedded.machine import ROOT, SetupError, say, service_account
from svc.embedded.runtime import Runtime, find_runtime

START_SECONDS = 90  # a machine that is busy with other things takes half a minute
GUNICORN = ("gunicorn", "-c", "svc/gunicorn_conf.py", "--no-control-socket")
WAYS_TO_SIGN_IN = {"CCP_TOKEN_SECRET_FILE", "CCP_OIDC_ISSUER", "CCP_ENTRA_TENANT"}


def secret_file(folder: Path) -> Path:
    """Return the file with the secret that signs local tokens, made once.

    Readable by the account of the service alone (and by root).
    """
    file = folder / "token-secret"
    if not file.exists():
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as new:
            new.write(secrets.token_hex(32))
    account = service_account()
    if account:
        shutil.chown(file, account)
    return file


def environment_for(folder: Path, conninfo: str) -> dict[str, str]:
    """Return the environment of service and worker: nothing of the owner's, a way to sign in."""
    environment = {**os.environ, "DATABASE_URL": conninfo, "PYTHONPATH": str(ROOT)}
    environment.pop("DEPLOY_URL", None)
    if not WAYS_TO_SIGN_IN & environment.keys():
        file = secret_file(folder)
        environment["CCP_TOKEN_SECRET_FILE"] = str(file)
        environment["CCP_TOKEN_OLD_SECRET_FILE"] = f"{file}.old"
    return environment


def start_worker(folder: Path, conninfo: str) -> "subprocess.Popen[bytes]":
    """Start a worker that ends when nothing waits."""
    runtime = find_runtime(folder)
    return runtime.start(
        runtime.command("svc.worker", "--until-idle"),
        env=runtime.environment(environment_for(folder, conninfo)),
        stderr=subprocess.DEVNULL,
    )


def address(folder: Path) -> str:
    """Return the address of the running service. Raises SetupError when none runs."""
    background = Background("service", folder)
    if not background.is_running():
        raise SetupError("the service does not run: ./run starts it")
    return f"http://127.0.0.1:{background.content()[1].partition(' ')[0]}"


def start(folder: Path, conninfo: str) -> tuple[str, bool]:
    """Start service and worker where they do not run; return address and whether they did.

    Raises SetupError when the port is taken, the service does not become ready or the worker
    has ended.
    """
    environment = environment_for(folder, conninfo)
    worker, service = Background("worker", folder), Background("service", folder)
    for program in (service, worker):
        if program.is_lost():
            say(f"the {program.name} was not stopped and is gone: it is started again")
    if not worker.is_running():
        runtime = find_runtime(folder)
        worker.start(runtime, supervised(runtime, "svc.worker"), env=environment, note="")
    port = os.environ.get("PORT") or "8000"
    database = hashlib.sha256(conninfo.encode()).hexdigest()
    was_running = service.is_running()
    if not was_running:
        service.stop()
        check_port(port)
        environment["PORT"] = port
        runtime = find_runtime(folder)
        note = f"{port} {database}"
        service.start(runtime, supervised(runtime, *GUNICORN), env=environment, note=note)
    port, _, serving = service.content()[1].partition(" ")
    if serving != database:
        raise SetupError(f"port {port} serves another database: ./run stop first")
    address = f"http://127.0.0.1:{port}"
    wait_until_ready(service, address)
    if not worker.is_running():
        raise SetupError(f"the worker does not run: {worker.fault()} (log: {worker.log})")
    for program in (service, worker):
        deaths = program.deaths()
        if deaths:
            last = json.loads(deaths[-1])
            say(
                f"the {program.name} ended by itself {len(deaths)} times and was started again,"
                f" last at {last['time']} with status {last['exit_status']} (log: {program.log})"
            )
    return address, was_running


def supervised(runtime: Runtime, *arguments: str) -> list[str]:
    """Return the command that runs a module and starts it again when it dies."""
    return runtime.command("svc.embedded.supervise", *runtime.command(*arguments))


def stop(folder: Path) -> list[str]:
    """Stop both; return the names of those that ran."""
    return [name for name in ("service", "worker") if Background(name, folder).stop()]


def check_port(port: str) -> None:
    """Make sure that nobody else serves on the port.

    Raises SetupError when somebody does or it is no port.
    """
    if not port.isdecimal() or not 0 < int(port) < 2**16:
        raise SetupError(f"PORT is not a port: {port}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError as error:
            reason = error.strerror or "taken"
            raise SetupError(f"port {port}: {reason}; choose another: PORT=8001 ./run") from None


def wait_until_ready(service: Background, address: str) -> None:
    """Wait until the service says that it reaches its database.

    Raises SetupError with the log's last line when it ends, or does not get there in time.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and service.is_running():
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310 - our own
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SetupError(f"the service is not ready: {service.fault()} (log: {service.log})")
