"""Images built without any registry, on a Debian made from its packages, and containers of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from svc.embedded.machine import ROOT, tell
from svc.embedded.prepare import CONTAINER_TOOLS
from tests.intake.conftest import Office
from tests.service.conftest import SECRET, make_users
from tests.service.pooler import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from svc.embedded.cluster import Cluster

Volumes = dict[Path, str]
SAID: list[str] = []

HOOKS = Path("/usr/share/mmdebstrap/hooks/merged-usr")
MIRRORS = ("debian bookworm main", "debian-security bookworm-security main")
# As in the images of Debian that are called slim.
LEFT_OUT = ("man", "doc", "locale", "info")
SERVICE, MIGRATE = "ccp-service:1", "ccp-migrate:1"
TARGETS = ("service", "migrate")
# In the image of the service: what is deployed from.
PROJECT = "/opt/ccp/lib/python3.11/site-packages/svc/project"


class Podman:
    """Podman with images and containers of its own, below one folder."""

    def __init__(self, folder: Path, runtime: str) -> None:
        """Remember where, and what starts its containers."""
        self.folder = folder
        self._command = [
            *("podman", "--root", str(folder / "images"), "--runroot", str(folder / "running")),
            *("--cgroup-manager=cgroupfs", "--log-level=fatal", "--runtime", runtime),
        ]

    def try_to(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call it."""
        return subprocess.run(
            [*self._command, *arguments], capture_output=True, text=True, check=False
        )

    def __call__(self, *arguments: str) -> str:
        """Call it and return what it printed."""
        done = self.try_to(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def build(self, context: Path, target: str, *arguments: str) -> None:
        """Build one target of a Containerfile in an isolation that needs no rights of a kernel."""
        self(
            *("build", "--isolation=chroot", "--network=host", "--format=docker"),
            *("--target", target, "--tag", f"ccp-{target}:1", *arguments, str(context)),
        )

    def running(
        self, image: str, *options: str, volumes: Volumes, settings: dict[str, str]
    ) -> list[str]:
        """Return the arguments that run an image as the runbook says: no rights, no writing."""
        return [
            *("run", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges"),
            *("--network=host", "--ulimit=nofile=1024:1024", "--ulimit=nproc=4096:4096", *options),
            *(f"--volume={folder}:{inside}:ro" for folder, inside in volumes.items()),
            *(f"--env={name}={value}" for name, value in settings.items()),
            image,
        ]

    def facts(self, name: str) -> dict[str, Any]:
        """Return what podman knows of an image or container."""
        [found] = json.loads(self("inspect", name))
        return dict(found)

    def ended(self, name: str, seconds: float) -> int:
        """Wait until a container has ended and return its status."""
        deadline = time.monotonic() + seconds
        while (state := self.facts(name)["State"])["Running"]:
            assert time.monotonic() < deadline, self.try_to("logs", name).stderr
            time.sleep(0.1)
        return int(state["ExitCode"])


def skip(reason: str) -> None:
    """Say in one line why no image is tested here."""
    SAID.append(f"./test containers is skipped but for deploy/kubernetes: {reason}")
    pytest.skip(reason)


def pytest_unconfigure() -> None:
    """End with the lines that the tests left."""
    for line in SAID:
        tell(line)


def make_base(file: Path) -> None:
    """Make the root of a small Debian from its packages."""
    exclude = (f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in LEFT_OUT)
    done = subprocess.run(
        [
            *("mmdebstrap", "--quiet", "--variant=apt", "--include=usr-is-merged"),
            *(f"--hook-dir={HOOKS}", *exclude, "bookworm", str(file)),
            *(f"deb http://deb.debian.org/{mirror}" for mirror in MIRRORS),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        skip(f"no Debian can be had: {done.stderr.strip().splitlines()[-1]}")


@pytest.fixture(scope="session")
def podman() -> Iterator[Podman]:
    """Yield podman with the base and both images; skips where none can be built or run."""
    if os.geteuid() != 0 or not all(map(shutil.which, CONTAINER_TOOLS)):
        skip(f"not root, or without {', '.join(CONTAINER_TOOLS)}")
    kept = os.environ.get("CCP_IMAGES")
    folder = Path(kept or tempfile.mkdtemp(prefix="ccp-images-")).absolute()
    made = Podman(folder, "crun")
    try:
        if made.try_to("image", "exists", "base").returncode != 0:
            build_base(made, folder / "base")
        for runtime in ("crun", "runc"):
            made = Podman(folder, shutil.which(runtime) or runtime)
            tried = made.try_to(*made.running("base", "--rm", volumes={}, settings={}))
            if tried.returncode == 0:
                break
        else:
            skip(f"no container runs here: {tried.stderr.strip().splitlines()[-1]}")
        build_images(made, folder)
        yield made
    finally:
        made.try_to("rm", "--force", "--all", "--time=0")
        if not kept:
            made.try_to("system", "reset", "--force")
            shutil.rmtree(folder, ignore_errors=True)


def build_base(podman: Podman, folder: Path) -> None:
    """Build the image that the others begin with; skips where its packages cannot be had."""
    folder.mkdir(parents=True, exist_ok=True)
    make_base(folder / "root.tar")
    (folder / "Containerfile").write_text('FROM scratch\nADD root.tar /\nCMD ["true"]\n')
    podman("build", "--isolation=chroot", "--tag", "base", str(folder))


def build_images(podman: Podman, folder: Path) -> None:
    """Build both targets, from the wheel and its pinned requirements."""
    context, wheels = folder / "context", folder / "wheels"
    shutil.rmtree(context, ignore_errors=True)
    (context / "requirements").mkdir(parents=True)
    shutil.copy(ROOT / "Containerfile", context)
    shutil.copy(ROOT / "requirements" / "runtime.txt", context / "requirements")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    wheel = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir"]
    subprocess.run([*pip, "wheel", *wheel, str(context / "dist"), str(ROOT)], check=True)
    pinned = ["--no-deps", "--require-hashes", "--only-binary=:all:", "--dest", str(wheels)]
    pinned += ["--requirement", str(ROOT / "requirements" / "runtime.txt")]
    subprocess.run([*pip, "download", *pinned], check=True, stderr=subprocess.DEVNULL)
    own = ["--build-arg=BASE=localhost/base", "--build-arg=PIP_NO_INDEX=1"]
    own += ["--build-arg=PIP_FIND_LINKS=/wheels", f"--volume={wheels}:/wheels:ro"]
    for target in TARGETS:
        podman.build(context, target, *own)


@pytest.fixture(scope="session")
def open_server(cluster: Cluster) -> Iterator[Cluster]:
    """Yield the server, whose socket any account of this machine may use."""
    cluster.stop()
    found = replace(cluster, settings={**cluster.settings, "unix_socket_permissions": "0777"})
    found.start()
    found.host.chmod(0o711)
    yield found
    found.host.chmod(0o700)


class ContainerServer:
    """The service in a container, where `Server` has it in a process."""

    def __init__(
        self, podman: Podman, name: str, settings: dict[str, str], volumes: Volumes
    ) -> None:
        """Start it and wait until it is ready."""
        self.name, self.port = name, free_port()
        self._podman = podman
        settings = {**settings, "PORT": str(self.port), "CCP_BIND": "127.0.0.1"}
        options = ("--detach", "--name", name)
        podman(*podman.running(SERVICE, *options, volumes=volumes, settings=settings))
        deadline = time.monotonic() + 60
        while self.status("/readyz") != 200:
            assert time.monotonic() < deadline, podman.try_to("logs", name).stderr
            time.sleep(0.1)

    def status(self, path: str) -> int:
        """Return the status of an answer, 0 when nobody listens."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as found:
                return int(found.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def stop(self) -> None:
        """Remove it."""
        self._podman("rm", "--force", "--time=20", self.name)


class ContainerOffice(Office):
    """An office whose service and workers are containers."""

    def __init__(self, podman: Podman, server: Cluster, database: str, folder: Path) -> None:
        """Start the service on a deployed database, which gets its users."""
        with psycopg.connect(server.login("ccp_owner", database).conninfo) as owner:
            make_users(owner)
        self.url = server.login("ccp_service", database).conninfo
        self.superuser = psycopg.connect(server.login(database=database).conninfo, autocommit=True)
        self.folder, self.workers, self.podman = folder, [], podman
        secret = folder / "token"
        secret.write_bytes(SECRET)
        secret.chmod(0o644)
        self.volumes = {secret: "/secrets/token", server.host: str(server.host)}
        self.settings = {
            "DATABASE_URL": self.url,
            "CCP_TOKEN_SECRET_FILE": "/secrets/token",
            "CCP_WORKERS": "1",
            "CCP_LOCK_TIMEOUT_MS": "14000",
        }
        self.start_service("service")

    def start_service(self, name: str) -> ContainerServer:
        """Start a container of the service, which answers from then on."""
        found = ContainerServer(self.podman, name, self.settings, self.volumes)
        self.server = found  # type: ignore[assignment]
        return found

    def start_container_worker(self, name: str) -> Process:
        """Start a container of the worker."""
        options = ("--detach", "--name", name, "--no-healthcheck")
        how = self.podman.running(SERVICE, *options, volumes=self.volumes, settings=self.settings)
        self.podman(*how, "python", "-m", "svc.worker")
        return Process(int(self.podman.facts(name)["State"]["Pid"]))

    def log(self) -> str:
        """Return what the containers told."""
        names = self.podman("ps", "--all", "--format={{.Names}}").split()
        return "\n".join(self.podman.try_to("logs", name).stderr[-2000:] for name in names)


class Process:
    """The first process of a container, as seen from outside."""

    def __init__(self, pid: int) -> None:
        """Remember its number on this machine."""
        self.pid = pid

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)


@pytest.fixture
def office(
    podman: Podman, open_server: Cluster, database: str, tmp_path: Path
) -> Iterator[ContainerOffice]:
    """Yield a service in a container on this test's own database; it has no worker yet."""
    found = ContainerOffice(podman, open_server, database, tmp_path)
    try:
        yield found
    finally:
        found.superuser.close()
        podman.try_to("rm", "--force", "--all", "--time=0")
