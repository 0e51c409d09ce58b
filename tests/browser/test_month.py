"""Two people close the example month in their browsers, and each role sees what it may."""

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
from tests.browser import story
from tests.browser.people import Person, with_browser
from tests.service.conftest import SECRET, Server, make_users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from svc.embedded.cluster import Cluster

# Every list of the work, and what belongs to a month.
VIEWS = (
    *("/all", "/months", "/issues", "/rules", "/rules/missing_receipt/versions", "/sessions"),
    *("/accounting-batches", "/decisions", "/calendar", "/terms", "/import-attempts", "/upload"),
)
BELOW = ("issues", "employees", "charges", "transactions", "matches", "bridges", "events")


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


def test_two_people_close_the_month(site: str) -> None:
    """From the two PDFs on; then the others look at it, and all sign out."""

    def work(person: Callable[[str], Person]) -> None:
        pat, rae = person("pat"), person("rae")
        story.month_of_work(pat, rae)
        month = rae.page.url.partition("?")[0].removeprefix(site)
        ada, ron = person("ada"), person("ron")
        for path in (*VIEWS, *(f"{month}/{name}" for name in BELOW)):
            ada.go(path).look()
        for path in ("/users", "/sign-ins"):
            assert "Nothing here" not in ada.go(path).look().text()
            assert "your role does not permit this" in ron.go(path).text().lower()
        ron.go(month).look()
        assert ron.page.get_by_role("button").all_inner_texts() == ["Sign out", "Show"]
        ron.follow("ROWANBIRCHWHISTLE").look("person")
        narrow(ron)
        for who in (pat, rae, ada, ron):
            who.press("Sign out").look()
            assert who.go(month).page.url.startswith(f"{site}/sign-in")

    in_browsers(work, site)


def narrow(who: Person) -> None:
    """Read the page on a small screen: only tables move sideways."""
    who.page.set_viewport_size({"width": 320, "height": 640})
    assert who.page.evaluate("document.documentElement.scrollWidth") <= 320
    who.page.emulate_media(color_scheme="dark")
    who.look("dark")
