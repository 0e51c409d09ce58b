"""Places for the browser: a service with a worker, and people at browsers of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from svc.config import Settings
from svc.pages import session
from tests.browser.people import Person, with_browser
from tests.service.conftest import SECRET, Server, make_users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from svc.embedded.cluster import Cluster


@pytest.fixture(scope="module")
def site(
    cluster: Cluster, shared_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Yield the address of a service with a worker beside it, on an empty database with users."""
    folder = tmp_path_factory.mktemp("site")
    with psycopg.connect(cluster.login("ccp_owner", shared_database).conninfo) as owner:
        make_users(owner)
    url = cluster.login("ccp_service", shared_database).conninfo
    slow = {"CCP_STATEMENT_TIMEOUT_MS": "120000"}
    server = Server(Settings(database_url=url, token_secret=SECRET), folder, **slow)
    secret = {"DATABASE_URL": url, "CCP_TOKEN_SECRET_FILE": str(folder / "secret")}
    worker = subprocess.Popen(
        [sys.executable, "-m", "svc.worker"],
        env={**os.environ, **secret, **slow},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        worker.terminate()
        worker.wait(60)
        server.stop()


def link(base: str, name: str) -> str:
    """Return a link that signs somebody in once."""
    settings = Settings(database_url="-", token_secret=SECRET)
    return f"{base}/sign-in?key={session.make_link(settings, name)}"


def in_browsers(work: Callable[[Callable[[str], Person]], None], base: str) -> None:
    """Do something with people, each at a browser of their own."""
    shots = os.environ.get("CCP_SHOTS")

    def opened(browser: Browser) -> None:
        """Give out people, who wait as long as a busy machine needs."""

        def person(name: str) -> Person:
            """Sign somebody in."""
            made = Person(browser, base, link(base, name), Path(shots) if shots else None)
            made.page.set_default_timeout(120_000)
            return made

        work(person)

    with_browser(opened)
