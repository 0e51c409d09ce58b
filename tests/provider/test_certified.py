"""The sign-in of the pages at a provider that was certified by others, not written for us."""

from __future__ import annotations

import re
import subprocess
import time
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

import psycopg
import pytest

from svc.app import create_app
from svc.config import Settings
from svc.embedded.prepare import PROVIDER
from svc.keys import PAUSE_SECONDS
from svc.pages import session
from svc.routes import EXTENSION
from tests.service.conftest import SECRET, address, make_users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from werkzeug.test import TestResponse

    from svc.embedded.cluster import Cluster

__all__ = ["address"]
PAGE, PAGE_SECRET = "page", "a secret that only page and provider know"
BASE = "http://127.0.0.1"
ROLE = "SELECT api.save_role_claim(%s, 'Clerk', 'processor')"
LINKED = "SELECT api.link_identity(%s, 'pia', 'pat')"
ACTION = re.compile(r'<form[^>]* action="([^"]+)"')
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Yield the address of the provider."""
    command = ["node", "certified.mjs", PAGE, PAGE_SECRET, BASE]
    with subprocess.Popen(
        command, cwd=PROVIDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def site(
    issuer: str, cluster: Cluster, shared_database: str, address: Callable[[str], str]
) -> Iterator[Flask]:
    """Yield the service, to which the provider's pia is pat."""
    with psycopg.connect(cluster.login("ccp_owner", shared_database).conninfo) as owner:
        make_users(owner)
        owner.execute(ROLE, (issuer,))
        owner.execute(LINKED, (issuer,))
    app = create_app(
        Settings(
            database_url=address(shared_database),
            token_secret=SECRET,
            oidc_issuer=issuer,
            oidc_jwks_url=f"{issuer}/jwks",
            oidc_roles_claim="roles",
            oidc_page_client_id=PAGE,
            oidc_page_secret=PAGE_SECRET.encode(),
            base_url=BASE,
        )
    )
    try:
        yield app
    finally:
        app.extensions[EXTENSION].database.close()


class Stay(HTTPRedirectHandler):
    """Follows no address of the pages: the other half of the browser does."""

    def redirect_request(self, *asked: Any) -> Request | None:  # noqa: ANN401 - as it is called
        """Go on within the provider only."""
        return None if urlsplit(asked[-1]).port is None else super().redirect_request(*asked)


class Browser:
    """A browser: its half for the pages, and its half for the provider."""

    def __init__(self, site: Flask) -> None:
        """Know nobody yet."""
        self.pages = site.test_client()
        self.asked: list[str] = []
        self._provider = build_opener(HTTPCookieProcessor(CookieJar()), Stay())

    def open(self, to: str, **form: str) -> str:
        """Open an address of the provider; return its page, or where it sends the browser."""
        body = urlencode(form).encode() if form else None
        try:
            with self._provider.open(Request(to, body), timeout=20) as answer:
                return str(answer.read().decode())
        except HTTPError as error:
            if "Location" not in error.headers:
                raise
            return str(error.headers["Location"])

    def answer(self) -> str:
        """Begin at the pages, say at the provider who one is, and return where it sends back."""
        page = self.open(self.pages.get("/sign-in/company?next=/months").headers["Location"])
        while not page.startswith(f"{BASE}/sign-in/return"):
            prompt = dict(HIDDEN.findall(page))["prompt"]
            self.asked.append(prompt)
            said = {"login": "pia", "password": "any"} if prompt == "login" else {}
            page = self.open(ACTION.findall(page)[0], prompt=prompt, **said)
        return page

    def come_back(self, answer: str, **changes: str | None) -> TestResponse:
        """Bring an answer to the pages, with parts of it changed or left out."""
        query = {name: given[0] for name, given in parse_qs(urlsplit(answer).query).items()}
        said = {name: value for name, value in {**query, **changes}.items() if value is not None}
        return self.pages.get("/sign-in/return", query_string=said)

    def held(self) -> list[str]:
        """Return what the browser holds of the sign-in under way."""
        cookie = self.pages.get_cookie("ccp-sign-in")
        assert cookie is not None
        signer = session.serializer(self.settings, "sign-in")
        held: list[str] = signer.loads(cookie.value)
        return held

    def hold(self, held: list[str]) -> None:
        """Let it hold something else."""
        signed = session.serializer(self.settings, "sign-in").dumps(held)
        self.pages.set_cookie("ccp-sign-in", str(signed))

    @property
    def settings(self) -> Settings:
        """Return those of the service."""
        found: Settings = self.pages.application.extensions[EXTENSION].settings
        return found

    def is_in(self) -> bool:
        """Tell whether the pages are open to it."""
        return self.pages.get("/whoami").status_code == 200


def refused(browser: Browser, answer: TestResponse, status: int, words: str) -> None:
    """Check that an answer refused, said why, and signed nobody in."""
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert not browser.is_in()


def test_who_signs_in_there_is_signed_in_here(site: Flask) -> None:
    """By code and verifier; the provider names itself in its answer."""
    browser = Browser(site)
    answer = browser.answer()
    assert browser.asked == ["login", "consent"]
    assert "iss=" in answer
    back = browser.come_back(answer)
    assert (back.status_code, back.headers["Location"]) == (303, "/months"), back.text
    assert "pat" in browser.pages.get("/whoami").text
    assert browser.pages.get("/api/v1/whoami").status_code == 401


def test_an_answer_is_of_this_browser_and_this_provider(site: Flask) -> None:
    """Refused with another state, another name or none, in another browser; good else."""
    browser, other = Browser(site), Browser(site)
    answer = browser.answer()
    said = "was not begun in this browser"
    for change in ({"state": "x"}, {"iss": "https://other.example"}, {"iss": None}):
        refused(browser, browser.come_back(answer, **change), 400, said)
    refused(other, other.come_back(answer), 400, said)
    assert browser.come_back(answer).status_code == 303
    assert browser.is_in()


def test_a_code_is_good_once(site: Flask) -> None:
    """Who keeps cookie and answer cannot use them again, and a code of nobody is none."""
    browser = Browser(site)
    answer = browser.answer()
    held = browser.held()
    assert browser.come_back(answer).status_code == 303
    again = Browser(site)
    again.hold(held)
    refused(again, again.come_back(answer), 403, "invalid_grant")
    refused(again, again.come_back(answer, code="x"), 403, "invalid_grant")


@pytest.mark.parametrize(
    ("place", "words"), [(1, "does not hold"), (2, "invalid_grant")], ids=["nonce", "verifier"]
)
def test_nonce_and_verifier_bind(site: Flask, place: int, words: str) -> None:
    """Another nonce is refused here, another verifier there."""
    browser = Browser(site)
    answer = browser.answer()
    held = browser.held()
    held[place] = held[place][::-1]
    browser.hold(held)
    refused(browser, browser.come_back(answer), 403, words)


def test_another_key_is_taken_up(site: Flask, issuer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one before is withdrawn at once; the new one is known half a minute after a look."""
    now = [0.0]
    real = time.monotonic
    monkeypatch.setattr("svc.keys.time.monotonic", lambda: real() + now[0])
    before, late, after = (Browser(site) for _ in range(3))
    assert before.come_back(before.answer()).status_code == 303
    before.open(f"{issuer}/roll")
    refused(late, late.come_back(late.answer()), 403, "does not hold")
    now[0] += PAUSE_SECONDS
    assert after.come_back(after.answer()).status_code == 303
    assert after.is_in()
    assert before.is_in()


def test_who_signs_out_is_out_at_both_ends(site: Flask) -> None:
    """The provider takes us for who we are, asks, leads back, and asks who one is next time."""
    browser = Browser(site)
    assert browser.come_back(browser.answer()).status_code == 303
    browser.asked.clear()
    browser.answer()
    assert browser.asked == [], "the provider still knew who it was"
    token = dict(HIDDEN.findall(browser.pages.get("/months").text))["form_token"]
    left = browser.pages.post("/sign-out", data={"form_token": token}, follow_redirects=True)
    page = browser.open(left.headers["Refresh"].partition("url=")[2])
    said = {**dict(HIDDEN.findall(page)), "logout": "yes"}
    assert browser.open(ACTION.findall(page)[0], **said) == f"{BASE}/"
    assert not browser.is_in()
    browser.answer()
    assert browser.asked[0] == "login"


def test_who_turns_back_there_is_told_so_here(site: Flask) -> None:
    """An answer with an error in the place of a code."""
    browser = Browser(site)
    page = browser.open(browser.pages.get("/sign-in/company").headers["Location"])
    abort = re.findall(r'href="([^"]+/abort)"', page)[0]
    refused(browser, browser.come_back(browser.open(abort)), 403, "access_denied")
