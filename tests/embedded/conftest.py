"""Fixtures for tests of deployment: databases that have been bootstrapped and not deployed."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

import pytest

from svc.embedded.cluster import Cluster
from svc.embedded.deploy import OWNER, bootstrap
from svc.embedded.deployer import Deployer
from svc.embedded.login import Login
from svc.embedded.plan import read_plan

NewLogin = Callable[[], Login]
Deploying = Callable[[Login, Path], Deployer]
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
