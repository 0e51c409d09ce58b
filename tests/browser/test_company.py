"""The company's sign-in in a real browser, with a provider that keeps nothing from anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from svc.config import Settings
from svc.pages import english
from tests.browser.people import Person, with_browser
from tests.service.conftest import SECRET, Server, make_users
from tests.service.pooler import free_port
from tests.service.provider import PAGE, PAGE_SECRET, Provider

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from svc.embedded.cluster import Cluster

ALTER = "SELECT api.save_role_claim(%s, %s, %s, %s)"
MAKE = """
SELECT api.save_setting('directory_makes_users', 1, s.version) FROM report.settings AS s
WHERE s.setting_name = 'directory_makes_users'"""


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Yield the company's provider, for a person with one role."""
    made = Provider("/company")
    made.person.claims |= {"roles": ["Clerk"], "email": "pia@example.org"}
    yield made
    made.close()


@pytest.fixture
def owner(cluster: Cluster, shared_database: str) -> Iterator[psycopg.Connection]:
    """Yield the owner's connection to the database of the service."""
    conninfo = cluster.login("ccp_owner", shared_database).conninfo
    with psycopg.connect(conninfo, autocommit=True) as connection:
        make_users(connection)
        yield connection


@pytest.fixture
def company(
    provider: Provider, owner: psycopg.Connection, cluster: Cluster, tmp_path: Path
) -> Iterator[str]:
    """Yield the address of a service whose people come from the provider."""
    owner.execute(MAKE)
    owner.execute(ALTER, (provider.issuer, "Clerk", "processor", None))
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    provider.back = f"{base}/sign-in/return"
    secret = tmp_path / "page_secret"
    secret.write_text(PAGE_SECRET)
    url = cluster.login("ccp_service", owner.info.dbname).conninfo
    said = {
        **{"PORT": str(port), "CCP_BASE_URL": base, "CCP_OIDC_ISSUER": provider.issuer},
        **{"CCP_OIDC_JWKS_URL": f"{provider.issuer}/keys", "CCP_OIDC_ROLES_CLAIM": "roles"},
        **{"CCP_OIDC_PAGE_CLIENT_ID": PAGE, "CCP_OIDC_PAGE_SECRET_FILE": str(secret)},
    }
    server = Server(Settings(database_url=url, token_secret=SECRET), tmp_path, **said)
    try:
        yield base
    finally:
        server.stop()


def test_people_of_the_company_come_and_go(
    company: str, provider: Provider, owner: psycopg.Connection, cluster: Cluster, tmp_path: Path
) -> None:
    """By the code flow and out at both ends; a foreign answer and a lost role open nothing."""

    def work(browser: Browser) -> None:
        pia = Person(browser, company, f"{company}/months", button=english.SIGN_IN_COMPANY)
        assert pia.page.url == f"{company}/months"
        assert "pia@example.org" in pia.look().page.locator("nav").inner_text()

        # An answer to another question, and one that nobody asked for.
        other = browser.new_context().new_page()
        asked = other.request.get(f"{company}/sign-in/company", max_redirects=0)
        answer = other.request.get(asked.headers["location"], max_redirects=0)
        back = answer.headers["location"]
        for address in (back.replace("state=", "state=x"), back.partition("&")[0]):
            other.goto(address)
            assert "was not begun in this browser" in other.locator("main").inner_text()
        stranger = browser.new_context().new_page()
        stranger.goto(back)
        assert "was not begun in this browser" in stranger.locator("main").inner_text()
        assert other.goto(back) is not None
        assert "pia@example.org" in other.locator("nav").inner_text()

        # The role is taken away between two requests: the next one is refused, and so is a return.
        owner.execute(ALTER, (provider.issuer, "Clerk", None, 1))
        assert "pia@example.org" not in pia.go("/issues").page.locator("body").inner_text()
        pia.go("/sign-in/company?next=/months")
        assert pia.page.url.startswith(f"{company}/sign-in/return")
        assert "Months" not in pia.page.locator("nav").inner_text()
        provider.claims = {"roles": ["Second"]}
        owner.execute(ALTER, (provider.issuer, "Second", "reviewer", None))
        pia.go("/sign-in/company?next=/months")
        assert "Reviewer" in pia.page.locator("nav").inner_text()

        cookies = str(pia.page.context.cookies())
        parts = [part for token in provider.given for part in token.split(".")[1:]]
        assert parts
        assert not any(part in cookies for part in parts)
        pia.press("Sign out")
        pia.page.wait_for_url(f"{provider.issuer}/end?*")
        assert pia.go("/months").page.url.startswith(f"{company}/sign-in")

    with_browser(work)
    for folder in (cluster.folder, tmp_path):
        assert provider.kept_in(folder) == []
