"""Fixtures for tests of deployment: bootstrapped databases, and the package in an environment."""

import os
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

import pytest

from svc.embedded.cluster import Cluster
from svc.embedded.deploy import OWNER, bootstrap
from svc.embedded.deployer import Deployer
from svc.embedded.login import Login
from svc.embedded.machine import ROOT
from svc.embedded.plan import read_plan

NewLogin = Callable[[], Login]
Deploying = Callable[[Login, Path], Deployer]
Sqitch = Callable[..., str]
numbers = count(1)


@pytest.fixture
def new_login(cluster: Cluster) -> Iterator[NewLogin]:
    """Yield a function: nothing -> the owner's login to a new, empty database."""
    names: list[str] = []

    def make() -> Login:
        names.append(f"bare_{os.getpid()}_{next(numbers)}")
        bootstrap(cluster, names[-1])
        return cluster.login(OWNER, names[-1])

    yield make
    with cluster.login().connect() as superuser:
        for name in names:
            superuser.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def deployer() -> Iterator[Deploying]:
    """Yield a function: login, project folder -> deployer, closed after the test."""
    with ExitStack() as stack:
        yield lambda login, root: stack.enter_context(closing(Deployer(login, read_plan(root))))


@pytest.fixture
def sqitch(monkeypatch: pytest.MonkeyPatch) -> Sqitch:
    """Return a function: login, project folder, arguments -> what sqitch printed."""
    monkeypatch.setenv("SQITCH_FULLNAME", "Ann Underhill")
    monkeypatch.setenv("SQITCH_EMAIL", "ann@example.org")

    def run(login: Login, root: Path, *arguments: str) -> str:
        result = subprocess.run(
            ["sqitch", *arguments],
            cwd=root,
            env={**login.environment, "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout
        return result.stdout

    return run


def pip(*arguments: str) -> None:
    """Run the pip of this environment, which works on others too. Raises when it fails."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, *arguments], check=True)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment that holds the wheel and what it requires, no more."""
    folder = tmp_path_factory.mktemp("package")
    build = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder)]
    pip("wheel", *build, str(ROOT))
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env", symlinks=True)
    python = folder / "env" / "bin" / "python"
    there = ["--python", str(python)]
    runtime = ["--require-hashes", "--only-binary=:all:", "-r", "requirements/runtime.txt"]
    pip(*there, "install", "--no-deps", "--no-compile", *runtime)
    pip(*there, "install", "--no-deps", "--no-compile", "--no-index", str(wheel))
    pip(*there, "check")
    return python
